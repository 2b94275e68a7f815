//! Making sessions, and the facts about them that live in tmux user options.

use std::collections::BTreeMap;

use shed_core::{
    SessionName, SessionRef,
    guest::{DIRECTORY, PROGRAM},
};

use crate::{Output, RunError, Runner, Tmux, TmuxError, error, target::argument};

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its name.
    pub name: SessionName,
    /// Its id, a UUID.
    pub id: String,
    /// Program and arguments, which tmux runs without a shell; the login shell of tmux's configuration when not given.
    /// With a command the last screen and the exit code are kept when it ends.
    pub command: Option<Vec<String>>,
    /// The command as the user gave it, to be shown.
    pub command_text: Option<String>,
    /// An absolute directory.
    pub working_dir: Option<String>,
    /// Environment of the session.
    pub env: BTreeMap<String, String>,
    /// Labels of the user.
    pub labels: BTreeMap<String, String>,
    /// Columns while no client is attached.
    pub cols: u16,
    /// Rows while no client is attached.
    pub rows: u16,
}

/// The exit code of [`ENTER`] when the directory can't be entered; tmux itself only uses 0 and 1.
const NO_DIRECTORY: i64 = 71;

/// tmux silently takes the home directory where `-c` can't be entered, so the same call tries it before tmux runs.
const ENTER: &str = "cd \"$1\" 2>/dev/null || exit 71; shift; exec \"$@\"";

/// One word alone would be read by a shell (`new-session` with one argument); this runs it as a program.
const ONE_WORD: [&str; 3] = ["sh", "-c", "exec \"$0\""];

/// Only where a pane is piped does tmux read what a program wrote last before it closes its terminal
/// (`window_pane_destroy_ready`). Without a pipe 3 to 13 of 100 programs that end right after a line lost that line in
/// tmux 3.3a; with one it was 1 of 460, where the kernel had not yet passed the line on when tmux heard of the end.
///
/// The guest reads for us and looks at the screen besides; where it is not there or can't run, `cat` reads. tmux expands the
/// formats, and the shell runs the rest.
fn drain() -> String {
    let guest = format!("{DIRECTORY}/{PROGRAM}");
    format!("if {guest} version >/dev/null 2>&1; then exec {guest} pipe '#{{socket_path}}' '#{{pane_id}}'; fi; exec cat >/dev/null")
}

/// How much of a command is kept to be shown, in bytes: all arguments of a tmux command share 16,384.
const SHOWN_MAX: usize = 2048;

impl<R: Runner> Tmux<R> {
    /// Makes a session. tmux itself decides whether the name is free, so of two that ask at once exactly one gets it.
    ///
    /// # Errors
    /// [`TmuxError::AlreadyExists`], [`TmuxError::BadDirectory`] and the others.
    pub async fn create(&self, new: &NewSession) -> Result<(), TmuxError> {
        if let Some(directory) = new.working_dir.as_ref().filter(|directory| !directory.starts_with('/')) {
            return Err(TmuxError::BadDirectory(directory.clone()));
        }
        let list = command_list(new)?;
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let tmux = self.command(&list);
        let Some(directory) = &new.working_dir else { return error::check(self.answer(&tmux, b"").await?).map(drop) };
        let mut argv = vec!["sh", "-c", ENTER, "sh", directory];
        argv.extend(&tmux);
        let output: Output = match self.answer(&argv, b"").await {
            // An image may have tmux and no shell.
            Err(RunError::ProgramNotFound(program)) if program == "sh" => self.answer(&tmux, b"").await?,
            other => other?,
        };
        if output.exit_code == NO_DIRECTORY {
            return Err(TmuxError::BadDirectory(directory.clone()));
        }
        error::check(output).map(drop)
    }

    /// Puts these labels in place of all old ones.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] and the others.
    pub async fn set_labels(&self, name: &SessionRef, labels: &BTreeMap<String, String>) -> Result<(), TmuxError> {
        let pane = self.target(name).await?.pane();
        self.run(&["set-option", "-t", &pane, "--", "@shed_labels", &argument(&json(labels)?)], b"").await.map(drop)
    }
}

/// One list of commands: tmux runs all of it before it looks at programs that ended, so even one that ends at once
/// leaves its screen and its exit code. A command that fails ends the list.
fn command_list(new: &NewSession) -> Result<Vec<String>, TmuxError> {
    let mut list = Vec::new();
    let mut add = |words: &[&str]| list.extend(words.iter().map(|word| argument(word)));
    let (cols, rows) = (new.cols.to_string(), new.rows.to_string());
    add(&["new-session", "-d", "-s", new.name.as_str(), "-x", &cols, "-y", &rows]);
    if let Some(directory) = &new.working_dir {
        // `-c` is read as a format.
        add(&["-c", &directory.replace('#', "##")]);
    }
    for (name, value) in &new.env {
        add(&["-e", &format!("{name}={value}")]);
    }
    match new.command.as_deref() {
        None | Some([]) => {}
        Some(words) => {
            add(&["--"]);
            if words.len() == 1 {
                add(&ONE_WORD);
            }
            words.iter().for_each(|word| add(&[word]));
        }
    }
    let pane = format!("={}:", new.name);
    let labels = json(&new.labels)?;
    let mut then = |words: &[&str]| {
        list.push(";".to_owned());
        list.extend(words.iter().map(|word| argument(word)));
    };
    then(&["set-option", "-t", &pane, "--", "@shed_id", &new.id]);
    if let Some(text) = &new.command_text {
        then(&["set-option", "-t", &pane, "--", "@shed_command", shown(text)]);
    }
    if !new.labels.is_empty() {
        then(&["set-option", "-t", &pane, "--", "@shed_labels", &labels]);
    }
    if new.command.is_some() {
        then(&["set-option", "-p", "-t", &pane, "remain-on-exit", "on"]);
        // tmux's note "Pane is dead" would push the first line off the screen. `-q`: tmux 3.2 has no such option.
        then(&["set-option", "-p", "-q", "-t", &pane, "remain-on-exit-format", ""]);
        then(&["pipe-pane", "-t", &pane, &drain()]);
    }
    Ok(list)
}

/// The beginning of a command, cut between characters.
fn shown(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SHOWN_MAX)).unwrap_or(text)
}

fn json(labels: &BTreeMap<String, String>) -> Result<String, TmuxError> {
    serde_json::to_string(labels).map_err(|error| TmuxError::Refused(error.to_string()))
}
