//! What is kept of a shed's sessions for the next run of its container.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shed_core::{SessionRef, ShedName, wire::ScreenFormat};
use shed_tmux::{SessionInfo, Tmux};

use crate::{
    app::{App, locked},
    engine::Container,
};

/// One run of a container: tmux, and all sessions with it, ends with the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(super) container: String,
    pub(super) started: String,
}

impl Run {
    /// None for a container that does not run, or whose start is not known because it is from a list.
    pub(super) fn of(container: &Container) -> Option<Self> {
        Some(Self { container: container.id.0.clone(), started: container.started_at?.to_string() })
    }

    /// The engine's id of the container.
    pub(crate) fn container(&self) -> &str {
        &self.container
    }

    /// As it stands in the store.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.container, self.started)
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedSession {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) command: Option<String>,
    pub(super) working_dir: Option<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    /// The conversation of its agent.
    #[serde(default)]
    pub(super) conversation: Option<String>,
    pub(super) ended: Option<SavedEnd>,
}

/// How a session's command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedEnd {
    pub(super) exit_code: i32,
    /// With escape sequences.
    pub(super) screen: String,
}

impl App {
    /// Whether this server looks after the shed's sessions. Several servers may share one engine; if each restored what it
    /// once saw, one would bring back what was killed through another.
    pub(super) fn looks_after(&self, container: &Container) -> bool {
        self.config.sheds.restore_sessions && container.server.as_ref().is_none_or(|server| *server == self.server_id)
    }

    /// The container's run, as far as it is known without asking the engine.
    pub(super) fn run_of(&self, container: &Container) -> Option<Run> {
        Run::of(container).or_else(|| locked(&self.restored).get(&container.shed).filter(|run| run.container == container.id.0).cloned())
    }

    /// Changes what is saved of the container's present run. A store that fails is logged: it must not fail the call that
    /// the change is a by-product of.
    pub(super) fn update_saved(&self, container: &Container, change: impl FnOnce(&mut Vec<SavedSession>)) {
        if !self.looks_after(container) {
            return;
        }
        let Some(run) = self.run_of(container) else { return };
        let _one_at_a_time = locked(&self.saving);
        let before = self.load_saved(&container.shed).filter(|(key, _)| *key == run.key()).map(|(_, sessions)| sessions);
        let mut sessions = before.clone().unwrap_or_default();
        change(&mut sessions);
        if before.as_ref() != Some(&sessions) {
            self.store_saved(&container.shed, &run, &sessions);
        }
    }

    /// What is saved, with the key of the run it is of.
    pub(super) fn load_saved(&self, shed: &ShedName) -> Option<(String, Vec<SavedSession>)> {
        let (run, json) =
            self.store.saved_sessions(shed).inspect_err(|error| tracing::error!(%error, %shed, "saved sessions can't be read")).ok()??;
        match serde_json::from_str(&json) {
            Ok(sessions) => Some((run, sessions)),
            Err(error) => {
                tracing::error!(%error, %shed, "saved sessions are not understood");
                None
            }
        }
    }

    /// Writes what is saved.
    pub(super) fn store_saved(&self, shed: &ShedName, run: &Run, sessions: &[SavedSession]) {
        let written = serde_json::to_string(sessions).map_err(|error| error.to_string());
        let stored = written.and_then(|json| self.store.save_sessions(shed, &run.key(), &json).map_err(|error| error.to_string()));
        if let Err(error) = stored {
            tracing::error!(error, %shed, "sessions could not be saved");
        }
    }

    /// Saves what a list showed. The screen of a session whose command has ended is captured once, because it can't change
    /// any more and after a `docker restart` it is too late.
    pub(crate) async fn remember(&self, container: &Container, listed: &[SessionInfo]) {
        if !self.looks_after(container) {
            return;
        }
        let known = self.load_saved(&container.shed).map(|(_, sessions)| sessions).unwrap_or_default();
        // While a container stops, its programs end one after the other. That is how they end, not what was there.
        if anything_ended(&known, listed) && self.engine.is_stopping(&container.id).await {
            return;
        }
        let mut seen = Vec::with_capacity(listed.len());
        for info in listed {
            let wire = info.clone().into_wire(&container.shed, &container.id.0);
            let old = known.iter().find(|old| old.id == wire.id);
            let ended = match (info.dead.is_some(), old.and_then(|old| old.ended.clone())) {
                (false, _) => None,
                (true, Some(end)) => Some(end),
                (true, None) => {
                    Some(SavedEnd { exit_code: wire.exit_code.unwrap_or_default(), screen: self.last_screen(container, &wire.name).await })
                }
            };
            seen.push(SavedSession {
                id: wire.id,
                name: wire.name,
                command: wire.command,
                working_dir: wire.working_dir,
                env: BTreeMap::new(),
                labels: wire.labels,
                conversation: wire.conversation_id,
                ended,
            });
        }
        self.update_saved(container, |sessions| {
            for session in &mut seen {
                if let Some(old) = sessions.iter().find(|old| old.id == session.id) {
                    session.env.clone_from(&old.env);
                }
            }
            *sessions = seen;
        });
    }

    async fn last_screen(&self, container: &Container, name: &str) -> String {
        let Ok(name) = SessionRef::new(name) else { return String::new() };
        let screen = Tmux::new(self.runner(container)).capture(&name, ScreenFormat::Ansi, 0).await.unwrap_or_default();
        // The empty rows below would scroll the first ones away when the screen is shown again.
        screen.trim_end().to_owned()
    }

    /// Lists and saves; for moments when the container is about to stop.
    pub(crate) async fn save_screens(&self, container: &Container) {
        if !self.looks_after(container) {
            return;
        }
        match Tmux::new(self.runner(container)).list().await {
            Ok(listed) => self.remember(container, &listed).await,
            Err(error) => tracing::debug!(%error, shed = %container.shed, "sessions could not be listed before the stop"),
        }
    }
}

/// Whether a session is gone, or its command has ended, since `known` was saved.
fn anything_ended(known: &[SavedSession], listed: &[SessionInfo]) -> bool {
    known.iter().any(|old| match listed.iter().find(|info| info.name == old.name) {
        Some(info) => info.dead.is_some() && old.ended.is_none(),
        None => true,
    })
}
