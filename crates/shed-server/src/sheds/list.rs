//! Looking at sheds.

use shed_core::{
    ShedName,
    wire::{Shed, ShedList, ShedStatus},
};

use crate::{
    Error,
    app::App,
    engine::{Container, ContainerState},
    registry::Known,
};

impl From<ContainerState> for ShedStatus {
    fn from(state: ContainerState) -> Self {
        match state {
            ContainerState::Running => Self::Running,
            ContainerState::Paused => Self::Paused,
            ContainerState::Restarting => Self::Restarting,
            ContainerState::Stopped => Self::Stopped,
        }
    }
}

impl From<Container> for Shed {
    fn from(container: Container) -> Self {
        Self {
            name: container.shed,
            status: container.state.into(),
            created_at: container.created_at,
            started_at: container.started_at,
            repo: container.repo,
            image: container.image,
            container_id: container.id.0,
            profile: container.profile,
            adopted: container.adopted,
            guest: None,
        }
    }
}

impl App {
    /// All sheds of this engine, by name.
    ///
    /// # Errors
    /// `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn list_sheds(&self) -> Result<ShedList, Error> {
        if let Known::Now(sheds) = self.registry.sheds() {
            return Ok(ShedList { sheds, warnings: Vec::new() });
        }
        let mut sheds: Vec<Shed> = self.engine.list().await?.into_iter().map(Shed::from).collect();
        sheds.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(ShedList { sheds, warnings: Vec::new() })
    }

    /// One shed.
    ///
    /// # Errors
    /// `SHED_NOT_FOUND`, `ENGINE_UNAVAILABLE`, `ENGINE_ERROR`.
    pub async fn shed(&self, name: &ShedName) -> Result<Shed, Error> {
        let container = self.container(name).await?;
        let guest = self.registry.guest_state(name, &container.id).filter(|_| container.started_at.is_some());
        Ok(Shed { guest, ..Shed::from(container) })
    }

    /// The shed's container, whatever its state.
    pub(crate) async fn container(&self, name: &ShedName) -> Result<Container, Error> {
        self.engine.inspect(name).await.map_err(|error| Error::engine(error, name))
    }

    /// The shed's container, which runs; anything else is an error that says how to change that.
    pub(crate) async fn running(&self, name: &ShedName) -> Result<Container, Error> {
        match self.registry.container(name) {
            Known::Now(Some(container)) if container.state == ContainerState::Running => return Ok(container),
            // An engine may not answer at all about a container that is frozen.
            Known::Now(Some(container)) if container.state == ContainerState::Paused => return Err(Error::paused(name)),
            // What else there is to say, the engine says better.
            Known::Now(_) | Known::Ask => {}
        }
        let container = self.container(name).await?;
        match container.state {
            ContainerState::Running => Ok(container),
            ContainerState::Paused => Err(Error::paused(name)),
            ContainerState::Stopped => Err(Error::stopped(name)),
            ContainerState::Restarting => {
                Err(Error::stopped(name).hint("its container is restarting by itself; try again in a moment (see also: docker logs)"))
            }
        }
    }
}
