//! Which process speaks for a session.
//!
//! An agent may run another one (`claude -p` from a tool), which inherits the session's environment and so reports to the same
//! session. The first agent keeps the session as long as it lives.

use std::fmt;

/// A process, with what tells it from a later one of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot.
    pub start: u64,
}

/// An agent's process and the conversation it last spoke about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The process.
    pub process: Process,
    /// The conversation; may be empty.
    pub conversation: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.process.pid, self.process.start, self.conversation)
    }
}

impl Owner {
    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let process = Process { pid: parts.next()?.parse().ok()?, start: parts.next()?.parse().ok()? };
        Some(Self { process, conversation: parts.next()?.to_owned() })
    }
}

/// Whether an agent may speak for the session. `lives` tells whether a process still runs.
#[must_use]
pub fn may_speak(owner: Option<&Owner>, sender: &Owner, lives: impl Fn(Process) -> bool) -> bool {
    let Some(owner) = owner else { return true };
    // One agent may call its hooks from more than one process; its conversation gives it away.
    let same_conversation = !owner.conversation.is_empty() && owner.conversation == sender.conversation;
    owner.process == sender.process || same_conversation || !lives(owner.process)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owner(pid: u32, conversation: &str) -> Owner {
        Owner { process: Process { pid, start: 5 }, conversation: conversation.to_owned() }
    }

    #[test]
    fn t27_a_nested_agent_does_not_speak_for_the_session() {
        let outer = owner(10, "a");
        assert!(may_speak(None, &owner(10, "a"), |_| true));
        assert!(may_speak(Some(&outer), &owner(10, "after clear"), |_| true));
        assert!(!may_speak(Some(&outer), &owner(20, "b"), |_| true));
        assert!(may_speak(Some(&outer), &owner(20, "a"), |_| true));
        assert!(may_speak(Some(&outer), &owner(20, "b"), |_| false), "the first is gone");
        assert!(!may_speak(Some(&owner(10, "")), &owner(20, ""), |_| true), "no conversation is not the same conversation");
    }

    proptest! {
        #[test]
        fn an_owner_comes_back(pid: u32, start: u64, conversation in "[a-z0-9:_-]{0,9}") {
            let owner = Owner { process: Process { pid, start }, conversation };
            prop_assert_eq!(Owner::read(&owner.to_string()), Some(owner));
        }

        #[test]
        fn no_text_panics(text in r"\PC*") {
            let _ = Owner::read(&text);
        }
    }
}
