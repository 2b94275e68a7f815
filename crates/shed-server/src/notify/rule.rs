//! Which changes a target is told of.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use shed_core::wire::{Event, EventType, SessionStatus};

use super::pattern::fits;

/// What a target wants to know, and what it was told lately.
#[derive(Debug, Clone, Default)]
pub(super) struct Rule {
    pub on: Vec<SessionStatus>,
    pub from: Vec<SessionStatus>,
    pub sheds: Vec<String>,
    pub mute: Vec<String>,
    pub cooldown: Duration,
    /// When which status of which session was told; what is older than the cooldown is forgotten.
    pub told: HashMap<(String, SessionStatus), Instant>,
}

impl Rule {
    /// Whether this is news for the target. Only changes of a session's status are; what was there when the server started
    /// comes as `session.created`, and another detail of the same status is none.
    pub(super) fn wants(&mut self, event: &Event, now: Instant) -> bool {
        let (EventType::SessionStatus, Some(session), Some(previous)) = (event.kind, &event.session, event.previous_status) else {
            return false;
        };
        let fits_one = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &session.shed_name));
        let wanted = previous != session.status
            && self.on.contains(&session.status)
            && (self.from.is_empty() || self.from.contains(&previous))
            && (self.sheds.is_empty() || fits_one(&self.sheds))
            && !fits_one(&self.mute);
        if !wanted {
            return false;
        }
        self.told.retain(|_, told| now.duration_since(*told) < self.cooldown);
        let key = (session.id.clone(), session.status);
        if self.told.contains_key(&key) {
            return false;
        }
        self.told.insert(key, now);
        true
    }
}
