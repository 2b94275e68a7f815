//! The server's configuration: a TOML file, then environment overrides. Unknown keys are errors.

mod error;
mod load;
mod notify;
mod place;

pub use error::ConfigError;
pub use notify::{Notify, Ntfy, Secret, Webhook};

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;
use shed_core::wire::Profile;

/// Everything that can be configured, with the defaults for what is not given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the server calls itself; the machine's hostname when not given.
    pub name: Option<String>,
    /// Where the database and the host key live; `$XDG_STATE_HOME/shed` when not given.
    pub state_dir: Option<PathBuf>,
    /// The HTTP API.
    pub http: Http,
    /// The SSH endpoint.
    pub ssh: Ssh,
    /// The container engine.
    pub engine: EngineConfig,
    /// What new sheds are like.
    pub sheds: Sheds,
    /// What is kept of what happened.
    pub history: History,
    /// Who is told when a session's status changes.
    pub notify: Notify,
    /// Metrics on a listener of their own.
    pub metrics: Metrics,
}

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port; port 0 takes a free one. Override: `SHED_HTTP_LISTEN`.
    pub listen: SocketAddr,
    /// Host names under which the API may be called, beside loopback and the listening address itself.
    pub allowed_hosts: Vec<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), allowed_hosts: Vec::new() }
    }
}

/// `[ssh]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ssh {
    /// Address and port; port 0 takes a free one. Override: `SHED_SSH_LISTEN`.
    pub listen: SocketAddr,
}

impl Default for Ssh {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 2222)) }
    }
}

/// `[engine]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineConfig {
    /// `unix:///path` or `tcp://host:port`; `DOCKER_HOST`, then Docker's own default, when not given.
    pub docker_host: Option<String>,
}

/// `[sheds]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sheds {
    /// The image of a shed that names none.
    pub default_image: String,
    /// The profile of a shed that names none.
    pub profile: Profile,
    /// Memory limit with a unit (`512m`, `4g`); none when not given.
    pub memory: Option<String>,
    /// CPU limit in cores; none when not given.
    pub cpus: Option<f64>,
    /// The most processes and threads in a shed.
    pub pids: Option<i64>,
    /// A file of `NAME=value` lines for the environment of every new shed; read at each creation.
    pub env_file: Option<PathBuf>,
    /// Host paths that every new shed sees.
    pub credentials: Vec<Credential>,
    /// Whether sessions come back after a shed was stopped and started.
    pub restore_sessions: bool,
}

impl Default for Sheds {
    fn default() -> Self {
        Self {
            default_image: "shed-base:latest".to_owned(),
            profile: Profile::Default,
            memory: None,
            cpus: None,
            // Enough for a parallel build and a browser; a fork bomb ends here instead of taking the machine.
            pids: Some(4096),
            env_file: None,
            credentials: Vec::new(),
            restore_sessions: true,
        }
    }
}

/// `[history]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// For how many days events and ended sessions are kept.
    pub keep_days: u32,
    /// The most events that are kept; some 200 bytes of disk each.
    pub max_events: u32,
}

impl Default for History {
    fn default() -> Self {
        Self { keep_days: 90, max_events: 1_000_000 }
    }
}

/// `[metrics]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Address and port that answer `/metrics` without a token; nowhere when not given. Override: `SHED_METRICS_LISTEN`.
    pub listen: Option<SocketAddr>,
}

/// One entry of `[[sheds.credentials]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Path on the host; `~/` is the server user's home. A path that does not exist is skipped with a warning.
    pub source: String,
    /// Absolute path in the shed.
    pub target: String,
    /// Whether the shed may not write to it; true when not given.
    #[serde(default = "yes")]
    pub read_only: bool,
}

const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
