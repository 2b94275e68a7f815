//! What runs containers. [`Engine`] is all that the rest of the server knows of it; Docker Engine is [`docker`].

pub mod docker;
mod exec;
mod types;

pub use exec::{Exec, ExecChunk, ExecCounts, ExecInput, ExecOutput, ExecProcess, ExecSpec, ExecUser, Signal, WindowSize};
pub use types::{Container, ContainerId, ContainerSpec, ContainerState, EngineError, EngineEvent, EngineEventKind, Mount};

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use shed_core::ShedName;

/// A container engine. Every call has its own deadline inside; none waits without end.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Whether the engine answers; its version for logs.
    async fn ping(&self) -> Result<String, EngineError>;

    /// All containers that carry the label `shed=true`, by shed name: made by shed or adopted.
    async fn list(&self) -> Result<Vec<Container>, EngineError>;

    /// One shed's container. [`EngineError::NoSuchContainer`] if there is none.
    async fn inspect(&self, name: &ShedName) -> Result<Container, EngineError>;

    /// Makes sure that the image is there, pulling it if it is not; `progress` is told of a pull.
    async fn ensure_image(&self, image: &str, progress: &(dyn Fn(String) + Send + Sync)) -> Result<(), EngineError>;

    /// Makes volume and container, and starts the container. [`EngineError::NameTaken`] if the name is in use.
    /// What was made is removed again when a later step fails.
    async fn create(&self, spec: &ContainerSpec) -> Result<Container, EngineError>;

    /// Removes what an interrupted [`Engine::create`] with this `create_id` left (container and volume).
    async fn remove_leftovers(&self, create_id: &str) -> Result<(), EngineError>;

    /// Starts a stopped container; one that runs already is no error.
    async fn start(&self, id: &ContainerId) -> Result<(), EngineError>;

    /// Asks the container to stop and kills it after `grace`; one that is stopped is no error.
    async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), EngineError>;

    /// Kills and removes the container at once, and the workspace volume too unless `keep_volume`.
    /// An adopted container's volumes are never removed.
    async fn remove(&self, container: &Container, keep_volume: bool) -> Result<(), EngineError>;

    /// Starts a command in a running container.
    async fn exec(&self, id: &ContainerId, spec: ExecSpec) -> Result<Exec, EngineError>;

    /// How many commands were started, and how many of them run.
    fn exec_counts(&self) -> ExecCounts;

    /// Whether the container has been asked to stop: what ends in it now ends for that reason. True also when that can't be
    /// found out any more.
    async fn is_stopping(&self, id: &ContainerId) -> bool;

    /// Unpacks a tar archive under `path` in the container; owners and modes are the archive's.
    async fn upload(&self, id: &ContainerId, path: &str, tar: Bytes) -> Result<(), EngineError>;

    /// Changes of containers with the label, from now on. Reconnects by itself; [`EngineEventKind::Reconnected`] says
    /// that some may have been missed.
    fn events(&self) -> BoxStream<'static, EngineEvent>;
}
