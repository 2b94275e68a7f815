//! What is worth telling: a session that begins to wait, or ends, and not the same again and again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use shed_core::wire::{Event, EventType, Session, SessionStatus};
use tokio::time::Instant;

use super::words::Trigger;
use crate::live::{Key, Update, What};

/// What a person wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The statuses that are told.
    pub on: Vec<Trigger>,
    /// Only if the session had one of these before; whatever it had when empty.
    pub from: Vec<Trigger>,
    /// How long the same status of the same session is not told again. If it still has it then, it is told then.
    pub cooldown: Duration,
    /// Sheds of which nothing is told.
    pub mute: Vec<String>,
}

/// Something to tell: a `session.status` event, which a list that was read after a loss may have stood in for.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Which session.
    pub key: Key,
    /// The event.
    pub event: Event,
}

/// The rules, and what has been seen and told.
#[derive(Debug)]
pub struct Judge {
    rules: Rules,
    heard: HashSet<usize>,
    known: HashMap<Key, SessionStatus>,
    told: HashMap<(Key, SessionStatus), Instant>,
    held: BTreeMap<Key, (Instant, Notice)>,
}

impl Judge {
    /// A judge who has seen nothing.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { rules, heard: HashSet::new(), known: HashMap::new(), told: HashMap::new(), held: BTreeMap::new() }
    }

    /// Takes in an update, and says what is to be told.
    pub fn take(&mut self, update: &Update, now: Instant) -> Vec<Notice> {
        let server = update.server;
        match &update.what {
            What::All(list) => {
                // What is so when we begin is no news.
                let first = self.heard.insert(server);
                let keys: HashSet<Key> = list.sessions.iter().map(|session| Key::of(server, session)).collect();
                self.forget(|key| key.server == server && !keys.contains(key));
                let mut notices = Vec::new();
                for session in &list.sessions {
                    let before = self.known.insert(Key::of(server, session), session.status);
                    if !first && before != Some(session.status) {
                        notices.extend(self.judge(server, before, &instead(session, before), now));
                    }
                }
                notices
            }
            What::Event(event) => self.event(server, event, now).into_iter().collect(),
            What::Back | What::Lost(_) => Vec::new(),
        }
    }

    fn event(&mut self, server: usize, event: &Event, now: Instant) -> Option<Notice> {
        match event.kind {
            EventType::SessionCreated | EventType::SessionUpdated | EventType::SessionStatus => {
                let session = event.session.as_deref()?;
                let before = self.known.insert(Key::of(server, session), session.status).or(event.previous_status);
                if before == Some(session.status) {
                    return None;
                }
                let event = if event.kind == EventType::SessionStatus { event.clone() } else { instead(session, before) };
                self.judge(server, before, &event, now)
            }
            EventType::SessionClosed => {
                let gone = Key::of(server, event.session.as_deref()?);
                self.forget(|key| *key == gone);
                None
            }
            EventType::ShedStopped | EventType::ShedDeleted => {
                let shed = event.shed_name.clone();
                self.forget(|key| key.server == server && Some(&key.shed) == shed.as_ref());
                None
            }
            EventType::ShedCreated | EventType::ShedStarted | EventType::ShedUpdated | EventType::Reset | EventType::Unknown => None,
        }
    }

    fn judge(&mut self, server: usize, before: Option<SessionStatus>, event: &Event, now: Instant) -> Option<Notice> {
        let session = event.session.as_deref()?;
        let key = Key::of(server, session);
        // Whatever was held back is over.
        self.held.remove(&key);
        let fits = |triggers: &[Trigger], status| triggers.iter().any(|trigger| trigger.fits(status));
        let from = self.rules.from.is_empty() || before.is_some_and(|before| fits(&self.rules.from, before));
        if !from || !fits(&self.rules.on, session.status) || self.rules.mute.contains(&key.shed) {
            return None;
        }
        let notice = Notice { key: key.clone(), event: event.clone() };
        let again = self.told.get(&(key.clone(), session.status)).map(|at| *at + self.rules.cooldown).filter(|again| *again > now);
        if let Some(again) = again {
            self.held.insert(key, (again, notice));
            return None;
        }
        self.told.insert((key, session.status), now);
        Some(notice)
    }

    /// When something that is held back becomes due.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.held.values().map(|(due, _)| *due).min()
    }

    /// What was held back long enough.
    pub fn due(&mut self, now: Instant) -> Vec<Notice> {
        let keys: Vec<Key> = self.held.iter().filter(|(_, (due, _))| *due <= now).map(|(key, _)| key.clone()).collect();
        let mut notices = Vec::new();
        for key in keys {
            if let Some((_, notice)) = self.held.remove(&key) {
                if let Some(status) = notice.event.session.as_ref().map(|session| session.status) {
                    self.told.insert((key, status), now);
                }
                notices.push(notice);
            }
        }
        notices
    }

    fn forget(&mut self, gone: impl Fn(&Key) -> bool) {
        self.known.retain(|key, _| !gone(key));
        self.told.retain(|(key, _), _| !gone(key));
        self.held.retain(|key, _| !gone(key));
    }
}

/// The event that would have told it.
fn instead(session: &Session, before: Option<SessionStatus>) -> Event {
    Event {
        id: String::new(),
        kind: EventType::SessionStatus,
        at: session.status_changed_at.unwrap_or_else(Timestamp::now),
        shed_name: Some(session.shed_name.clone()),
        shed: None,
        session: Some(Box::new(session.clone())),
        previous_status: before,
        duration_ms: None,
        reason: None,
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
