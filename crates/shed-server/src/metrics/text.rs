//! Writing it all down.

use std::{
    collections::BTreeMap,
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::ConstCounter,
        family::Family,
        gauge::{ConstGauge, Gauge},
    },
    registry::Registry,
};
use shed_core::wire::{GuestStatus, SessionStatus, ShedStatus};

use super::Label;
use crate::app::App;

const SHEDS: [ShedStatus; 4] = [ShedStatus::Running, ShedStatus::Stopped, ShedStatus::Paused, ShedStatus::Restarting];

const GUESTS: [GuestStatus; 3] = [GuestStatus::Connected, GuestStatus::Connecting, GuestStatus::Unavailable];

impl App {
    /// Everything, as text.
    ///
    /// # Errors
    /// [`fmt::Error`] never, as a string takes any text.
    pub fn metrics_text(&self) -> Result<String, fmt::Error> {
        let mut all = Registry::with_prefix("shed");
        let version = ConstGauge::new(1_u64);
        let build = all.sub_registry_with_label(("version".into(), env!("CARGO_PKG_VERSION").into()));
        build.register("build_info", "The version of the server", version);
        self.http(&mut all);
        self.view(&mut all);
        self.flow(&mut all);
        let mut text = String::new();
        encode(&mut text, &all)?;
        Ok(text)
    }

    fn http(&self, all: &mut Registry) {
        let metrics = &self.metrics;
        all.register("http_requests", "Requests by operation and status", metrics.requests.clone());
        all.register("http_request_duration_seconds", "Time until the answer began", metrics.latencies.clone());
    }

    fn view(&self, all: &mut Registry) {
        let counts = self.registry.counts();
        // What there is none of is 0 and not missing, so that alerts work from the start.
        let by = |label: &'static str, known: &[&'static str], counts: &BTreeMap<&'static str, u64>| {
            let family = Family::<Label, Gauge>::default();
            for status in known {
                family.get_or_create(&[(label, *status)]).set(0);
            }
            for (status, count) in counts {
                family.get_or_create(&[(label, *status)]).set(i64::try_from(*count).unwrap_or(i64::MAX));
            }
            family
        };
        all.register("sheds", "Sheds by status", by("status", &SHEDS.map(ShedStatus::as_str), &counts.sheds));
        all.register("sessions", "Sessions by status", by("status", &SessionStatus::ALL.map(SessionStatus::as_str), &counts.sessions));
        all.register("guests", "Guests of running sheds by state", by("state", &GUESTS.map(GuestStatus::as_str), &counts.guests));
        let execs = self.engine.exec_counts();
        all.register("execs", "Commands started through the engine", ConstCounter::new(execs.started));
        all.register("execs_running", "Commands started through the engine that have an owner", ConstGauge::new(execs.running));
    }

    fn flow(&self, all: &mut Registry) {
        let events = self.events.measured();
        all.register("events", "Events published by type", events.published.clone());
        let lag = "Time from an agent's report in its shed to the event; only statuses that its hooks tell have a time to the millisecond";
        all.register("event_lag_seconds", lag, events.lag.clone());
        let listeners = u64::try_from(self.events.listeners()).unwrap_or(u64::MAX);
        all.register("event_subscribers", "Who listens to events, inside the server and outside", ConstGauge::new(listeners));
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let history = &self.metrics.history;
        all.register("history_events", "Events written to history", ConstCounter::new(read(&history.written)));
        all.register("history_queue", "Events that wait to be written", ConstGauge::new(read(&history.waiting)));
        all.register("history_missed", "Times that history was too slow and missed events", ConstCounter::new(read(&history.cut_off)));
        let notifications = Family::<Label, prometheus_client::metrics::counter::Counter>::default();
        let told = &self.metrics.notifications;
        for (result, count) in [("sent", &told.sent), ("failed", &told.failed), ("dropped", &told.dropped)] {
            notifications.get_or_create(&[("result", result)]).inc_by(read(count));
        }
        all.register("notifications", "Messages to webhooks and ntfy by what became of them", notifications);
    }
}
