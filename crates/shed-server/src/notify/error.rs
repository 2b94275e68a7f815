//! What can be wrong with the targets of a configuration.

use std::{io, path::PathBuf};

/// Why nobody can be told.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The address is none.
    #[error("the url of {target} is no http or https address")]
    Url {
        /// The entry.
        target: String,
    },
    /// A status that the configuration names is not one.
    #[error("{target} names a status that is not known")]
    Status {
        /// The entry.
        target: String,
    },
    /// Out of range.
    #[error("the priority of {target} is not between 1 and 5")]
    Priority {
        /// The entry.
        target: String,
    },
    /// The file of a secret can't be read.
    #[error("can't read `{}` for {target}: {source}", .path.display())]
    SecretFile {
        /// The entry.
        target: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Both a secret and a file for it.
    #[error("{target} has both a secret and a file for it")]
    TwoSecrets {
        /// The entry.
        target: String,
    },
    /// HTTPS can't be used here.
    #[error("{target} can't be reached over HTTPS from here: {reason}")]
    Setup {
        /// The entry.
        target: String,
        /// Why.
        reason: String,
    },
}

impl NotifyError {
    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Url { .. } => "write it like this: url = \"https://hooks.example.org/shed\"",
            Self::Status { .. } => "on and from take running, waiting_input, waiting_permission, completed, failed, exited",
            Self::Priority { .. } => "3 is ntfy's default, 5 the most urgent",
            Self::SecretFile { .. } => "the server's user must be able to read it",
            Self::TwoSecrets { .. } => "keep the file, and remove the other",
            Self::Setup { .. } => "install the root certificates (Debian: apt install ca-certificates)",
        };
        Some(hint.to_owned())
    }
}
