//! Making sessions, and the facts about them that live in tmux user options.

use std::collections::BTreeMap;

use shed_core::{
    SessionName, SessionRef,
    guest::{DIRECTORY, PROGRAM},
};

use crate::{Output, RunError, Runner, Tmux, TmuxError, agent_option, error, target::argument};

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
    /// The agent that the command starts.
    pub agent: Option<String>,
    /// The conversation that it goes on with: letters, digits, `-` and `_`. If another session's agent works on it, no session is
    /// made.
    pub conversation: Option<String>,
    /// The agent has ended already, and its last screen is all that comes.
    pub ended: bool,
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
    /// [`TmuxError::AlreadyExists`], [`TmuxError::ConversationActive`], [`TmuxError::BadDirectory`] and the others.
    pub async fn create(&self, new: &NewSession) -> Result<(), TmuxError> {
        if let Some(directory) = new.working_dir.as_ref().filter(|directory| !directory.starts_with('/')) {
            return Err(TmuxError::BadDirectory(directory.clone()));
        }
        let list = command_list(new)?;
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let tmux = self.command(&list);
        let Some(directory) = &new.working_dir else { return made(self.answer(&tmux, b"").await?) };
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
        made(output)
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
    let others = new.conversation.as_deref().filter(|_| !new.ended).map(|id| others(id, &new.name)).transpose()?;
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
    for (option, value) in [(agent_option::AGENT, &new.agent), (agent_option::CONVERSATION, &new.conversation)] {
        if let Some(value) = value {
            then(&["set-option", "-t", &pane, "--", option, value]);
        }
    }
    if new.ended && new.agent.is_some() {
        then(&["set-option", "-t", &pane, "--", agent_option::STATUS, "exited"]);
    }
    if new.command.is_some() {
        then(&["set-option", "-p", "-t", &pane, "remain-on-exit", "on"]);
        // tmux's note "Pane is dead" would push the first line off the screen. `-q`: tmux 3.2 has no such option.
        then(&["set-option", "-p", "-q", "-t", &pane, "remain-on-exit-format", ""]);
        then(&["pipe-pane", "-t", &pane, &drain()]);
    }
    if let Some(others) = &others {
        // Nothing comes between the commands of a list. So of several that ask at once the first stays, and the others say
        // whose it is and go before their programs have started to read.
        then(&["display-message", "-p", "-t", &pane, others]);
        then(&["if-shell", "-F", "-t", &pane, others, &format!("kill-session -t ={}", new.name)]);
    }
    Ok(list)
}

/// A format: the other sessions in which an agent works on the conversation, each name followed by `|`. One that has ended, or
/// whose pane is dead, does not.
fn others(conversation: &str, name: &SessionName) -> Result<String, TmuxError> {
    // Nothing that a format could be made of.
    if conversation.is_empty() || !conversation.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(TmuxError::Refused(format!("`{}` is no conversation", conversation.escape_debug())));
    }
    let all = [
        format!("#{{==:#{{{}}},{conversation}}}", agent_option::CONVERSATION),
        format!("#{{!=:#{{session_name}},{name}}}"),
        "#{!=:#{pane_dead},1}".to_owned(),
        format!("#{{!=:#{{{}}},exited}}", agent_option::STATUS),
        format!("#{{!=:#{{{}}},failed}}", agent_option::STATUS),
    ];
    let condition = all.into_iter().reduce(|all, one| format!("#{{&&:{all},{one}}}")).unwrap_or_default();
    Ok(format!("#{{S:#{{?{condition},#{{session_name}}|,}}}}"))
}

/// What the list of commands says at its end: nothing, or who has the conversation.
fn made(output: Output) -> Result<(), TmuxError> {
    let output = error::check(output)?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.trim_end_matches('\n').split_once('|') {
        Some((holder, _)) => Err(TmuxError::ConversationActive(holder.to_owned())),
        None => Ok(()),
    }
}

/// The beginning of a command, cut between characters.
fn shown(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SHOWN_MAX)).unwrap_or(text)
}

fn json(labels: &BTreeMap<String, String>) -> Result<String, TmuxError> {
    serde_json::to_string(labels).map_err(|error| TmuxError::Refused(error.to_string()))
}
