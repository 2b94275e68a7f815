//! Changes from outside, and a daemon that goes away and comes back.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use shed_server::engine::{ContainerState, Engine, EngineError, EngineEventKind, Exec, ExecChunk, docker::DockerEngine};
use tokio::{
    net::{UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
};
use uuid::Uuid;

use crate::support::{Shed, docker, finish, in_time, sh};

/// A command that runs, as its output says.
async fn running(shed: &Shed, engine: &DockerEngine) -> Exec {
    let mut exec = engine.exec(&shed.container.id, sh("echo ready; exec sleep 1000")).await.unwrap();
    assert_eq!(in_time("output", exec.output.next()).await.unwrap().unwrap(), ExecChunk::Stdout("ready\n".into()));
    exec
}

#[tokio::test]
async fn a_container_killed_from_outside_ends_its_commands() {
    let shed = Shed::create().await;
    let exec = running(&shed, &shed.engine).await;
    assert!(docker(&["kill", &shed.name.container()]).status.success());
    assert_eq!(in_time("the end", finish(exec, vec![])).await.code, 137);
    let refused = shed.engine.exec(&shed.container.id, sh("true")).await.err();
    assert!(matches!(refused, Some(EngineError::NotRunning)), "{refused:?}");
}

#[tokio::test]
async fn a_paused_container_says_so() {
    let shed = Shed::create().await;
    assert!(docker(&["pause", &shed.name.container()]).status.success());
    assert_eq!(shed.engine.inspect(&shed.name.0).await.unwrap().state, ContainerState::Paused);
    let refused = shed.engine.exec(&shed.container.id, sh("true")).await.err();
    assert!(matches!(refused, Some(EngineError::Paused)), "{refused:?}");
    assert!(docker(&["unpause", &shed.name.container()]).status.success());
    assert_eq!(shed.run("echo back", b"").await.stdout, b"back\n");
}

#[tokio::test]
async fn a_container_removed_from_outside_is_gone() {
    let shed = Shed::create().await;
    assert!(docker(&["rm", "--force", &shed.name.container()]).status.success());
    let refused = shed.engine.exec(&shed.container.id, sh("true")).await.err();
    assert!(matches!(refused, Some(EngineError::NoSuchContainer)), "{refused:?}");
    assert!(matches!(shed.engine.inspect(&shed.name.0).await, Err(EngineError::NoSuchContainer)));
}

/// Where the real daemon listens.
fn real_socket() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    PathBuf::from(host.strip_prefix("unix://").expect("this test needs a daemon on a socket"))
}

/// Passes connections on to the daemon until it is stopped; then they break and the socket is gone.
struct Proxy {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Proxy {
    fn start(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let task = tokio::spawn(async move {
            // Dropped with the task, and every connection with it.
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                connections.spawn(async move {
                    let mut daemon = UnixStream::connect(real_socket()).await.unwrap();
                    drop(tokio::io::copy_bidirectional(&mut client, &mut daemon).await);
                });
            }
        });
        Self { path: path.to_owned(), task }
    }

    async fn stop(self) {
        self.task.abort();
        drop(self.task.await);
        std::fs::remove_file(&self.path).unwrap();
    }
}

#[tokio::test]
async fn the_daemon_may_be_away_at_first_go_away_and_come_back() {
    let shed = Shed::create().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("docker.sock");
    let engine = DockerEngine::connect(Some(&format!("unix://{}", path.display())), Uuid::new_v4()).unwrap();
    assert!(matches!(engine.ping().await, Err(EngineError::Unavailable(_))));
    let mut events = engine.events();

    let proxy = Proxy::start(&path);
    assert_eq!(in_time("a connection", events.next()).await.unwrap().kind, EngineEventKind::Reconnected);
    assert!(!engine.ping().await.unwrap().is_empty());
    let mut exec = running(&shed, &engine).await;

    proxy.stop().await;
    assert!(matches!(engine.ping().await, Err(EngineError::Unavailable(_))));
    assert!(matches!(engine.list().await, Err(EngineError::Unavailable(_))));
    assert!(matches!(engine.exec(&shed.container.id, sh("true")).await.err(), Some(EngineError::Unavailable(_))));
    while let Some(Ok(_)) = in_time("the end of output", exec.output.next()).await {}
    assert!(matches!(exec.process.wait().await, Err(EngineError::Unavailable(_))));

    let _proxy = Proxy::start(&path);
    let back = engine.exec(&shed.container.id, sh("echo back")).await.unwrap();
    assert_eq!(finish(back, vec![]).await.stdout, b"back\n");
    while in_time("a new connection", events.next()).await.unwrap().kind != EngineEventKind::Reconnected {}
}
