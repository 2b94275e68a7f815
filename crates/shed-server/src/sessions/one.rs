//! One session: looking at it, changing it, ending it.

use shed_core::{
    SessionName, SessionRef, ShedName,
    wire::{Session, UpdateSession},
};
use shed_tmux::Tmux;

use super::{create::check_labels, error::from_tmux};
use crate::{Error, app::App, engine::Container, registry::Known};

impl App {
    /// The session as it is now.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND` and those of [`App::list_sessions`].
    pub async fn session(&self, shed: &ShedName, session: &SessionRef) -> Result<Session, Error> {
        if let Known::Now(Some(found)) = self.registry.session(shed, session.as_str()) {
            return Ok(found);
        }
        let container = self.with_sessions(shed).await?;
        self.session_in(&container, session).await
    }

    /// Renames the session, changes its labels, or both.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`, `SESSION_ALREADY_EXISTS`, `INVALID_SESSION_NAME`, `INVALID_REQUEST`, and those of
    /// [`App::list_sessions`].
    pub async fn update_session(&self, shed: &ShedName, session: &SessionRef, request: UpdateSession) -> Result<Session, Error> {
        let new_name = request.name.map(SessionName::new).transpose()?;
        if let Some(labels) = &request.labels {
            check_labels(labels)?;
        }
        let container = self.with_sessions(shed).await?;
        let tmux = Tmux::new(self.runner(&container));
        if let Some(labels) = &request.labels {
            tmux.set_labels(session, labels).await.map_err(|error| from_tmux(error, shed, Some(session)))?;
        }
        let mut now = session.clone();
        if let Some(new_name) = new_name.filter(|new| new.as_str() != session.as_str()) {
            let taken = SessionRef::from(&new_name);
            tmux.rename(session, &taken).await.map_err(|error| match error {
                shed_tmux::TmuxError::AlreadyExists => from_tmux(error, shed, Some(&taken)),
                error => from_tmux(error, shed, Some(session)),
            })?;
            now = taken;
        }
        let changed = self.session_in(&container, &now).await?;
        self.update_saved(&container, |sessions| {
            for saved in sessions.iter_mut().filter(|saved| saved.id == changed.id) {
                saved.name.clone_from(&changed.name);
                saved.labels.clone_from(&changed.labels);
            }
        });
        Ok(changed)
    }

    /// Ends the session and everything in it.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND` and those of [`App::list_sessions`].
    pub async fn kill_session(&self, shed: &ShedName, session: &SessionRef) -> Result<(), Error> {
        let container = self.with_sessions(shed).await?;
        Tmux::new(self.runner(&container)).kill(session).await.map_err(|error| from_tmux(error, shed, Some(session)))?;
        self.update_saved(&container, |sessions| sessions.retain(|saved| saved.name != session.as_str()));
        // The next read knows. Without a guest it asks tmux anyway.
        if self.registry.guest(shed, &container.id).is_some() {
            self.list_now(&container).await?;
        }
        Ok(())
    }

    /// The running container, with the sessions of its last run brought back.
    pub(super) async fn with_sessions(&self, shed: &ShedName) -> Result<Container, Error> {
        let container = self.running(shed).await?;
        self.restore_sessions(&container).await;
        Ok(container)
    }

    /// The session as tmux has it now; it is in the view before this returns.
    pub(super) async fn session_in(&self, container: &Container, session: &SessionRef) -> Result<Session, Error> {
        let sessions = self.list_now(container).await?;
        let found = sessions.into_iter().find(|found| found.name == session.as_str());
        found.ok_or_else(|| Error::no_session(&container.shed, session))
    }
}
