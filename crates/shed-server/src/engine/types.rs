//! What the engine is asked for and what it answers.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use shed_core::{ShedName, wire::Profile};

/// The engine's id of a container (64 hex digits for Docker).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContainerId(pub String);

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A container's state, as far as shed makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    /// Processes run.
    Running,
    /// Processes are frozen.
    Paused,
    /// The engine is between two runs of it.
    Restarting,
    /// Created, exited, dead or being removed.
    Stopped,
}

/// A shed's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// The engine's id.
    pub id: ContainerId,
    /// The shed that it is, from the label `shed.name`, else from the container's name.
    pub shed: ShedName,
    /// Its state.
    pub state: ContainerState,
    /// When it was made, from the label `shed.created`, else from the engine.
    pub created_at: Timestamp,
    /// When it last started, if it runs. Only [`super::Engine::inspect`] knows it; a list leaves it empty.
    pub started_at: Option<Timestamp>,
    /// Its image.
    pub image: String,
    /// The user that its commands run as, from its configuration; empty for root.
    pub user: String,
    /// The repository in it, from the label `shed.repo`.
    pub repo: Option<String>,
    /// How much its processes may do, from the label `shed.profile`.
    pub profile: Profile,
    /// The server that made it, from the label `shed.server`; several servers may share one engine, and only the one that
    /// made a shed restores its sessions.
    pub server: Option<String>,
    /// True unless the label `shed.create_id` says that shed made it.
    pub adopted: bool,
    /// The directory where commands start: `/workspace` in sheds that shed made, else the container's own.
    pub working_dir: String,
}

/// A directory or file of the host that the container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path on the engine's host.
    pub source: String,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
}

/// What [`super::Engine::create`] makes.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerSpec {
    /// The shed's name: container `shed-{name}`, volume `shed-{name}-workspace`, hostname `{name}`.
    pub shed: ShedName,
    /// Marks everything that this creation makes, as label `shed.create_id`.
    pub create_id: String,
    /// Goes into the label `shed.server`.
    pub server: String,
    /// The image, which [`super::Engine::ensure_image`] has seen.
    pub image: String,
    /// Goes into the label `shed.repo`; without credentials.
    pub repo: Option<String>,
    /// How much its processes may do.
    pub profile: Profile,
    /// Environment of every process.
    pub env: BTreeMap<String, String>,
    /// Host paths, such as credentials.
    pub mounts: Vec<Mount>,
    /// Memory limit in bytes.
    pub memory_bytes: Option<i64>,
    /// CPU limit in billionths of a core.
    pub nano_cpus: Option<i64>,
    /// The most processes and threads.
    pub pids: Option<i64>,
}

/// A change that the engine reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvent {
    /// What happened.
    pub kind: EngineEventKind,
    /// To which shed; none for [`EngineEventKind::Reconnected`] and [`EngineEventKind::Disconnected`].
    pub shed: Option<ShedName>,
}

/// What happened to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineEventKind {
    /// It runs since now.
    Started,
    /// It stopped.
    Died,
    /// It was removed.
    Removed,
    /// Something else about it is different: it was made, paused or renamed.
    Changed,
    /// The stream (re)connected; changes before this may have been missed.
    Reconnected,
    /// The stream broke; changes from now on are not told.
    Disconnected,
}

/// Why the engine did not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No engine answers, or it went away in the middle.
    #[error("the container engine does not answer: {0}")]
    Unavailable(String),
    /// No such container.
    #[error("no such container")]
    NoSuchContainer,
    /// The container name is in use.
    #[error("the container name is in use")]
    NameTaken,
    /// The image is neither there nor to be had.
    #[error("image `{image}` is not on this machine and can't be pulled: {reason}")]
    NoSuchImage {
        /// The image.
        image: String,
        /// The engine's words.
        reason: String,
    },
    /// The container does not run.
    #[error("the container is not running")]
    NotRunning,
    /// The container is paused.
    #[error("the container is paused")]
    Paused,
    /// The program of an exec is not in the image or can't be run.
    #[error("{0}")]
    CannotRun(String),
    /// No answer within the call's deadline.
    #[error("the container engine did not answer `{0}` in time")]
    Timeout(&'static str),
    /// Anything else, in the engine's words.
    #[error("{0}")]
    Other(String),
}
