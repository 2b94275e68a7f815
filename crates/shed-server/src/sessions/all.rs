//! Lists of sessions: of one shed, and of all.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shed_core::{
    ErrorCode, ShedName,
    wire::{Session, SessionList, SessionStatus, Warning},
};
use shed_tmux::Tmux;

use super::error::from_tmux;
use crate::{
    Error,
    app::App,
    engine::{Container, ContainerState},
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

impl App {
    /// The shed's sessions, by name.
    ///
    /// # Errors
    /// `SHED_NOT_FOUND`, `SHED_ALREADY_STOPPED`, `TMUX_NOT_AVAILABLE`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn list_sessions(&self, shed: &ShedName) -> Result<SessionList, Error> {
        let container = self.running(shed).await?;
        let mut sessions = self.sessions_in(&container).await?;
        sessions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(SessionList { sessions, warnings: Vec::new() })
    }

    /// The sessions of all running sheds, asked at the same time, each with its own deadline.
    ///
    /// # Errors
    /// `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`; a single shed's failure is a warning in the answer.
    pub async fn list_all_sessions(&self, filter: &SessionFilter) -> Result<SessionList, Error> {
        let containers = self.engine.list().await?;
        let wanted = containers.into_iter().filter(|container| filter.shed.as_ref().is_none_or(|shed| *shed == container.shed));
        let answers: Vec<_> = stream::iter(wanted.filter(|container| container.state == ContainerState::Running))
            .map(|container| async move {
                let answer = tokio::time::timeout(PER_SHED, self.sessions_in(&container)).await;
                (container.shed.clone(), answer.unwrap_or_else(|_| Err(too_slow(&container.shed))))
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut list = SessionList { sessions: Vec::new(), warnings: Vec::new() };
        for (shed, answer) in answers {
            match answer {
                Ok(sessions) => list.sessions.extend(sessions),
                // Stopped or removed since the engine was asked: it has no sessions, and that is no fault.
                Err(error) if matches!(error.code, ErrorCode::ShedNotFound | ErrorCode::ShedAlreadyStopped) => {}
                Err(error) => list.warnings.push(Warning { shed_name: Some(shed.to_string()), code: error.code, message: error.message }),
            }
        }
        list.sessions.retain(|session| filter.status.is_none_or(|status| session.status == status));
        list.warnings.sort_by(|a, b| a.shed_name.cmp(&b.shed_name));
        sort(&mut list.sessions, filter.sort);
        Ok(list)
    }

    /// Asks tmux in a running container, after what an earlier run left has been brought back.
    async fn sessions_in(&self, container: &Container) -> Result<Vec<Session>, Error> {
        self.restore_sessions(container).await;
        let tmux = Tmux::new(self.runner(&container.id));
        let listed = tmux.list().await.map_err(|error| from_tmux(error, &container.shed, None))?;
        self.remember(container, &listed).await;
        Ok(listed.into_iter().map(|info| info.into_wire(&container.shed, &container.id.0)).collect())
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
