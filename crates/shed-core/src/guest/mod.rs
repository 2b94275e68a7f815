//! What server and guest say to each other: HTTP/2 over the guest's standard input and output.
//!
//! | request | answer |
//! |---|---|
//! | `GET /hello` | [`Hello`] as JSON |
//! | `POST /run` with one [`frame`] of [`RunRequest`] and standard input | one frame of [`RunAnswer`], then stdout and stderr |
//! | `GET /list` | one frame of [`SnapshotHead`] and what `list-sessions` printed |
//! | `GET /watch` | such frames without an end: one at once, then one after every change |
//! | `GET /processes?sample_ms=N` | [`Processes`] as JSON, measured over that time |
//! | `POST /relay?port=N` | 200, then both bodies are the two directions of a connection to that port on loopback |
//!
//! Neither side trusts the other: the server reads every answer with limits, the guest refuses what is larger than it takes.

pub mod frame;

use serde::{Deserialize, Serialize};

/// `GET /hello`
pub const HELLO: &str = "/hello";
/// `POST /run`
pub const RUN: &str = "/run";
/// `GET /list`
pub const LIST: &str = "/list";
/// `GET /watch`
pub const WATCH: &str = "/watch";
/// `GET /processes`
pub const PROCESSES: &str = "/processes";
/// `POST /relay`
pub const RELAY: &str = "/relay";

/// Where the server puts the guest: a directory that every user of the container may enter.
pub const DIRECTORY: &str = "/opt/shed";
/// The guest's file name in [`DIRECTORY`].
pub const PROGRAM: &str = "shed-guest";

/// The most requests at once (SETTINGS_MAX_CONCURRENT_STREAMS); more wait with who asks.
pub const STREAMS_MAX: u32 = 256;
/// How much of one body may be on its way unread, in bytes: fills a pipe once.
pub const STREAM_WINDOW: u32 = 64 * 1024;
/// The same for all bodies together, on both sides: room for each. With less, a few relays whose ends read nothing would stop
/// everything else on the connection.
pub const CONNECTION_WINDOW: u32 = STREAMS_MAX * STREAM_WINDOW;

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The guest's version.
    pub version: String,
    /// Its process id in the container.
    pub pid: u32,
    /// What `tmux -V` prints; none without tmux.
    pub tmux: Option<String>,
}

/// A command to run to its end; its standard input is the frame's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRequest {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// It is killed after this many milliseconds.
    pub deadline_ms: u64,
}

/// How it ended. The frame's body is standard output, then standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAnswer {
    /// It ended.
    Ended {
        /// Its exit code; 128 plus the number for a signal.
        exit_code: i64,
        /// How many bytes of the body are standard output.
        stdout: usize,
    },
    /// There is no such program.
    NotFound,
    /// It was killed at its deadline.
    TimedOut,
    /// It printed more than the guest takes, or could not be started; the text says which.
    Failed(String),
}

/// What stands before a list of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotHead {
    /// Rises with every list that this guest takes; of two lists the one with the higher number is the later.
    pub seq: u64,
    /// Why there is no list, if there is none.
    pub problem: Option<SnapshotProblem>,
}

/// Why there is no list of sessions. That there is no session is no problem but an empty list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotProblem {
    /// No tmux in the container.
    NoTmux,
    /// tmux does not answer, or not what was expected.
    Failed(String),
}

/// What the processes of every session use.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Processes {
    /// By tmux's id of the session.
    pub sessions: Vec<SessionProcesses>,
}

/// What the processes of one session use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionProcesses {
    /// tmux's id: `$3`.
    pub tmux_id: String,
    /// Of one core, in percent, while it was measured.
    pub cpu_percent: f64,
    /// Resident memory of all processes together, in bytes.
    pub memory_bytes: u64,
    /// How many processes there are.
    pub processes: u32,
}
