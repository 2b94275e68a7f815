//! Docker's failures in the engine's words.

use bollard::errors::Error;

use crate::engine::EngineError;

/// Sorts by status code, and by text where Docker has one code for several things.
pub(super) fn from_bollard(error: Error) -> EngineError {
    match error {
        Error::DockerResponseServerError { status_code, message } => from_status(status_code, message),
        Error::RequestTimeoutError => EngineError::Timeout("request"),
        // No socket, refused, reset in the middle: nobody is there.
        error @ (Error::SocketNotFoundError(_)
        | Error::HyperResponseError { .. }
        | Error::IOError { .. }
        | Error::HyperLegacyError { .. }) => EngineError::Unavailable(with_causes(&error)),
        error => EngineError::Other(with_causes(&error)),
    }
}

/// The same for a raw answer.
pub(super) fn from_status(status: u16, message: String) -> EngineError {
    let lower = message.to_ascii_lowercase();
    match status {
        // `No such container` and `no such volume`; images are handled where they are asked for.
        404 => EngineError::NoSuchContainer,
        409 if lower.contains("is paused") => EngineError::Paused,
        409 if lower.contains("is not running") => EngineError::NotRunning,
        409 if lower.contains("already in use") => EngineError::NameTaken,
        304 => EngineError::Other("nothing to do".to_owned()),
        _ if lower.contains("is restarting, wait") => EngineError::NotRunning,
        _ if lower.contains("is not running") => EngineError::NotRunning,
        _ => EngineError::Other(message),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
