//! Programs as children of the guest: with a deadline, with limits, and killed with all that they started when nobody waits
//! for them any more.

use std::{io, os::unix::process::ExitStatusExt, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use shed_core::guest::frame::BODY_MAX;
use shed_tmux::{Output, RunError, Runner};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
};

use super::budget::{Budget, Share};

/// How much is read at once, in bytes: what a pipe holds.
const CHUNK: usize = 64 * 1024;

/// Runs programs in the container.
#[derive(Debug, Clone)]
pub struct Local {
    budget: Budget,
    deadline: Option<Duration>,
}

impl Local {
    /// Each program is killed after `deadline`, if there is one.
    pub fn new(budget: &Budget, deadline: Option<Duration>) -> Self {
        Self { budget: budget.clone(), deadline }
    }
}

impl Runner for Local {
    async fn run(&self, argv: &[&str], stdin: &[u8]) -> Result<Output, RunError> {
        run(argv, stdin, self.deadline, &self.budget.share(BODY_MAX)).await
    }
}

/// Runs a program to its end; what it prints is taken from `share`.
///
/// `TMUX` is taken out of its environment: inside tmux it would choose the socket.
pub async fn run(argv: &[&str], stdin: &[u8], deadline: Option<Duration>, share: &Share) -> Result<Output, RunError> {
    let ended = to_the_end(argv, stdin, share);
    match deadline {
        None => ended.await,
        Some(deadline) => tokio::time::timeout(deadline, ended).await.unwrap_or(Err(RunError::Timeout(deadline))),
    }
}

async fn to_the_end(argv: &[&str], stdin: &[u8], share: &Share) -> Result<Output, RunError> {
    let Some((program, arguments)) = argv.split_first() else { return Err(RunError::ProgramNotFound(String::new())) };
    let mut command = Command::new(program);
    command.args(arguments).env_remove("TMUX").process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => RunError::ProgramNotFound((*program).to_owned()),
        _ => failed(error),
    })?;
    let group = Group::of(child.id());
    let (input, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut input) = input {
            // A program that ends without reading all of it is no fault: its exit code says what happened.
            let _ = input.write_all(stdin).await;
        }
        Ok(())
    };
    let (stdout, stderr, ()) = tokio::try_join!(read(stdout, share), read(stderr, share), feed)?;
    // Only now: a process that was not waited for keeps its number, so until here the group is surely this one.
    let status = child.wait().await.map_err(failed)?;
    group.ended();
    let signal = status.signal().map(|signal| 128 + signal);
    Ok(Output { exit_code: i64::from(status.code().or(signal).unwrap_or(-1)), stdout, stderr })
}

async fn read(pipe: Option<impl AsyncRead + Unpin>, share: &Share) -> Result<Vec<u8>, RunError> {
    let Some(mut pipe) = pipe else { return Ok(Vec::new()) };
    let mut output = Vec::new();
    loop {
        output.reserve(CHUNK.min(output.len().max(1024)));
        match pipe.read_buf(&mut output).await.map_err(failed)? {
            0 => return Ok(output),
            count => share.take(count).map_err(|error| RunError::Transport(format!("it printed too much: {error}").into()))?,
        }
    }
}

fn failed(error: io::Error) -> RunError {
    RunError::Transport(Box::new(error))
}

/// The processes that a program started and that stayed in its group: killed when this is dropped. A tmux server makes a
/// group of its own and lives on.
struct Group(Option<Pid>);

impl Group {
    fn of(leader: Option<u32>) -> Self {
        Self(leader.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw))
    }

    /// The leader was waited for: its number may belong to another process now.
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}
