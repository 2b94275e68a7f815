//! How a client is held back when a process does not read its standard input.
//!
//! russh 0.65 tops up a channel's receive window when data *arrives*, not when it is consumed, and its own way to hold a
//! client back, a full channel buffer, stops the task of the whole connection. That task is also the one that sends output
//! and notices that the client is gone: with it stopped, `ssh shed cat < big` deadlocks, and a killed client whose process
//! does not read is never noticed.
//!
//! So data goes into a queue without ever waiting ([`super::stdin`]), and the window is made tiny while a queue is long:
//! russh asks for the size to top up to ([`Flow::window`]). It must not be zero, because russh only grants on arrival, and
//! a client without a window would never send again. With [`TRICKLE`] bytes the client goes on in steps of that size, and
//! [`Breath`] puts a growing pause between them. Output, window adjustments and the end of the connection pass all the time.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use tokio::sync::Notify;

/// The receive window of a channel in bytes: 20 MB/s at a round trip of 100 ms. OpenSSH uses the same.
pub(super) const WINDOW: u32 = 2 * 1024 * 1024;

/// A queue that is longer than this, in bytes, holds the client back.
pub(super) const HIGH: usize = 1024 * 1024;

/// A queue can't become longer than this, in bytes, unless the client ignores its window: [`HIGH`], a window that was just
/// granted, the half that triggers the next grant, and what trickles in during days.
pub(super) const LIMIT: usize = 16 * 1024 * 1024;

/// The window while the client is held back, in bytes.
pub(super) const TRICKLE: u32 = 2;

/// The first pause between two steps of [`TRICKLE`] bytes: short, so that a transfer that flows is hardly slowed.
const SHORTEST: Duration = Duration::from_millis(2);

/// The longest pause: it also delays output of the same connection, and a keystroke echo later than this is felt.
const LONGEST: Duration = Duration::from_millis(200);

/// Processes that read less than this between two pauses, in bytes, are not worth asking more often.
const PROGRESS: u64 = 64 * 1024;

/// What the queues of one connection have in common.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// How many queues are longer than [`HIGH`].
    clogged: AtomicUsize,
    /// Bytes that left the queues, ever.
    drained: AtomicU64,
    /// Told when the last long queue became short.
    unclogged: Notify,
}

impl Flow {
    /// The window to top up to.
    pub(super) fn window(&self) -> u32 {
        if self.is_clogged() { TRICKLE } else { WINDOW }
    }

    pub(super) fn is_clogged(&self) -> bool {
        self.clogged.load(Ordering::Acquire) > 0
    }

    /// A queue grew from `before` by `added` bytes.
    pub(super) fn grew(&self, before: usize, added: usize) {
        if before <= HIGH && before.saturating_add(added) > HIGH {
            self.clogged.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// A queue shrank from `before` by `removed` bytes.
    pub(super) fn shrank(&self, before: usize, removed: usize) {
        self.drained.fetch_add(u64::try_from(removed).unwrap_or(u64::MAX), Ordering::Relaxed);
        let crossed = before > HIGH && before.saturating_sub(removed) <= HIGH;
        if crossed && self.clogged.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.unclogged.notify_one();
        }
    }
}

/// The pauses of one connection.
#[derive(Debug)]
pub(super) struct Breath {
    pause: Duration,
    drained: u64,
}

impl Default for Breath {
    fn default() -> Self {
        Self { pause: SHORTEST, drained: 0 }
    }
}

impl Breath {
    /// Waits until no queue is long, but not longer than a pause that grows while nothing is read.
    pub(super) async fn take(&mut self, flow: &Flow) {
        let drained = flow.drained.load(Ordering::Relaxed);
        self.pause = if drained.wrapping_sub(self.drained) >= PROGRESS { SHORTEST } else { (self.pause * 2).min(LONGEST) };
        self.drained = drained;
        // Either way the client may send its next step; the queues tell which it was.
        let _ = tokio::time::timeout(self.pause, flow.unclogged.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_small_exactly_while_a_queue_is_long() {
        let flow = Flow::default();
        assert_eq!(flow.window(), WINDOW);
        flow.grew(0, HIGH);
        assert_eq!(flow.window(), WINDOW, "not yet longer");
        flow.grew(HIGH, 1);
        flow.grew(HIGH + 1, 5);
        assert_eq!(flow.window(), TRICKLE);
        flow.grew(0, HIGH + 1);
        flow.shrank(HIGH + 6, 6);
        assert_eq!(flow.window(), TRICKLE, "the other queue is still long");
        flow.shrank(HIGH + 1, HIGH + 1);
        assert_eq!(flow.window(), WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_while_nothing_is_read_and_end_when_a_queue_is_short() {
        let flow = Flow::default();
        flow.grew(0, HIGH + 100_000);
        let mut breath = Breath::default();
        for _ in 0..10 {
            breath.take(&flow).await;
        }
        assert_eq!(breath.pause, LONGEST);
        flow.shrank(HIGH + 100_000, 100_000);
        let start = tokio::time::Instant::now();
        breath.take(&flow).await;
        assert_eq!(start.elapsed(), Duration::ZERO, "a short queue needs no pause");
        assert_eq!(breath.pause, SHORTEST);
    }
}
