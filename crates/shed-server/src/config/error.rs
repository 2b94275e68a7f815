//! What can be wrong with a configuration, and what to do then.

use std::{io, path::PathBuf};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read the configuration `{}`: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML, or has a key or value that means nothing.
    #[error("{}:{line}: {message}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The parser's words.
        message: String,
        /// The next step, if there is a likely one.
        hint: Option<String>,
    },
    /// An environment variable is not an address.
    #[error("`{name}` is `{value}`, which is no address with a port")]
    Variable {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// An entry of `http.allowed_hosts` is no host.
    #[error("`{0}` in http.allowed_hosts is no host name")]
    AllowedHost(String),
    /// Neither the file nor the environment says where the state is to be.
    #[error("there is no place for the state: neither state_dir, XDG_STATE_HOME nor HOME is set")]
    NoStateDir,
    /// The state directory can't be made.
    #[error("can't make the state directory `{}`: {source}", .path.display())]
    StateDir {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ConfigError {
    /// The next step, if there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("give the path of the file with --config, or leave it out for the defaults".to_owned()),
            Self::Parse { hint, .. } => hint.clone(),
            Self::Variable { name, .. } => Some(format!("write it like this: {name}=127.0.0.1:8080")),
            Self::AllowedHost(_) => Some("write the bare name, without scheme and port: allowed_hosts = [\"shed.example.org\"]".to_owned()),
            Self::NoStateDir => Some("set SHED_STATE_DIR=/var/lib/shed, or state_dir in the configuration".to_owned()),
            Self::StateDir { .. } => Some("choose a directory that this user can write: SHED_STATE_DIR=…".to_owned()),
        }
    }
}
