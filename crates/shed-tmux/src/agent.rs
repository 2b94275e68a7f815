//! What the agent in a session says of itself, kept in user options of the session: written by the guest, read in the same
//! list as everything else, gone with the session.

use jiff::Timestamp;
use shed_core::wire::{SessionStatus, StatusSource};

/// The options, in the order of the record. Each holds plain text; empty is the same as not set.
pub mod option {
    /// The agent's name: `claude`, `opencode`, `codex`.
    pub const AGENT: &str = "@shed_agent";
    /// `running`, `waiting_input`, `waiting_permission`; `exited`, or `failed` if it did not say so, when the agent is gone and
    /// the session is not.
    pub const STATUS: &str = "@shed_status";
    /// More about the status, for people: a tool's name, a question.
    pub const DETAIL: &str = "@shed_detail";
    /// Since when it has this status, in milliseconds since 1970.
    pub const SINCE: &str = "@shed_since";
    /// `hook` or `screen`.
    pub const SOURCE: &str = "@shed_source";
    /// The agent's own id of its conversation.
    pub const CONVERSATION: &str = "@shed_conversation";
    /// The agent's process in the shed.
    pub const AGENT_PID: &str = "@shed_agent_pid";
    /// For the guest alone: a mark that every write changes, `MILLISECONDS-WRITER`.
    pub const EVENT: &str = "@shed_event";
    /// For the guest alone: the process that speaks for the session, `PID:START:CONVERSATION`.
    pub const OWNER: &str = "@shed_owner";
}

/// Details are for a table's column; what a program in the shed puts there is cut, in characters.
const DETAIL_MAX: usize = 200;

/// Names and ids of agents are short; what is longer was not written by the guest.
const WORD_MAX: usize = 100;

/// The state of the agent, or of another program whose screen was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentState {
    /// The agent's name; none for another program.
    pub agent: Option<String>,
    /// Running, one of the two that wait, exited or failed; none if nothing was said yet.
    pub status: Option<SessionStatus>,
    /// More about the status.
    pub detail: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Hook or screen.
    pub source: StatusSource,
    /// The agent's own id of its conversation.
    pub conversation: Option<String>,
    /// The agent's process.
    pub pid: Option<u32>,
}

impl AgentState {
    /// Reads the options' values. Programs in the shed can write anything there: what makes no sense is left out.
    pub(crate) fn read([agent, status, detail, since, source, conversation, pid]: [String; 7]) -> Self {
        let status = match status.as_str() {
            "running" => Some(SessionStatus::Running),
            "waiting_input" => Some(SessionStatus::WaitingInput),
            "waiting_permission" => Some(SessionStatus::WaitingPermission),
            "exited" => Some(SessionStatus::Exited),
            "failed" => Some(SessionStatus::Failed),
            _ => None,
        };
        Self {
            agent: word(agent),
            status,
            detail: line(&detail),
            since: since.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            source: match source.as_str() {
                "hook" => StatusSource::Hook,
                "screen" => StatusSource::Screen,
                _ => StatusSource::Process,
            },
            conversation: word(conversation),
            pid: pid.parse().ok().filter(|pid| *pid != 0),
        }
    }
}

/// One word without control characters.
fn word(text: String) -> Option<String> {
    let good = !text.is_empty() && text.len() <= WORD_MAX && text.chars().all(|c| c.is_ascii_graphic());
    good.then_some(text)
}

/// One line, cut where a column would cut it anyway.
fn line(text: &str) -> Option<String> {
    let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAIL_MAX).collect::<String>();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
