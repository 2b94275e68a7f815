//! Sessions: one tmux session in a shed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Warning;

/// The largest window side that may be asked for, in cells. tmux's own limit (`WINDOW_MAXIMUM`) is 10,000.
pub const MAX_CELLS: u16 = 10_000;

/// What a session is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Its command or shell runs; an agent works.
    Running,
    /// Its agent waits for the next prompt or for an answer.
    WaitingInput,
    /// Its agent asks whether it may do something.
    WaitingPermission,
    /// Its command ended with exit code 0; the last screen is kept.
    Completed,
    /// Its command ended with another exit code or by a signal; the last screen is kept.
    Failed,
    /// Its program ended and how is not known.
    Exited,
    /// A status of a newer server.
    #[serde(other)]
    Unknown,
}

impl SessionStatus {
    /// Every status that a server of this version sends.
    pub const ALL: [Self; 6] = [Self::Running, Self::WaitingInput, Self::WaitingPermission, Self::Completed, Self::Failed, Self::Exited];

    /// The word in JSON, filters and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::WaitingInput => "waiting_input",
            Self::WaitingPermission => "waiting_permission",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Exited => "exited",
            Self::Unknown => "unknown",
        }
    }

    /// True while a person is waited for.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        match self {
            Self::WaitingInput | Self::WaitingPermission => true,
            Self::Running | Self::Completed | Self::Failed | Self::Exited | Self::Unknown => false,
        }
    }

    /// True once the program has ended.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Completed | Self::Failed | Self::Exited => true,
            Self::Running | Self::WaitingInput | Self::WaitingPermission | Self::Unknown => false,
        }
    }
}

/// How a status is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusSource {
    /// The agent's own hooks said so.
    Hook,
    /// A guess from the session's screen.
    Screen,
    /// From the session's process: it runs, or it ended.
    #[default]
    Process,
    /// A source of a newer server.
    #[serde(other)]
    Unknown,
}

/// What a session's processes use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Of one core, in percent: 150 is one and a half cores.
    pub cpu_percent: f64,
    /// Resident memory of all processes together, in bytes; pages that they share count once for each.
    pub memory_bytes: u64,
    /// How many processes there are.
    pub processes: u32,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// A UUID that stays the same through renames and restarts of the shed.
    pub id: String,
    /// Its name, which may be one that [`crate::SessionName`] refuses if it was made by hand.
    pub name: String,
    /// The shed that it is in.
    pub shed_name: String,
    /// When tmux made it.
    pub created_at: Timestamp,
    /// Whether any client is attached.
    pub attached: bool,
    /// How many clients are attached.
    #[serde(default)]
    pub attached_clients: u32,
    /// How many windows it has; omitted when 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub window_count: u32,
    /// What it is doing.
    pub status: SessionStatus,
    /// More about the status, for people.
    #[serde(default)]
    pub status_detail: Option<String>,
    /// Since when it has this status, as far as is known.
    #[serde(default)]
    pub status_changed_at: Option<Timestamp>,
    /// How the status is known.
    #[serde(default)]
    pub status_source: StatusSource,
    /// The agent in it (`claude`, `opencode`, `codex`), if one is known.
    #[serde(default)]
    pub agent: Option<String>,
    /// The agent's own id of its conversation, with which it can be continued.
    #[serde(default)]
    pub conversation_id: Option<String>,
    /// The command that it was made with, or none for a shell.
    #[serde(default)]
    pub command: Option<String>,
    /// The active pane's directory.
    #[serde(default)]
    pub working_dir: Option<String>,
    /// The active pane's process in the shed.
    #[serde(default)]
    pub pid: Option<u32>,
    /// How its command ended; 128 plus the number for a signal.
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// When it last printed or was typed into.
    #[serde(default)]
    pub last_activity_at: Option<Timestamp>,
    /// Labels of the user.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What its processes use, as of the last measurement: taken every minute, and when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// `GET /api/sheds/{name}/sessions` and `GET /api/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionList {
    /// By shed and name, unless asked otherwise.
    pub sessions: Vec<Session>,
    /// Sheds that could not be asked.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// `POST /api/sheds/{name}/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// Its name; `default` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A command for the shed's login shell. With one, the last screen and the exit code are kept when it ends; without
    /// one the session is a shell and is gone when that ends. An agent's name (`claude`, `opencode`, `codex`) starts that
    /// agent with its hooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What the agent is to do; only with an agent's name as the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The id of the conversation to go on with; only with an agent's name as the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    /// An absolute directory; `/workspace` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// Environment of the session.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Labels of the user.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Columns of the window while no client is attached, 1 to [`MAX_CELLS`]; 200 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cols: Option<u16>,
    /// Rows of the window while no client is attached, 1 to [`MAX_CELLS`]; 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u16>,
}

/// `PATCH /api/sheds/{name}/sessions/{session}`: what is given is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSession {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new labels, in place of all old ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
}

/// `POST …/keys`: types into the active pane; `text` goes before `keys`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendKeys {
    /// Literal text. Several lines arrive as one bracketed paste where the program asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Names of keys as in tmux(1), KEY BINDINGS: `Enter`, `C-c`, `Up`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// How a screen is written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenFormat {
    /// Characters alone.
    #[default]
    Text,
    /// With escape sequences for colours and attributes (ECMA-48 SGR).
    Ansi,
}
