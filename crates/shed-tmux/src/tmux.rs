//! The commands on sessions, each one call of the runner wherever tmux allows it.

use std::collections::BTreeMap;

use shed_core::{SessionRef, wire::ScreenFormat};

use crate::{
    Output, RunError, Runner, SessionInfo, TmuxError, error, info, record,
    target::{Target, argument},
};

/// Makes tmux wait for all its children. tmux 3.3 can miss the SIGCHLD of a program that ends while the server starts (12
/// of 150 tries); it then never learns the exit code, until another child ends.
pub(crate) const REAP: [&str; 4] = ["if-shell", "true", "", ";"];

/// How often a command is tried while the tmux server exits under it; the second try has always been enough.
const TRIES: usize = 3;

/// The tmux server that a [`Runner`] reaches.
#[derive(Debug, Clone)]
pub struct Tmux<R> {
    runner: R,
    options: Vec<String>,
}

impl<R: Runner> Tmux<R> {
    /// The default tmux server where `runner` runs its commands.
    pub fn new(runner: R) -> Self {
        Self { runner, options: Vec::new() }
    }

    /// The server that tmux's own `options` choose, such as `-L name` or `-f file`.
    pub fn with_options(runner: R, options: Vec<String>) -> Self {
        Self { runner, options }
    }

    /// The runner.
    pub fn runner(&self) -> &R {
        &self.runner
    }

    /// The beginning of every command. Without `-u` tmux turns UTF-8 into `_` where the locale is `C`, as in most containers.
    pub(crate) fn command<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let mut argv = vec!["tmux", "-u"];
        argv.extend(self.options.iter().map(String::as_str));
        argv.extend_from_slice(arguments);
        argv
    }

    /// Runs tmux and sorts its answer.
    pub(crate) async fn run(&self, arguments: &[&str], stdin: &[u8]) -> Result<Output, TmuxError> {
        error::check(self.answer(&self.command(arguments), stdin).await?)
    }

    /// Runs a program that runs tmux. A server that was just about to exit takes the command with it; as nothing of that
    /// server is left then, the command is tried again.
    pub(crate) async fn answer(&self, argv: &[&str], stdin: &[u8]) -> Result<Output, RunError> {
        let mut output = self.runner.run(argv, stdin).await?;
        for _ in 1..TRIES {
            if !error::says_server_exited(&output) {
                break;
            }
            output = self.runner.run(argv, stdin).await?;
        }
        Ok(output)
    }

    /// The target of a session; a name that tmux could misread is looked up first.
    pub(crate) async fn target(&self, name: &SessionRef) -> Result<Target, TmuxError> {
        match Target::exact(name) {
            Some(target) => Ok(target),
            None => Target::id(&self.session(name).await?.tmux_id),
        }
    }

    /// All sessions, in tmux's order (by name). No server and no sessions are an empty list.
    ///
    /// # Errors
    /// [`TmuxError`]
    pub async fn list(&self) -> Result<Vec<SessionInfo>, TmuxError> {
        self.list_where(&[]).await
    }

    async fn list_where(&self, filter: &[&str]) -> Result<Vec<SessionInfo>, TmuxError> {
        let mut arguments = REAP.to_vec();
        arguments.extend(["list-sessions", "-F", record::FORMAT.as_str()]);
        arguments.extend_from_slice(filter);
        let plain = arguments.get(REAP.len()..).unwrap_or_default();
        let sessions = self.list_once(plain).await?;
        if sessions.iter().any(|session| session.ending) { self.list_once(&arguments).await } else { Ok(sessions) }
    }

    async fn list_once(&self, arguments: &[&str]) -> Result<Vec<SessionInfo>, TmuxError> {
        match self.run(arguments, b"").await {
            Ok(output) => info::parse(&output.stdout),
            Err(TmuxError::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a session of exactly that name.
    ///
    /// # Errors
    /// [`TmuxError`], never [`TmuxError::NotFound`].
    pub async fn has(&self, name: &SessionRef) -> Result<bool, TmuxError> {
        let found = match Target::exact(name) {
            Some(target) => self.run(&["has-session", "-t", target.session()], b"").await.map(drop),
            None => self.session(name).await.map(drop),
        };
        match found {
            Ok(()) => Ok(true),
            Err(TmuxError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// One session.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] and the others.
    pub async fn session(&self, name: &SessionRef) -> Result<SessionInfo, TmuxError> {
        // Only names of our own rule are free of what formats treat as syntax; others are compared here.
        let filter = name.as_session_name().map(|name| format!("#{{==:#{{session_name}},{name}}}"));
        let sessions = match &filter {
            Some(filter) => self.list_where(&["-f", filter]).await?,
            None => self.list().await?,
        };
        sessions.into_iter().find(|session| session.name == name.as_str()).ok_or(TmuxError::NotFound)
    }

    /// Gives a session another name; tmux itself decides whether it is free. Any name that a session can have is taken: what
    /// was made by hand may have to get its odd name back.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`], [`TmuxError::AlreadyExists`] and the others.
    pub async fn rename(&self, name: &SessionRef, to: &SessionRef) -> Result<(), TmuxError> {
        let target = self.target(name).await?;
        // tmux expands formats in the new name.
        let to = argument(&to.as_str().replace('#', "##"));
        self.run(&["rename-session", "-t", target.session(), "--", &to], b"").await.map(drop)
    }

    /// Ends a session and the programs in it.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] and the others.
    pub async fn kill(&self, name: &SessionRef) -> Result<(), TmuxError> {
        let target = self.target(name).await?;
        self.run(&["kill-session", "-t", target.session()], b"").await.map(drop)
    }

    /// What a person would see in the active pane, with up to `scrollback` lines above it.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] and the others.
    pub async fn capture(&self, name: &SessionRef, format: ScreenFormat, scrollback: u32) -> Result<String, TmuxError> {
        let pane = self.target(name).await?.pane();
        // tmux reads an int and takes what is out of range for "from the top of the screen".
        let start = format!("-{}", i32::try_from(scrollback).unwrap_or(i32::MAX));
        let mut arguments = vec!["capture-pane", "-p", "-t", pane.as_str()];
        if scrollback > 0 {
            arguments.extend(["-S", start.as_str()]);
        }
        match format {
            ScreenFormat::Text => {}
            ScreenFormat::Ansi => arguments.push("-e"),
        }
        let output = self.run(&arguments, b"").await?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The session's own environment: what it was made with and what tmux took over from clients, without what tmux
    /// would remove. Programs also have the environment of the tmux server.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] and the others.
    pub async fn environment(&self, name: &SessionRef) -> Result<BTreeMap<String, String>, TmuxError> {
        let target = self.target(name).await?;
        let output = self.run(&["show-environment", "-s", "-t", target.session()], b"").await?;
        Ok(crate::environment::parse(&output.stdout))
    }
}
