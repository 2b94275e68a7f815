//! What tmux knows about a session, and how that is told to users.

use std::{collections::BTreeMap, str::FromStr};

use jiff::Timestamp;
use shed_core::{
    ShedName,
    wire::{Session, SessionStatus, StatusSource},
};
use uuid::Uuid;

use crate::{AgentState, TmuxError, record};

/// The namespace of ids for sessions that were made by hand. Never change it: the ids must stay the same.
const BY_HAND: Uuid = Uuid::from_u128(0x5b0d_6a52_8a1e_4c5f_9a7b_2f64_c1de_0b3e);

/// How a session's program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The number of the signal that ended it (tmux ≥ 3.3).
    pub signal: Option<i32>,
    /// When (tmux ≥ 3.3).
    pub at: Option<Timestamp>,
}

/// A session as tmux lists it; what is said of a pane is of the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// The id that shed gave it; none for a session made by hand.
    pub id: Option<String>,
    /// tmux's own id, `$3`; never used twice by one tmux server.
    pub tmux_id: String,
    /// Its name.
    pub name: String,
    /// When tmux made it.
    pub created_at: Timestamp,
    /// How many clients are attached.
    pub attached_clients: u32,
    /// How many windows it has.
    pub windows: u32,
    /// How its program ended, if it did.
    pub dead: Option<Exit>,
    /// Its terminal is closed, but tmux has not waited for its process, which may still run.
    pub ending: bool,
    /// The command that the user gave.
    pub command: Option<String>,
    /// The directory of the pane's program, or the one that it started in.
    pub working_dir: Option<String>,
    /// The pane's process.
    pub pid: Option<u32>,
    /// When it last printed or was typed into.
    pub last_activity_at: Option<Timestamp>,
    /// Labels of the user.
    pub labels: BTreeMap<String, String>,
    /// What its agent says of itself.
    pub agent: AgentState,
    /// The process of the tmux server.
    pub server_pid: u32,
    /// When the tmux server started.
    pub server_started_at: Timestamp,
}

/// Reads the output of `list-sessions` with [`record::FORMAT`].
pub(crate) fn parse(output: &[u8]) -> Result<Vec<SessionInfo>, TmuxError> {
    record::records(output).map_err(TmuxError::Unparsable)?.into_iter().map(session).collect()
}

fn session(fields: [String; record::FIELDS]) -> Result<SessionInfo, TmuxError> {
    let [
        tmux_id,
        created,
        attached,
        windows,
        session_activity,
        window_activity,
        pid,
        dead,
        dead_status,
        dead_signal,
        dead_time,
        server_pid,
        server_start,
        version,
        id,
        command,
        labels,
        agent,
        status,
        detail,
        since,
        source,
        conversation,
        agent_pid,
        current_path,
        start_path,
        name,
    ] = fields;
    let exit = Exit { code: dead_status.parse().ok(), signal: dead_signal.parse().ok(), at: time(&dead_time).ok() };
    let ended = exit.code.is_some() || exit.signal.is_some() || !knows_signals(&version);
    Ok(SessionInfo {
        id: text(id).filter(|id| Uuid::parse_str(id).is_ok()),
        tmux_id,
        created_at: time(&created)?,
        attached_clients: count(&attached)?,
        windows: count(&windows)?,
        dead: (dead == "1" && ended).then_some(exit),
        ending: dead == "1" && !ended,
        command: text(command),
        working_dir: text(current_path).or(text(start_path)),
        pid: pid.parse().ok().filter(|pid| *pid != 0),
        last_activity_at: time(&session_activity).ok().max(time(&window_activity).ok()),
        // Labels that someone spoiled by hand must not hide the session.
        labels: serde_json::from_str(&labels).unwrap_or_default(),
        agent: AgentState::read([agent, status, detail, since, source, conversation, agent_pid]),
        server_pid: count(&server_pid)?,
        server_started_at: time(&server_start)?,
        name,
    })
}

/// Before tmux 3.3 a pane that a signal ended looks like one whose process was not waited for.
fn knows_signals(version: &str) -> bool {
    !["1.", "2.", "3.0", "3.1", "3.2"].iter().any(|old| version.starts_with(old))
}

fn text(field: String) -> Option<String> {
    (!field.is_empty()).then_some(field)
}

fn count<T: FromStr>(field: &str) -> Result<T, TmuxError> {
    field.parse().map_err(|_| TmuxError::Unparsable(field.to_owned()))
}

/// Seconds since 1970; tmux says 0 or nothing for "never".
fn time(field: &str) -> Result<Timestamp, TmuxError> {
    let seconds = count(field)?;
    Timestamp::from_second(seconds).ok().filter(|_| seconds > 0).ok_or_else(|| TmuxError::Unparsable(field.to_owned()))
}

impl SessionInfo {
    /// The session as the API shows it. `fallback_id` names where this tmux runs (the container's id): a session made by
    /// hand gets an id from it and from what never changes about the session, so nothing has to be written.
    #[must_use]
    pub fn into_wire(self, shed: &ShedName, fallback_id: &str) -> Session {
        let (status, status_detail, exit_code) = self.status();
        let alive = self.dead.is_none();
        let id = self.id.clone().unwrap_or_else(|| self.id_by_hand(fallback_id));
        Session {
            id,
            shed_name: shed.to_string(),
            created_at: self.created_at,
            attached: self.attached_clients > 0,
            attached_clients: self.attached_clients,
            window_count: self.windows,
            status,
            status_detail,
            status_changed_at: match self.dead {
                None => self.agent.since.or(Some(self.created_at)),
                Some(exit) => exit.at,
            },
            status_source: if alive { self.agent.source } else { StatusSource::Process },
            agent: self.agent.agent,
            conversation_id: self.agent.conversation,
            command: self.command,
            working_dir: self.working_dir,
            pid: self.pid.filter(|_| alive),
            exit_code,
            last_activity_at: self.last_activity_at,
            labels: self.labels,
            resources: None,
            name: self.name,
        }
    }

    fn id_by_hand(&self, fallback_id: &str) -> String {
        let (start, created) = (self.server_started_at.as_second(), self.created_at.as_second());
        let name = format!("{fallback_id}/{}/{start}/{}/{created}", self.server_pid, self.tmux_id);
        Uuid::new_v5(&BY_HAND, name.as_bytes()).to_string()
    }

    /// Status, its detail and the exit code. While the program runs the agent's word counts; how it ended tmux knows.
    fn status(&self) -> (SessionStatus, Option<String>, Option<i32>) {
        let Some(exit) = self.dead else {
            return (self.agent.status.unwrap_or(SessionStatus::Running), self.agent.detail.clone(), None);
        };
        let (status, detail, code) = match exit {
            Exit { code: Some(0), .. } => (SessionStatus::Completed, None, Some(0)),
            Exit { code: Some(code), .. } => (SessionStatus::Failed, Some(format!("exit code {code}")), Some(code)),
            Exit { code: None, signal: Some(signal), .. } => {
                (SessionStatus::Failed, Some(format!("ended by {}", signal_name(signal))), Some(signal.saturating_add(128)))
            }
            Exit { code: None, signal: None, .. } => (SessionStatus::Exited, Some("how it ended is not known".to_owned()), None),
        };
        // An agent tells when it ends; one that did not, and failed, was not asked to end.
        let vanished = self.agent.agent.is_some() && self.agent.pid.is_some() && self.agent.status != Some(SessionStatus::Exited);
        let detail = if vanished && status == SessionStatus::Failed { detail.map(|how| format!("crashed ({how})")) } else { detail };
        (status, detail, code)
    }
}

/// The usual name of a signal that ends programs; the numbers are the same on every Linux that shed runs on.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

#[cfg(test)]
#[path = "info_tests.rs"]
mod tests;
