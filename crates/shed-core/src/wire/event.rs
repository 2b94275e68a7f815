//! What changes, as told by `GET /api/events`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Session, SessionStatus, Shed};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// A shed is new, or was found.
    #[serde(rename = "shed.created")]
    ShedCreated,
    /// A shed runs since now.
    #[serde(rename = "shed.started")]
    ShedStarted,
    /// A shed does not run any more.
    #[serde(rename = "shed.stopped")]
    ShedStopped,
    /// Something else about a shed is different: it is paused, or its guest came or went.
    #[serde(rename = "shed.updated")]
    ShedUpdated,
    /// A shed is gone.
    #[serde(rename = "shed.deleted")]
    ShedDeleted,
    /// A session is new, or was found.
    #[serde(rename = "session.created")]
    SessionCreated,
    /// Something about a session is different, but not its status.
    #[serde(rename = "session.updated")]
    SessionUpdated,
    /// A session has another status, or the same one with another detail.
    #[serde(rename = "session.status")]
    SessionStatus,
    /// A session is gone.
    #[serde(rename = "session.closed")]
    SessionClosed,
    /// Events were missed; read the lists again. The first event of a stream whose `Last-Event-ID` is too old.
    #[serde(rename = "reset")]
    Reset,
    /// A type of a newer server.
    #[serde(other, rename = "unknown")]
    Unknown,
}

impl EventType {
    /// Every type that a server of this version sends.
    pub const ALL: [Self; 10] = [
        Self::ShedCreated,
        Self::ShedStarted,
        Self::ShedStopped,
        Self::ShedUpdated,
        Self::ShedDeleted,
        Self::SessionCreated,
        Self::SessionUpdated,
        Self::SessionStatus,
        Self::SessionClosed,
        Self::Reset,
    ];

    /// The word in JSON, filters and as the event's name in the stream.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShedCreated => "shed.created",
            Self::ShedStarted => "shed.started",
            Self::ShedStopped => "shed.stopped",
            Self::ShedUpdated => "shed.updated",
            Self::ShedDeleted => "shed.deleted",
            Self::SessionCreated => "session.created",
            Self::SessionUpdated => "session.updated",
            Self::SessionStatus => "session.status",
            Self::SessionClosed => "session.closed",
            Self::Reset => "reset",
            Self::Unknown => "unknown",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// For `Last-Event-ID`. Ids of one server process rise; those of another process are of another kind.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When the server learned of it.
    pub at: Timestamp,
    /// The shed that it is about; none for `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shed_name: Option<String>,
    /// The shed as it is now, in `shed.*`; not when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shed: Option<Box<Shed>>,
    /// The session as it is now, in `session.*`; as it was last seen when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Box<Session>>,
    /// The status before, in `session.status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_status: Option<SessionStatus>,
    /// How long the session had the status before (`session.status`), or how long it lived (`session.closed`), in
    /// milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Why, for people: in `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_its_own_text_in_json() {
        for kind in EventType::ALL {
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
            assert_eq!(serde_json::from_str::<EventType>(&json).unwrap(), kind);
        }
        assert_eq!(serde_json::from_str::<EventType>("\"session.new\"").unwrap(), EventType::Unknown);
    }
}
