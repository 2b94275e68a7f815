//! Changing the view. Whatever changes is published under the same lock, so that nobody sees one without the other.

use std::collections::HashMap;

use shed_core::{
    ShedName,
    wire::{Event, EventType, Guest, Shed},
};
use tokio_util::sync::DropGuard;

use super::{Inner, Listing, Registry, Ticket, diff, entry::Entry, order::Order, reconcile::ByTmuxId};
use crate::{
    app::locked,
    engine::{Container, ContainerState},
    events::blank,
    guest::GuestClient,
};

impl Registry {
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
    pub(super) fn guest_ticket(&self, container: &Container, guest: &GuestClient, seq: u64) -> Option<Ticket> {
        let inner = locked(&self.inner);
        let entry = inner.sheds.get(&container.shed).filter(|entry| entry.container.id == container.id)?;
        let same = entry.client.as_ref().is_some_and(|client| client.id() == guest.id());
        same.then_some(Ticket { run: entry.run, order: Order { connection: entry.connection, seq } })
    }

    /// Takes over a list and publishes what is different; answers with how many events that were. A list that is older than
    /// what is known is dropped: none.
    pub(crate) fn apply(&self, shed: &ShedName, ticket: Ticket, listing: Listing) -> Option<usize> {
        let mut inner = locked(&self.inner);
        let entry = inner.sheds.get_mut(shed).filter(|entry| entry.run == ticket.run && entry.order.accepts(ticket.order))?;
        entry.order = ticket.order;
        let Listing { mut sessions, ids } = listing;
        entry.ids = ids;
        // A list says nothing of resources; what was measured stays until it is measured again.
        let measured: HashMap<&str, _> = entry.sessions.iter().flatten().map(|old| (old.id.as_str(), old.resources)).collect();
        for session in &mut sessions {
            session.resources = measured.get(session.id.as_str()).copied().flatten();
        }
        entry.unlisted = false;
        let changes = diff::changes(entry.sessions.as_deref().unwrap_or_default(), &sessions);
        let other = entry.sessions.as_ref() != Some(&sessions);
        entry.sessions = Some(sessions);
        inner.version += u64::from(other);
        let count = changes.len();
        for event in changes {
            self.publish_event(event);
        }
        Some(count)
    }

    /// A keeper takes the running container; its number tells this run from the next. None if the container is not there
    /// any more, or is kept already.
    pub(super) fn begin_run(&self, container: &Container, keeper: DropGuard) -> Option<u64> {
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

    /// The guest of this run came, or went with a reason. False if the run is over.
    pub(super) fn set_guest(&self, shed: &ShedName, run: u64, guest: Guest, client: Option<GuestClient>) -> bool {
        let mut inner = locked(&self.inner);
        inner.numbers += 1;
        let connection = inner.numbers;
        let Some(entry) = inner.sheds.get_mut(shed).filter(|entry| entry.run == run) else { return false };
        entry.connection = connection;
        entry.client = client;
        let changed = entry.guest != guest;
        entry.guest = guest;
        if changed {
            let now = entry.wire();
            inner.version += 1;
            self.publish(EventType::ShedUpdated, shed, Some(now));
        }
        true
    }

    /// The run's container is known better now: a list does not know when it started.
    pub(super) fn know_start(&self, container: &Container, run: u64) {
        let mut inner = locked(&self.inner);
        if let Some(entry) = inner.sheds.get_mut(&container.shed).filter(|entry| entry.run == run && entry.container.id == container.id) {
            entry.container.started_at = container.started_at;
        }
    }

    /// There is no list any more: the shed has to be asked.
    pub(super) fn forget_list(&self, container: &Container) {
        let mut inner = locked(&self.inner);
        inner.version += 1;
        if let Some(entry) = inner.sheds.get_mut(&container.shed).filter(|entry| entry.container.id == container.id) {
            entry.unlisted = true;
        }
    }

    /// What the sessions of a shed use now.
    pub(super) fn measured(&self, container: &Container, resources: &ByTmuxId) {
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
}
