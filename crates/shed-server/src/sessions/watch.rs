//! Following the engine in the background: interrupted creations, sessions to bring back, sessions to remember.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use shed_core::ShedName;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, locked},
    engine::{Container, ContainerState, EngineEventKind},
};

/// How often the sessions of all running sheds are noted down. Sessions made with plain ssh and tmux are known from then
/// on; it costs one exec (about 60 ms) per shed.
const REMEMBER_EVERY: Duration = Duration::from_secs(30);

impl App {
    /// Runs until `shutdown`.
    pub async fn watch(self: Arc<Self>, shutdown: CancellationToken) {
        let mut events = self.engine.events();
        let mut ticks = tokio::time::interval(REMEMBER_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = ticks.tick() => self.remember_all().await,
                event = events.next() => match event {
                    Some(event) => self.on_event(event.kind, event.shed).await,
                    None => return,
                },
            }
        }
    }

    async fn on_event(self: &Arc<Self>, kind: EngineEventKind, shed: Option<ShedName>) {
        match (kind, shed) {
            (EngineEventKind::Died | EngineEventKind::Removed, Some(shed)) => drop(locked(&self.restored).remove(&shed)),
            (EngineEventKind::Started, Some(shed)) => {
                // In its own task: one shed that hangs must not hold back the others.
                let app = Arc::clone(self);
                tokio::spawn(async move {
                    if let Ok(container) = app.running(&shed).await {
                        app.restore_sessions(&container).await;
                    }
                });
            }
            (EngineEventKind::Reconnected, _) => {
                locked(&self.restored).clear();
                self.remove_interrupted_creations().await;
                self.remember_all().await;
            }
            (EngineEventKind::Started | EngineEventKind::Died | EngineEventKind::Removed, None) => {}
        }
    }

    /// Brings back what is missing and notes down what is there, in all running sheds of this server, one after the other.
    async fn remember_all(&self) {
        let Ok(containers) = self.engine.list().await else { return };
        let ours: Vec<Container> = containers.into_iter().filter(|c| c.state == ContainerState::Running && self.looks_after(c)).collect();
        for container in ours {
            self.restore_sessions(&container).await;
            self.save_screens(&container).await;
        }
    }
}
