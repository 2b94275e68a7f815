//! Cleaning up after creations that a `kill -9` interrupted.

use crate::app::{App, locked};

impl App {
    /// Removes what unfinished creations of earlier runs left. What the engine can't remove now stays written down for
    /// the next time.
    pub async fn remove_interrupted_creations(&self) {
        let open = match self.store.open_creates() {
            Ok(open) => open,
            Err(error) => {
                tracing::error!(%error, "unfinished creations can't be read");
                return;
            }
        };
        for (create_id, shed) in open {
            if locked(&self.creating).contains(&create_id) {
                continue;
            }
            tracing::info!(shed, "removing what an interrupted creation left");
            self.remove_unfinished(&create_id).await;
        }
    }

    /// Removes everything that carries the creation's label, then forgets the creation.
    pub(super) async fn remove_unfinished(&self, create_id: &str) {
        match self.engine.remove_leftovers(create_id).await {
            Ok(()) => self.end_create(create_id),
            Err(error) => tracing::warn!(%error, create_id, "what a failed creation left could not be removed yet"),
        }
    }
}
