//! What a target is told.

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use shed_core::wire::{Event, SessionStatus};

/// The JSON that a webhook gets; ntfy gets the same in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// The same for every attempt to deliver this message.
    pub id: String,
    /// What the server calls itself.
    pub server: String,
    /// The project, which is the shed's name.
    pub project: String,
    /// The session's name.
    pub session: String,
    /// The session's id.
    pub session_id: String,
    /// The agent in it, if one is known.
    pub agent: Option<String>,
    /// Its status now.
    pub status: SessionStatus,
    /// Its status before.
    pub previous: Option<SessionStatus>,
    /// More: the tool that asks for permission, the question, the exit code.
    pub detail: Option<String>,
    /// Since when it has this status.
    pub since: Timestamp,
    /// For people, if the configuration has one.
    pub link: Option<String>,
    /// True in messages of `shed-server notify test`.
    pub test: bool,
}

impl Message {
    /// The message about a change of status; none for other events.
    #[must_use]
    pub fn of(event: &Event, server: &str, link: Option<&str>) -> Option<Self> {
        let session = event.session.as_ref()?;
        Some(Self {
            id: event.id.clone(),
            server: server.to_owned(),
            project: session.shed_name.clone(),
            session: session.name.clone(),
            session_id: session.id.clone(),
            agent: session.agent.clone(),
            status: session.status,
            previous: event.previous_status,
            detail: session.status_detail.clone(),
            since: session.status_changed_at.unwrap_or(event.at),
            link: link.map(|link| filled(link, &session.shed_name, &session.name)),
            test: false,
        })
    }

    /// A message that says that it is a test.
    #[must_use]
    pub fn test(server: &str, link: Option<&str>) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            server: server.to_owned(),
            project: "example".to_owned(),
            session: "default".to_owned(),
            session_id: uuid::Uuid::nil().to_string(),
            agent: None,
            status: SessionStatus::WaitingInput,
            previous: Some(SessionStatus::Running),
            detail: Some("this is a test of the notifications".to_owned()),
            since: Timestamp::now(),
            link: link.map(|link| filled(link, "example", "default")),
            test: true,
        }
    }

    /// One line for a person.
    #[must_use]
    pub fn title(&self) -> String {
        let what = match self.status {
            SessionStatus::WaitingInput => "waits for you",
            SessionStatus::WaitingPermission => "asks for permission",
            SessionStatus::Completed => "is done",
            SessionStatus::Failed => "failed",
            SessionStatus::Exited => "ended",
            SessionStatus::Running => "works",
            SessionStatus::Unknown => "changed",
        };
        format!("{}/{} {what}", self.project, self.session)
    }
}

fn filled(link: &str, shed: &str, session: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    // A session may be named `{shed}`: braces are encoded, so neither replacement makes a new placeholder.
    link.replace("{shed}", &encoded(shed)).replace("{session}", &encoded(session))
}
