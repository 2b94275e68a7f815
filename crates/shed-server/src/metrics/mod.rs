//! What a monitoring system wants to know, in the text format of OpenMetrics 1.0, which Prometheus reads.
//!
//! Counters and histograms live in memory; gauges are taken from the live view when somebody asks.

mod text;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use prometheus_client::metrics::{
    counter::Counter,
    family::Family,
    histogram::{Histogram, exponential_buckets},
};

use crate::{history, notify};

/// The `Content-Type` of the answer.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One label whose name and values are words of ours: nothing that a user or a shed can name becomes a label, so there are
/// never more series than such words.
type Label = [(&'static str, &'static str); 1];

/// Operation and HTTP status.
type Answered = (Label, [(&'static str, u16); 1]);

/// What is counted while the server runs.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    latencies: Family<Label, Histogram, fn() -> Histogram>,
    /// What the recorder of history counts.
    pub history: Arc<history::Counts>,
    /// What the notifier counts.
    pub notifications: Arc<notify::Counts>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            latencies: Family::new_with_constructor(latency),
            history: Arc::default(),
            notifications: Arc::default(),
        }
    }
}

impl Metrics {
    /// Notes that an operation was answered. For a stream that is its first byte.
    pub fn answered(&self, operation: &'static str, status: u16, took: Duration) {
        let operation = [("operation", operation)];
        self.latencies.get_or_create(&operation).observe(took.as_secs_f64());
        self.requests.get_or_create(&(operation, [("status", status)])).inc();
    }
}

/// From a list out of memory (0.1 ms) to a clone of minutes, each four times the one before.
fn latency() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 4.0, 12))
}
