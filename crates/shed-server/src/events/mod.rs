//! What changes, told to everyone who listens: a bounded memory of the last events, and a queue for each listener.
//!
//! Publishing never waits: a listener whose queue is full is cut off, and finds out when it has read what is in the queue.

mod filter;
mod measure;
mod ring;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use shed_core::wire::{Event, EventType};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

use self::ring::{Ring, Since};
pub use self::{filter::Filter, measure::Measured};
use crate::app::locked;

/// How many of the last events a listener can catch up with: half an hour of fifty busy sessions, some 10 MB at most.
pub const REMEMBERED: usize = 8192;

/// Why a listener that comes back has to begin anew.
const MISSED: &str = "events were missed; read the lists again";

/// An event with its JSON, which is written once for all listeners.
#[derive(Debug)]
pub struct Published {
    /// The event.
    pub event: Event,
    /// The same as one line of JSON.
    pub json: String,
}

/// The place where events are published and listened to.
#[derive(Debug)]
pub struct Bus {
    /// Begins the ids of this process, so that those of an earlier one are not taken for its own.
    process: String,
    inner: Mutex<Inner>,
    measured: Measured,
}

#[derive(Debug)]
struct Inner {
    last: u64,
    ring: Ring,
    listeners: Vec<Sender<Arc<Published>>>,
}

/// What a listener gets next.
#[derive(Debug)]
pub enum Next {
    /// An event.
    Event(Arc<Published>),
    /// The listener was too slow and was cut off; what follows is lost to it.
    CutOff,
}

/// Events in their order, first those that were missed.
#[derive(Debug)]
pub struct Subscription {
    backlog: std::vec::IntoIter<Arc<Published>>,
    receiver: Receiver<Arc<Published>>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::remembering(REMEMBERED)
    }
}

impl Bus {
    /// A bus that keeps the last `most` events.
    #[must_use]
    pub fn remembering(most: usize) -> Self {
        let process = uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect();
        Self { process, inner: Mutex::new(Inner { last: 0, ring: Ring::new(most), listeners: Vec::new() }), measured: Measured::default() }
    }

    /// Publishes an event; its id and time are given here.
    pub fn publish(&self, mut event: Event) -> Arc<Published> {
        let mut inner = locked(&self.inner);
        inner.last += 1;
        event.id = format!("{}-{}", self.process, inner.last);
        let published = published(event);
        self.measured.note(&published.event);
        let number = inner.last;
        inner.ring.push(number, Arc::clone(&published));
        // A full queue drops the listener: its receiver ends after what is in the queue.
        inner.listeners.retain(|listener| match listener.try_send(Arc::clone(&published)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
        });
        published
    }

    /// Listens from now on, or from the event after `last_id` on. If that is not remembered, the first event is a
    /// [`EventType::Reset`]. At most `queue` events wait for the listener.
    pub fn subscribe(&self, last_id: Option<&str>, queue: usize) -> Subscription {
        let (sender, receiver) = channel(queue.max(1));
        let mut inner = locked(&self.inner);
        let backlog = match last_id {
            None => Vec::new(),
            Some(id) => {
                let number = id.strip_prefix(self.process.as_str()).and_then(|rest| rest.strip_prefix('-')?.parse::<u64>().ok());
                match number.filter(|number| *number <= inner.last).map_or(Since::Forgotten, |number| inner.ring.since(number)) {
                    Since::Events(events) => events,
                    Since::Forgotten => vec![self.reset(inner.last, MISSED)],
                }
            }
        };
        inner.listeners.push(sender);
        Subscription { backlog: backlog.into_iter(), receiver }
    }

    /// How many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        locked(&self.inner).listeners.iter().filter(|listener| !listener.is_closed()).count()
    }

    /// What was measured.
    #[must_use]
    pub const fn measured(&self) -> &Measured {
        &self.measured
    }

    /// The id of the newest event, from which a listener can go on.
    #[must_use]
    pub fn last_id(&self) -> String {
        format!("{}-{}", self.process, locked(&self.inner).last)
    }

    /// A [`EventType::Reset`] for one listener, after which it can go on with what comes from now on.
    #[must_use]
    pub fn reset_for(&self, reason: &str) -> Arc<Published> {
        self.reset(locked(&self.inner).last, reason)
    }

    fn reset(&self, last: u64, reason: &str) -> Arc<Published> {
        published(Event { id: format!("{}-{last}", self.process), reason: Some(reason.to_owned()), ..blank(EventType::Reset) })
    }
}

impl Subscription {
    /// How many events wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.backlog.len() + self.receiver.len()
    }

    /// The next event, as soon as there is one.
    pub async fn next(&mut self) -> Next {
        match self.backlog.next() {
            Some(event) => Next::Event(event),
            None => self.receiver.recv().await.map_or(Next::CutOff, Next::Event),
        }
    }
}

/// An event of that type about nothing yet, with the time of now and no id.
#[must_use]
pub fn blank(kind: EventType) -> Event {
    Event {
        id: String::new(),
        kind,
        at: Timestamp::now(),
        shed_name: None,
        shed: None,
        session: None,
        previous_status: None,
        duration_ms: None,
        reason: None,
    }
}

fn published(event: Event) -> Arc<Published> {
    let json = serde_json::to_string(&event).unwrap_or_else(|_| "null".to_owned());
    Arc::new(Published { event, json })
}
