//! The last events, by their numbers, which rise by one.

use std::{collections::VecDeque, sync::Arc};

use super::Published;

/// A bounded memory.
#[derive(Debug)]
pub(super) struct Ring {
    most: usize,
    events: VecDeque<(u64, Arc<Published>)>,
}

/// What came after a number.
#[derive(Debug)]
pub(super) enum Since {
    /// All of it.
    Events(Vec<Arc<Published>>),
    /// Some of it is not remembered any more.
    Forgotten,
}

impl Ring {
    pub(super) fn new(most: usize) -> Self {
        Self { most, events: VecDeque::new() }
    }

    pub(super) fn push(&mut self, number: u64, event: Arc<Published>) {
        self.events.push_back((number, event));
        if self.events.len() > self.most {
            self.events.pop_front();
        }
    }

    /// Everything after `number`, which is at most the newest.
    pub(super) fn since(&self, number: u64) -> Since {
        let oldest = self.events.front().map_or(u64::MAX, |(number, _)| *number);
        let newest = self.events.back().map_or(number, |(number, _)| *number);
        if number < newest && number.saturating_add(1) < oldest {
            return Since::Forgotten;
        }
        let from = self.events.partition_point(|(at, _)| *at <= number);
        Since::Events(self.events.range(from..).map(|(_, event)| Arc::clone(event)).collect())
    }
}
