//! What happened over time: figures and the events themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What figures are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatsBy {
    /// The shed.
    Shed,
    /// The agent in the session; sessions without one are together under an empty key.
    Agent,
    /// The template that the session was made from; sessions without one are together under an empty key.
    Template,
    /// The day in UTC, as `2026-01-15`.
    Day,
    /// A grouping of a newer program.
    #[serde(other)]
    Unknown,
}

impl StatsBy {
    /// The word in JSON and queries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shed => "shed",
            Self::Agent => "agent",
            Self::Template => "template",
            Self::Day => "day",
            Self::Unknown => "unknown",
        }
    }
}

/// Figures of some sessions over some time. Seconds have three decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Sessions made in that time.
    pub sessions_started: u64,
    /// Sessions whose program ended, or that were killed, in that time.
    pub sessions_ended: u64,
    /// Those of them that failed.
    pub sessions_failed: u64,
    /// Time with the status `running`, in seconds, added up over sessions.
    pub working_seconds: f64,
    /// Time with a status that waits for a person, in seconds, added up over sessions.
    pub waiting_seconds: f64,
    /// The longest that one session waited without a break, in seconds.
    pub longest_wait_seconds: f64,
    /// The most memory that a session of that time was seen with, in bytes; none if none was measured.
    #[serde(default)]
    pub memory_peak_bytes: Option<u64>,
}

/// Figures of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatsGroup {
    /// The shed, agent, template or day.
    pub key: String,
    /// Its figures.
    #[serde(flatten)]
    pub stats: Stats,
}

/// `GET /api/stats`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatsReport {
    /// The beginning of the time, if one was asked for; else everything that is kept.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The end of the time, which is not part of it.
    pub until: Timestamp,
    /// Everything together.
    pub total: Stats,
    /// What the groups are by, if that was asked for.
    #[serde(default)]
    pub by: Option<StatsBy>,
    /// By key; empty if no grouping was asked for.
    pub groups: Vec<StatsGroup>,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// Rises with time, and stays the same over restarts.
    pub id: i64,
    /// When the server learned of it.
    pub at: Timestamp,
    /// As in [`super::EventType`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The shed.
    pub shed_name: String,
    /// The session's id, in `session.*`.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The session's name at that time, in `session.*`.
    #[serde(default)]
    pub session_name: Option<String>,
    /// The status before.
    #[serde(default)]
    pub from: Option<String>,
    /// The status from then on.
    #[serde(default)]
    pub to: Option<String>,
    /// More, for people: a tool's name, a question, the new name, the cause of an end.
    #[serde(default)]
    pub detail: Option<String>,
    /// How long the session had the status before (`session.status`) or how long it lived (`session.closed`), in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// How the session's command ended.
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// What its processes used when last measured, in bytes.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
}

/// `GET /api/history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Newest first.
    pub events: Vec<HistoryEvent>,
    /// For `cursor` in the next call; none on the last page.
    #[serde(default)]
    pub next_cursor: Option<String>,
}
