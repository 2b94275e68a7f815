//! How a tmux command reaches the tmux it is meant for.

use std::future::Future;

/// What a command left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; 127 when the program was not found, 128 plus the number for a signal.
    pub exit_code: i64,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// The command could not be run, or its end was not seen.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program is not where the command would have run.
    #[error("program `{0}` not found")]
    ProgramNotFound(String),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Timeout(std::time::Duration),
    /// What carries the command failed; the source says how.
    #[error("{0}")]
    Transport(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Runs one program to its end, somewhere: in a container, through a guest, or on this machine.
pub trait Runner: Send + Sync {
    /// Runs `argv` (program first) with `stdin` as its whole standard input.
    ///
    /// # Errors
    /// [`RunError`]; an exit code other than 0 is not an error here.
    fn run(&self, argv: &[&str], stdin: &[u8]) -> impl Future<Output = Result<Output, RunError>> + Send;
}
