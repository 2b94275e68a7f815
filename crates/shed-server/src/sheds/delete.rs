//! Removing a shed.

use std::sync::Arc;

use shed_core::ShedName;

use crate::{
    Error,
    app::{App, locked},
};

impl App {
    /// Ends everything in the shed at once and removes it; its workspace too, unless `keep_volume`.
    ///
    /// # Errors
    /// `SHED_NOT_FOUND`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn delete_shed(self: &Arc<Self>, name: &ShedName, keep_volume: bool) -> Result<(), Error> {
        let _lock = self.locks.lock(name).await;
        let container = self.container(name).await?;
        let removed = self.engine.remove(&container, keep_volume).await.map_err(|error| Error::engine(error, name));
        self.sync_shed(name).await;
        removed?;
        locked(&self.restored).remove(name);
        self.store.forget_sessions(name).map_err(Error::internal)
    }
}
