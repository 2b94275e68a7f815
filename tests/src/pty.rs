//! A real terminal: a local tmux on a private socket, in which programs run as in front of a person.

use std::{path::PathBuf, process::Command};

use tempfile::TempDir;

use crate::{Ended, run, wait_until};

/// A terminal of 100 × 30 with a plain shell whose prompt is `local$ `. Ends when dropped.
#[derive(Debug)]
pub struct Pty {
    folder: TempDir,
}

impl Pty {
    /// Opens the terminal; its shell gets exactly `env` beside `PATH`, `TERM` and the language.
    #[must_use]
    pub fn open(env: &[(String, String)]) -> Self {
        let pty = Self { folder: TempDir::with_prefix("pty-").expect("a temporary folder") };
        let mut shell = vec!["env".to_owned(), "-i".to_owned()];
        shell.push(format!("PATH={}", std::env::var("PATH").unwrap_or_default()));
        shell.extend(["TERM=tmux-256color", "LANG=C.UTF-8", "PS1=local$ "].map(str::to_owned));
        shell.extend(env.iter().map(|(name, value)| format!("{name}={value}")));
        shell.extend(["bash", "--norc", "--noprofile", "-i"].map(str::to_owned));
        let mut args = ["new-session", "-d", "-x", "100", "-y", "30", "--"].map(str::to_owned).to_vec();
        args.extend(shell);
        pty.tmux(&args.iter().map(String::as_str).collect::<Vec<_>>()).assert_ok();
        pty.wait_for("local$");
        pty
    }

    /// Types `line` and Enter.
    pub fn type_line(&self, line: &str) {
        self.tmux(&["send-keys", "-l", "--", line]).assert_ok();
        self.keys(&["Enter"]);
    }

    /// Presses keys by their tmux names: `C-c`, `Enter`, `Up`.
    pub fn keys(&self, keys: &[&str]) {
        let mut args = vec!["send-keys", "--"];
        args.extend(keys);
        self.tmux(&args).assert_ok();
    }

    /// Presses `C-b d`. The terminal is itself a tmux, but keys that are sent go past its own prefix.
    pub fn detach(&self) {
        self.keys(&["C-b", "d"]);
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.tmux(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]).assert_ok();
    }

    /// What is on the screen.
    #[must_use]
    pub fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-J"]).stdout
    }

    /// Waits until `text` is on the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_that(&format!("`{text}` on the screen"), |screen| screen.contains(text));
    }

    /// Waits until the screen is as `condition` says, and shows the screen if it never is.
    #[track_caller]
    pub fn wait_that(&self, what: &str, condition: impl Fn(&str) -> bool) {
        let shown = ShowOnPanic(self);
        wait_until(what, || condition(&self.screen()).then_some(()));
        drop(shown);
    }

    /// Waits until the local shell waits for input.
    #[track_caller]
    pub fn wait_for_prompt(&self) {
        self.wait_that("the local prompt", |screen| screen.trim_end().ends_with("local$"));
    }

    /// Waits until what runs in the local shell has ended, and returns its exit code. What it shows must have been waited
    /// for before, or the prompt that is seen is the one where it was typed.
    #[track_caller]
    pub fn exit_code(&self) -> i32 {
        self.wait_for_prompt();
        self.type_line("c=$?; clear; echo code=$c.");
        let mut code = None;
        self.wait_that("the exit code", |screen| screen.lines().any(|line| line.starts_with("code=") && line.ends_with('.')));
        for line in self.screen().lines() {
            code = line.strip_prefix("code=").and_then(|rest| rest.strip_suffix('.')).and_then(|rest| rest.parse().ok()).or(code);
        }
        code.expect("the shell prints a number")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("tmux")
    }

    fn tmux(&self, args: &[&str]) -> Ended {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(self.socket()).args(["-f", "/dev/null"]).args(args);
        run(tmux.env_remove("TMUX").env_remove("TMUX_PANE"))
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

struct ShowOnPanic<'a>(&'a Pty);

impl Drop for ShowOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the terminal\n{}\n---", self.0.screen());
        }
    }
}
