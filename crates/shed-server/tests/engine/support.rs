//! Sheds for one test each, and waiting for conditions.

use std::{
    collections::BTreeMap,
    process::{Command, Output},
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use shed_core::{ShedName, wire::Profile};
use shed_server::engine::{Container, ContainerSpec, Engine, Exec, ExecChunk, ExecSpec, docker::DockerEngine};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// The image of the sheds: `SHED_TEST_IMAGE`, else what `scripts/base-image --test` builds.
pub fn image() -> String {
    std::env::var("SHED_TEST_IMAGE").unwrap_or_else(|_| "shed-base-test:latest".to_owned())
}

pub fn engine() -> DockerEngine {
    DockerEngine::connect(None, Uuid::new_v4()).unwrap()
}

pub fn docker(args: &[&str]) -> Output {
    Command::new("docker").args(args).output().expect("docker is installed")
}

/// A name that nobody else has; everything under it is removed when this is dropped, also after a panic.
pub struct Name(pub ShedName);

impl Name {
    pub fn new() -> Self {
        let id = Uuid::new_v4().simple().to_string();
        Self(ShedName::new(format!("t-{}", &id[..8])).unwrap())
    }

    pub fn spec(&self) -> ContainerSpec {
        ContainerSpec {
            shed: self.0.clone(),
            create_id: Uuid::new_v4().to_string(),
            server: "tests".to_owned(),
            image: image(),
            repo: None,
            profile: Profile::Default,
            env: BTreeMap::new(),
            mounts: Vec::new(),
            memory_bytes: None,
            nano_cpus: None,
            pids: None,
        }
    }

    pub fn container(&self) -> String {
        format!("shed-{}", self.0)
    }

    pub fn volume(&self) -> String {
        format!("shed-{}-workspace", self.0)
    }

    pub fn exists(&self) -> bool {
        docker(&["container", "inspect", &self.container()]).status.success()
            || docker(&["volume", "inspect", &self.volume()]).status.success()
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        docker(&["rm", "--force", "--volumes", &self.container()]);
        docker(&["volume", "rm", "--force", &self.volume()]);
    }
}

/// A running shed.
pub struct Shed {
    pub engine: DockerEngine,
    pub container: Container,
    pub name: Name,
}

impl Shed {
    pub async fn create() -> Self {
        Self::create_with(|_| ()).await
    }

    pub async fn create_with(change: impl FnOnce(&mut ContainerSpec)) -> Self {
        let (engine, name) = (engine(), Name::new());
        let mut spec = name.spec();
        change(&mut spec);
        let container = engine.create(&spec).await.unwrap();
        Self { engine, container, name }
    }

    pub async fn start(&self, spec: ExecSpec) -> Exec {
        self.engine.exec(&self.container.id, spec).await.unwrap()
    }

    /// Runs a shell command with input to its end.
    pub async fn run(&self, script: &str, input: &[u8]) -> Ended {
        finish(self.start(ExecSpec { stdin: true, ..sh(script) }).await, input.to_vec()).await
    }

    /// The output of a shell command through the `docker` program.
    pub fn look(&self, script: &str) -> String {
        String::from_utf8(docker(&["exec", &self.name.container(), "sh", "-c", script]).stdout).unwrap()
    }
}

pub fn sh(script: &str) -> ExecSpec {
    ExecSpec { argv: ["sh", "-c", script].map(str::to_owned).to_vec(), ..ExecSpec::default() }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub code: i64,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Feeds `input` and collects everything until the end.
pub async fn finish(exec: Exec, input: Vec<u8>) -> Ended {
    let Exec { input: mut stdin, mut output, process } = exec;
    let feed = tokio::spawn(async move {
        let _ = stdin.write_all(&input).await;
        let _ = stdin.shutdown().await;
    });
    let mut ended = Ended::default();
    while let Some(chunk) = output.next().await {
        match chunk.unwrap() {
            ExecChunk::Stdout(bytes) => ended.stdout.extend_from_slice(&bytes),
            ExecChunk::Stderr(bytes) => ended.stderr.extend_from_slice(&bytes),
        }
    }
    ended.code = process.wait().await.unwrap();
    feed.await.unwrap();
    ended
}

/// Looks until `condition` holds; fails after a minute, naming what was waited for.
pub async fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited a minute in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The result, which has to be there within a minute.
pub async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.unwrap_or_else(|_| panic!("waited a minute in vain for: {what}"))
}
