//! Typing into a session.

use shed_core::SessionRef;
use uuid::Uuid;

use crate::{
    Runner, Tmux, TmuxError, keys,
    target::{Target, argument},
};

/// How many bytes of text go into one command. A client's message to the tmux server holds 16,384 (`MAX_IMSGSIZE`).
const TYPED_MAX: usize = 4096;

/// How many key names go into one command, for the same reason.
const KEYS_MAX: usize = 500;

/// Says before typing whether anything is left to type into; tmux itself drops the keys without a word.
const IS_DEAD: [&str; 3] = ["display-message", "-p", "-t"];

impl<R: Runner> Tmux<R> {
    /// Types `text` as it is. Several lines go in as one paste, bracketed where the program asked for that.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`], [`TmuxError::Ended`] and the others.
    pub async fn send_text(&self, name: &SessionRef, text: &str) -> Result<(), TmuxError> {
        let target = self.target(name).await?;
        if text.len() <= TYPED_MAX && !text.chars().any(char::is_control) {
            return self.send(&target.pane(), &["-l"], &[text]).await;
        }
        let several_lines = text.strip_suffix('\n').unwrap_or(text).contains('\n');
        self.paste(&target, text, several_lines).await
    }

    /// Presses keys by their names, as in tmux(1), KEY BINDINGS. All names are checked before the first key is pressed.
    ///
    /// # Errors
    /// [`TmuxError::UnknownKey`], [`TmuxError::NotFound`], [`TmuxError::Ended`] and the others.
    pub async fn send_keys(&self, name: &SessionRef, keys: &[String]) -> Result<(), TmuxError> {
        if let Some(unknown) = keys.iter().find(|key| !keys::is_known(key)) {
            return Err(TmuxError::UnknownKey(unknown.clone()));
        }
        let pane = self.target(name).await?.pane();
        for keys in keys.chunks(KEYS_MAX) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            self.send(&pane, &[], &keys).await?;
        }
        Ok(())
    }

    async fn send(&self, pane: &str, options: &[&str], what: &[&str]) -> Result<(), TmuxError> {
        let what: Vec<String> = what.iter().map(|text| argument(text)).collect();
        let mut command = IS_DEAD.to_vec();
        command.extend([pane, "#{pane_dead}", ";", "send-keys", "-t", pane]);
        command.extend_from_slice(options);
        command.push("--");
        command.extend(what.iter().map(String::as_str));
        self.typed(&command, b"").await
    }

    /// Brings text in through a buffer of its own, which holds any bytes and any length.
    async fn paste(&self, target: &Target, text: &str, bracketed: bool) -> Result<(), TmuxError> {
        let pane = target.pane();
        let buffer = format!("shed-{}", Uuid::new_v4());
        let bracket = if bracketed { "-p " } else { "" };
        let paste = format!("paste-buffer {bracket}-r -d -b {buffer} -t '{pane}'");
        let forget = format!("delete-buffer -b {buffer}");
        // A missing session ends the list before the buffer is made. Pasting into a dead pane kills the tmux 3.3 server
        // and every session with it, so the pane is looked at in the same step.
        let mut command = vec!["has-session", "-t", target.session(), ";", "load-buffer", "-b", &buffer, "-", ";"];
        command.extend_from_slice(&IS_DEAD);
        command.extend([&pane, "#{pane_dead}", ";", "if-shell", "-F", "-t", &pane, "#{pane_dead}", &forget, &paste]);
        self.typed(&command, text.as_bytes()).await
    }

    /// Runs a list that prints `#{pane_dead}`.
    async fn typed(&self, command: &[&str], stdin: &[u8]) -> Result<(), TmuxError> {
        let output = self.run(command, stdin).await?;
        if output.stdout.trim_ascii() == b"1" { Err(TmuxError::Ended) } else { Ok(()) }
    }
}
