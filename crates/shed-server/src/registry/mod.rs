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

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use shed_core::{
    ShedName,
    wire::{Event, EventType, Guest, GuestStatus, Session, Shed},
};

use self::{entry::Entry, order::Order, reconcile::ByTmuxId};
pub(crate) use self::{listing::Listing, order::Ticket};
use crate::{
    app::locked,
    engine::{Container, ContainerId, ContainerState},
    events::{Bus, Subscription, blank},
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

    /// The engine is not heard any more.
    pub(crate) fn distrust(&self) {
        locked(&self.inner).trusted = false;
    }

    /// Everything there is in the engine; from now on the view is to be trusted. Answers with the running containers that
    /// nobody keeps yet.
    pub(crate) fn set_all(&self, containers: Vec<Container>) -> Vec<Container> {
        let mut inner = locked(&self.inner);
        let gone: Vec<ShedName> =
            inner.sheds.keys().filter(|name| containers.iter().all(|container| container.shed != **name)).cloned().collect();
        for name in gone {
            self.remove(&mut inner, &name);
        }
        let mut unkept = Vec::new();
        for container in containers {
            let running = container.state == ContainerState::Running;
            let shed = container.shed.clone();
            self.put(&mut inner, container);
            if let Some(entry) = inner.sheds.get(&shed).filter(|entry| running && entry.keeper.is_none()) {
                unkept.push(entry.container.clone());
            }
        }
        inner.trusted = true;
        unkept
    }

    /// One shed's container as it is now, or that there is none.
    pub(crate) fn set_one(&self, shed: &ShedName, container: Option<Container>) {
        let mut inner = locked(&self.inner);
        match container {
            Some(container) => self.put(&mut inner, container),
            None => self.remove(&mut inner, shed),
        }
    }

    fn put(&self, inner: &mut Inner, container: Container) {
        let shed = container.shed.clone();
        let Some(entry) = inner.sheds.get_mut(&shed) else {
            inner.version += 1;
            let entry = Entry::new(container);
            self.publish(EventType::ShedCreated, &shed, Some(entry.wire()));
            if entry.container.state == ContainerState::Running {
                self.publish(EventType::ShedStarted, &shed, Some(entry.wire()));
            }
            inner.sheds.insert(shed, entry);
            return;
        };
        let another = entry.container.id != container.id;
        let was = entry.container.state;
        let same_run = !another && was == container.state && entry.is_same_run(&container);
        if same_run {
            // A list does not know when a container started; what is known stays.
            let started_at = container.started_at.or(entry.container.started_at);
            entry.container = Container { started_at, ..container };
            return;
        }
        inner.version += 1;
        let stays = !another
            && matches!(
                (was, container.state),
                (ContainerState::Running, ContainerState::Paused) | (ContainerState::Paused, ContainerState::Running)
            );
        if stays && entry.is_same_run(&container) {
            let started_at = container.started_at.or(entry.container.started_at);
            entry.container = Container { started_at, ..container };
            let shed_now = entry.wire();
            self.publish(EventType::ShedUpdated, &shed, Some(shed_now));
            return;
        }
        // Another run: nothing of the one before lives on.
        let closed = entry.end_run();
        let runs = container.state == ContainerState::Running;
        entry.container = container;
        let shed_now = entry.wire();
        for session in closed {
            self.publish_event(diff::closed(session));
        }
        if matches!(was, ContainerState::Running | ContainerState::Paused) {
            self.publish(EventType::ShedStopped, &shed, Some(shed_now.clone()));
        }
        self.publish(if runs { EventType::ShedStarted } else { EventType::ShedUpdated }, &shed, Some(shed_now));
    }

    fn remove(&self, inner: &mut Inner, shed: &ShedName) {
        let Some(mut entry) = inner.sheds.remove(shed) else { return };
        inner.version += 1;
        let was = entry.container.state;
        for session in entry.end_run() {
            self.publish_event(diff::closed(session));
        }
        if matches!(was, ContainerState::Running | ContainerState::Paused) {
            self.publish(EventType::ShedStopped, shed, None);
        }
        self.publish(EventType::ShedDeleted, shed, None);
    }

    fn publish(&self, kind: EventType, shed: &ShedName, now: Option<Shed>) {
        self.publish_event(Event { shed_name: Some(shed.to_string()), shed: now.map(Box::new), ..blank(kind) });
    }

    fn publish_event(&self, event: Event) {
        self.events.publish(event);
    }

    /// For a list that is about to be taken through execs: none if the guest is connected, whose lists are better.
    pub(crate) fn ticket(&self, container: &Container) -> Option<Ticket> {
        let mut inner = locked(&self.inner);
        inner.numbers += 1;
        let number = inner.numbers;
        let entry = inner.sheds.get_mut(&container.shed).filter(|entry| entry.container.id == container.id)?;
        entry.client.is_none().then_some(Ticket { run: entry.run, order: Order { connection: entry.connection, seq: number } })
    }

    /// For a list of this guest with this number; none if another guest has taken its place, whose numbers begin anew.
    fn guest_ticket(&self, container: &Container, guest: &GuestClient, seq: u64) -> Option<Ticket> {
        let inner = locked(&self.inner);
        let entry = inner.sheds.get(&container.shed).filter(|entry| entry.container.id == container.id)?;
        let same = entry.client.as_ref().is_some_and(|client| client.id() == guest.id());
        same.then_some(Ticket { run: entry.run, order: Order { connection: entry.connection, seq } })
    }

    /// Takes over a list and publishes what is different. A list that is older than what is known is dropped.
    pub(crate) fn apply(&self, shed: &ShedName, ticket: Ticket, listing: Listing) -> bool {
        let mut inner = locked(&self.inner);
        let Some(entry) = inner.sheds.get_mut(shed).filter(|entry| entry.run == ticket.run) else { return false };
        if !entry.order.accepts(ticket.order) {
            return false;
        }
        entry.order = ticket.order;
        let Listing { mut sessions, ids } = listing;
        entry.ids = ids;
        // A list says nothing of resources; what was measured stays until it is measured again.
        for session in &mut sessions {
            session.resources = entry.sessions.iter().flatten().find(|old| old.id == session.id).and_then(|old| old.resources);
        }
        entry.unlisted = false;
        let changes = diff::changes(entry.sessions.as_deref().unwrap_or_default(), &sessions);
        let other = entry.sessions.as_ref() != Some(&sessions);
        entry.sessions = Some(sessions);
        inner.version += u64::from(other);
        for event in changes {
            self.publish_event(event);
        }
        true
    }

    /// A keeper takes the running container; its number tells this run from the next. None if the container is not there
    /// any more, or is kept already.
    fn begin_run(&self, container: &Container, keeper: tokio_util::sync::DropGuard) -> Option<u64> {
        let mut inner = locked(&self.inner);
        inner.numbers += 1;
        let run = inner.numbers;
        let entry = inner.sheds.get_mut(&container.shed).filter(|entry| {
            entry.container.id == container.id && entry.container.state == ContainerState::Running && entry.keeper.is_none()
        })?;
        entry.keeper = Some(keeper);
        entry.run = run;
        Some(run)
    }

    /// The guest of this run came, or went with a reason. Answers with the number of the new connection; none if the run is
    /// over.
    fn set_guest(&self, shed: &ShedName, run: u64, guest: Guest, client: Option<GuestClient>) -> Option<()> {
        let mut inner = locked(&self.inner);
        inner.numbers += 1;
        let connection = inner.numbers;
        let entry = inner.sheds.get_mut(shed).filter(|entry| entry.run == run)?;
        entry.connection = connection;
        entry.client = client;
        let changed = entry.guest != guest;
        entry.guest = guest;
        if changed {
            let now = entry.wire();
            inner.version += 1;
            self.publish(EventType::ShedUpdated, shed, Some(now));
        }
        Some(())
    }

    /// The run's container is known better now: a list does not know when it started.
    fn know_start(&self, container: &Container, run: u64) {
        let mut inner = locked(&self.inner);
        if let Some(entry) = inner.sheds.get_mut(&container.shed).filter(|entry| entry.run == run && entry.container.id == container.id) {
            entry.container.started_at = container.started_at;
        }
    }

    /// There is no list any more: the shed has to be asked.
    fn forget_list(&self, container: &Container) {
        let mut inner = locked(&self.inner);
        inner.version += 1;
        if let Some(entry) = inner.sheds.get_mut(&container.shed).filter(|entry| entry.container.id == container.id) {
            entry.unlisted = true;
        }
    }

    /// What the sessions of a shed use now.
    fn measured(&self, container: &Container, resources: &ByTmuxId) {
        let mut inner = locked(&self.inner);
        let Some(entry) = inner.sheds.get_mut(&container.shed).filter(|entry| entry.container.id == container.id) else { return };
        let mut events = Vec::new();
        for (tmux_id, now) in resources {
            let Some(id) = entry.ids.get(tmux_id) else { continue };
            let Some(session) = entry.sessions.iter_mut().flatten().find(|session| session.id == *id) else { continue };
            if session.resources != Some(*now) {
                session.resources = Some(*now);
                events.push(diff::updated(session.clone()));
            }
        }
        if !events.is_empty() {
            inner.version += 1;
        }
        for event in events {
            self.publish_event(event);
        }
    }

    /// Nothing is followed any more.
    pub(crate) fn close(&self) {
        let mut inner = locked(&self.inner);
        inner.trusted = false;
        for entry in inner.sheds.values_mut() {
            entry.keeper = None;
            entry.client = None;
            // The number of no run: what is still on its way is not taken.
            entry.run = 0;
        }
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
