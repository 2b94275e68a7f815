//! Sheds: one project's container with its persistent `/workspace` volume.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Warning;
use crate::{ErrorBody, ShedName};

/// What a shed's container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShedStatus {
    /// The container runs.
    Running,
    /// The container is stopped; the volume is kept.
    Stopped,
    /// The container is paused from outside.
    Paused,
    /// The engine restarts the container.
    Restarting,
    /// A state of a newer server.
    #[serde(other)]
    Unknown,
}

impl ShedStatus {
    /// The word in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Unknown => "unknown",
        }
    }
}

/// How much a shed's processes may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// What a dev container needs: sudo, package installs, debuggers' basics.
    #[default]
    Default,
    /// No capabilities, no new privileges, no sudo.
    Strict,
}

impl Profile {
    /// The word in JSON, labels and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
        }
    }
}

/// How the server reaches the tmux of a shed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuestStatus {
    /// Through the guest, which tells of changes by itself.
    Connected,
    /// The guest is being started; until then through one exec for each command.
    Connecting,
    /// The guest can't run in this shed: through one exec for each command, which is slower.
    Unavailable,
    /// A state of a newer server.
    #[serde(other)]
    Unknown,
}

impl GuestStatus {
    /// The word in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Connecting => "connecting",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }
}

/// The guest of a running shed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Whether it is there.
    pub status: GuestStatus,
    /// Why it is not, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its version, while it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A shed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shed {
    /// Its name.
    pub name: ShedName,
    /// What its container is doing.
    pub status: ShedStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its container last started, if it runs.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// The repository that was cloned into it, without credentials.
    #[serde(default)]
    pub repo: Option<String>,
    /// The image of its container.
    pub image: String,
    /// The engine's id of the container.
    pub container_id: String,
    /// How much its processes may do.
    #[serde(default)]
    pub profile: Profile,
    /// True for a container that shed did not make but found by its label.
    #[serde(default)]
    pub adopted: bool,
    /// The guest in it, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Guest>,
}

/// `GET /api/sheds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShedList {
    /// By name.
    pub sheds: Vec<Shed>,
    /// What could not be read.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// `POST /api/sheds`. What is not given comes from the server's configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateShed {
    /// The new shed's name, checked by the server.
    pub name: String,
    /// What to clone: `owner/name` (GitHub), an `https://` or `ssh://` URL, `user@host:path`, or an absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// How much its processes may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Memory limit with a unit: `512m`, `4g`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// CPU limit in cores: `1.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// The most processes and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<i64>,
    /// Environment of every process in the shed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Keep the shed when the clone fails, instead of removing it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_on_clone_failure: bool,
}

impl CreateShed {
    /// A shed of that name with everything else from the server's configuration.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            repo: None,
            image: None,
            profile: None,
            memory: None,
            cpus: None,
            pids: None,
            env: BTreeMap::new(),
            keep_on_clone_failure: false,
        }
    }
}

/// One server-sent event of `POST /api/sheds` with `Accept: text/event-stream`. The event's name is `progress`, `done` or
/// `error`; the last two end the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateProgress {
    /// A step began; the text is for people.
    Progress(String),
    /// The shed is there.
    Done(Box<Shed>),
    /// Creation failed and what it had made was removed.
    Error(ErrorBody),
}
