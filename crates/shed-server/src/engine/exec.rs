//! A command in a container, while it runs.

use std::{collections::BTreeMap, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::io::AsyncWrite;

use super::EngineError;

/// A terminal's size in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSize {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// Which user a command runs as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ExecUser {
    /// The container's own.
    #[default]
    Container,
    /// uid 0, for what the shed's user may not do.
    Root,
}

/// What to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecSpec {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Added to the container's environment.
    pub env: BTreeMap<String, String>,
    /// An absolute directory; the container's own when not given.
    pub cwd: Option<String>,
    /// As whom.
    pub user: ExecUser,
    /// A terminal of this size; stdout and stderr are one then. Without it there are three pipes.
    pub tty: Option<WindowSize>,
    /// Whether something will be written to standard input; without it the command reads an end of file.
    pub stdin: bool,
}

/// How many commands an engine has been asked to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExecCounts {
    /// Since the server started, its own short ones included.
    pub started: u64,
    /// Those that have an owner now.
    pub running: u64,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecChunk {
    /// From standard output, or from the terminal.
    Stdout(Bytes),
    /// From standard error.
    Stderr(Bytes),
}

/// Standard input; shutting it down is the end of file that the command sees.
pub type ExecInput = Pin<Box<dyn AsyncWrite + Send>>;

/// Everything that the command prints, until it ends. Not reading it holds the command back.
pub type ExecOutput = BoxStream<'static, Result<ExecChunk, EngineError>>;

/// A started command in its three parts, to be used from different tasks.
pub struct Exec {
    /// Standard input. Dropping it is an end of file too.
    pub input: ExecInput,
    /// Output.
    pub output: ExecOutput,
    /// The process.
    pub process: Box<dyn ExecProcess>,
}

/// A signal that can be sent to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of signal(7)")]
pub enum Signal {
    Hup,
    Int,
    Quit,
    Kill,
    Usr1,
    Usr2,
    Term,
}

impl Signal {
    /// The name without `SIG`, as kill(1) and RFC 4254 section 6.9 write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hup => "HUP",
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
            Self::Usr1 => "USR1",
            Self::Usr2 => "USR2",
            Self::Term => "TERM",
        }
    }
}

/// A command's process. Dropping it before [`ExecProcess::wait`] has answered ends the command: SIGHUP to everything in
/// its session (setsid(2)), then SIGKILL; Docker itself leaves abandoned commands running.
#[async_trait]
pub trait ExecProcess: Send + Sync {
    /// Tells the terminal its new size; without a terminal nothing happens.
    async fn resize(&self, size: WindowSize) -> Result<(), EngineError>;

    /// Sends a signal to the command's process group.
    async fn signal(&self, signal: Signal) -> Result<(), EngineError>;

    /// The exit code, once the output has ended; 128 plus the number for a signal.
    async fn wait(&self) -> Result<i64, EngineError>;
}
