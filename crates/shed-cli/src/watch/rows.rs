//! Which rows are shown, and in which order.

use std::cmp::Reverse;

use shed_core::wire::Session;

use crate::{attention, live::Key};

/// Which sessions are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those that wait for a person or failed.
    Attention,
    /// Those that work.
    Running,
    /// Those whose program has ended.
    Ended,
}

impl Show {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::All => Self::Attention,
            Self::Attention => Self::Running,
            Self::Running => Self::Ended,
            Self::Ended => Self::All,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Attention => "attention",
            Self::Running => "running",
            Self::Ended => "ended",
        }
    }

    /// Whether a session is shown.
    #[must_use]
    pub fn fits(self, session: &Session) -> bool {
        let status = session.status;
        match self {
            Self::All => true,
            Self::Attention => attention::order(session).0 <= 1,
            Self::Running => !status.has_ended() && !status.is_waiting(),
            Self::Ended => status.has_ended(),
        }
    }
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// What wants attention first.
    #[default]
    Attention,
    /// By server, shed and session.
    Name,
    /// The latest change of status first.
    Since,
    /// The most busy first.
    Cpu,
    /// The largest first.
    Memory,
}

impl Order {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Attention => Self::Name,
            Self::Name => Self::Since,
            Self::Since => Self::Cpu,
            Self::Cpu => Self::Memory,
            Self::Memory => Self::Attention,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Name => "name",
            Self::Since => "since",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// Puts rows in this order.
    pub fn sort(self, rows: &mut [(&Key, &Session)]) {
        rows.sort_by(|(a, left), (b, right)| (a.server, &a.shed, &left.name).cmp(&(b.server, &b.shed, &right.name)));
        // The sorts are stable: what is equal stays in the order of names.
        match self {
            Self::Name => {}
            Self::Attention => rows.sort_by_key(|(_, session)| attention::order(session)),
            Self::Since => rows.sort_by_key(|(_, session)| Reverse(attention::since(session))),
            Self::Cpu => {
                let cpu = |session: &Session| session.resources.map_or(-1.0, |used| used.cpu_percent);
                rows.sort_by(|(_, left), (_, right)| cpu(right).total_cmp(&cpu(left)));
            }
            Self::Memory => rows.sort_by_key(|(_, session)| Reverse(session.resources.map(|used| used.memory_bytes))),
        }
    }
}
