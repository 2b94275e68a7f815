//! Ending abandoned commands, many at a time.
//!
//! An exec costs 60 ms, and a container does about 16 of them in a second. When a network goes down, two hundred
//! connections end at once; their commands have to be gone within two seconds, so they are ended in one exec.
//!
//! A command may also be abandoned before it runs: Docker starts one even if nobody listens any more, on a busy machine seconds
//! later. Its note is looked for until Docker says that it has ended.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{
    OnceCell,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use uuid::Uuid;

use super::{DockerEngine, launcher};
use crate::engine::{ContainerId, EngineError, ExecUser};

/// Notes of ended commands are removed when this many have come together; each is a file of 20 bytes.
const TIDY_EVERY: u32 = 100;

/// So many at once; 36 bytes each, far from the limit of an argument list (128 KiB).
const BATCH: usize = 500;

/// Between two attempts: at first this, then twice as long each time.
const RETRY: Duration = Duration::from_millis(50);
/// See [`RETRY`].
const RETRY_MOST: Duration = Duration::from_secs(1);

/// A command that could not be ended for this long after it was abandoned is given up: its container can't be reached or is
/// paused, or Docker was never asked to start it and will never say that it ended. Well above what Docker needs to start one on
/// a machine that is out of memory.
const GIVE_UP: Duration = Duration::from_secs(180);

/// What ends the commands of one container.
pub(super) struct Reapers {
    container: ContainerId,
    // Unbounded: it holds at most one message per running command, and a command must never be forgotten.
    orders: UnboundedSender<Order>,
    ended: AtomicU32,
    shell: OnceCell<bool>,
}

enum Order {
    End(Abandoned),
    Tidy,
}

/// A command to be ended.
struct Abandoned {
    note: Uuid,
    exec_id: String,
    user: ExecUser,
    since: Instant,
    /// Docker said that it has ended; what is not noted now never will be.
    ended: bool,
}

impl Reapers {
    /// Starts the task; it ends when the last command and the engine have let go of this.
    pub(super) fn start(engine: DockerEngine, container: ContainerId) -> Arc<Self> {
        let (orders, inbox) = unbounded_channel();
        tokio::spawn(Work { engine, container: container.clone(), pending: Vec::new() }.run(inbox));
        Arc::new(Self { container, orders, ended: AtomicU32::new(0), shell: OnceCell::new() })
    }

    pub(super) fn container(&self) -> &ContainerId {
        &self.container
    }

    /// Whether the image has a shell; without one commands run as they are and can't be ended. Asked once per container.
    pub(super) async fn has_shell(&self, engine: &DockerEngine) -> Result<bool, EngineError> {
        let look = || async {
            let there = engine.path_exists(&self.container, "/bin/sh").await?;
            if there {
                // What an earlier run of this server, ended by `kill -9`, could not end.
                tokio::spawn(sweep(engine.clone(), self.container.clone()));
            }
            Ok(there)
        };
        self.shell.get_or_try_init(look).await.copied()
    }

    /// Ends the command with this note.
    pub(super) fn end(&self, note: Uuid, exec_id: String, user: ExecUser) {
        // The task is there as long as `self` is.
        drop(self.orders.send(Order::End(Abandoned { note, exec_id, user, since: Instant::now(), ended: false })));
    }

    /// A command ended by itself; now and then the notes of such are removed.
    pub(super) fn count_ended(&self) {
        if self.ended.fetch_add(1, Ordering::AcqRel) + 1 >= TIDY_EVERY {
            self.ended.store(0, Ordering::Release);
            drop(self.orders.send(Order::Tidy));
        }
    }
}

async fn sweep(engine: DockerEngine, container: ContainerId) {
    let argv = launcher::sweep(&engine.inner.instance);
    if let Err(error) = run(&engine, &container, argv, &ExecUser::Container).await {
        tracing::debug!(%container, %error, "what an earlier run left was not looked for");
    }
}

/// As the user that the commands run as, because in a strict shed not even root may signal another user's processes; then,
/// for what ran under sudo, as root.
async fn run(engine: &DockerEngine, container: &ContainerId, argv: Vec<String>, user: &ExecUser) -> Result<String, EngineError> {
    let mut ended = engine.run_script(container, argv.clone(), user.clone()).await?;
    if ended.0 == launcher::SOME_LEFT && *user != ExecUser::Root {
        ended = engine.run_script(container, argv, ExecUser::Root).await?;
    }
    match ended {
        (0, printed) => Ok(printed),
        (code, _) => Err(EngineError::Other(format!("the program that ends commands exited with {code}"))),
    }
}

struct Work {
    engine: DockerEngine,
    container: ContainerId,
    pending: Vec<Abandoned>,
}

impl Work {
    async fn run(mut self, mut inbox: UnboundedReceiver<Order>) {
        let (mut orders, mut pause, mut open) = (Vec::new(), RETRY, true);
        while open || !self.pending.is_empty() {
            tokio::select! {
                received = inbox.recv_many(&mut orders, BATCH), if open => {
                    open = received > 0;
                    pause = RETRY;
                }
                () = tokio::time::sleep(pause), if !self.pending.is_empty() => pause = (pause * 2).min(RETRY_MOST),
            }
            self.look().await;
            let tidy = orders.iter().any(|order| matches!(order, Order::Tidy));
            self.pending.extend(orders.drain(..).filter_map(|order| match order {
                Order::End(abandoned) => Some(abandoned),
                Order::Tidy => None,
            }));
            self.end(&ExecUser::Container, tidy).await;
            self.end(&ExecUser::Root, false).await;
        }
    }

    /// Asks Docker which have ended, and gives up those that have been tried for too long.
    async fn look(&mut self) {
        for abandoned in &mut self.pending {
            // If the daemon does not answer, the next attempt asks again.
            abandoned.ended = abandoned.ended || self.engine.has_ended(&abandoned.exec_id).await.unwrap_or(false);
        }
        let all = self.pending.len();
        self.pending.retain(|abandoned| abandoned.since.elapsed() < GIVE_UP);
        let given_up = all - self.pending.len();
        if given_up > 0 {
            tracing::warn!(container = %self.container, given_up, "abandoned commands could not be ended");
        }
    }
    /// Ends what is pending of that user; what has no note yet stays pending, and everything if it did not work.
    async fn end(&mut self, user: &ExecUser, tidy: bool) {
        let notes: Vec<Uuid> = self.pending.iter().filter(|it| it.user == *user).map(|it| it.note).take(BATCH).collect();
        if notes.is_empty() && !tidy {
            return;
        }
        match run(&self.engine, &self.container, launcher::end(&self.engine.inner.instance, &notes), user).await {
            Ok(printed) => {
                let missing: Vec<Uuid> = printed.lines().filter_map(|line| line.parse().ok()).collect();
                self.pending.retain(|it| !notes.contains(&it.note) || (missing.contains(&it.note) && !it.ended));
            }
            // A container that does not run has ended its commands itself.
            Err(EngineError::NoSuchContainer | EngineError::NotRunning) => self.pending.clear(),
            // One that can't be reached, or is paused, may be back in a moment.
            Err(error) => tracing::debug!(container = %self.container, %error, "abandoned commands could not be ended yet"),
        }
    }
}
