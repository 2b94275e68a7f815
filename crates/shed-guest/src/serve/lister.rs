//! The one who lists sessions: one list after the other, each with a number.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use shed_core::guest::{SnapshotHead, SnapshotProblem, frame};
use shed_tmux::{Listing, Mark, Tmux, TmuxError};
use tokio::sync::{mpsc, oneshot, watch};

use super::{budget::Budget, process::Local};

/// How long tmux may take for a list; it needs milliseconds.
const LIST_DEADLINE: Duration = Duration::from_secs(10);

/// How many may ask at once without waiting; as many as there are requests.
const ASKING_MAX: usize = 256;

/// A list of sessions.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Its number; 0 before the first list.
    pub seq: u64,
    /// As it is sent.
    pub frame: Bytes,
    /// Where it stands among all changes; none without a tmux server.
    pub mark: Option<Mark>,
    /// tmux will not tell of what is still to come.
    pub ending: bool,
    /// Why there is no list.
    pub problem: Option<SnapshotProblem>,
    output: Vec<u8>,
}

/// Asks for lists.
#[derive(Debug, Clone)]
pub struct Lister {
    ask: mpsc::Sender<oneshot::Sender<Arc<Snapshot>>>,
    latest: watch::Receiver<Arc<Snapshot>>,
}

impl Lister {
    /// Starts the task that lists.
    pub fn start(budget: &Budget) -> Self {
        let (ask, asked) = mpsc::channel(ASKING_MAX);
        let (publish, latest) = watch::channel(Arc::default());
        tokio::spawn(list_for_all(Tmux::new(Local::new(budget, Some(LIST_DEADLINE))), asked, publish));
        Self { ask, latest }
    }

    /// A list that is begun after this call. All who ask while one is made share the next.
    pub async fn list(&self) -> Arc<Snapshot> {
        let (reply, answer) = oneshot::channel();
        // Both can only fail when the runtime ends.
        let _ = self.ask.send(reply).await;
        answer.await.unwrap_or_default()
    }

    /// The lists that differ from the one before them, whoever asked for them.
    pub fn changes(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.latest.clone()
    }
}

async fn list_for_all(tmux: Tmux<Local>, mut asked: mpsc::Receiver<oneshot::Sender<Arc<Snapshot>>>, publish: watch::Sender<Arc<Snapshot>>) {
    let mut waiting = Vec::new();
    let mut seq = 0;
    while asked.recv_many(&mut waiting, ASKING_MAX).await > 0 {
        seq += 1;
        let snapshot = Arc::new(snapshot(seq, tmux.listing().await));
        // Two lists that say the same are one to those who watch: whoever has seen the first knows the second.
        publish.send_if_modified(|latest| {
            let changed = latest.seq == 0 || latest.output != snapshot.output || latest.problem != snapshot.problem;
            if changed {
                *latest = Arc::clone(&snapshot);
            }
            changed
        });
        for reply in waiting.drain(..) {
            // Who asked may be gone.
            let _ = reply.send(Arc::clone(&snapshot));
        }
    }
}

fn snapshot(seq: u64, listed: Result<Listing, TmuxError>) -> Snapshot {
    let (listing, problem) = match listed {
        Ok(listing) => (listing, None),
        Err(TmuxError::NotAvailable) => (Listing::default(), Some(SnapshotProblem::NoTmux)),
        Err(error) => (Listing::default(), Some(SnapshotProblem::Failed(error.to_string()))),
    };
    let head = SnapshotHead { seq, problem: problem.clone() };
    let frame = frame::encode(&head, &[&listing.output]).unwrap_or_default().into();
    Snapshot { seq, frame, mark: listing.mark, ending: listing.ending, problem, output: listing.output }
}
