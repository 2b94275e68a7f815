//! The one error type of all use cases: a code, a message, a next step, and the cause for the log.

use shed_core::{ErrorBody, ErrorCode, InvalidName, SessionRef, ShedName};

use crate::engine::EngineError;

/// Why a use case failed. The message and hint are for the user; the source is for the log alone.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// For programs.
    pub code: ErrorCode,
    /// A lower-case fragment with names in backticks.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// What was underneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error without a next step.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, source: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A request that can't be understood.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// A fault of the server; the cause goes to the log.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::InternalError, "internal error; the server's log says more").because(source)
    }

    /// No such shed.
    #[must_use]
    pub fn no_shed(name: &ShedName) -> Self {
        Self::new(ErrorCode::ShedNotFound, format!("shed `{name}` not found")).hint("see what there is: shed list")
    }

    /// The shed does not run.
    #[must_use]
    pub fn stopped(name: &ShedName) -> Self {
        Self::new(ErrorCode::ShedAlreadyStopped, format!("shed `{name}` is stopped")).hint(format!("start it: shed start {name}"))
    }

    /// The shed is paused.
    #[must_use]
    pub fn paused(name: &ShedName) -> Self {
        Self::new(ErrorCode::ShedPaused, format!("shed `{name}` is paused")).hint(format!("resume it: docker unpause shed-{name}"))
    }

    /// No such session.
    #[must_use]
    pub fn no_session(shed: &ShedName, session: &SessionRef) -> Self {
        Self::new(ErrorCode::SessionNotFound, format!("session `{session}` not found in shed `{shed}`"))
            .hint(format!("see what there is: shed sessions {shed}"))
    }

    /// An engine's failure about a named shed.
    #[must_use]
    pub fn engine(error: EngineError, shed: &ShedName) -> Self {
        match error {
            EngineError::NoSuchContainer => Self::no_shed(shed),
            EngineError::NotRunning => Self::stopped(shed),
            EngineError::Paused => Self::paused(shed),
            EngineError::NameTaken => Self::new(ErrorCode::ShedAlreadyExists, format!("shed `{shed}` already exists"))
                .hint(format!("attach to it (shed attach {shed}), or choose another name")),
            other => Self::from(other),
        }
    }

    /// What goes over the wire.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody { code: self.code, message: self.message.clone(), hint: self.hint.clone() }
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        let (code, hint) = match &error {
            EngineError::Unavailable(_) | EngineError::Timeout(_) => {
                (ErrorCode::EngineUnavailable, Some("is the Docker daemon running? try: docker info"))
            }
            EngineError::NoSuchImage { .. } => (ErrorCode::ImageNotFound, Some("see what there is: docker images")),
            EngineError::CannotRun(_) => (ErrorCode::InvalidRequest, Some("is the program installed in the shed's image?")),
            EngineError::NoSuchContainer => (ErrorCode::ShedNotFound, Some("see what there is: shed list")),
            EngineError::NameTaken => (ErrorCode::ShedAlreadyExists, None),
            EngineError::NotRunning => (ErrorCode::ShedAlreadyStopped, None),
            EngineError::Paused => (ErrorCode::ShedPaused, None),
            EngineError::Other(_) => (ErrorCode::EngineError, None),
        };
        Self { code, message: error.to_string(), hint: hint.map(str::to_owned), source: Some(Box::new(error)) }
    }
}

impl From<InvalidName> for Error {
    fn from(error: InvalidName) -> Self {
        let code = match error.what {
            "shed" => ErrorCode::InvalidShedName,
            "session" => ErrorCode::InvalidSessionName,
            _ => ErrorCode::InvalidRequest,
        };
        Self::new(code, error.to_string())
    }
}
