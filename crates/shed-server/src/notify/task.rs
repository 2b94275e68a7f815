//! Reading events, and handing messages to the targets.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use tokio::{
    sync::mpsc::{Sender, channel, error::TrySendError},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    Backoff, Counts, Message, NotifyError,
    deliver::{deliver, once},
    rule::Rule,
    target::{Target, targets},
};
use crate::{
    config::Notify,
    events::{Next, Subscription},
};

/// Messages that wait for one target. More are dropped and counted: whoever gets two hundred messages reads none.
const QUEUE: usize = 200;

/// Events that wait for the rules, which take microseconds each.
const EVENTS: usize = 4096;

/// Tells all targets of a configuration.
#[derive(Debug)]
pub struct Notifier {
    server: String,
    link: Option<String>,
    targets: Vec<Target>,
    backoff: Backoff,
    counts: Arc<Counts>,
}

/// A target while the notifier runs.
struct Running {
    rule: Rule,
    name: String,
    queue: Sender<Message>,
}

impl Notifier {
    /// Checks the configuration; nothing is sent. `server` is what the server calls itself.
    ///
    /// # Errors
    /// [`NotifyError`], naming the entry.
    pub fn new(config: &Notify, server: String) -> Result<Self, NotifyError> {
        let targets = targets(config)?;
        Ok(Self { server, link: config.link.clone(), targets, backoff: Backoff::default(), counts: Arc::default() })
    }

    /// The same with other pauses between attempts.
    #[must_use]
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// The same with counters of the caller's.
    #[must_use]
    pub fn counting(self, counts: Arc<Counts>) -> Self {
        Self { counts, ..self }
    }

    /// Whether there is nobody to tell.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.targets.is_empty()
    }

    /// Sends a test message to each target, once. Answers with the name of each and why it failed, if it did.
    pub async fn test(&self) -> Vec<(String, Result<(), String>)> {
        let message = Message::test(&self.server, self.link.as_deref());
        let mut results = Vec::new();
        for target in &self.targets {
            let result = once(target, &message).await.map_err(|refused| refused.reason);
            results.push((target.name.clone(), result));
        }
        results
    }

    /// Tells until `shutdown`. Only what happens from the call of `subscribe` on is news: nothing is told again after a
    /// restart of the server. `subscribe` makes a subscription of that length.
    pub async fn run(self, subscribe: impl Fn(usize) -> Subscription, shutdown: CancellationToken) {
        if self.is_idle() {
            return;
        }
        let mut deliveries = JoinSet::new();
        let mut running: Vec<Running> = Vec::new();
        for mut target in self.targets {
            let (queue, receiver) = channel(QUEUE);
            running.push(Running { rule: std::mem::take(&mut target.rule), name: target.name.clone(), queue });
            deliveries.spawn(deliver(Arc::new(target), receiver, self.backoff, Arc::clone(&self.counts)));
        }
        let work = async {
            let mut subscription = subscribe(EVENTS);
            loop {
                match subscription.next().await {
                    Next::Event(published) => {
                        for target in &mut running {
                            if target.rule.wants(&published.event, Instant::now())
                                && let Some(message) = Message::of(&published.event, &self.server, self.link.as_deref())
                            {
                                target.hand_over(message, &self.counts);
                            }
                        }
                    }
                    Next::CutOff => {
                        tracing::warn!("notifications were too slow and missed events");
                        subscription = subscribe(EVENTS);
                    }
                }
            }
        };
        shutdown.run_until_cancelled(work).await;
        // Dropping the set ends attempts that go on; a server that ends must not wait for others.
    }
}

impl Running {
    fn hand_over(&self, message: Message, counts: &Counts) {
        if let Err(TrySendError::Full(message)) = self.queue.try_send(message) {
            counts.dropped.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(target = %self.name, session = %message.session, "a notification was dropped: too many wait already");
        }
    }
}
