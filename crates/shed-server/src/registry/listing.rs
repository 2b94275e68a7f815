//! Taking lists of a shed's sessions and handing them to the view.

use std::{collections::BTreeMap, time::Duration};

use shed_core::{
    ShedName,
    guest::{SnapshotHead, SnapshotProblem},
    wire::Session,
};
use shed_tmux::{SessionInfo, Tmux, TmuxError};

use crate::{
    Error,
    app::App,
    engine::Container,
    guest::{GuestClient, GuestError},
    registry::Known,
    sessions::from_tmux,
};

/// The longest that the end of a command waits for the list after it, which takes milliseconds, on a machine with much to do a second.
const REFRESH: Duration = Duration::from_secs(2);

/// The most sessions of one shed that are shown. Each is a process or more in it, so an honest shed is far below; one that makes
/// up more must not cost the others their memory.
const SESSIONS_MAX: usize = 5000;

/// One list, as the view takes it.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// By name.
    pub(crate) sessions: Vec<Session>,
    /// The sessions' ids by tmux's own.
    pub(crate) ids: BTreeMap<String, String>,
}

impl Listing {
    pub(super) fn new(container: &Container, infos: &[SessionInfo]) -> Self {
        let mut listing = Self::default();
        if infos.len() > SESSIONS_MAX {
            tracing::warn!(shed = %container.shed, sessions = infos.len(), "more sessions than are shown");
        }
        for info in infos.iter().take(SESSIONS_MAX) {
            let session = info.clone().into_wire(&container.shed, &container.id.0);
            listing.ids.insert(info.tmux_id.clone(), session.id.clone());
            listing.sessions.push(session);
        }
        listing.sessions.sort_by(|a, b| a.name.cmp(&b.name));
        listing
    }
}

impl App {
    /// Asks the shed for its sessions. What it answers is in the view before this returns.
    ///
    /// # Errors
    /// Those of [`App::list_sessions`].
    pub(crate) async fn list_now(&self, container: &Container) -> Result<Vec<Session>, Error> {
        if let Some(guest) = self.registry.guest(&container.shed, &container.id) {
            match self.list_by_guest(container, &guest).await {
                Ok(sessions) => return Ok(sessions),
                Err(error) => tracing::debug!(%error, shed = %container.shed, "the guest gave no list"),
            }
        }
        self.list_by_exec(container).await
    }

    /// A guest that gives no list is not followed until it gives one: what is known may not be so any more.
    pub(super) async fn list_by_guest(&self, container: &Container, guest: &GuestClient) -> Result<Vec<Session>, GuestError> {
        let listed = guest.list().await.and_then(|(head, body)| Ok((head.seq, read(&head, &body).map_err(GuestError::Nonsense)?)));
        match listed {
            Ok((seq, infos)) => Ok(self.take_list(container, guest, seq, &infos).0),
            Err(error) => {
                self.registry.forget_list(container);
                Err(error)
            }
        }
    }

    /// Something ran in the shed and may have changed its sessions: the next read knows. A shed that is slow just now is not
    /// waited for; it tells by itself.
    pub(crate) async fn refresh(&self, shed: &ShedName) {
        if let Known::Now(Some(container)) = self.registry.container(shed)
            && let Some(guest) = self.registry.guest(shed, &container.id)
        {
            // Late or failed: the watch goes on.
            let _ = tokio::time::timeout(REFRESH, self.list_by_guest(&container, &guest)).await;
        }
    }

    /// Hands a guest's list to the view; answers with it, and with how many events that were.
    pub(super) fn take_list(&self, container: &Container, guest: &GuestClient, seq: u64, infos: &[SessionInfo]) -> (Vec<Session>, usize) {
        let Listing { sessions, ids } = Listing::new(container, infos);
        let ticket = self.registry.guest_ticket(container, guest, seq);
        let applied = ticket.and_then(|ticket| self.registry.apply(&container.shed, ticket, Listing { sessions: sessions.clone(), ids }));
        (sessions, applied.unwrap_or_default())
    }

    /// The same through an exec, for a shed without a guest.
    pub(super) async fn list_by_exec(&self, container: &Container) -> Result<Vec<Session>, Error> {
        let ticket = self.registry.ticket(container);
        let infos = Tmux::new(self.exec_runner(&container.id)).list().await;
        let infos = infos.map_err(|error: TmuxError| from_tmux(error, &container.shed, None))?;
        let Listing { sessions, ids } = Listing::new(container, &infos);
        if let Some(ticket) = ticket {
            self.registry.apply(&container.shed, ticket, Listing { sessions: sessions.clone(), ids });
        }
        self.remember(container, &infos).await;
        Ok(sessions)
    }
}

/// Reads a guest's list; the error is for the log.
pub(super) fn read(head: &SnapshotHead, body: &[u8]) -> Result<Vec<SessionInfo>, String> {
    match &head.problem {
        None => shed_tmux::parse_list(body).map_err(|error| error.to_string()),
        Some(SnapshotProblem::NoTmux) => Err("there is no tmux in the shed".to_owned()),
        Some(SnapshotProblem::Failed(reason)) => Err(reason.chars().filter(|c| !c.is_control()).take(200).collect()),
    }
}
