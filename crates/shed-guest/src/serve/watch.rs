//! `/watch`: a snapshot after every change. One task watches tmux for all who listen, and only while someone does.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use hyper::StatusCode;
use shed_core::guest::SnapshotProblem;
use shed_tmux::{Mark, Tmux};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::Instant,
};

use super::{
    budget::Budget,
    lister::{Lister, Snapshot},
    process::Local,
    reply::{self, Reply},
    sockets::Sockets,
};

/// Most who listen at once; each server needs one.
const LISTENERS_MAX: usize = 16;

/// Between the beginnings of two lists for changes: a list costs 5 ms of processor time, and of 1,000 changes a second
/// nobody wants each to be listed alone. The first change after a pause is listed at once.
const SPACING: Duration = Duration::from_millis(20);

/// How long the hooks may take to be set.
const SETUP_DEADLINE: Duration = Duration::from_secs(10);

/// The shortest and the longest wait until tmux is asked again where it can't tell: it hangs, or a program has closed its
/// terminal and goes on running. Each wait is twice the one before.
const AGAIN_MIN: Duration = Duration::from_millis(50);
const AGAIN_MAX: Duration = Duration::from_secs(10);

/// Those who listen.
pub struct Watchers {
    lister: Lister,
    budget: Budget,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    listeners: usize,
    task: Option<JoinHandle<()>>,
}

/// One who listens; the last one that goes ends the task, and with it the tmux client that waits.
struct Listener(Arc<Watchers>);

impl Watchers {
    pub fn new(lister: Lister, budget: Budget) -> Arc<Self> {
        Arc::new(Self { lister, budget, state: Mutex::default() })
    }

    /// Snapshots without an end.
    pub fn answer(self: &Arc<Self>) -> Reply {
        let changes = self.lister.changes();
        let Some(listener) = self.listener() else {
            return reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "too many are watching");
        };
        // One at a time: who reads slowly gets the latest when it is ready, and misses what is older.
        let (sender, receiver) = mpsc::channel(1);
        reply::stream(receiver, tokio::spawn(send(listener, changes, sender)))
    }

    fn listener(self: &Arc<Self>) -> Option<Listener> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.listeners >= LISTENERS_MAX {
            return None;
        }
        state.listeners += 1;
        if state.task.is_none() {
            state.task = Some(tokio::spawn(watch(self.lister.clone(), self.budget.clone())));
        }
        drop(state);
        Some(Listener(Arc::clone(self)))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.listeners -= 1;
        if state.listeners == 0
            && let Some(task) = state.task.take()
        {
            task.abort();
        }
    }
}

/// Sends a list made now, then every list that differs from the one before it.
async fn send(listener: Listener, mut changes: watch::Receiver<Arc<Snapshot>>, sender: mpsc::Sender<io::Result<Bytes>>) {
    let mut sent = 0;
    let mut next = listener.0.lister.list().await;
    loop {
        // What was published last may be older than the first list, which was made for this one alone.
        if next.seq > sent {
            sent = next.seq;
            if sender.send(Ok(next.frame.clone())).await.is_err() {
                return;
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
        next = Arc::clone(&changes.borrow_and_update());
    }
}

/// Lists after every change, for ever.
async fn watch(lister: Lister, budget: Budget) {
    let mut watch = Watch::new(lister, &budget);
    loop {
        let listed = Instant::now();
        let snapshot = watch.lister.list().await;
        watch.wait(&snapshot).await;
        let spacing = SPACING.saturating_sub(listed.elapsed());
        if !spacing.is_zero() {
            tokio::time::sleep(spacing).await;
        }
    }
}

/// The watching of one tmux server after the other.
struct Watch {
    lister: Lister,
    waiter: Tmux<Local>,
    setup: Tmux<Local>,
    /// Of the last list.
    mark: Option<Mark>,
    /// While there is no server.
    sockets: Option<Sockets>,
    /// Whether the last list told nothing new.
    woken_for_nothing: bool,
    /// The next wait where tmux can't tell.
    again: Duration,
}

impl Watch {
    fn new(lister: Lister, budget: &Budget) -> Self {
        Self {
            lister,
            waiter: Tmux::new(Local::new(budget, None)),
            setup: Tmux::new(Local::new(budget, Some(SETUP_DEADLINE))),
            mark: None,
            sockets: None,
            woken_for_nothing: false,
            again: AGAIN_MIN,
        }
    }

    /// Waits until there may be something new since `snapshot`.
    async fn wait(&mut self, snapshot: &Snapshot) {
        let before = std::mem::replace(&mut self.mark, snapshot.mark.clone());
        match &snapshot.mark {
            Some(mark) => {
                self.sockets = None;
                if needs_hooks(before.as_ref(), mark) {
                    // If it fails the server is gone, which the next list shows.
                    let _ = self.setup.watch().await;
                } else {
                    let for_nothing = before.as_ref() == Some(mark);
                    self.wait_for_tmux(snapshot, mark, for_nothing).await;
                }
            }
            None => self.wait_for_server(snapshot).await,
        }
    }

    async fn wait_for_tmux(&mut self, snapshot: &Snapshot, mark: &Mark, for_nothing: bool) {
        // Once that is a signal that was left over; again and again it is a tmux that can't count, to be asked now and then.
        let cannot_count = std::mem::replace(&mut self.woken_for_nothing, for_nothing) && for_nothing;
        if cannot_count {
            self.pause().await;
        } else if !snapshot.ending {
            self.again = AGAIN_MIN;
        }
        // If this fails the server has ended, which the next list shows.
        let changed = self.waiter.changed_since(mark);
        if snapshot.ending {
            let pause = next(&mut self.again);
            let _ = tokio::time::timeout(pause, changed).await;
        } else {
            let _ = changed.await;
        }
    }

    async fn wait_for_server(&mut self, snapshot: &Snapshot) {
        let lister = self.lister.clone();
        let news = news(&lister, snapshot.seq);
        match (&snapshot.problem, &mut self.sockets) {
            // Nothing tells when someone installs tmux; who asks for a list finds it.
            (Some(SnapshotProblem::NoTmux), _) => news.await,
            (Some(SnapshotProblem::Failed(_)), _) => self.pause().await,
            (None, Some(sockets)) => tokio::select! {
                () = sockets.changed() => {}
                () = news => {}
            },
            // Listed once more: a server may have come before this looked.
            (None, None) => self.sockets = Some(Sockets::look()),
        }
    }

    async fn pause(&mut self) {
        tokio::time::sleep(next(&mut self.again)).await;
    }
}

/// This wait; the next is twice as long.
fn next(again: &mut Duration) -> Duration {
    let longer = (*again * 2).min(AGAIN_MAX);
    std::mem::replace(again, longer)
}

/// Once for each server, and once more whenever somebody took hooks away; a server that refuses one is not asked again.
fn needs_hooks(before: Option<&Mark>, now: &Mark) -> bool {
    let refused = before.is_some_and(|before| before.is_same_server(now) && !before.is_watched());
    !now.is_watched() && !refused
}

/// Waits until somebody else's list, made after the one of that number, said something new.
async fn news(lister: &Lister, seq: u64) {
    let mut changes = lister.changes();
    while changes.borrow_and_update().seq <= seq {
        if changes.changed().await.is_err() {
            std::future::pending().await
        }
    }
}
