//! What an event makes of a session's status. Pure: the same facts always give the same answer.

use shed_core::wire::SessionStatus;

/// A tool that an agent uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tool {
    /// `Bash`
    pub name: String,
    /// With what it is used for, as a person wants to read it: `Bash: make test`.
    pub label: String,
}

/// What an agent tells, in the words of no agent in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It started, with something to do at once or without.
    Started {
        /// Whether a prompt is on its way.
        prompted: bool,
    },
    /// A prompt was submitted.
    Prompted,
    /// It works, whatever at.
    Works,
    /// A tool is about to run, or waits for its turn to ask.
    ToolStarts(Tool),
    /// A tool has run, or has failed.
    ToolEnds(Tool),
    /// It asks whether it may do this.
    Asks(Tool),
    /// It asks, and told so seconds ago: by now that may be over.
    StillAsks(String),
    /// The person has answered.
    Answered,
    /// It asks the person something, or shows a form.
    Question(String),
    /// It has been waiting for a prompt for a while.
    StillIdle,
    /// It has been waiting for a person for a while, who is to do this.
    StillNeeds(String),
    /// It is done with the turn.
    Done,
    /// It is done with the turn, and sub-agents of it work on.
    DoneButHelpers,
    /// A tool of a sub-agent has run. What sub-agents do changes nothing, but they ask in the agent's own screen, and then the
    /// session waits; this shows that one was answered.
    HelperToolEnds(Tool),
    /// It makes its conversation shorter, because the person asked for that or because it must.
    Compacts {
        /// Whether the person asked.
        asked: bool,
    },
    /// It goes on with the shorter conversation.
    Compacted,
    /// It says that it ends.
    Ended,
    /// Its process is gone.
    Gone {
        /// Whether this agent says so when it ends by itself.
        tells: bool,
    },
    /// Nothing about what it does.
    Nothing,
}

/// A status with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The word.
    pub status: SessionStatus,
    /// More, for people; empty for nothing.
    pub detail: String,
}

/// What is known of the session when an event comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Its status.
    pub status: Option<SessionStatus>,
    /// The detail.
    pub detail: String,
    /// When the newest event happened, in milliseconds since 1970.
    pub newest: Option<i64>,
    /// Whether a permission dialog is on the screen.
    pub dialog: bool,
    /// Whether the screen shows that the agent works.
    pub busy: bool,
}

/// From its start until it has its prompt.
const STARTING: &str = "starting";
/// While a person has asked to make the conversation shorter.
const COMPACTING: &str = "compacting";
/// While the agent does so in the middle of its work.
const COMPACTING_ITSELF: &str = "compacting, then goes on";

/// Events from further ahead than this come from a clock that was set back; they must not silence all that follow. In
/// milliseconds.
const CLOCK_SLACK: i64 = 60_000;

/// While sub-agents work and the agent itself has nothing to do.
const HELPERS: &str = "sub-agent";

/// Whether a word about waiting that comes late may still be true.
fn may_wait(known: &Known) -> bool {
    match known.status {
        None | Some(SessionStatus::Running | SessionStatus::WaitingPermission) => !known.busy,
        // It waits already, or it is gone.
        Some(
            SessionStatus::WaitingInput | SessionStatus::Completed | SessionStatus::Failed | SessionStatus::Exited | SessionStatus::Unknown,
        ) => false,
    }
}

fn status(status: SessionStatus, detail: impl Into<String>) -> Option<Status> {
    Some(Status { status, detail: detail.into() })
}

/// The status after `event`, which happened at `at`; none if it changes nothing.
#[must_use]
pub fn after(known: &Known, event: &Event, at: i64) -> Option<Status> {
    // Hooks run at the same time; the one that started last knows best, whichever arrives first.
    if known.newest.is_some_and(|newest| newest > at && newest < at.saturating_add(CLOCK_SLACK)) {
        return None;
    }
    let asks = known.status == Some(SessionStatus::WaitingPermission);
    let new = match event {
        // Later starts, as of another conversation, have no prompt.
        Event::Started { prompted: true } if known.status.is_none_or(SessionStatus::has_ended) || known.detail == STARTING => {
            status(SessionStatus::Running, STARTING)
        }
        Event::Started { .. } | Event::Done => status(SessionStatus::WaitingInput, ""),
        Event::Prompted | Event::Answered => status(SessionStatus::Running, ""),
        // A sub-agent may have asked a moment before.
        Event::DoneButHelpers if asks => None,
        Event::DoneButHelpers => status(SessionStatus::Running, HELPERS),
        Event::HelperToolEnds(tool) if asks && (known.detail == tool.label || !known.dialog) => status(SessionStatus::Running, HELPERS),
        Event::HelperToolEnds(_) => None,
        Event::Works => match known.status {
            // It works while it asks, too; and what runs is known better already.
            Some(SessionStatus::Running | SessionStatus::WaitingPermission) if known.detail != STARTING => None,
            _ => status(SessionStatus::Running, ""),
        },
        // Tools run side by side: while one asks, another starts or ends.
        Event::ToolStarts(_) if asks && known.dialog => None,
        Event::ToolEnds(tool) if asks && known.detail != tool.label && known.dialog => None,
        Event::ToolStarts(tool) | Event::ToolEnds(tool) => status(SessionStatus::Running, &tool.name),
        Event::Asks(tool) => status(SessionStatus::WaitingPermission, &tool.label),
        // Only the screen knows whether it was answered meanwhile; and what was told first is more exact.
        Event::StillAsks(_) if asks || !known.dialog => None,
        Event::StillAsks(what) => status(SessionStatus::WaitingPermission, what),
        Event::Question(what) => status(SessionStatus::WaitingInput, what),
        Event::StillIdle if may_wait(known) => status(SessionStatus::WaitingInput, ""),
        Event::StillNeeds(what) if may_wait(known) && !asks => status(SessionStatus::WaitingInput, what),
        Event::StillIdle | Event::StillNeeds(_) => None,
        Event::Compacts { asked } => status(SessionStatus::Running, if *asked { COMPACTING } else { COMPACTING_ITSELF }),
        Event::Compacted => match known.detail.as_str() {
            COMPACTING => status(SessionStatus::WaitingInput, ""),
            COMPACTING_ITSELF => status(SessionStatus::Running, ""),
            _ => None,
        },
        Event::Ended => status(SessionStatus::Exited, ""),
        Event::Gone { .. } if known.status.is_some_and(SessionStatus::has_ended) => None,
        Event::Gone { tells: true } => status(SessionStatus::Failed, "crashed"),
        Event::Gone { tells: false } => status(SessionStatus::Exited, ""),
        Event::Nothing => None,
    };
    new.filter(|new| known.status != Some(new.status) || known.detail != new.detail)
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
