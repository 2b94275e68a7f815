//! Starting and stopping sheds. Sessions come back with the container.

use std::{sync::Arc, time::Duration};

use shed_core::{ErrorCode, ShedName, wire::Shed};

use crate::{
    Error,
    app::App,
    engine::{Container, ContainerState},
    registry::Known,
};

/// What programs get to end by themselves. A stop is to take 3 s at most, and the engine needs some of that.
const STOP_GRACE: Duration = Duration::from_secs(2);

impl App {
    /// Starts a stopped shed.
    ///
    /// # Errors
    /// `SHED_ALREADY_RUNNING`, `SHED_PAUSED`, `SHED_NOT_FOUND`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn start_shed(self: &Arc<Self>, name: &ShedName) -> Result<Shed, Error> {
        {
            let _lock = self.locks.lock(name).await;
            let container = self.container(name).await?;
            match container.state {
                ContainerState::Running | ContainerState::Restarting => {
                    return Err(Error::new(ErrorCode::ShedAlreadyRunning, format!("shed `{name}` is already running"))
                        .hint(format!("attach to it: shed attach {name}")));
                }
                ContainerState::Paused => return Err(Error::paused(name)),
                ContainerState::Stopped => self.start_container(&container).await?,
            }
        }
        self.started(name).await
    }

    /// Stops a running shed: programs are asked to end, and killed after two seconds.
    ///
    /// # Errors
    /// `SHED_ALREADY_STOPPED`, `SHED_NOT_FOUND`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn stop_shed(self: &Arc<Self>, name: &ShedName) -> Result<Shed, Error> {
        let _lock = self.locks.lock(name).await;
        let container = self.container(name).await?;
        if container.state == ContainerState::Stopped {
            return Err(Error::new(ErrorCode::ShedAlreadyStopped, format!("shed `{name}` is already stopped"))
                .hint(format!("nothing is left to do; start it again with: shed start {name}")));
        }
        self.stop_container(&container).await?;
        self.shed(name).await
    }

    /// Stops the shed if it runs, then starts it.
    ///
    /// # Errors
    /// `SHED_NOT_FOUND`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn restart_shed(self: &Arc<Self>, name: &ShedName) -> Result<Shed, Error> {
        {
            let _lock = self.locks.lock(name).await;
            let container = self.container(name).await?;
            if container.state != ContainerState::Stopped {
                self.stop_container(&container).await?;
            }
            self.start_container(&container).await?;
        }
        self.started(name).await
    }

    /// The shed's running container, started if need be; `on_start` is called just before that.
    ///
    /// # Errors
    /// As [`App::start_shed`].
    pub async fn ensure_running(self: &Arc<Self>, name: &ShedName, on_start: impl FnOnce() + Send) -> Result<Container, Error> {
        let running = matches!(self.registry.container(name), Known::Now(Some(known)) if known.state == ContainerState::Running);
        if !running && self.container(name).await?.state == ContainerState::Stopped {
            on_start();
            let _lock = self.locks.lock(name).await;
            let container = self.container(name).await?;
            if container.state == ContainerState::Stopped {
                self.start_container(&container).await?;
            }
        }
        let container = self.running(name).await?;
        self.restore_sessions(&container).await;
        Ok(container)
    }

    async fn start_container(self: &Arc<Self>, container: &Container) -> Result<(), Error> {
        let started = self.engine.start(&container.id).await.map_err(|error| Error::engine(error, &container.shed));
        self.sync_shed(&container.shed).await;
        started
    }

    async fn stop_container(self: &Arc<Self>, container: &Container) -> Result<(), Error> {
        if container.state == ContainerState::Running {
            self.save_screens(container).await;
        }
        let stopped = self.engine.stop(&container.id, STOP_GRACE).await.map_err(|error| Error::engine(error, &container.shed));
        self.sync_shed(&container.shed).await;
        stopped
    }

    /// After a start: the sessions are back before the caller hears of it.
    async fn started(&self, name: &ShedName) -> Result<Shed, Error> {
        let container = self.container(name).await?;
        if container.state == ContainerState::Running {
            self.restore_sessions(&container).await;
        }
        Ok(container.into())
    }
}
