//! Runs an interactive `ssh` and comes back when only the connection ended.

use std::{
    io::{self, IsTerminal, Write},
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    time::Duration,
};

use tokio::signal::unix::{SignalKind, signal};

use super::command::{SshCommand, not_started};
use crate::{Failure, failure::TRANSPORT, output};

/// The exit code of `ssh` when it was the connection that ended (ssh(1), EXIT STATUS).
const CONNECTION_ENDED: u8 = TRANSPORT;

/// Above this, the exit code is of a program that a signal ended.
const KILLED: u8 = 128;

/// How often is asked why a program was killed; with [`BETWEEN_LOOKS`] twice as long as a stop takes.
const LOOKS: u32 = 20;

/// Between two of these questions.
const BETWEEN_LOOKS: Duration = Duration::from_millis(300);

/// The first wait before coming back; each further one is twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A laptop that wakes up finds its session within this time.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// How often in a row a login may fail before it is given up: a refused key or a changed host key does not mend itself.
const FAILED_LOGINS: u32 = 3;

/// What turns a terminal back to normal after a full-screen program lost its connection: alternate screen, mouse, focus
/// and paste reports off, cursor visible, application keys off, plain text, a line of its own.
const RESET: &[u8] = b"\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m\r\n";

/// Whether there is something to come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StillThere {
    /// The session is there.
    Yes,
    /// It is gone; the text says why.
    No(String),
    /// Nobody could be asked.
    NotKnown,
}

/// What to do after an `ssh` ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// End with this exit code.
    End(u8),
    /// Wait, ask whether the session is still there, and come back.
    Wait(Duration),
}

/// The decision, apart from processes and clocks.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Waits since the last login that worked.
    waits: u32,
    /// Logins in a row that failed.
    failed_logins: u32,
    /// Whether any login worked.
    pub was_in: bool,
}

impl Policy {
    /// Decides after an `ssh` that ended with `code`; `logged_in` says whether it got as far as that.
    pub fn after(&mut self, code: u8, logged_in: bool) -> Next {
        if code != CONNECTION_ENDED {
            return Next::End(code);
        }
        if logged_in {
            *self = Self { was_in: true, ..Self::default() };
        } else {
            self.failed_logins += 1;
        }
        // Once in, a network that is down is waited for as long as it takes; the server is asked each time, and a
        // session that is gone ends it.
        if !self.was_in && self.failed_logins > FAILED_LOGINS {
            return Next::End(CONNECTION_ENDED);
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.waits.min(16)).min(LONGEST_WAIT);
        self.waits += 1;
        Next::Wait(wait)
    }
}

/// Runs `ssh` until it ends otherwise than by a lost connection; the result is its exit code.
///
/// # Errors
/// A [`Failure`] if `ssh` can't be started, or the session is gone when we come back.
pub async fn run(mut ssh: SshCommand, reconnect: bool, still_there: impl AsyncFn() -> StillThere) -> Result<u8, Failure> {
    let folder = tempfile::Builder::new().prefix("shed-").tempdir()?;
    let marker = folder.path().join("logged-in");
    ssh.marker = Some(marker.clone());
    let mut policy = Policy::default();
    loop {
        let _not_there = std::fs::remove_file(&marker);
        let code = foreground(&ssh).await?;
        match policy.after(code, marker.exists()) {
            Next::End(code) => {
                if code != 0 && !io::stdin().is_terminal() {
                    let failure = Failure { code, ..Failure::new("attaching needs a terminal, and standard input is none") };
                    return Err(failure.hint("without one, use `shed exec` or `shed sessions screen`"));
                }
                // Who deletes or stops a shed kills the program that drew the screen, which can't say anything then.
                if code > KILLED && marker.exists() {
                    reset_terminal();
                    // A deletion under way is answered with an error of the engine until it is done.
                    for _ in 0..LOOKS {
                        if let StillThere::No(why) = still_there().await {
                            output::say(&format!("the session has ended: {why}"));
                            break;
                        }
                        tokio::time::sleep(BETWEEN_LOOKS).await;
                    }
                }
                return Ok(code);
            }
            Next::Wait(_) if !reconnect => return Ok(CONNECTION_ENDED),
            Next::Wait(wait) => {
                reset_terminal();
                output::say(&format!("connection lost, trying again in {:.1} s (Ctrl-C ends)", wait.as_secs_f32()));
                pause(wait).await?;
                // Before the first login the session need not be there: attaching makes it.
                if let (StillThere::No(why), true) = (still_there().await, policy.was_in) {
                    return Err(Failure::new(format!("the session can't be attached to again: {why}")));
                }
            }
        }
    }
}

/// Runs `ssh` in the foreground. It reads the keyboard itself; signals that end us end it too.
async fn foreground(ssh: &SshCommand) -> Result<u8, Failure> {
    let mut command = tokio::process::Command::from(ssh.command()?);
    let mut child = command.kill_on_drop(true).spawn().map_err(|error| not_started(&error))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    // While ssh logs in, Ctrl-C is a signal for the whole group and ends ssh; its exit code then says so.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut interrupted = false;
    loop {
        tokio::select! {
            status = child.wait() => {
                let code = exit_code(status?);
                return if interrupted && code == CONNECTION_ENDED { Err(Failure::silent(130)) } else { Ok(code) };
            }
            _ = terminate.recv() => return end(&mut child, 143).await,
            _ = hangup.recv() => return end(&mut child, 129).await,
            _ = interrupt.recv() => interrupted = true,
        }
    }
}

async fn end(child: &mut tokio::process::Child, code: u8) -> Result<u8, Failure> {
    child.kill().await?;
    reset_terminal();
    Err(Failure::silent(code))
}

/// Waits, unless Ctrl-C comes first. tokio keeps a signal handler once it is installed, so it must be asked here too.
async fn pause(wait: Duration) -> Result<(), Failure> {
    let (mut interrupt, mut terminate, mut hangup) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::select! {
        () = tokio::time::sleep(wait) => Ok(()),
        _ = interrupt.recv() => Err(Failure::silent(130)),
        _ = terminate.recv() => Err(Failure::silent(143)),
        _ = hangup.recv() => Err(Failure::silent(129)),
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

fn reset_terminal() {
    let mut out = io::stdout();
    if out.is_terminal() {
        let _gone = out.write_all(RESET).and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_255_is_tried_again() {
        for code in [0, 1, 2, 127, 130, 254] {
            assert_eq!(Policy::default().after(code, true), Next::End(code));
        }
        assert_eq!(Policy::default().after(255, true), Next::Wait(FIRST_WAIT));
    }

    #[test]
    fn waits_grow_to_a_limit_and_begin_again_after_a_login() {
        let mut policy = Policy::default();
        policy.after(255, true);
        let waits: Vec<Next> = (0..40).map(|_| policy.after(255, false)).collect();
        assert_eq!(waits[0], Next::Wait(FIRST_WAIT * 2));
        assert_eq!(waits[39], Next::Wait(LONGEST_WAIT), "once in, it goes on for as long as it takes");
        assert_eq!(policy.after(255, true), Next::Wait(FIRST_WAIT));
    }

    #[test]
    fn a_login_that_never_works_is_given_up() {
        let mut policy = Policy::default();
        let nexts: Vec<Next> = (0..4).map(|_| policy.after(255, false)).collect();
        assert!(nexts[..3].iter().all(|next| matches!(next, Next::Wait(_))), "{nexts:?}");
        assert_eq!(nexts[3], Next::End(255));
    }
}
