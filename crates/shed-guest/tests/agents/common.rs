//! A tmux server of its own for each test, and the guest called in it as agents call it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may end the test")]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The program under test.
pub const GUEST: &str = env!("CARGO_BIN_EXE_shed-guest");

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Tmux {
    pub dir: TempDir,
}

impl Tmux {
    /// A server with one session `s`, whose pane `%0` runs `program`.
    pub fn with(program: &[&str]) -> Self {
        let tmux = Self { dir: tempfile::tempdir().unwrap() };
        let mut arguments = vec!["-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", "100", "-y", "30", "--"];
        arguments.extend(program);
        tmux.run(&arguments);
        tmux
    }

    /// A server with a session in which nothing happens.
    pub fn quiet() -> Self {
        Self::with(&["sleep", "1000"])
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command("tmux").arg("-u").arg("-S").arg(self.socket()).args(arguments).output().unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A program outside of tmux, with a home of its own.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", self.dir.path())
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm-256color")
            .env_remove("TMUX")
            .env_remove("TMUX_PANE");
        command
    }

    /// A program as it would run in pane `%0`.
    pub fn inside(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.command(program);
        command.env("TMUX", format!("{},1,0", self.socket().display())).env("TMUX_PANE", "%0");
        command
    }

    /// An option of the session; empty if it is not set.
    pub fn option(&self, name: &str) -> String {
        self.run(&["show-options", "-q", "-v", "-t", "=s:", name]).trim_end().to_owned()
    }

    /// Status and detail, as `waiting_permission Bash: make`.
    pub fn status(&self) -> String {
        format!("{} {}", self.option("@shed_status"), self.option("@shed_detail")).trim().to_owned()
    }

    /// Waits until the status is this.
    pub fn becomes(&self, status: &str) {
        until(status, || self.status(), |now| now == status);
    }

    /// Puts the guest behind the pane, as the sessions that shed makes have it.
    pub fn pipe(&self) {
        self.run(&["pipe-pane", "-t", "%0", &format!("exec {GUEST} pipe '#{{socket_path}}' '#{{pane_id}}'")]);
    }

    /// Types a line.
    pub fn types(&self, line: &str) {
        self.run(&["send-keys", "-t", "%0", "-l", "--", line]);
        self.run(&["send-keys", "-t", "%0", "Enter"]);
    }

    pub fn screen(&self) -> String {
        self.run(&["capture-pane", "-p", "-t", "%0"])
    }

    /// One event, worked on to its end before this returns: `at` is when it happened, `process` who says so.
    pub fn say(&self, at: i64, process: (u32, u64), agent: &str, input: &str) {
        let (pid, start) = process;
        let mut worker = self.inside(GUEST);
        worker.args(["hook-worker", &at.to_string(), &pid.to_string(), &start.to_string(), agent]);
        let output = feed(worker, input.as_bytes());
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command("tmux").arg("-S").arg(self.socket()).arg("kill-server").output();
    }
}

/// Runs a program on this input.
pub fn feed(mut program: Command, input: &[u8]) -> std::process::Output {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without reading all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Waits until `look` gives what is `wanted`.
pub fn until<T: std::fmt::Debug>(what: &str, mut look: impl FnMut() -> T, wanted: impl Fn(&T) -> bool) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        let seen = look();
        if wanted(&seen) {
            return seen;
        }
        if Instant::now() > end {
            panic!("waited in vain for {what}: {seen:?}");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// What was recorded from a real agent.
pub fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// This process, as the guest names it.
pub fn this_process() -> (u32, u64) {
    let process = shed_guest::agent::process::find(std::process::id()).unwrap();
    (process.pid, process.start)
}
