//! Delivering to one target: attempts with growing pauses, then giving up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::{StatusCode, header::RETRY_AFTER};
use tokio::sync::mpsc::Receiver;

use super::{Message, target::Target};

/// How often, and with which pauses, a message is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first attempt; each is twice the one before.
    pub first: Duration,
    /// The longest pause, also if the target asks for a longer one.
    pub most: Duration,
    /// How many attempts there are.
    pub attempts: u32,
}

impl Default for Backoff {
    /// A minute altogether: a service that restarts is back by then, and older news helps nobody.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(30), attempts: 6 }
    }
}

/// What became of the messages of all targets.
#[derive(Debug, Default)]
pub struct Counts {
    /// Delivered.
    pub sent: AtomicU64,
    /// Given up.
    pub failed: AtomicU64,
    /// Not tried, because too many waited already.
    pub dropped: AtomicU64,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Refused {
    /// Without the address, which can be a secret.
    pub reason: String,
    retry: bool,
    pause: Option<Duration>,
}

/// Delivers one message after the other until there are no more senders.
pub(super) async fn deliver(target: Arc<Target>, mut queue: Receiver<Message>, backoff: Backoff, counts: Arc<Counts>) {
    while let Some(message) = queue.recv().await {
        match with_retries(&target, &message, backoff).await {
            Ok(()) => counts.sent.fetch_add(1, Ordering::Relaxed),
            Err(refused) => {
                tracing::warn!(target = %target.name, reason = %refused.reason, "a notification could not be delivered");
                counts.failed.fetch_add(1, Ordering::Relaxed)
            }
        };
    }
}

async fn with_retries(target: &Target, message: &Message, backoff: Backoff) -> Result<(), Refused> {
    let mut pause = backoff.first;
    let mut attempt = 1;
    loop {
        match once(target, message).await {
            Ok(()) => return Ok(()),
            Err(refused) if !refused.retry || attempt >= backoff.attempts => return Err(refused),
            Err(refused) => {
                tracing::debug!(target = %target.name, attempt, reason = %refused.reason, "tried again soon");
                tokio::time::sleep(refused.pause.unwrap_or(pause).min(backoff.most)).await;
                pause = (pause * 2).min(backoff.most);
                attempt += 1;
            }
        }
    }
}

/// One attempt.
pub(super) async fn once(target: &Target, message: &Message) -> Result<(), Refused> {
    let answer = target.request(message).send().await.map_err(|error| {
        let error = error.without_url();
        let reason = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(&error) };
        Refused { reason, retry: true, pause: None }
    })?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    // Only a number of seconds is read; nobody sends dates here.
    let pause = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let retry = status.is_server_error() || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
    Err(Refused { reason: format!("HTTP status {status}"), retry, pause })
}

/// `reqwest` wraps "connection refused" in layers that say nothing.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
