//! The JSON of the HTTP API, one file per thing. `openapi.yaml` is the contract; these types are its Rust form.
//!
//! Requests refuse unknown fields, so that a typing error is an error; answers accept them, so that an older client
//! can talk to a newer server. Times are RFC 3339 in UTC.

mod event;
mod exec;
mod info;
mod session;
mod shed;
mod ssh_key;
mod stats;

pub use event::{Event, EventType};
pub use exec::{ExecRequest, ExecResponse};
pub use info::{Health, Info, SshHostKey};
pub use session::{
    CreateSession, MAX_CELLS, Resources, ScreenFormat, SendKeys, Session, SessionList, SessionStatus, StatusSource, UpdateSession,
};
pub use shed::{CreateProgress, CreateShed, Guest, GuestStatus, Profile, Shed, ShedList, ShedStatus};
pub use ssh_key::{AddSshKey, SshKey, SshKeyList};
pub use stats::{HistoryEvent, HistoryPage, Stats, StatsBy, StatsGroup, StatsReport};

use serde::{Deserialize, Serialize};

use crate::ErrorCode;

/// A part of an aggregate that could not be had; the rest of the answer is still true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The shed that could not be asked, if one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shed_name: Option<String>,
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}
