//! What can go wrong with a tmux command, told apart by tmux's own words.

use crate::{Output, RunError};

/// Why a tmux command failed.
#[derive(Debug, thiserror::Error)]
pub enum TmuxError {
    /// There is no tmux where the command ran.
    #[error(
        "`tmux` is not installed; install it with `apt-get install -y tmux` (Debian, Ubuntu), `apk add tmux` (Alpine) or `dnf install -y tmux` (Fedora)"
    )]
    NotAvailable,
    /// No session of that name, or no tmux server at all.
    #[error("no such session")]
    NotFound,
    /// A session of the new name exists.
    #[error("a session of that name exists")]
    AlreadyExists,
    /// An agent works on the conversation in this session.
    #[error("session `{0}` has that conversation")]
    ConversationActive(String),
    /// Not the name of a key as in tmux(1), KEY BINDINGS.
    #[error("`{0}` is not the name of a key; names are as in tmux: `Enter`, `C-c`, `M-x`, `Up`, `F5`, or one character")]
    UnknownKey(String),
    /// The working directory does not exist or can't be entered.
    #[error("`{0}` is not a directory that can be entered")]
    BadDirectory(String),
    /// The session's program has ended; only its last screen is left.
    #[error("the session's program has ended, nothing can be typed into it")]
    Ended,
    /// tmux refused, in its own words.
    #[error("tmux refused: {0}")]
    Refused(String),
    /// tmux answered something that this version can't read.
    #[error("tmux answered something unexpected: `{0}`")]
    Unparsable(String),
    /// The command could not be run.
    #[error(transparent)]
    Run(RunError),
}

impl From<RunError> for TmuxError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::ProgramNotFound(program) if program == "tmux" => Self::NotAvailable,
            error => Self::Run(error),
        }
    }
}

/// True for each of the texts with which tmux says that there is nothing: before the first session of a socket, after the
/// last one, and (the last two) with a server that stays without sessions.
fn says_nothing_there(text: &str) -> bool {
    text.contains("no server running on")
        || text.contains("no sessions")
        || text.contains("no current target")
        || (text.contains("error connecting to") && text.contains("(No such file or directory)"))
}

/// True when the server exited while the command was on its way.
pub(crate) fn says_server_exited(output: &Output) -> bool {
    let text = String::from_utf8_lossy(&output.stderr);
    output.exit_code != 0 && (text.contains("server exited") || text.contains("lost server"))
}

/// Runtimes report a missing program with code 127 or 126 and their own words; 126 alone may mean other things.
fn says_no_tmux(output: &Output, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    output.exit_code == 127
        || (output.exit_code == 126 && (text.contains("executable file not found") || text.contains("no such file or directory")))
}

/// Sorts a finished command into success and the errors above.
pub(crate) fn check(output: Output) -> Result<Output, TmuxError> {
    if output.exit_code == 0 {
        return Ok(output);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut text = stderr.trim();
    let stdout = String::from_utf8_lossy(&output.stdout);
    if text.is_empty() {
        text = stdout.trim();
    }
    Err(if says_no_tmux(&output, text) {
        TmuxError::NotAvailable
    } else if says_nothing_there(text) || text.contains("can't find ") || text.contains("no such session") {
        TmuxError::NotFound
    } else if text.contains("duplicate session") {
        TmuxError::AlreadyExists
    } else if text.is_empty() {
        TmuxError::Refused(format!("it ended with code {} and said nothing", output.exit_code))
    } else {
        TmuxError::Refused(text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(exit_code: i64, stderr: &str) -> TmuxError {
        check(Output { exit_code, stdout: Vec::new(), stderr: stderr.into() }).unwrap_err()
    }

    #[test]
    fn s7_all_three_texts_mean_that_nothing_is_there() {
        for text in [
            "no server running on /tmp/tmux-0/default",
            "no sessions",
            "no current target",
            "error connecting to /tmp/tmux-0/x (No such file or directory)",
        ] {
            assert!(matches!(failed(1, text), TmuxError::NotFound), "{text}");
        }
        assert!(matches!(failed(1, "error connecting to /tmp/tmux-0/x (Permission denied)"), TmuxError::Refused(_)));
    }

    #[test]
    fn s6_every_way_of_saying_that_tmux_is_missing() {
        for (code, text) in [
            (127, "sh: 1: exec: tmux: not found"),
            (126, "OCI runtime exec failed: exec: \"tmux\": executable file not found in $PATH: unknown"),
            (127, ""),
        ] {
            let error = failed(code, text);
            assert!(matches!(error, TmuxError::NotAvailable), "{text}");
            assert!(error.to_string().contains("apt-get install -y tmux"));
        }
        assert!(matches!(TmuxError::from(RunError::ProgramNotFound("tmux".into())), TmuxError::NotAvailable));
    }

    #[test]
    fn s8_missing_and_duplicate_sessions_are_their_own_errors() {
        assert!(matches!(failed(1, "can't find session: foo"), TmuxError::NotFound));
        assert!(matches!(failed(1, "can't find pane: =foo:"), TmuxError::NotFound));
        assert!(matches!(failed(1, "no such session: =foo"), TmuxError::NotFound));
        assert!(matches!(failed(1, "duplicate session: foo"), TmuxError::AlreadyExists));
        assert!(matches!(failed(1, ""), TmuxError::Refused(_)));
    }
}
