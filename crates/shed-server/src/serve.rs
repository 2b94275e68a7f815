//! Starting and stopping the whole server.

mod endpoints;
mod state;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use self::{endpoints::Endpoints, state::StateLock};
use crate::{
    api,
    app::App,
    config::{Config, ConfigError},
    engine::{EngineError, docker::DockerEngine},
    history::Recorder,
    notify::{Notifier, NotifyError},
    ssh::{self, HostKey, HostKeyError},
    store::{Store, StoreError},
};

/// How long the parts get to end by themselves. A little more than [`api::serve`] takes at most; what is left then is cut
/// off, which no session notices.
const END_DEADLINE: Duration = Duration::from_secs(5);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration or the state directory.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another server has this state.
    #[error("another shed-server already runs with the state in `{}`", .0.display())]
    Running(PathBuf),
    /// A file in the state directory.
    #[error("can't use `{}`: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Who is to be told.
    #[error(transparent)]
    Notify(#[from] NotifyError),
    /// The SSH host key.
    #[error(transparent)]
    HostKey(#[from] HostKeyError),
    /// The engine's address is no address. An engine that is only down is no reason not to start.
    #[error("the container engine can't be used: {0}")]
    Engine(#[from] EngineError),
    /// An address can't be listened on.
    #[error("can't listen on {address} for {what}: {source}")]
    Listen {
        /// `HTTP` or `SSH`.
        what: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The process's signals.
    #[error("can't listen for signals: {0}")]
    Signals(io::Error),
}

impl ServeError {
    /// The next step, if there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Notify(error) => error.hint(),
            Self::Running(_) => Some("stop that one, or give this one its own state: SHED_STATE_DIR=…".to_owned()),
            Self::File { .. } => Some("check the owner and mode of the state directory".to_owned()),
            Self::Engine(_) => Some("check docker_host under [engine], and DOCKER_HOST".to_owned()),
            Self::Listen { what, source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some(format!("another program has the port; choose another with SHED_{what}_LISTEN=127.0.0.1:PORT (0 takes a free one)"))
            }
            Self::Listen { what, .. } => Some(format!("choose an address of this machine: SHED_{what}_LISTEN=127.0.0.1:PORT")),
            Self::Store(StoreError::TooNew { .. }) => Some("use the newer shed-server again, or another state_dir".to_owned()),
            Self::Store(_) => Some(
                "sheds and sessions don't need this file: move it away and a new one is made; tokens and keys are then to be added again"
                    .to_owned(),
            ),
            Self::HostKey(_) | Self::Signals(_) => None,
        }
    }
}

/// A server that listens but does not answer yet.
pub struct Server {
    app: Arc<App>,
    host_key: HostKey,
    http: TcpListener,
    ssh: TcpListener,
    metrics: Option<TcpListener>,
    endpoints: Endpoints,
    notifier: Notifier,
    _lock: StateLock,
}

impl Server {
    /// Takes the state directory, opens everything in it, and listens on both addresses.
    ///
    /// # Errors
    /// [`ServeError`]; nothing is left behind then.
    pub async fn bind(mut config: Config) -> Result<Self, ServeError> {
        let dir = config.make_state_dir()?;
        let notifier = Notifier::new(&config.notify, config.server_name())?;
        let lock = StateLock::take(&dir)?;
        let store = Store::open(&dir.join("shed.db"))?;
        let host_key = HostKey::load_or_create(dir.join("ssh_host_ed25519_key"))?;
        let server_id = state::server_id(&dir)?;
        let engine = DockerEngine::connect(config.engine.docker_host.as_deref(), server_id)?;
        let http = listen("HTTP", config.http.listen).await?;
        let ssh = listen("SSH", config.ssh.listen).await?;
        // From here on the configuration has the ports that were really taken.
        for (listen, listener, what) in [(&mut config.http.listen, &http, "HTTP"), (&mut config.ssh.listen, &ssh, "SSH")] {
            *listen = listener.local_addr().map_err(|source| ServeError::Listen { what, address: *listen, source })?;
        }
        let metrics = match &mut config.metrics.listen {
            Some(address) => {
                let listener = listen("METRICS", *address).await?;
                *address = listener.local_addr().map_err(|source| ServeError::Listen { what: "METRICS", address: *address, source })?;
                Some(listener)
            }
            None => None,
        };
        let endpoints = Endpoints::write(&dir, config.http.listen, config.ssh.listen, config.metrics.listen)?;
        let app = App::new(Arc::new(engine), store, config, server_id.to_string());
        Ok(Self { app, host_key, http, ssh, metrics, endpoints, notifier, _lock: lock })
    }

    /// Where the API listens.
    #[must_use]
    pub fn http(&self) -> SocketAddr {
        self.app.config.http.listen
    }

    /// Where the SSH endpoint listens.
    #[must_use]
    pub fn ssh(&self) -> SocketAddr {
        self.app.config.ssh.listen
    }

    /// Serves until `shutdown`, then ends within five seconds. Sessions are never touched.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut parts = JoinSet::new();
        let host_key = self.host_key.public();
        parts.spawn(api::serve(self.http, api::router(Arc::clone(&self.app), self.host_key.public()), shutdown.clone()));
        parts.spawn(ssh::serve(Arc::clone(&self.app), self.ssh, self.host_key, shutdown.clone()));
        parts.spawn(Arc::clone(&self.app).watch(shutdown.clone()));
        let (app, recorder) = (Arc::clone(&self.app), Recorder::new(self.app.store.clone(), self.app.config.history.clone()));
        let recorder = recorder.counting(Arc::clone(&self.app.metrics.history));
        let stop = shutdown.clone();
        parts.spawn(async move { recorder.run(|queue| app.registry.follow(queue), stop).await });
        let events = Arc::clone(&self.app.events);
        if let Some(listener) = self.metrics {
            let router = api::metrics_router(Arc::clone(&self.app), host_key);
            parts.spawn(api::serve(listener, router, shutdown.clone()));
        }
        let notifier = self.notifier.counting(Arc::clone(&self.app.metrics.notifications));
        parts.spawn(notifier.run(move |queue| events.subscribe(None, queue), shutdown.clone()));
        shutdown.cancelled().await;
        drop(self.endpoints);
        let ended = async { while parts.join_next().await.is_some() {} };
        if timeout(END_DEADLINE, ended).await.is_err() {
            tracing::warn!("some connections were cut off");
        }
    }
}

async fn listen(what: &'static str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { what, address, source })
}

/// Runs a server until SIGINT or SIGTERM.
///
/// # Errors
/// [`ServeError`] if it can't start.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    let shutdown = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let server = Server::bind(config).await?;
    tracing::info!(http = %server.http(), ssh = %server.ssh(), version = env!("CARGO_PKG_VERSION"), "listening");
    for (what, address) in [("HTTP", server.http()), ("SSH", server.ssh())] {
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "{what} can be reached from other machines; tokens and output travel over HTTP unencrypted, so put TLS in front");
        }
    }
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let name = tokio::select! { _ = interrupt.recv() => "SIGINT", _ = terminate.recv() => "SIGTERM" };
        tracing::info!("{name}: ending; sessions go on");
        stop.cancel();
    });
    server.run(shutdown).await;
    Ok(())
}
