//! `shed-guest pipe SOCKET PANE`: reads all that a pane prints, and looks at its screen when that is worth it.
//!
//! tmux starts it with the session (`pipe-pane`). While nothing is printed it sleeps without a timer; while much is printed it
//! reads and drops, faster than tmux can write.

use std::time::{Duration, Instant};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
    stdio::stdin,
};
use shed_core::wire::{SessionStatus, StatusSource};
use shed_tmux::{Look, agent_option as option};

use super::{
    bell::Bell,
    guess::{self, Circumstances, Verdict},
    report,
    screen::{self, View},
    tmux::Pane,
};

/// How long nothing must be printed before the screen is worth a look: programs pause for shorter than this all the time.
const QUIET: Duration = Duration::from_secs(1);

/// The same while the session waits, so that an answer is seen soon.
const QUIET_AFTER_WAIT: Duration = Duration::from_millis(300);

/// While an agent prints without a pause (a spinner), its screen is looked at this often: a dialog may stand beside it.
const ANYWAY: Duration = Duration::from_secs(5);

/// How much is read at once, in bytes; a pipe holds less.
const CHUNK: usize = 128 * 1024;

/// Runs until the pane is closed or the pipe is taken away.
pub fn run(arguments: &[String]) {
    let [socket, pane] = arguments else { return };
    let Some(pane) = Pane::new(socket, pane) else { return };
    let mut watch = Watch { pane, next: None, printed: Instant::now(), first: None, waits: false, agent: true, dialog: false, bell: false };
    let (mut buffer, mut bell) = (vec![0; CHUNK], Bell::default());
    loop {
        if watch.next.is_some_and(|next| next <= Instant::now()) {
            let Some(look) = watch.pane.look() else {
                watch.seen();
                continue;
            };
            if look.dead {
                return;
            }
            watch.judge(&look);
        }
        match wait(watch.next) {
            Wait::Time => continue,
            Wait::Broken => return,
            Wait::Output => {}
        }
        match read(stdin(), &mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                watch.bell |= bell.rings(buffer.get(..length).unwrap_or_default());
                watch.printed();
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

enum Wait {
    Output,
    Time,
    Broken,
}

fn wait(until: Option<Instant>) -> Wait {
    let timeout = until.map(|until| {
        let left = until.saturating_duration_since(Instant::now());
        Timespec { tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX), tv_nsec: i64::from(left.subsec_nanos()) }
    });
    let mut stdin = [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)];
    match poll(&mut stdin, timeout.as_ref()) {
        Ok(0) | Err(Errno::INTR) => Wait::Time,
        Ok(_) => Wait::Output,
        Err(_) => Wait::Broken,
    }
}

struct Watch {
    pane: Pane,
    /// When to look; none while there is no reason to.
    next: Option<Instant>,
    /// When something was printed last.
    printed: Instant,
    /// When something was printed first since the last look.
    first: Option<Instant>,
    /// Whether the session waited at the last look.
    waits: bool,
    /// Whether an agent was in it. Taken for granted before the first look: one that never pauses would otherwise never be found.
    agent: bool,
    /// Whether a dialog was on the screen.
    dialog: bool,
    /// Whether the bell rang since.
    bell: bool,
}

impl Watch {
    fn printed(&mut self) {
        let now = Instant::now();
        self.printed = now;
        let first = *self.first.get_or_insert(now);
        let (quiet, latest) = match (self.waits, self.agent) {
            (true, _) => (QUIET_AFTER_WAIT, Some(QUIET)),
            (false, true) => (QUIET, Some(ANYWAY)),
            (false, false) => (QUIET, None),
        };
        let quiet = now + quiet;
        self.next = Some(latest.map_or(quiet, |latest| quiet.min(first + latest)));
    }

    /// Until something is printed there is nothing more to see.
    fn seen(&mut self) {
        (self.next, self.first) = (None, None);
    }

    fn judge(&mut self, look: &Look) {
        self.seen();
        let agent = look.state.agent.as_deref();
        let view = screen::read(agent, &look.screen);
        let known = report::known(look, &view);
        let since = look.state.since.map_or(0, |since| since.as_millisecond());
        let now = Circumstances {
            age: Duration::from_millis(u64::try_from(report::now().saturating_sub(since)).unwrap_or_default()),
            quiet: self.printed.elapsed(),
            dialog_before: self.dialog,
            bell: self.bell,
            shell_prompt: screen::is_shell_prompt(&look.screen),
        };
        let reports = !look.owner.is_empty();
        // What is on its way over the screen of another program means nothing.
        let passing = !reports && !self.waits && now.quiet < QUIET_AFTER_WAIT;
        let verdict = match (reports, passing) {
            (true, _) => guess::correct(&known, &view, now),
            (false, true) => Verdict::Keep,
            (false, false) => guess::guess(&known, &view, now),
        };
        let mut status = known.status;
        match verdict {
            Verdict::Keep => {}
            Verdict::Later(age) => self.next = Some(Instant::now() + age.saturating_sub(now.age.min(now.quiet))),
            Verdict::Change(new) => {
                status = Some(new.status);
                let mut changes = report::status_changes(look, &new, report::now(), StatusSource::Screen);
                changes.push((option::EVENT, mark(look)));
                if self.pane.write(&look.event, &changes) == Some(false) {
                    // A hook spoke at the same time; by its word the screen is looked at anew.
                    self.next = Some(Instant::now() + QUIET_AFTER_WAIT);
                    return;
                }
            }
        }
        self.waits = status.is_some_and(SessionStatus::is_waiting);
        self.agent = agent.is_some();
        self.dialog = matches!(view, View::Dialog(_));
        self.bell &= passing;
    }
}

/// A new mark that is no newer than the events so far: what is seen on a screen is no event, and a hook that is on its way
/// knows better.
fn mark(look: &Look) -> String {
    let newest = look.event.split('-').next().unwrap_or_default();
    format!("{}-{}", if newest.is_empty() { "0" } else { newest }, std::process::id())
}
