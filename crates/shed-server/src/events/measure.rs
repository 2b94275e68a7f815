//! How many events there were, and how late they came.

use jiff::SignedDuration;
use prometheus_client::metrics::{
    counter::Counter,
    family::Family,
    histogram::{Histogram, exponential_buckets},
};
use shed_core::wire::{Event, EventType, StatusSource};

/// What is older was not late but found: a guest that was away tells of everything that it missed.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// Measurements of a bus.
#[derive(Debug)]
pub struct Measured {
    /// Events by type.
    pub published: Family<[(&'static str, &'static str); 1], Counter>,
    /// Seconds from an agent's report to the event.
    pub lag: Histogram,
}

impl Default for Measured {
    fn default() -> Self {
        // From 1 ms to 16 s, each twice the one before.
        Self { published: Family::default(), lag: Histogram::new(exponential_buckets(0.001, 2.0, 15)) }
    }
}

impl Measured {
    pub(super) fn note(&self, event: &Event) {
        self.published.get_or_create(&[("type", event.kind.as_str())]).inc();
        let Some(session) = event.session.as_ref().filter(|_| event.kind == EventType::SessionStatus) else { return };
        // Other sources know seconds at best.
        if session.status_source == StatusSource::Hook
            && let Some(since) = session.status_changed_at
        {
            let lag = event.at.duration_since(since);
            // The clock of another machine can be ahead.
            if (SignedDuration::ZERO..LATE).contains(&lag) {
                self.lag.observe(lag.as_secs_f64());
            }
        }
    }
}
