//! The plain calls on containers.

use std::time::Duration;

use bollard::{
    body_full,
    query_parameters::{
        ContainerArchiveInfoOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
        StopContainerOptionsBuilder, UploadToContainerOptionsBuilder,
    },
};
use bytes::Bytes;
use shed_core::ShedName;

use super::{CALL, DockerEngine, container};
use crate::engine::{Container, ContainerId, EngineError};

/// A readiness check must not hang.
pub(super) const PING: Duration = Duration::from_secs(5);

/// Uploads are small, but a remote daemon may be far away.
const UPLOAD: Duration = Duration::from_secs(120);

impl DockerEngine {
    pub(super) async fn list_containers(&self) -> Result<Vec<Container>, EngineError> {
        let filters = std::collections::HashMap::from([("label", vec![container::IS_SHED])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let listed = self.call("list", CALL, |docker| async move { docker.list_containers(Some(options)).await }).await?;
        Ok(listed.into_iter().filter_map(container::from_summary).collect())
    }

    /// A shed's container is found by its name; one that was adopted under another name, by its label.
    pub(super) async fn inspect_shed(&self, name: &ShedName) -> Result<Container, EngineError> {
        match self.inspect_by(&format!("shed-{name}")).await {
            Ok(Some(container)) if container.shed == *name => return Ok(container),
            Ok(_) | Err(EngineError::NoSuchContainer) => {}
            Err(error) => return Err(error),
        }
        let listed = self.list_containers().await?;
        let found = listed.into_iter().find(|container| container.shed == *name).ok_or(EngineError::NoSuchContainer)?;
        self.inspect_by(&found.id.0).await?.ok_or(EngineError::NoSuchContainer)
    }

    /// None for a container that is no shed.
    pub(super) async fn inspect_by(&self, id_or_name: &str) -> Result<Option<Container>, EngineError> {
        let found = self.call("inspect", CALL, |docker| async move { docker.inspect_container(id_or_name, None).await }).await?;
        Ok(container::from_inspect(found))
    }

    pub(super) async fn start_container(&self, id: &ContainerId) -> Result<(), EngineError> {
        self.call("start", CALL, |docker| async move { docker.start_container(&id.0, None).await }).await
    }

    pub(super) async fn stop_container(&self, id: &ContainerId, grace: Duration) -> Result<(), EngineError> {
        let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::default().t(seconds).build();
        self.call("stop", CALL + grace, |docker| async move { docker.stop_container(&id.0, Some(options)).await }).await
    }

    pub(super) async fn remove_container(&self, container: &Container, keep_volume: bool) -> Result<(), EngineError> {
        let adopted = container.adopted;
        self.remove_by_id(&container.id.0, !adopted && !keep_volume).await?;
        if adopted || keep_volume {
            return Ok(());
        }
        self.remove_volume(&container::volume_of(&container.shed)).await
    }

    /// Kills and removes the container, with its unnamed volumes if `volumes`.
    pub(super) async fn remove_by_id(&self, id: &str, volumes: bool) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(volumes).build();
        let removed = self.call("remove", CALL, |docker| async move { docker.remove_container(id, Some(options)).await }).await;
        match removed {
            // Somebody else is removing it at this moment; when that is over, it is gone.
            Err(EngineError::Other(text)) if text.contains("is already in progress") => self.wait_until_removed(id).await,
            removed => removed,
        }
    }

    async fn wait_until_removed(&self, id: &str) -> Result<(), EngineError> {
        /// Between two looks.
        const POLL: Duration = Duration::from_millis(50);
        let gone = async {
            loop {
                match self.inspect_by(id).await {
                    Err(EngineError::NoSuchContainer) => return Ok(()),
                    Err(error) => return Err(error),
                    Ok(_) => tokio::time::sleep(POLL).await,
                }
            }
        };
        tokio::time::timeout(CALL, gone).await.unwrap_or(Err(EngineError::Timeout("remove")))
    }

    /// Removes the volume; one that is gone already is no error.
    pub(super) async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        let options = RemoveVolumeOptionsBuilder::default().force(true).build();
        match self.call("remove volume", CALL, |docker| async move { docker.remove_volume(name, Some(options)).await }).await {
            Err(EngineError::NoSuchContainer) => Ok(()),
            removed => removed,
        }
    }

    pub(super) async fn upload_tar(&self, id: &ContainerId, path: &str, tar: Bytes) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::default().path(path).build();
        self.call("upload", UPLOAD, |docker| async move { docker.upload_to_container(&id.0, Some(options), body_full(tar)).await }).await
    }

    /// Whether there is anything under that path in the container.
    pub(super) async fn path_exists(&self, id: &ContainerId, path: &str) -> Result<bool, EngineError> {
        let options = ContainerArchiveInfoOptionsBuilder::default().path(path).build();
        let found = self.call("stat", CALL, |docker| async move { docker.get_container_archive_info(&id.0, Some(options)).await }).await;
        match found {
            Ok(_) => Ok(true),
            Err(EngineError::NoSuchContainer) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
