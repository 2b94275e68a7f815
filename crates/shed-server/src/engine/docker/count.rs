//! How many commands were started, and how many have an owner.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::engine::ExecCounts;

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Execs {
    started: AtomicU64,
    running: Arc<AtomicU64>,
}

/// Counts as running until it is dropped.
#[derive(Debug)]
pub(super) struct Owned(Arc<AtomicU64>);

impl Execs {
    pub(super) fn started(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn own(&self) -> Owned {
        self.running.fetch_add(1, Ordering::Relaxed);
        Owned(Arc::clone(&self.running))
    }

    pub(super) fn counts(&self) -> ExecCounts {
        ExecCounts { started: self.started.load(Ordering::Relaxed), running: self.running.load(Ordering::Relaxed) }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
