//! How a command fails: what happened, what to do next, and the exit code.

use std::io::{self, Write};

use shed_client::ClientError;
use shed_core::ErrorCode;

use crate::output::{clean, style};

/// The command could not do what it was asked.
pub const FAILED: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// SSH could not reach the shed; the exit code that OpenSSH itself uses.
pub const TRANSPORT: u8 = 255;

/// A failure as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A lower-case fragment with names in backticks. Empty: say nothing, only exit.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// The exit code.
    pub code: u8,
}

impl Failure {
    /// A failure with exit code 1 and no hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: FAILED }
    }

    /// A command line that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, ..Self::new(message) }
    }

    /// Ends with an exit code and without a word, because everything has been said.
    #[must_use]
    pub fn silent(code: u8) -> Self {
        Self { message: String::new(), hint: None, code }
    }

    /// Adds the next step, unless there is one already.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Writes `error: …` and `hint: …`. That standard error is closed is no reason to fail twice.
    pub fn print(&self, out: &mut impl Write) {
        if self.message.is_empty() {
            return;
        }
        let _closed = writeln!(out, "{}: {}", style::ERROR.apply("error"), lines(&self.message));
        if let Some(hint) = &self.hint {
            let _closed = writeln!(out, "{}: {}", style::HINT.apply("hint"), lines(hint));
        }
    }
}

/// Several lines, as git's reason for a failed clone, stay several and are indented under the first.
fn lines(text: &str) -> String {
    text.trim_end().lines().map(clean).collect::<Vec<_>>().join("\n  ")
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // The reader of our output has seen enough, as in `shed sessions | head -1`.
        if error.kind() == io::ErrorKind::BrokenPipe { Self::silent(0) } else { Self::new(error.to_string()) }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let hint = match &error {
            // The server's hint is for people with curl; ours knows the command that keeps the token.
            ClientError::Api { body, .. } if body.code == ErrorCode::Unauthorized => hint_for(body.code).map(str::to_owned),
            ClientError::Api { body, .. } => body.hint.clone().or_else(|| hint_for(body.code).map(str::to_owned)),
            ClientError::Unreachable { .. } => Some("check that the server runs and the network is up, then `shed doctor`".to_owned()),
            ClientError::Protocol { .. } => Some("check the server's address with `shed server list`".to_owned()),
            ClientError::Url(_) => Some("for example `http://127.0.0.1:8080`".to_owned()),
            ClientError::Setup(_) => Some("install the root certificates (Debian: `apt install ca-certificates`)".to_owned()),
        };
        Self { message: error.to_string(), hint, code: FAILED }
    }
}

impl From<shed_core::InvalidName> for Failure {
    fn from(error: shed_core::InvalidName) -> Self {
        Self::usage(error.to_string())
    }
}

/// Our own next step for an error.
fn hint_for(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::Unauthorized => {
            Some("make a token on the server with `shed-server token create --name NAME`, then `shed server add NAME URL --force`")
        }
        ErrorCode::ShedNotFound => Some("see what there is with `shed list --all`"),
        ErrorCode::SessionNotFound => Some("see what there is with `shed sessions --all`"),
        ErrorCode::ShedAlreadyStopped => Some("start it with `shed start`"),
        ErrorCode::Forbidden => Some("add the host's name to `allowed_hosts` in the server's configuration"),
        ErrorCode::EngineUnavailable => Some("start the container engine on the server"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_several_lines_stays_readable_and_harmless() {
        let mut out = anstream::StripStream::new(Vec::new());
        Failure::new("clone failed: fatal: a\nfatal: b\x1b[2J\n").hint("try again").print(&mut out);
        assert_eq!(String::from_utf8(out.into_inner()).unwrap(), "error: clone failed: fatal: a\n  fatal: b\\u{1b}[2J\nhint: try again\n");
    }
}
