//! What is known of one shed.

use std::collections::BTreeMap;

use shed_core::wire::{Guest, Session, Shed};
use tokio_util::sync::DropGuard;

use super::{connecting, order::Order};
use crate::{
    engine::{Container, ContainerState},
    guest::GuestClient,
};

/// A shed in the view.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) container: Container,
    pub(super) guest: Guest,
    /// While the guest is connected.
    pub(super) client: Option<GuestClient>,
    /// By name; none until the first list of this run.
    pub(super) sessions: Option<Vec<Session>>,
    /// The last list made no sense, or there is no tmux.
    pub(super) unlisted: bool,
    /// The sessions' ids by tmux's own.
    pub(super) ids: BTreeMap<String, String>,
    /// The place of the list that `sessions` is from.
    pub(super) order: Order,
    /// The number of the guest's connection, or of the time without one.
    pub(super) connection: u64,
    /// The number of this run; lists of another are not taken.
    pub(super) run: u64,
    /// Ends the task that follows this run.
    pub(super) keeper: Option<DropGuard>,
}

impl Entry {
    pub(super) fn new(container: Container) -> Self {
        Self {
            container,
            guest: connecting(),
            client: None,
            sessions: None,
            unlisted: false,
            ids: BTreeMap::new(),
            order: Order::default(),
            connection: 0,
            run: 0,
            keeper: None,
        }
    }

    /// Whether changes of its sessions are told without being asked for.
    pub(super) fn is_followed(&self) -> bool {
        self.container.state == ContainerState::Running
            && self.sessions.is_some()
            && !self.unlisted
            && self.client.as_ref().is_some_and(|client| !client.is_closed())
    }

    /// Whether that is the same start of the same container, as far as is known.
    pub(super) fn is_same_run(&self, other: &Container) -> bool {
        match (self.container.started_at, other.started_at) {
            (Some(known), Some(other)) => known == other,
            _ => true,
        }
    }

    /// Forgets everything that ends with the container, and answers with its sessions.
    pub(super) fn end_run(&mut self) -> Vec<Session> {
        self.keeper = None;
        self.client = None;
        self.guest = connecting();
        self.run = 0;
        self.unlisted = false;
        self.ids.clear();
        self.order = Order::default();
        self.sessions.take().unwrap_or_default()
    }

    /// The shed as the API shows it.
    pub(super) fn wire(&self) -> Shed {
        let alive = matches!(self.container.state, ContainerState::Running | ContainerState::Paused);
        Shed { guest: alive.then(|| self.guest.clone()), ..Shed::from(self.container.clone()) }
    }
}
