//! Lists of sessions: of one shed, and of all.

use std::time::Duration;

use crate::{
    Error,
    app::App,
    engine::{Container, ContainerState},
    registry::Known,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use shed_core::{
    ErrorCode, ShedName,
    wire::{Session, SessionList, SessionStatus, Warning},
};

/// How many sheds are asked at once. Each costs an exec, and the Docker daemon is no faster with more.
const AT_ONCE: usize = 32;

/// What one shed may cost an aggregate. One that needs longer is reported as a warning.
const PER_SHED: Duration = Duration::from_secs(5);

/// Which sessions of all sheds are wanted, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only this status.
    pub status: Option<SessionStatus>,
    /// Only this shed.
    pub shed: Option<ShedName>,
    /// The order.
    pub sort: SessionSort,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionSort {
    /// By shed, then session.
    #[default]
    Name,
    /// Newest first.
    Created,
    /// Most recently active first.
    Activity,
    /// By status, then name.
    Status,
}

/// How a list is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Freshness {
    /// Ask the sheds instead of reading memory: for what changes without being told, such as the last activity.
    pub fresh: bool,
    /// Measure what the sessions' processes use.
    pub resources: bool,
}

impl App {
    /// The shed's sessions, by name.
    ///
    /// # Errors
    /// `SHED_NOT_FOUND`, `SHED_ALREADY_STOPPED`, `TMUX_NOT_AVAILABLE`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn list_sessions(&self, shed: &ShedName, how: Freshness) -> Result<SessionList, Error> {
        let list = |sessions| SessionList { sessions, warnings: Vec::new() };
        if !how.fresh
            && !how.resources
            && let Known::Now(sessions) = self.registry.sessions(shed)
        {
            return Ok(list(sessions));
        }
        let container = self.running(shed).await?;
        let sessions = self.sessions_in(&container).await?;
        if !how.resources {
            return Ok(list(sessions));
        }
        self.measure(Some(shed)).await;
        Ok(list(match self.registry.sessions(shed) {
            Known::Now(measured) => measured,
            Known::Ask => sessions,
        }))
    }

    /// The sessions of all running sheds: from memory, and where that is not sure, from the sheds, all asked at the same time
    /// and each with its own deadline.
    ///
    /// # Errors
    /// `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`; a single shed's failure is a warning in the answer.
    pub async fn list_all_sessions(&self, filter: &SessionFilter, how: Freshness) -> Result<SessionList, Error> {
        if how.resources {
            self.measure(filter.shed.as_ref()).await;
        }
        let known = if how.fresh { Known::Ask } else { self.registry.everything() };
        let (sessions, ask) = match known {
            Known::Now(everything) => (everything.sessions, everything.ask),
            Known::Ask => (Vec::new(), self.engine.list().await?),
        };
        let is_wanted = |shed: &str| filter.shed.as_ref().is_none_or(|wanted| wanted.as_str() == shed);
        let ask = ask.into_iter().filter(|container| container.state == ContainerState::Running && is_wanted(container.shed.as_str()));
        let answers: Vec<_> = stream::iter(ask)
            .map(|container| async move {
                let answer = tokio::time::timeout(PER_SHED, self.sessions_in(&container)).await;
                (container.shed.clone(), answer.unwrap_or_else(|_| Err(too_slow(&container.shed))))
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut list = SessionList { sessions, warnings: Vec::new() };
        for (shed, answer) in answers {
            match answer {
                Ok(sessions) => list.sessions.extend(sessions),
                // Stopped or removed since the engine was asked: it has no sessions, and that is no fault.
                Err(error) if matches!(error.code, ErrorCode::ShedNotFound | ErrorCode::ShedAlreadyStopped) => {}
                Err(error) => list.warnings.push(Warning { shed_name: Some(shed.to_string()), code: error.code, message: error.message }),
            }
        }
        list.sessions.retain(|session| is_wanted(&session.shed_name) && filter.status.is_none_or(|status| session.status == status));
        list.warnings.sort_by(|a, b| a.shed_name.cmp(&b.shed_name));
        sort(&mut list.sessions, filter.sort);
        Ok(list)
    }

    /// The same as JSON, which is written once for as long as nothing changes.
    ///
    /// # Errors
    /// As [`App::list_all_sessions`].
    pub async fn list_all_sessions_json(&self, filter: &SessionFilter, how: Freshness) -> Result<Bytes, Error> {
        // Taken before the list: one that is newer than its version is written anew once too often, and never too seldom.
        let version = self.registry.complete_version().filter(|_| how == Freshness::default());
        if let Some(json) = version.and_then(|version| self.listed.get(filter, version)) {
            return Ok(json);
        }
        let list = self.list_all_sessions(filter, how).await?;
        let json = Bytes::from(serde_json::to_vec(&list).map_err(Error::internal)?);
        if let Some(version) = version.filter(|_| list.warnings.is_empty()) {
            self.listed.put(filter, version, json.clone());
        }
        Ok(json)
    }

    /// Asks tmux in a running container, after what an earlier run left has been brought back.
    async fn sessions_in(&self, container: &Container) -> Result<Vec<Session>, Error> {
        self.restore_sessions(container).await;
        self.list_now(container).await
    }
}

fn too_slow(shed: &ShedName) -> Error {
    Error::new(ErrorCode::Timeout, format!("shed `{shed}` did not answer within {} s", PER_SHED.as_secs()))
}

fn sort(sessions: &mut [Session], by: SessionSort) {
    sessions.sort_by(|a, b| (&a.shed_name, &a.name).cmp(&(&b.shed_name, &b.name)));
    match by {
        SessionSort::Name => {}
        SessionSort::Created => sessions.sort_by_key(|session| std::cmp::Reverse(session.created_at)),
        SessionSort::Activity => sessions.sort_by_key(|session| std::cmp::Reverse(session.last_activity_at)),
        SessionSort::Status => sessions.sort_by_key(|session| session.status.as_str()),
    }
}
