//! The command line as a user has it, with an empty home.

use std::{path::Path, process::Command};

use tempfile::TempDir;

use crate::{Ended, Pty, TestServer, program, run, run_with_input};

/// A user: a home of their own, and `shed` on their path.
#[derive(Debug)]
pub struct Cli {
    home: TempDir,
}

impl Default for Cli {
    fn default() -> Self {
        Self::new()
    }
}

impl Cli {
    /// A user who has never used shed.
    #[must_use]
    pub fn new() -> Self {
        Self { home: TempDir::with_prefix("home-").expect("a temporary folder") }
    }

    /// The home.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// `shed server add`, with the token in the environment so that no process list shows it.
    #[must_use]
    pub fn add_server(&self, name: &str, server: &TestServer) -> Ended {
        let url = format!("http://{}", server.http());
        run(self.command(&["server", "add", name, &url]).env("SHED_TOKEN", server.token()))
    }

    /// `shed ARGS…`, to be run by the caller.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program("shed"));
        command.args(args).env_clear().envs(self.env()).current_dir(self.home.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs `shed ARGS…`.
    #[must_use]
    pub fn run(&self, args: &[&str]) -> Ended {
        run(&mut self.command(args))
    }

    /// Runs `shed ARGS…` with standard input.
    #[must_use]
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Ended {
        run_with_input(&mut self.command(args), input)
    }

    /// Runs a line as this user's shell does, with `shed` on the path. A failure in a pipe is one of the line.
    #[must_use]
    pub fn shell(&self, line: &str) -> Ended {
        let folder = program("shed").parent().expect("a program is in a folder").display().to_string();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", line]).env_clear().envs(self.env()).env("PATH", path);
        run(shell.current_dir(self.home.path()))
    }

    /// A terminal in which this user can type `shed …`.
    #[must_use]
    pub fn terminal(&self) -> Pty {
        let folder = program("shed").parent().expect("a program is in a folder").display().to_string();
        let pty = Pty::open(&self.env());
        pty.type_line(&format!("export PATH=\"{folder}:$PATH\"; clear"));
        pty
    }

    fn env(&self) -> Vec<(String, String)> {
        let home = |path: &str| self.home.path().join(path).display().to_string();
        [
            ("HOME", home("")),
            ("XDG_CONFIG_HOME", home(".config")),
            ("XDG_STATE_HOME", home(".local/state")),
            ("XDG_DATA_HOME", home(".local/share")),
            ("XDG_CACHE_HOME", home(".cache")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}
