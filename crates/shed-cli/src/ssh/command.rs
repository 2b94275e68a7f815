//! The arguments of the system's `ssh` for one shed.

use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use shed_core::{SessionRef, ShedName};

use super::quote;
use crate::{Failure, config::Paths, config::Server};

/// Seconds between signs of life, and how many may be missing: a dead connection is noticed within 45 s.
const ALIVE_INTERVAL: u32 = 15;
const ALIVE_COUNT: u32 = 3;

/// Whether the remote program gets a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tty {
    /// `-t`
    Yes,
    /// `-T`
    No,
}

/// An `ssh` command line for one shed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshCommand {
    /// Whether the remote program gets a terminal.
    pub tty: Tty,
    /// Host of the SSH endpoint.
    pub host: String,
    /// Port of the SSH endpoint.
    pub port: u16,
    /// The shed, which is the SSH user.
    pub shed: ShedName,
    /// Where host keys are pinned.
    pub known_hosts: PathBuf,
    /// Our own key, if one was made.
    pub identity: Option<PathBuf>,
    /// The session that the command is about, sent as SHED_SESSION.
    pub session: Option<String>,
    /// A file that is made once the login has succeeded.
    pub marker: Option<PathBuf>,
    /// The remote command; none for a shell.
    pub remote: Option<Vec<String>>,
}

impl SshCommand {
    /// A command line for a shed on a server.
    #[must_use]
    pub fn new(paths: &Paths, server: &Server, shed: &ShedName, tty: Tty) -> Self {
        Self {
            tty,
            host: server.ssh_host.clone(),
            port: server.ssh_port,
            shed: shed.clone(),
            known_hosts: paths.known_hosts.clone(),
            identity: paths.own_key.exists().then(|| paths.own_key.clone()),
            session: None,
            marker: None,
            remote: None,
        }
    }

    /// Attach to a session. Names that shed could have given are made if they are not there (`new-session -A`);
    /// others, made by hand, are only attached to.
    #[must_use]
    pub fn attaching(mut self, session: &SessionRef) -> Self {
        let remote: &[&str] = match session.as_session_name() {
            Some(_) => &["tmux", "new-session", "-A", "-s", session.as_str(), "-c", "/workspace"],
            // `=` makes it an exact name, also where it begins with `-` or `$`.
            None => &["tmux", "attach-session", "-t", &format!("={session}")],
        };
        self.remote = Some(remote.iter().map(|word| (*word).to_owned()).collect());
        self.session = Some(session.as_str().to_owned());
        self
    }

    /// The arguments after `ssh`.
    ///
    /// # Errors
    /// A [`Failure`] for remote arguments with a NUL byte.
    pub fn args(&self) -> Result<Vec<OsString>, Failure> {
        let mut args: Vec<OsString> = Vec::new();
        args.push(if self.tty == Tty::Yes { "-t" } else { "-T" }.into());
        args.extend(["-p".into(), self.port.to_string().into()]);
        let mut option = |text: String| args.extend(["-o".into(), text.into()]);
        option(format!("UserKnownHostsFile={}", value(&self.known_hosts)?));
        option("StrictHostKeyChecking=yes".to_owned());
        option("SendEnv=SHED_SESSION".to_owned());
        option(format!("ServerAliveInterval={ALIVE_INTERVAL}"));
        option(format!("ServerAliveCountMax={ALIVE_COUNT}"));
        if let Some(marker) = &self.marker {
            option("PermitLocalCommand=yes".to_owned());
            option(format!("LocalCommand=: > {}", quote::join(&[path_text(marker)?])?.replace('%', "%%")));
        }
        if let Some(identity) = &self.identity {
            // Without IdentitiesOnly an agent with many keys uses up the server's tries before ours is offered.
            option("IdentitiesOnly=yes".to_owned());
            args.extend(["-i".into(), identity.clone().into_os_string()]);
        }
        args.push(format!("{}@{}", self.shed, self.host).into());
        if let Some(remote) = &self.remote {
            args.push("--".into());
            // ssh joins the words with spaces and a shell at the other end splits them again.
            for word in remote {
                args.push(quote::join(&[word])?.into());
            }
        }
        Ok(args)
    }

    /// The command, with SHED_SESSION in its environment.
    ///
    /// # Errors
    /// As [`SshCommand::args`].
    pub fn command(&self) -> Result<Command, Failure> {
        let mut command = Command::new("ssh");
        command.args(self.args()?).env_remove("SHED_TOKEN").env_remove("SHED_SESSION");
        if let Some(session) = &self.session {
            command.env("SHED_SESSION", session);
        }
        Ok(command)
    }

    /// Becomes `ssh`: its exit code, its signals and its streams are then ours without anything in between.
    ///
    /// # Errors
    /// A [`Failure`]; it does not return otherwise.
    pub fn exec(&self) -> Result<u8, Failure> {
        Err(not_started(&self.command()?.exec()))
    }
}

/// The failure for an `ssh` that could not be started.
#[must_use]
pub fn not_started(error: &io::Error) -> Failure {
    Failure::new(format!("`ssh` could not be started: {error}")).hint("install OpenSSH (Debian: `apt install openssh-client`)")
}

/// A path as the value of an option: `%` is ssh's own, and a path with spaces must be quoted, or it is several files.
///
/// # Errors
/// A [`Failure`] for a path that ssh can not read.
pub fn value(path: &Path) -> Result<String, Failure> {
    let text = path_text(path)?.replace('%', "%%");
    if text.contains('"') {
        return Err(Failure::new(format!("ssh can't read a path with `\"`: `{text}`")).hint("set SHED_CONFIG to another path"));
    }
    Ok(if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text })
}

fn path_text(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| Failure::new(format!("path `{}` is not UTF-8", path.display())))
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
