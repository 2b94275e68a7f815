//! Error codes and the one envelope that every failed API call answers with.

use serde::{Deserialize, Serialize};

/// Makes the enum, its wire text and its HTTP status from one table, so that none of the three can be forgotten.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal;)*) => {
        /// What went wrong, for programs. The text is stable; messages may change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
            /// A code of a newer server, which this build does not know.
            #[serde(other, rename = "UNKNOWN")]
            Unknown,
        }

        impl ErrorCode {
            /// Every code that a server of this version sends.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as it stands in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* Self::Unknown => "UNKNOWN" }
            }

            /// The HTTP status that goes with the code.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* Self::Unknown => 500 }
            }
        }
    };
}

codes! {
    /// No shed of that name on this server.
    ShedNotFound = "SHED_NOT_FOUND", 404;
    /// A shed of that name exists.
    ShedAlreadyExists = "SHED_ALREADY_EXISTS", 409;
    /// Start of a shed that runs.
    ShedAlreadyRunning = "SHED_ALREADY_RUNNING", 409;
    /// Stop of a shed that is stopped, or a call that needs it running.
    ShedAlreadyStopped = "SHED_ALREADY_STOPPED", 409;
    /// The container is paused from outside; nothing in it answers.
    ShedPaused = "SHED_PAUSED", 409;
    /// The text can't be a shed's name.
    InvalidShedName = "INVALID_SHED_NAME", 400;
    /// The text can't be a session's name.
    InvalidSessionName = "INVALID_SESSION_NAME", 400;
    /// No session of that name in the shed.
    SessionNotFound = "SESSION_NOT_FOUND", 404;
    /// A session of that name exists.
    SessionAlreadyExists = "SESSION_ALREADY_EXISTS", 409;
    /// The session's program has ended; there is nothing to type into.
    SessionEnded = "SESSION_ENDED", 409;
    /// An agent works on the conversation in another session.
    ConversationActive = "CONVERSATION_ACTIVE", 409;
    /// The shed's image has no tmux.
    TmuxNotAvailable = "TMUX_NOT_AVAILABLE", 503;
    /// `git clone` failed while the shed was made.
    CloneFailed = "CLONE_FAILED", 500;
    /// The image is not on the machine and can't be pulled.
    ImageNotFound = "IMAGE_NOT_FOUND", 404;
    /// No container engine answers.
    EngineUnavailable = "ENGINE_UNAVAILABLE", 503;
    /// The container engine refused.
    EngineError = "ENGINE_ERROR", 500;
    /// No token, or one that is not known.
    Unauthorized = "UNAUTHORIZED", 401;
    /// The request comes from where requests must not come from.
    Forbidden = "FORBIDDEN", 403;
    /// The request can't be understood.
    InvalidRequest = "INVALID_REQUEST", 400;
    /// No route, key or other thing of that name.
    NotFound = "NOT_FOUND", 404;
    /// The route exists, the method does not.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// The body is larger than the server takes.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413;
    /// The body is not `application/json`.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415;
    /// As many streams are open as the server serves.
    TooManyStreams = "TOO_MANY_STREAMS", 429;
    /// The command or request ran out of time.
    Timeout = "TIMEOUT", 504;
    /// A fault of the server.
    InternalError = "INTERNAL_ERROR", 500;
}

/// What a failed call says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// For people: a lower-case fragment with names in backticks.
    pub message: String,
    /// The next step, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The body of every answer with a status of 400 and above: `{"error":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEnvelope {
    /// The error.
    pub error: ErrorBody,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_text_in_json() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
            assert_eq!(serde_json::from_str::<ErrorCode>(&json).unwrap(), *code);
            assert!((400..600).contains(&code.http_status()));
        }
    }

    #[test]
    fn a_code_of_a_newer_server_is_still_read() {
        let body: ErrorEnvelope = serde_json::from_str(r#"{"error":{"code":"SOMETHING_NEW","message":"m"}}"#).unwrap();
        assert_eq!(body.error.code, ErrorCode::Unknown);
        assert_eq!(body.error.hint, None);
    }
}
