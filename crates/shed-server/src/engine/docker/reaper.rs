//! Ending abandoned commands, many at a time.
//!
//! An exec costs 60 ms, and a container does about 16 of them in a second. When a network goes down, two hundred
//! connections end at once; their commands have to be gone within two seconds, so they are ended in one exec.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::{
    OnceCell,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use uuid::Uuid;

use super::{DockerEngine, launcher, launcher::Instance};
use crate::engine::{ContainerId, EngineError, ExecUser};

/// Notes of ended commands are removed when this many have come together; each is a file of 20 bytes.
const TIDY_EVERY: u32 = 100;

/// So many at once; 36 bytes each, far from the limit of an argument list (128 KiB).
const BATCH: usize = 500;

/// A container that can't be reached may be back in a moment; one that is gone has ended its commands itself.
const RETRIES: u32 = 5;
/// See [`RETRIES`].
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What ends the commands of one container.
pub(super) struct Reapers {
    container: ContainerId,
    // Unbounded: it holds at most one message per running command, and a command must never be forgotten.
    orders: UnboundedSender<(Uuid, ExecUser)>,
    ended: AtomicU32,
    shell: OnceCell<bool>,
}

impl Reapers {
    /// Starts the task; it ends when the last command and the engine have let go of this.
    pub(super) fn start(engine: DockerEngine, container: ContainerId, instance: Instance) -> Arc<Self> {
        let (orders, inbox) = unbounded_channel();
        tokio::spawn(work(engine, container.clone(), instance, inbox));
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
                self.sweep(engine.clone());
            }
            Ok(there)
        };
        self.shell.get_or_try_init(look).await.copied()
    }

    fn sweep(&self, engine: DockerEngine) {
        let container = self.container.clone();
        tokio::spawn(async move {
            let argv = launcher::sweep(&engine.inner.instance);
            if let Err(error) = engine.run_script(&container, argv, ExecUser::Container).await {
                tracing::debug!(%container, %error, "what an earlier run left was not looked for");
            }
        });
    }

    /// Ends the command with this note.
    pub(super) fn end(&self, note: Uuid, user: ExecUser) {
        // The task is there as long as `self` is.
        drop(self.orders.send((note, user)));
    }

    /// A command ended by itself; now and then the notes of such are removed.
    pub(super) fn count_ended(&self) {
        if self.ended.fetch_add(1, Ordering::AcqRel) + 1 >= TIDY_EVERY {
            self.ended.store(0, Ordering::Release);
            // A note that does not exist: nothing is ended, the rest is tidied.
            self.end(Uuid::nil(), ExecUser::Container);
        }
    }
}

async fn work(engine: DockerEngine, container: ContainerId, instance: Instance, mut inbox: UnboundedReceiver<(Uuid, ExecUser)>) {
    let mut batch = Vec::new();
    while inbox.recv_many(&mut batch, BATCH).await > 0 {
        for user in [ExecUser::Container, ExecUser::Root] {
            let notes: Vec<Uuid> = batch.iter().filter(|(_, wanted)| *wanted == user).map(|(note, _)| *note).collect();
            if !notes.is_empty() {
                end(&engine, &container, &instance, &notes, user).await;
            }
        }
        batch.clear();
    }
}

/// As the user that the commands run as, because in a strict shed not even root may signal another user's processes; then,
/// for what ran under sudo, as root.
async fn end(engine: &DockerEngine, container: &ContainerId, instance: &Instance, notes: &[Uuid], user: ExecUser) {
    for _ in 0..RETRIES {
        let argv = launcher::end(instance, notes);
        let mut ended = engine.run_script(container, argv.clone(), user.clone()).await;
        if matches!(ended, Ok(launcher::SOME_LEFT)) && user != ExecUser::Root {
            ended = engine.run_script(container, argv, ExecUser::Root).await;
        }
        match ended {
            Ok(0) | Err(EngineError::NoSuchContainer | EngineError::NotRunning) => return,
            Ok(code) => tracing::warn!(%container, code, "ending abandoned commands failed"),
            Err(error) => tracing::warn!(%container, %error, "abandoned commands could not be ended yet"),
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}
