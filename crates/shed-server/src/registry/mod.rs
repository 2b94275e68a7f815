//! The live view: all sheds and their sessions in memory, so that reads wait for nobody.
//!
//! It is filled by the engine's events and by the guests, and by every write that goes through the server before its caller
//! hears of it. What changes is published as events under the same lock, so events and view never disagree.

mod diff;
mod entry;
mod keeper;
mod listing;
mod order;
mod reconcile;
mod sync;
mod write;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use shed_core::{
    ShedName,
    wire::{Guest, GuestStatus, Session, Shed},
};

use self::entry::Entry;
pub(crate) use self::{listing::Listing, order::Ticket};
use crate::{
    app::locked,
    engine::{Container, ContainerId, ContainerState},
    events::{Bus, Subscription},
    guest::GuestClient,
};

/// The live view.
#[derive(Debug)]
pub struct Registry {
    events: Arc<Bus>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Whether the engine's events are being heard, and everything before them was read. Without that nothing here is sure.
    trusted: bool,
    /// Rises with every change of what a list would show.
    version: u64,
    /// Gives every run of a container, and every connection of a guest, its own number.
    numbers: u64,
    sheds: BTreeMap<ShedName, Entry>,
}

/// What is known of a shed's sessions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Known<T> {
    /// This is how it is.
    Now(T),
    /// Only the shed itself can tell.
    Ask,
}

/// What is known of all sheds.
#[derive(Debug, Default)]
pub(crate) struct Everything {
    /// The sessions of the sheds that are followed.
    pub(crate) sessions: Vec<Session>,
    /// Running sheds that are not followed and have to be asked.
    pub(crate) ask: Vec<Container>,
}

/// Counts for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sheds by status.
    pub sheds: BTreeMap<&'static str, u64>,
    /// Sessions by status.
    pub sessions: BTreeMap<&'static str, u64>,
    /// Guests of running sheds by state.
    pub guests: BTreeMap<&'static str, u64>,
}

impl Registry {
    /// An empty view that publishes what changes.
    #[must_use]
    pub fn new(events: Arc<Bus>) -> Self {
        Self { events, inner: Mutex::default() }
    }

    /// All sessions as they are now, and every event from now on; nothing is between the two.
    pub fn follow(&self, queue: usize) -> (Vec<Session>, Subscription) {
        let inner = locked(&self.inner);
        let sessions = inner.sheds.values().flat_map(|entry| entry.sessions.iter().flatten().cloned()).collect();
        (sessions, self.events.subscribe(None, queue))
    }

    /// How many there are of what.
    pub fn counts(&self) -> Counts {
        let inner = locked(&self.inner);
        let mut counts = Counts::default();
        for entry in inner.sheds.values() {
            let shed = entry.wire();
            *counts.sheds.entry(shed.status.as_str()).or_default() += 1;
            if let Some(guest) = &shed.guest {
                *counts.guests.entry(guest.status.as_str()).or_default() += 1;
            }
            for session in entry.sessions.iter().flatten() {
                *counts.sessions.entry(session.status.as_str()).or_default() += 1;
            }
        }
        counts
    }

    /// The shed's container, if the view is to be trusted.
    pub(crate) fn container(&self, shed: &ShedName) -> Known<Option<Container>> {
        let inner = locked(&self.inner);
        if inner.trusted { Known::Now(inner.sheds.get(shed).map(|entry| entry.container.clone())) } else { Known::Ask }
    }

    /// The guest of that container, if it is connected.
    pub(crate) fn guest(&self, shed: &ShedName, id: &ContainerId) -> Option<GuestClient> {
        let inner = locked(&self.inner);
        let entry = inner.sheds.get(shed).filter(|entry| entry.container.id == *id)?;
        entry.client.clone().filter(|client| !client.is_closed())
    }

    /// What is known of the shed's guest, while it runs.
    pub(crate) fn guest_state(&self, shed: &ShedName, id: &ContainerId) -> Option<Guest> {
        let inner = locked(&self.inner);
        inner.sheds.get(shed).filter(|entry| entry.container.id == *id)?.wire().guest
    }

    /// All sheds, if the view is to be trusted.
    pub(crate) fn sheds(&self) -> Known<Vec<Shed>> {
        let inner = locked(&self.inner);
        if inner.trusted { Known::Now(inner.sheds.values().map(Entry::wire).collect()) } else { Known::Ask }
    }

    /// The sessions of a shed, if they are followed.
    pub(crate) fn sessions(&self, shed: &ShedName) -> Known<Vec<Session>> {
        let inner = locked(&self.inner);
        match inner.sheds.get(shed) {
            Some(entry) if inner.trusted && entry.is_followed() => Known::Now(entry.sessions.clone().unwrap_or_default()),
            _ => Known::Ask,
        }
    }

    /// One session by name, if the shed is followed.
    pub(crate) fn session(&self, shed: &ShedName, name: &str) -> Known<Option<Session>> {
        let inner = locked(&self.inner);
        match inner.sheds.get(shed) {
            Some(entry) if inner.trusted && entry.is_followed() => {
                Known::Now(entry.sessions.iter().flatten().find(|session| session.name == name).cloned())
            }
            _ => Known::Ask,
        }
    }

    /// All sessions and the sheds that must be asked, or nothing if the view can't be trusted.
    pub(crate) fn everything(&self) -> Known<Everything> {
        let inner = locked(&self.inner);
        if !inner.trusted {
            return Known::Ask;
        }
        let mut everything = Everything::default();
        for entry in inner.sheds.values() {
            if entry.is_followed() {
                everything.sessions.extend(entry.sessions.iter().flatten().cloned());
            } else if entry.container.state == ContainerState::Running {
                everything.ask.push(entry.container.clone());
            }
        }
        Known::Now(everything)
    }

    /// The version of the view, if all of it is known: what was written down of that version is still true.
    pub(crate) fn complete_version(&self) -> Option<u64> {
        let inner = locked(&self.inner);
        let complete = inner.sheds.values().all(|entry| entry.is_followed() || entry.container.state != ContainerState::Running);
        (inner.trusted && complete).then_some(inner.version)
    }

    /// All guests that are connected.
    fn connected(&self) -> Vec<(Container, GuestClient)> {
        let inner = locked(&self.inner);
        inner.sheds.values().filter_map(|entry| Some((entry.container.clone(), entry.client.clone()?))).collect()
    }
}

/// A guest that is being started.
fn connecting() -> Guest {
    Guest { status: GuestStatus::Connecting, reason: None, version: None }
}
