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
    let waiter = Tmux::new(Local::new(&budget, None));
    let setup = Tmux::new(Local::new(&budget, Some(SETUP_DEADLINE)));
    let mut watched: Option<Mark> = None;
    let mut sockets: Option<Sockets> = None;
    let mut again = AGAIN_MIN;
    let mut listed: Option<Instant> = None;
    loop {
        if let Some(listed) = listed.replace(Instant::now()) {
            let spacing = SPACING.saturating_sub(listed.elapsed());
            if !spacing.is_zero() {
                tokio::time::sleep(spacing).await;
            }
        }
        let snapshot = lister.list().await;
        let uncertain = snapshot.ending || matches!(snapshot.problem, Some(SnapshotProblem::Failed(_)));
        let wait = if uncertain { again } else { AGAIN_MAX };
        again = if uncertain { (again * 2).min(AGAIN_MAX) } else { AGAIN_MIN };
        match &snapshot.mark {
            Some(mark) => {
                sockets = None;
                // Once for each server, and once more whenever somebody took hooks away.
                let told =
                    watched.as_ref().is_some_and(|before| before.is_same_server(mark) && (mark.is_watched() || !before.is_watched()));
                if !told && !mark.is_watched() {
                    watched = Some(mark.clone());
                    // If it fails the server is gone, which the next list shows.
                    let _ = setup.watch().await;
                    continue;
                }
                watched = Some(mark.clone());
                let changed = waiter.changed_since(mark);
                if uncertain {
                    let _ = tokio::time::timeout(wait, changed).await;
                } else {
                    let _ = changed.await;
                }
            }
            None => {
                let news = news(&lister, snapshot.seq);
                match (&snapshot.problem, &mut sockets) {
                    // Nothing tells when someone installs tmux; who asks for a list finds it.
                    (Some(SnapshotProblem::NoTmux), _) => news.await,
                    (Some(SnapshotProblem::Failed(_)), _) => tokio::time::sleep(wait).await,
                    (None, Some(sockets)) => tokio::select! {
                        () = sockets.changed() => {}
                        () = news => {}
                    },
                    // Listed once more: a server may have come before this looked.
                    (None, None) => sockets = Some(Sockets::look()),
                }
            }
        }
    }
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
