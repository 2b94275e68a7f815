//! Typing into a session and reading its screen.

use shed_core::{
    SessionRef, ShedName,
    wire::{ScreenFormat, SendKeys},
};
use shed_tmux::{Tmux, TmuxError};

use super::error::from_tmux;
use crate::{Error, app::App};

/// A request types at most this many keys; each is an argument of one tmux command, which takes 16 KiB.
const MAX_KEYS: usize = 256;

impl App {
    /// Types `text`, then `keys`, into the session's active pane.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`, `INVALID_REQUEST` (unknown key, nothing to type), and those of [`App::list_sessions`].
    pub async fn send_keys(&self, shed: &ShedName, session: &SessionRef, keys: SendKeys) -> Result<(), Error> {
        let text = keys.text.filter(|text| !text.is_empty());
        if text.is_none() && keys.keys.is_empty() {
            return Err(Error::invalid("nothing to type").hint("give `text`, `keys` or both"));
        }
        if keys.keys.len() > MAX_KEYS || text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Error::invalid(format!("at most {MAX_KEYS} keys, and no NUL byte in the text")));
        }
        // Before anything is typed: half a request would be worse than none.
        if let Some(unknown) = keys.keys.iter().find(|key| !shed_tmux::is_known_key(key)) {
            return Err(from_tmux(TmuxError::UnknownKey(unknown.clone()), shed, Some(session)));
        }
        let container = self.with_sessions(shed).await?;
        let tmux = Tmux::new(self.runner(&container));
        if let Some(text) = text {
            tmux.send_text(session, &text).await.map_err(|error| from_tmux(error, shed, Some(session)))?;
        }
        if !keys.keys.is_empty() {
            tmux.send_keys(session, &keys.keys).await.map_err(|error| from_tmux(error, shed, Some(session)))?;
        }
        Ok(())
    }

    /// What a person would see, with up to `scrollback` lines of history above it.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND` and those of [`App::list_sessions`].
    pub async fn screen(&self, shed: &ShedName, session: &SessionRef, format: ScreenFormat, scrollback: u32) -> Result<String, Error> {
        let container = self.with_sessions(shed).await?;
        let tmux = Tmux::new(self.runner(&container));
        tmux.capture(session, format, scrollback).await.map_err(|error| from_tmux(error, shed, Some(session)))
    }
}
