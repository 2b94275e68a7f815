//! Docker Engine through bollard. Only this folder knows bollard.

mod address;
mod calls;
mod container;
mod count;
mod create;
mod error;
mod events;
mod exec;
mod hijack;
mod image;
mod launcher;
mod reaper;
mod workspace;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bollard::{API_DEFAULT_VERSION, Docker};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use shed_core::ShedName;
use uuid::Uuid;

use self::{address::Address, count::Execs, launcher::Instance, reaper::Reapers};
use super::{Container, ContainerId, ContainerSpec, Engine, EngineError, EngineEvent, Exec, ExecCounts, ExecSpec};

/// Docker answers ordinary calls in milliseconds. One that takes longer than this is busy or stuck, and the user is better
/// served with an error.
const CALL: Duration = Duration::from_secs(30);

/// bollard's own limit, above all of ours.
const TRANSPORT_SECONDS: u64 = 120;

/// A Docker daemon, local or remote. Connecting happens with the first call and again after the daemon was away.
#[derive(Clone)]
pub struct DockerEngine {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    instance: Instance,
    /// A client that speaks the daemon's version of the API.
    client: Mutex<Option<Docker>>,
    reapers: Mutex<HashMap<ContainerId, Arc<Reapers>>>,
    execs: Execs,
}

impl DockerEngine {
    /// Prepares for the daemon at `docker_host` (`unix:///path` or `tcp://host:port`), else at `DOCKER_HOST`, else at
    /// Docker's own default. Nothing is sent yet, so the daemon may be away. `server_id` is the same for every run of
    /// one server: commands that an earlier run of it left in containers are ended by it, and by it alone.
    ///
    /// # Errors
    /// [`EngineError::Other`] for an address of another kind.
    pub fn connect(docker_host: Option<&str>, server_id: Uuid) -> Result<Self, EngineError> {
        let inner = Inner {
            address: Address::find(docker_host)?,
            instance: Instance { server: server_id, run: Uuid::new_v4() },
            client: Mutex::new(None),
            reapers: Mutex::default(),
            execs: Execs::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The client, after its version was agreed on with the daemon.
    async fn docker(&self) -> Result<Docker, EngineError> {
        if let Some(client) = self.client_slot().clone() {
            return Ok(client);
        }
        let client = self.inner.address.client(TRANSPORT_SECONDS, API_DEFAULT_VERSION)?;
        let version = self.inner.address.api_version().await?;
        let client = match version {
            Some(version)
                if (version.major_version, version.minor_version)
                    < (API_DEFAULT_VERSION.major_version, API_DEFAULT_VERSION.minor_version) =>
            {
                self.inner.address.client(TRANSPORT_SECONDS, &version)?
            }
            _ => client,
        };
        *self.client_slot() = Some(client.clone());
        Ok(client)
    }

    fn client_slot(&self) -> std::sync::MutexGuard<'_, Option<Docker>> {
        self.inner.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a call with the client and a deadline. After a daemon went away its successor may speak another version.
    async fn call<T, F, Fut>(&self, what: &'static str, deadline: Duration, call: F) -> Result<T, EngineError>
    where
        F: FnOnce(Docker) -> Fut + Send,
        Fut: Future<Output = Result<T, bollard::errors::Error>> + Send,
    {
        let work = async { call(self.docker().await?).await.map_err(error::from_bollard) };
        let result = tokio::time::timeout(deadline, work).await.unwrap_or(Err(EngineError::Timeout(what)));
        if matches!(result, Err(EngineError::Unavailable(_))) {
            self.client_slot().take();
        }
        result
    }
}

#[async_trait]
impl Engine for DockerEngine {
    fn exec_counts(&self) -> ExecCounts {
        self.inner.execs.counts()
    }

    async fn ping(&self) -> Result<String, EngineError> {
        let version = self.call("version", calls::PING, |docker| async move { docker.version().await }).await?;
        Ok(version.version.unwrap_or_default())
    }

    async fn list(&self) -> Result<Vec<Container>, EngineError> {
        self.list_containers().await
    }

    async fn inspect(&self, name: &ShedName) -> Result<Container, EngineError> {
        self.inspect_shed(name).await
    }

    async fn ensure_image(&self, image: &str, progress: &(dyn Fn(String) + Send + Sync)) -> Result<(), EngineError> {
        self.have_or_pull(image, progress).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<Container, EngineError> {
        self.create_container(spec).await
    }

    async fn remove_leftovers(&self, create_id: &str) -> Result<(), EngineError> {
        self.remove_created(create_id).await
    }

    async fn start(&self, id: &ContainerId) -> Result<(), EngineError> {
        self.start_container(id).await
    }

    async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), EngineError> {
        self.stop_container(id, grace).await
    }

    async fn remove(&self, container: &Container, keep_volume: bool) -> Result<(), EngineError> {
        self.remove_container(container, keep_volume).await
    }

    async fn exec(&self, id: &ContainerId, spec: ExecSpec) -> Result<Exec, EngineError> {
        self.start_exec(id, spec).await
    }

    async fn is_stopping(&self, id: &ContainerId) -> bool {
        self.has_stop_note(id).await
    }

    async fn upload(&self, id: &ContainerId, path: &str, tar: Bytes) -> Result<(), EngineError> {
        self.upload_tar(id, path, tar).await
    }

    fn events(&self) -> BoxStream<'static, EngineEvent> {
        self.event_stream()
    }
}
