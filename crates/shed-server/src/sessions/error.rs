//! tmux's failures in the words of the API.

use shed_core::{ErrorCode, SessionRef, ShedName};
use shed_tmux::{RunError, TmuxError};

use crate::{Error, engine::EngineError};

/// What a failed tmux command about `session` in `shed` is to the caller.
pub(crate) fn from_tmux(error: TmuxError, shed: &ShedName, session: Option<&SessionRef>) -> Error {
    match (error, session) {
        (TmuxError::NotFound, Some(session)) => Error::no_session(shed, session),
        (TmuxError::AlreadyExists, Some(session)) => {
            Error::new(ErrorCode::SessionAlreadyExists, format!("session `{session}` already exists in shed `{shed}`"))
                .hint(format!("attach to it (shed attach {shed} -S {session}), or choose another name"))
        }
        (TmuxError::ConversationActive(holder), _) => {
            let holder = holder.escape_debug().to_string();
            Error::new(ErrorCode::ConversationActive, format!("session `{holder}` in shed `{shed}` works on that conversation"))
                .hint(format!("attach to it (shed attach {shed} -S {holder}), or end it first (shed sessions kill {shed} {holder})"))
        }
        (TmuxError::NotAvailable, _) => Error::new(ErrorCode::TmuxNotAvailable, format!("tmux is not available in shed `{shed}`"))
            .hint("install it in the shed (apt-get install tmux, apk add tmux, dnf install tmux) or use an image that has it"),
        (TmuxError::UnknownKey(key), _) => Error::invalid(format!("`{}` is not the name of a key", key.escape_debug()))
            .hint("keys are named as in tmux(1), KEY BINDINGS: Enter, C-c, Up; literal text goes into `text`"),
        (TmuxError::BadDirectory(dir), _) => Error::invalid(format!("directory `{}` does not exist in shed `{shed}`", dir.escape_debug())),
        (TmuxError::Ended, Some(session)) => {
            Error::new(ErrorCode::SessionEnded, format!("the program of session `{session}` in shed `{shed}` has ended")).hint(format!(
                "read its last screen (shed sessions screen {shed} {session}), or end it (shed sessions kill {shed} {session})"
            ))
        }
        (TmuxError::Run(error), _) => from_run(error, shed),
        (error, _) => Error::new(ErrorCode::EngineError, format!("tmux in shed `{shed}` refused: {error}")),
    }
}

fn from_run(error: RunError, shed: &ShedName) -> Error {
    match error {
        RunError::ProgramNotFound(_) => from_tmux(TmuxError::NotAvailable, shed, None),
        RunError::Timeout(after) => Error::new(ErrorCode::Timeout, format!("shed `{shed}` did not answer within {} s", after.as_secs()))
            .hint(format!("if it hangs, restart it: shed restart {shed}")),
        RunError::Transport(source) => match source.downcast::<EngineError>() {
            Ok(error) => Error::engine(*error, shed),
            Err(source) => Error::internal(source),
        },
    }
}
