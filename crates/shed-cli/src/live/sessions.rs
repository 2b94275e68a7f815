//! The sessions of several servers, kept up to date.

use std::collections::BTreeMap;

use shed_core::wire::{Event, EventType, Session, SessionList, ShedStatus};

use super::{Update, What};

/// Which session: stays the same through renames.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The server's place in the list of servers.
    pub server: usize,
    /// The shed.
    pub shed: String,
    /// The session's id.
    pub id: String,
}

impl Key {
    /// The key of a session of a server.
    #[must_use]
    pub fn of(server: usize, session: &Session) -> Self {
        Self { server, shed: session.shed_name.clone(), id: session.id.clone() }
    }
}

/// The sessions of several servers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sessions {
    known: BTreeMap<Key, Session>,
    /// Of each server, why it can't be reached; none before the first answer, an empty one is good news.
    lost: BTreeMap<usize, Option<String>>,
}

impl Sessions {
    /// Takes in an update; true if anything is different now.
    pub fn apply(&mut self, update: Update) -> bool {
        let Update { server, what } = update;
        match what {
            What::All(list) => self.replace(server, list),
            What::Back => self.lost.insert(server, None) != Some(None),
            What::Lost(reason) => {
                let reason = Some(reason);
                self.lost.insert(server, reason.clone()) != Some(reason)
            }
            What::Event(event) => self.event(server, *event),
        }
    }

    fn replace(&mut self, server: usize, list: SessionList) -> bool {
        let before = self.clone();
        self.lost.insert(server, None);
        self.known.retain(|key, _| key.server != server);
        for session in list.sessions {
            self.known.insert(Key::of(server, &session), session);
        }
        // What a session's processes use is asked for apart from the list, and still true.
        for (key, session) in &mut self.known {
            session.resources = session.resources.or_else(|| before.known.get(key)?.resources);
        }
        *self != before
    }

    fn event(&mut self, server: usize, event: Event) -> bool {
        match event.kind {
            EventType::SessionCreated | EventType::SessionUpdated | EventType::SessionStatus => {
                let Some(mut session) = event.session.map(|session| *session) else { return false };
                let key = Key::of(server, &session);
                let before = self.known.get(&key);
                session.resources = session.resources.or_else(|| before?.resources);
                let changed = before != Some(&session);
                self.known.insert(key, session);
                changed
            }
            EventType::SessionClosed => event.session.is_some_and(|session| self.known.remove(&Key::of(server, &session)).is_some()),
            EventType::ShedStopped | EventType::ShedDeleted => self.without_shed(server, event.shed_name.as_deref()),
            EventType::ShedUpdated if event.shed.as_ref().is_some_and(|shed| shed.status == ShedStatus::Stopped) => {
                self.without_shed(server, event.shed_name.as_deref())
            }
            EventType::ShedCreated | EventType::ShedStarted | EventType::ShedUpdated | EventType::Reset | EventType::Unknown => false,
        }
    }

    fn without_shed(&mut self, server: usize, shed: Option<&str>) -> bool {
        let before = self.known.len();
        self.known.retain(|key, _| key.server != server || Some(key.shed.as_str()) != shed);
        self.known.len() != before
    }

    /// Puts in what the processes of the sessions of a server use.
    pub fn resources(&mut self, server: usize, list: &SessionList) {
        for session in &list.sessions {
            if let Some(known) = self.known.get_mut(&Key::of(server, session)) {
                known.resources = session.resources;
            }
        }
    }

    /// All of them, by server, shed and id.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Session)> {
        self.known.iter()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Session> {
        self.known.get(key)
    }

    /// Why a server can't be reached, if it can't.
    #[must_use]
    pub fn lost(&self, server: usize) -> Option<&str> {
        self.lost.get(&server)?.as_deref()
    }

    /// Whether a server has said anything yet, or was found to be out of reach.
    #[must_use]
    pub fn heard(&self, server: usize) -> bool {
        self.lost.contains_key(&server)
    }
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
pub(crate) mod tests;
