//! How many short commands run in one container at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{app::locked, engine::ContainerId};

/// More at once don't finish sooner (a container does about 16 execs per second however many wait), but they pile up in
/// the Docker daemon and make other sheds wait.
const AT_ONCE: usize = 8;

/// Turns by container.
#[derive(Default)]
pub(crate) struct Turns {
    by_container: Mutex<HashMap<ContainerId, Weak<Semaphore>>>,
}

impl Turns {
    /// Waits for a turn; it ends with the permit.
    pub(crate) async fn take(&self, id: &ContainerId) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so there is always a permit in the end.
        self.of(id).acquire_owned().await.ok()
    }

    fn of(&self, id: &ContainerId) -> Arc<Semaphore> {
        let mut by_container = locked(&self.by_container);
        if let Some(turns) = by_container.get(id).and_then(Weak::upgrade) {
            return turns;
        }
        by_container.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        by_container.insert(id.clone(), Arc::downgrade(&turns));
        turns
    }
}
