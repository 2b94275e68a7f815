//! A tmux server of its own for each test, gone with it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may end the test")]

use std::{collections::BTreeMap, future::Future, path::Path, process::Command, time::Duration};

use shed_core::{SessionName, SessionRef, wire::ScreenFormat};
use shed_tmux::{LocalRunner, NewSession, SessionInfo, Tmux};
use tempfile::TempDir;

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A tmux server whose socket lies in a directory of its own.
pub struct Server {
    pub dir: TempDir,
    pub tmux: Tmux<LocalRunner>,
}

impl Server {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let runner = LocalRunner::new().env("TMUX_TMPDIR", dir.path()).env("HOME", dir.path()).env("SHELL", "/bin/sh");
        let options = ["-L", "test", "-f", "/dev/null"].map(str::to_owned);
        Self { tmux: Tmux::with_options(runner, options.to_vec()), dir }
    }

    /// tmux by hand, as a user in the shed would call it.
    pub fn by_hand(&self, arguments: &[&str]) -> String {
        let output = self.command("tmux").args(["-u", "-L", "test", "-f", "/dev/null"]).args(arguments).output().unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A program whose tmux would use this server's sockets.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("TMUX_TMPDIR", self.dir.path())
            .env_remove("TMUX")
            .env("TERM", "xterm-256color")
            .env("HOME", self.dir.path())
            .env("SHELL", "/bin/sh");
        command
    }

    pub async fn create(&self, name: &str, command: Option<&[&str]>) {
        self.tmux.create(&new(name, command)).await.unwrap();
    }

    pub async fn names(&self) -> Vec<String> {
        self.tmux.list().await.unwrap().into_iter().map(|s| s.name).collect()
    }

    pub async fn session(&self, name: &str) -> SessionInfo {
        self.tmux.session(&at(name)).await.unwrap()
    }

    pub async fn screen(&self, name: &str) -> String {
        self.tmux.capture(&at(name), ScreenFormat::Text, 0).await.unwrap()
    }

    /// Waits until the session's screen has `text`.
    pub async fn shows(&self, name: &str, text: &str) {
        until(async || self.screen(name).await.contains(text)).await;
    }

    /// Waits until the session's program has ended.
    pub async fn ended(&self, name: &str) -> SessionInfo {
        until(async || self.session(name).await.dead.is_some()).await;
        self.session(name).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.command("tmux").args(["-L", "test", "kill-server"]).output();
    }
}

/// A session of 80 by 24 with nothing special.
pub fn new(name: &str, command: Option<&[&str]>) -> NewSession {
    NewSession {
        name: SessionName::new(name).unwrap(),
        id: "7b1f3f0e-7a53-4f0e-9a57-0d2f1c1d9f11".to_owned(),
        command: command.map(|words| words.iter().map(|w| (*w).to_owned()).collect()),
        command_text: None,
        working_dir: None,
        env: BTreeMap::new(),
        labels: BTreeMap::new(),
        agent: None,
        conversation: None,
        ended: false,
        cols: 80,
        rows: 24,
    }
}

pub fn at(name: &str) -> SessionRef {
    SessionRef::new(name).unwrap()
}

pub fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Waits until `condition` holds.
pub async fn until<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the condition did not come true");
}
