//! The tmux server that this process runs under, called without a runtime: a hook must be quick and small.

use std::{
    env,
    io::Read,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use shed_tmux::{Look, look_arguments, parse_look, pipe_arguments, was_written, write_arguments};

/// tmux answers in milliseconds. A server that is stopped must not collect processes that wait for it.
const DEADLINE: Duration = Duration::from_secs(5);

/// The most that is read of an answer, in bytes: the largest screen fits.
const OUTPUT_MAX: u64 = 4 * 1024 * 1024;

/// A pane of a tmux server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pane {
    socket: String,
    id: String,
}

impl Pane {
    /// A pane by its id (`%3`) of the server at that socket; none for what is no id.
    #[must_use]
    pub fn new(socket: &str, id: &str) -> Option<Self> {
        let number = id.strip_prefix('%')?;
        let good = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !socket.is_empty();
        good.then(|| Self { socket: socket.to_owned(), id: id.to_owned() })
    }

    /// The pane that this process runs in. Agents may keep tmux's variables from what they run, so ours are a second chance.
    #[must_use]
    pub fn current() -> Option<Self> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let (server, pane) = variable("TMUX").zip(variable("TMUX_PANE")).or_else(|| variable(SERVER).zip(variable(PANE)))?;
        // `TMUX` is socket, server and session, divided by commas; a path may hold commas too.
        Self::new(server.rsplitn(3, ',').nth(2)?, &pane)
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> &str {
        &self.socket
    }

    /// The pane's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is there now; none without an answer.
    #[must_use]
    pub fn look(&self) -> Option<Look> {
        parse_look(&self.run(&look_arguments(&self.id))?)
    }

    /// Sets options of the session, unless somebody did since `seen`. None without an answer.
    #[must_use]
    pub fn write(&self, seen: &str, options: &[(&str, String)]) -> Option<bool> {
        self.run(&write_arguments(&self.id, seen, options)).map(|output| was_written(&output))
    }

    /// Has this program read what the pane prints, unless another does.
    pub fn pipe_to(&self, program: &str) {
        if let Some(arguments) = pipe_arguments(&self.id, program) {
            let _ = self.run(&arguments);
        }
    }

    fn run(&self, arguments: &[String]) -> Option<Vec<u8>> {
        let mut command = Command::new("tmux");
        command.args(["-u", "-S", &self.socket]).args(arguments).env_remove("TMUX");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let stdout = child.stdout.take()?;
        let (done, wait) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let mut output = Vec::new();
            let read = stdout.take(OUTPUT_MAX).read_to_end(&mut output);
            let _ = done.send(read.map(|_| output));
        });
        let output = wait.recv_timeout(DEADLINE);
        if output.is_err() {
            let _ = child.kill();
        }
        let ended = child.wait().ok()?;
        output.ok()?.ok().filter(|_| ended.success())
    }
}

/// `TMUX` as it was when the agent was started.
pub const SERVER: &str = "SHED_TMUX";
/// `TMUX_PANE` as it was when the agent was started.
pub const PANE: &str = "SHED_TMUX_PANE";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_are_panes() {
        assert!(Pane::new("/tmp/s", "%12").is_some());
        for id in ["", "%", "12", "%1 ;", "%1x", "$1", "%-1"] {
            assert_eq!(Pane::new("/tmp/s", id), None, "{id}");
        }
    }
}
