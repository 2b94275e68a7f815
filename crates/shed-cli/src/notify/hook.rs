//! The command that gets each notice as JSON on its standard input.

use std::{
    io,
    os::fd::AsFd,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{io::AsyncWriteExt, process::Command, sync::Semaphore, task::JoinSet};

use crate::output;

/// Commands that run at the same time; more wait.
const AT_ONCE: usize = 4;

/// Commands that run or wait; a command that hangs must not fill the memory, so more are dropped.
const MOST: usize = 64;

/// How long a command may take. It tells somebody something; what takes longer should go on in the background by itself.
const DEADLINE: Duration = Duration::from_secs(30);

/// Runs the command.
#[derive(Debug)]
pub struct Hook {
    command: String,
    turns: Arc<Semaphore>,
    running: JoinSet<()>,
}

impl Hook {
    /// A hook that runs `command` in a shell.
    #[must_use]
    pub fn new(command: String) -> Self {
        Self { command, turns: Arc::new(Semaphore::new(AT_ONCE)), running: JoinSet::new() }
    }

    /// Runs it with this line of JSON, soon. What goes wrong is said on standard error.
    pub fn run(&mut self, json: String) {
        while self.running.try_join_next().is_some() {}
        if self.running.len() >= MOST {
            output::warn(&format!("{MOST} hook commands have not ended yet; one is left out"));
            return;
        }
        let (turns, command) = (Arc::clone(&self.turns), self.command.clone());
        self.running.spawn(async move {
            // The semaphore is never closed.
            let _turn = turns.acquire().await;
            match tokio::time::timeout(DEADLINE, run(&command, &json)).await {
                Ok(Ok(status)) if status.success() => {}
                Ok(Ok(status)) => output::warn(&format!("the hook command ended with {status}")),
                Ok(Err(error)) => output::warn(&format!("the hook command could not be run: {error}")),
                Err(_) => output::warn(&format!("the hook command took longer than {} s and was ended", DEADLINE.as_secs())),
            }
        });
    }
}

async fn run(command: &str, json: &str) -> io::Result<ExitStatus> {
    // Standard output is for what we print ourselves.
    let errors = io::stderr().as_fd().try_clone_to_owned()?;
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::piped()).stdout(errors).env_remove("SHED_TOKEN").kill_on_drop(true);
    let mut child = shell.spawn()?;
    let stdin = child.stdin.take();
    let give = async {
        if let Some(mut stdin) = stdin {
            // A command may end without reading it.
            let _closed = stdin.write_all(json.as_bytes()).await;
        }
    };
    let ((), status) = tokio::join!(give, child.wait());
    status
}
