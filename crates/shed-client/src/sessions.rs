//! Routes about sessions.

use reqwest::Method;
use shed_core::wire::{CreateSession, ScreenFormat, SendKeys, Session, SessionList, SessionStatus, UpdateSession};

use crate::{Client, ClientError};

/// The order of an aggregate list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SessionSort {
    /// By shed and name.
    #[default]
    Name,
    /// Newest first.
    Created,
    /// Last active first.
    Activity,
    /// By status.
    Status,
}

impl SessionSort {
    /// The word in the query.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Created => "created",
            Self::Activity => "activity",
            Self::Status => "status",
        }
    }
}

/// What `GET /api/sessions` is asked for; everything by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionQuery {
    /// Sessions of this status alone.
    pub status: Option<SessionStatus>,
    /// Sessions of this shed alone.
    pub shed: Option<String>,
    /// The order; the server's own when not given.
    pub sort: Option<SessionSort>,
    /// Tell what every session's processes use, which the server has to ask the sheds for.
    pub resources: bool,
}

impl Client {
    /// `GET /api/sheds/{name}/sessions`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_sessions(&self, shed: &str) -> Result<SessionList, ClientError> {
        self.list_sessions_of(shed, false).await
    }

    /// `GET /api/sheds/{name}/sessions`, with what the processes of each session use if asked for.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_sessions_of(&self, shed: &str, resources: bool) -> Result<SessionList, ClientError> {
        let mut request = self.request(Method::GET, &["api", "sheds", shed, "sessions"]);
        if resources {
            request = request.query(&[("resources", "true")]);
        }
        self.json(request).await
    }

    /// `GET /api/sessions`: the sessions of all running sheds.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_all_sessions(&self, query: &SessionQuery) -> Result<SessionList, ClientError> {
        let pairs = [
            ("status", query.status.map(SessionStatus::as_str)),
            ("shed", query.shed.as_deref()),
            ("sort", query.sort.map(SessionSort::as_str)),
            ("resources", query.resources.then_some("true")),
        ];
        let given: Vec<(&str, &str)> = pairs.iter().filter_map(|(key, value)| value.map(|value| (*key, value))).collect();
        self.json(self.request(Method::GET, &["api", "sessions"]).query(&given)).await
    }

    /// `POST /api/sheds/{name}/sessions`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_session(&self, shed: &str, request: &CreateSession) -> Result<Session, ClientError> {
        self.post(&["api", "sheds", shed, "sessions"], request).await
    }

    /// `GET /api/sheds/{name}/sessions/{session}`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn session(&self, shed: &str, session: &str) -> Result<Session, ClientError> {
        self.get(&["api", "sheds", shed, "sessions", session]).await
    }

    /// `PATCH /api/sheds/{name}/sessions/{session}`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn update_session(&self, shed: &str, session: &str, request: &UpdateSession) -> Result<Session, ClientError> {
        self.json(self.request(Method::PATCH, &["api", "sheds", shed, "sessions", session]).json(request)).await
    }

    /// `DELETE /api/sheds/{name}/sessions/{session}`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn kill_session(&self, shed: &str, session: &str) -> Result<(), ClientError> {
        self.empty(self.request(Method::DELETE, &["api", "sheds", shed, "sessions", session])).await
    }

    /// `POST …/keys`: types into the session's active pane.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn send_keys(&self, shed: &str, session: &str, keys: &SendKeys) -> Result<(), ClientError> {
        self.empty(self.request(Method::POST, &["api", "sheds", shed, "sessions", session, "keys"]).json(keys)).await
    }

    /// `GET …/screen`: what a person would see, after `scrollback` lines of history.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn screen(&self, shed: &str, session: &str, format: ScreenFormat, scrollback: u32) -> Result<String, ClientError> {
        let mut query = Vec::new();
        match format {
            ScreenFormat::Text => {}
            ScreenFormat::Ansi => query.push(("format", "ansi".to_owned())),
        }
        if scrollback > 0 {
            query.push(("scrollback", scrollback.to_string()));
        }
        let request = self.request(Method::GET, &["api", "sheds", shed, "sessions", session, "screen"]).query(&query);
        self.text(request.header("accept", "text/plain, application/json;q=0.5")).await
    }
}
