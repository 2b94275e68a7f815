//! One report: look at the session, decide, write.

use std::time::{SystemTime, UNIX_EPOCH};

use shed_core::wire::StatusSource;
use shed_tmux::{Look, agent_option as option};

use super::{
    Said,
    owner::{self, Owner, Process},
    process,
    screen::{self, View},
    state::{self, Known, Status},
    tmux::Pane,
};

/// How often it is tried again when another report came in between; each try that fails is one that another won.
const TRIES: usize = 10;

/// Who reports what, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The agent's name.
    pub agent: String,
    /// Its process, if it was found.
    pub sender: Option<Process>,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// What it said.
    pub said: Said,
}

/// Milliseconds since 1970.
#[must_use]
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

/// What the options tell about the state.
pub(super) fn known(look: &Look, view: &View) -> Known {
    let newest = look.event.split('-').next().and_then(|ms| ms.parse().ok());
    Known {
        status: look.state.status,
        detail: look.state.detail.clone().unwrap_or_default(),
        newest,
        dialog: matches!(view, View::Dialog(_)),
        busy: *view == View::Busy,
    }
}

/// Puts the report into the session's options. Gives what the session was like before, if the report was its agent's.
#[must_use]
pub fn submit(pane: &Pane, report: &Report) -> Option<Look> {
    for _ in 0..TRIES {
        let look = pane.look()?;
        let owner = Owner::read(&look.owner);
        let sender = report.sender.map(|process| Owner { process, conversation: conversation(owner.as_ref(), process, &report.said) });
        if sender.as_ref().is_some_and(|sender| !owner::may_speak(owner.as_ref(), sender, process::lives)) {
            return None;
        }
        let known = known(&look, &screen::read(Some(&report.agent), &look.screen));
        let changes = changes(&look, &known, owner, sender, report);
        if changes.is_empty() || pane.write(&look.event, &changes)? {
            return Some(look);
        }
    }
    None
}

/// What the sender speaks about: not every event names its conversation.
fn conversation(owner: Option<&Owner>, process: Process, said: &Said) -> String {
    let known = owner.filter(|owner| owner.process == process).map(|owner| owner.conversation.clone());
    Some(said.conversation.clone()).filter(|named| !named.is_empty()).or(known).unwrap_or_default()
}

fn changes(look: &Look, known: &Known, owner: Option<Owner>, sender: Option<Owner>, report: &Report) -> Vec<(&'static str, String)> {
    let said = &report.said;
    let mut changes = Vec::new();
    // What is older than the newest event must not take its conversation away either.
    let late = known.newest.is_some_and(|newest| newest > report.at);
    if let Some(sender) = sender.filter(|sender| !late && Some(sender) != owner.as_ref()) {
        if owner.is_none_or(|owner| owner.process != sender.process) {
            changes.push((option::AGENT_PID, sender.process.pid.to_string()));
        }
        changes.push((option::OWNER, sender.to_string()));
    }
    let conversation = if said.kept { said.conversation.as_str() } else { "" };
    let silent = said.kept && said.conversation.is_empty();
    if !late && !silent && look.state.conversation.as_deref().unwrap_or_default() != conversation {
        changes.push((option::CONVERSATION, conversation.to_owned()));
    }
    if let Some(new) = state::after(known, &said.event, report.at) {
        changes.extend(status_changes(look, &new, report.at, StatusSource::Hook));
    }
    if changes.is_empty() {
        return changes;
    }
    if look.state.agent.as_deref() != Some(report.agent.as_str()) {
        changes.push((option::AGENT, report.agent.clone()));
    }
    changes.push((option::EVENT, format!("{}-{}", report.at.max(known.newest.unwrap_or_default()), std::process::id())));
    changes
}

/// The options of a new status.
pub(super) fn status_changes(look: &Look, new: &Status, at: i64, source: StatusSource) -> Vec<(&'static str, String)> {
    let source = match source {
        StatusSource::Hook => "hook",
        StatusSource::Screen => "screen",
        StatusSource::Process | StatusSource::Unknown => "",
    };
    let mut changes =
        vec![(option::STATUS, new.status.as_str().to_owned()), (option::DETAIL, new.detail.clone()), (option::SOURCE, source.to_owned())];
    if look.state.status != Some(new.status) {
        changes.push((option::SINCE, at.to_string()));
    }
    changes
}
