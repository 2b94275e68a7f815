//! Making a shed.

use std::sync::Arc;

use shed_core::wire::Shed;
use tokio::sync::mpsc::UnboundedSender;

use super::NewShed;
use crate::{
    Error,
    app::{App, locked},
    engine::EngineError,
};

/// Where a creation says what it does, a line per step. Unbounded, because there are a handful of lines; nobody has to
/// listen.
pub type Progress = UnboundedSender<String>;

impl App {
    /// Makes the shed. Runs to its end even if the caller goes away; what a failure leaves is removed, by this process or,
    /// after `kill -9`, by the next one.
    ///
    /// # Errors
    /// `SHED_ALREADY_EXISTS`, `IMAGE_NOT_FOUND`, `CLONE_FAILED`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn create_shed(self: &Arc<Self>, new: NewShed, progress: Progress) -> Result<Shed, Error> {
        let app = Arc::clone(self);
        tokio::spawn(async move { app.create_now(new, &progress).await }).await.map_err(Error::internal)?
    }

    async fn create_now(self: &Arc<Self>, new: NewShed, progress: &Progress) -> Result<Shed, Error> {
        let name = new.name().clone();
        let _lock = self.locks.lock(&name).await;
        // Only for a good message before a slow pull; the engine itself decides who gets the name.
        if self.engine.inspect(&name).await.is_ok() {
            return Err(Error::engine(EngineError::NameTaken, &name));
        }
        let say = |line: String| drop(progress.send(line));
        self.engine.ensure_image(&new.spec.image, &say).await.map_err(|error| Error::engine(error, &name))?;
        let create_id = new.spec.create_id.clone();
        let _creating = Creating::begin(self, &create_id);
        self.store.begin_create(&create_id, &name).map_err(Error::internal)?;
        let made = self.make(&new, progress).await;
        match &made {
            Ok(_) => self.end_create(&create_id),
            Err(Failed { kept: true, .. }) => self.end_create(&create_id),
            Err(Failed { kept: false, .. }) => self.remove_unfinished(&create_id).await,
        }
        // The next read knows, whatever came of it.
        self.sync_shed(&name).await;
        made.map_err(|failed| failed.error)?;
        // The restart policy or a broken image may have ended it since; what is told is what is.
        self.shed(&name).await
    }

    async fn make(&self, new: &NewShed, progress: &Progress) -> Result<(), Failed> {
        let name = new.name();
        let say = |line: String| drop(progress.send(line));
        say(format!("creating container `shed-{name}` from image `{}`", new.spec.image));
        let container = self.engine.create(&new.spec).await.map_err(|error| Error::engine(error, name))?;
        // The name may have belonged to a shed that was removed behind our back.
        self.store.forget_sessions(name).map_err(Error::internal)?;
        let Some(repo) = &new.repo else { return Ok(()) };
        say(format!("cloning {} into /workspace/{}", repo.url, repo.directory));
        self.clone_repo(&container, repo).await.map_err(|mut error| {
            if new.keep_on_clone_failure {
                error.hint = Some(format!("the shed was kept: look inside with shed console {name}, or remove it with shed delete {name}"));
            }
            Failed { error, kept: new.keep_on_clone_failure }
        })
    }

    /// The creation is complete; nothing of it may be taken for a leftover any more.
    pub(super) fn end_create(&self, create_id: &str) {
        if let Err(error) = self.store.end_create(create_id) {
            tracing::error!(%error, create_id, "a finished creation could not be written down");
        }
    }
}

/// Why no shed came of it, and whether what was made stays.
struct Failed {
    error: Error,
    kept: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, kept: false }
    }
}

/// While this lives, recovery leaves the creation alone.
struct Creating<'a> {
    app: &'a App,
    create_id: String,
}

impl<'a> Creating<'a> {
    fn begin(app: &'a App, create_id: &str) -> Self {
        locked(&app.creating).insert(create_id.to_owned());
        Self { app, create_id: create_id.to_owned() }
    }
}

impl Drop for Creating<'_> {
    fn drop(&mut self) {
        locked(&self.app.creating).remove(&self.create_id);
    }
}
