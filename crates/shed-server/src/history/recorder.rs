//! The task that writes events down.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use jiff::Timestamp;
use shed_core::wire::Session;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{blocking, prune::prune};
use crate::{
    Error,
    config::History,
    events::{Next, Published, Subscription},
    store::Store,
};

/// How many events may wait to be written: ten seconds of the busiest server that we measure.
pub const QUEUE: usize = 8192;

/// The most events of one transaction, some 20 ms of work.
const BATCH: usize = 512;

/// How long sessions that history knows may be missing after the start of the server, whose registry asks slow sheds last.
pub const SETTLE: Duration = Duration::from_secs(10);

/// How often it is noted that the server lives. So much time of a session that ended with the server is not counted.
const ALIVE: Duration = Duration::from_secs(60);

/// After a failure to write, for example on a full disk.
const RETRY: Duration = Duration::from_secs(5);

/// Writes down what a registry tells.
pub struct Recorder {
    store: Store,
    config: History,
    settle: Duration,
    counts: Arc<Counts>,
}

/// What the recorder does, for metrics.
#[derive(Debug, Default)]
pub struct Counts {
    /// Events that were written.
    pub written: AtomicU64,
    /// Events that wait.
    pub waiting: AtomicU64,
    /// How often events were missed because too many waited.
    pub cut_off: AtomicU64,
}

/// Why following ended.
enum End {
    Shutdown,
    CutOff,
}

/// What is not decided yet: sessions of an earlier process that nobody has seen in this one.
struct Missing {
    ids: BTreeSet<String>,
    last_seen: Timestamp,
    until: Instant,
}

impl Recorder {
    /// A recorder into that store; nothing is started.
    #[must_use]
    pub fn new(store: Store, config: History) -> Self {
        Self { store, config, settle: SETTLE, counts: Arc::default() }
    }

    /// The same with another patience for sessions that are missing after the start.
    #[must_use]
    pub fn settle(self, settle: Duration) -> Self {
        Self { settle, ..self }
    }

    /// The same with counters of the caller's.
    #[must_use]
    pub fn counting(self, counts: Arc<Counts>) -> Self {
        Self { counts, ..self }
    }

    /// Records until `shutdown`; what was told before that is still written. `follow` subscribes with a queue of that
    /// length, then reads the list of all sessions.
    pub async fn run(self, follow: impl Fn(usize) -> (Vec<Session>, Subscription) + Send, shutdown: CancellationToken) {
        let pruning = prune(self.store.clone(), self.config.clone(), shutdown.clone());
        tokio::join!(pruning, self.record(follow, shutdown));
    }

    async fn record(&self, follow: impl Fn(usize) -> (Vec<Session>, Subscription), shutdown: CancellationToken) {
        let settled = Instant::now() + self.settle;
        let mut last_seen = None;
        loop {
            let ended = async {
                if last_seen.is_none() {
                    last_seen = Some(blocking(&self.store, Store::history_alive_at).await?.unwrap_or_else(Timestamp::now));
                }
                let (sessions, subscription) = follow(QUEUE);
                let now = Timestamp::now();
                let ids = blocking(&self.store, move |store| store.reconcile_history(now, &sessions)).await?;
                let starting = Instant::now() < settled;
                let missing = Missing {
                    ids,
                    last_seen: last_seen.filter(|_| starting).unwrap_or(now),
                    until: if starting { settled } else { Instant::now() },
                };
                self.follow(subscription, missing, &shutdown).await
            }
            .await;
            match ended {
                Ok(End::Shutdown) => return,
                Ok(End::CutOff) => {
                    self.counts.cut_off.fetch_add(1, Ordering::Relaxed);
                    tracing::warn!("history was too slow and missed events; it goes on from the list of sessions");
                }
                Err(error) => {
                    tracing::error!(error = ?error.source, "history can't be written; it is tried again");
                    if shutdown.run_until_cancelled(tokio::time::sleep(RETRY)).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    async fn follow(&self, mut subscription: Subscription, mut missing: Missing, shutdown: &CancellationToken) -> Result<End, Error> {
        let mut alive = interval(ALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    while let (batch, None) = ready(&mut subscription, Vec::new()) && !batch.is_empty() {
                        self.write(batch).await?;
                    }
                    return Ok(End::Shutdown);
                }
                () = sleep_until(missing.until), if !missing.ids.is_empty() => {
                    let (ids, last_seen) = (std::mem::take(&mut missing.ids), missing.last_seen);
                    blocking(&self.store, move |store| store.close_lost(Timestamp::now(), last_seen, &ids)).await?;
                }
                _ = alive.tick() => blocking(&self.store, |store| store.note_history_alive(Timestamp::now())).await?,
                next = subscription.next() => {
                    let Next::Event(first) = next else { return Ok(End::CutOff) };
                    let (batch, end) = ready(&mut subscription, vec![first]);
                    for session in batch.iter().filter_map(|published| published.event.session.as_ref()) {
                        missing.ids.remove(&session.id);
                    }
                    let waiting = batch.len() + subscription.waiting();
                    self.counts.waiting.store(u64::try_from(waiting).unwrap_or(u64::MAX), Ordering::Relaxed);
                    self.write(batch).await?;
                    self.counts.waiting.store(u64::try_from(subscription.waiting()).unwrap_or(u64::MAX), Ordering::Relaxed);
                    if let Some(end) = end {
                        return Ok(end);
                    }
                }
            }
        }
    }

    async fn write(&self, batch: Vec<Arc<Published>>) -> Result<(), Error> {
        let events = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        blocking(&self.store, move |store| store.record_events(batch.iter().map(|published| &published.event))).await?;
        self.counts.written.fetch_add(events, Ordering::Relaxed);
        Ok(())
    }
}

/// Adds the events that wait already, up to a batch.
fn ready(subscription: &mut Subscription, mut batch: Vec<Arc<Published>>) -> (Vec<Arc<Published>>, Option<End>) {
    while batch.len() < BATCH {
        match subscription.next().now_or_never() {
            Some(Next::Event(event)) => batch.push(event),
            Some(Next::CutOff) => return (batch, Some(End::CutOff)),
            None => break,
        }
    }
    (batch, None)
}
