//! Following the engine in the background: the view, interrupted creations, sessions to bring back.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use shed_core::ShedName;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, locked},
    engine::EngineEventKind,
};

/// How often everything is compared with what is really there. What the engine or a guest forgot to tell is known then, and
/// so are the resources that sessions use.
const RECONCILE_EVERY: Duration = Duration::from_secs(60);

impl App {
    /// Runs until `shutdown`.
    pub async fn watch(self: Arc<Self>, shutdown: CancellationToken) {
        let mut events = self.engine.events();
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + RECONCILE_EVERY, RECONCILE_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = ticks.tick() => {
                    // In its own task: one shed that hangs must not hold back the events.
                    let app = Arc::clone(&self);
                    tokio::spawn(async move { app.reconcile().await });
                }
                event = events.next() => match event {
                    Some(event) => self.on_event(event.kind, event.shed).await,
                    None => break,
                },
            }
        }
        self.registry.close();
    }

    async fn on_event(self: &Arc<Self>, kind: EngineEventKind, shed: Option<ShedName>) {
        match (kind, shed) {
            (EngineEventKind::Disconnected, _) => self.registry.distrust(),
            (EngineEventKind::Reconnected, _) => {
                locked(&self.restored).clear();
                self.sync_all().await;
                self.remove_interrupted_creations().await;
            }
            (kind, Some(shed)) => {
                if matches!(kind, EngineEventKind::Died | EngineEventKind::Removed) {
                    locked(&self.restored).remove(&shed);
                }
                let app = Arc::clone(self);
                tokio::spawn(async move { app.sync_shed(&shed).await });
            }
            (EngineEventKind::Started | EngineEventKind::Died | EngineEventKind::Removed | EngineEventKind::Changed, None) => {}
        }
    }
}
