//! Keeping the view in step with the engine.

use std::sync::Arc;

use shed_core::ShedName;

use crate::{
    app::{App, locked},
    engine::{ContainerState, EngineError},
};

impl App {
    /// Looks at one shed's container and takes over what is there; a running one is followed from then on.
    pub(crate) async fn sync_shed(self: &Arc<Self>, shed: &ShedName) {
        // One look at a time, so that an older one is never taken over after a newer one.
        let _everything = self.syncing_all.read().await;
        let _one = self.syncing.lock(shed).await;
        match self.engine.inspect(shed).await {
            Ok(container) => {
                let running = container.state == ContainerState::Running;
                self.registry.set_one(shed, Some(container.clone()));
                if running {
                    self.keep(container);
                }
            }
            Err(EngineError::NoSuchContainer) => self.registry.set_one(shed, None),
            // The engine is away; its return is told, and everything is looked at then.
            Err(error) => tracing::debug!(%error, %shed, "a shed could not be looked at"),
        }
    }

    /// Looks at everything that the engine has. False if it does not answer.
    pub(crate) async fn sync_all(self: &Arc<Self>) -> bool {
        let _everything = self.syncing_all.write().await;
        match self.engine.list().await {
            Ok(containers) => {
                locked(&self.restored).retain(|shed, run| {
                    containers.iter().any(|c| c.shed == *shed && c.id.0 == run.container() && c.state != ContainerState::Stopped)
                });
                for container in self.registry.set_all(containers) {
                    self.keep(container);
                }
                true
            }
            Err(error) => {
                tracing::debug!(%error, "sheds could not be listed");
                false
            }
        }
    }
}
