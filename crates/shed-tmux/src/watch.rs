//! Hearing of changes: tmux itself tells, through hooks, so nobody has to ask again and again.
//!
//! Every change adds one to a counter in a server option and then wakes whoever waits on a channel. A watcher reads the counter
//! in the same tmux command as the list, and waits only if the counter is still the same; tmux does both in one step. So no
//! change is lost, however many come at once and however many watchers there are. The channel alone would lose some: tmux keeps
//! one signal that nobody waits for, and a second one takes it back (`cmd_wait_for_signal`).

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::{Output, Runner, SessionInfo, Tmux, TmuxError, info, record, tmux::REAP};

/// The channel on which watchers wait, `wait-for`'s argument.
pub const WATCH_CHANNEL: &str = "shed-watch";

/// Our place in the arrays of hooks: the user's own stay as they are, and setting ours again changes nothing. What stands
/// there is never changed by a later version: it would take another place.
const INDEX: &str = "7391";

/// Begins the line with the [`Mark`].
const MARK: &str = "shed-mark:";

/// The new value of the counter; also from nothing, and from what is no number.
const NEXT: &str = "#{e|+:#{?@shed_changes,#{@shed_changes},0},1}";

/// What tmux runs at every change.
const SIGNAL: &str = "set-option -sF @shed_changes '#{e|+:#{?@shed_changes,#{@shed_changes},0},1}' ; wait-for -S shed-watch";

/// When something in the list may have changed. `after-set-option` tells of labels and of what agents say of themselves,
/// `after-set-hook` of a configuration that was read again and took our hooks away. Commands of hooks fire no hooks.
const HOOKS: [&str; 14] = [
    "session-created",
    "session-closed",
    "session-renamed",
    "session-window-changed",
    "client-attached",
    "client-detached",
    "client-session-changed",
    "window-linked",
    "window-unlinked",
    "window-pane-changed",
    "pane-died",
    "pane-exited",
    "after-set-option",
    "after-set-hook",
];

/// What stood in a list: which server, which change was the last, and whether it tells of the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    /// What tmux expands to a mark: process, start, counter, and a digit for each hook.
    fn format() -> String {
        let hooks: String = HOOKS.iter().map(|hook| format!("#{{?{hook}[{INDEX}],1,0}}")).collect();
        format!("{MARK}#{{pid}} #{{start_time}} #{{@shed_changes}} {hooks}")
    }

    /// Whether the tmux server tells of every change.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.0.rsplit(' ').next().is_some_and(|hooks| !hooks.contains('0'))
    }

    /// Whether both are of the same run of a tmux server.
    #[must_use]
    pub fn is_same_server(&self, other: &Self) -> bool {
        self.0.split(' ').take(2).eq(other.0.split(' ').take(2))
    }
}

/// A list as tmux printed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// What `list-sessions` printed; [`parse_list`] reads it.
    pub output: Vec<u8>,
    /// Where the list stands among all changes; none without a tmux server.
    pub mark: Option<Mark>,
    /// A session's terminal is closed and its process still runs: tmux will not tell when that ends.
    pub ending: bool,
}

/// Reads what [`Tmux::listing`] brought, also from another machine.
///
/// # Errors
/// [`TmuxError::Unparsable`]
pub fn parse_list(output: &[u8]) -> Result<Vec<SessionInfo>, TmuxError> {
    info::parse(output)
}

/// The words of a tmux command that tells all watchers of a change. `set-option` needs it not, a hook does it.
#[must_use]
pub const fn signal_arguments() -> [&'static str; 8] {
    ["set-option", "-sF", "@shed_changes", NEXT, ";", "wait-for", "-S", WATCH_CHANNEL]
}

/// Where tmux puts its sockets: in `TMUX_TMPDIR`, or else in `/tmp` (`make_label`).
#[must_use]
pub fn socket_directory(tmux_tmpdir: Option<&OsStr>, uid: u32) -> PathBuf {
    let base = tmux_tmpdir.filter(|dir| !dir.is_empty()).map(Path::new).filter(|dir| dir.is_dir());
    base.unwrap_or(Path::new("/tmp")).join(format!("tmux-{uid}"))
}

impl<R: Runner> Tmux<R> {
    /// All sessions as tmux prints them. No server and no sessions are an empty list.
    ///
    /// # Errors
    /// [`TmuxError`], never [`TmuxError::NotFound`].
    pub async fn listing(&self) -> Result<Listing, TmuxError> {
        let mark = Mark::format();
        let mut arguments = REAP.to_vec();
        arguments.extend(["display-message", "-p", &mark, ";", "list-sessions", "-F", record::FORMAT.as_str()]);
        let listing = self.listing_once(arguments.get(REAP.len()..).unwrap_or_default()).await?;
        if listing.ending { self.listing_once(&arguments).await } else { Ok(listing) }
    }

    async fn listing_once(&self, arguments: &[&str]) -> Result<Listing, TmuxError> {
        let Output { mut stdout, .. } = match self.run(arguments, b"").await {
            Err(TmuxError::NotFound) => return Ok(Listing::default()),
            answer => answer?,
        };
        let line = stdout.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let text = String::from_utf8_lossy(line);
        let mark = text.strip_prefix(MARK).ok_or_else(|| TmuxError::Unparsable(text.trim().to_owned()))?;
        // Anyone in the shed can put anything into the counter; what is no digit would be read as a format later.
        let mark = Mark(mark.trim_end().chars().filter(|c| c.is_ascii_digit() || *c == ' ').collect());
        let length = line.len();
        stdout.drain(..length);
        let ending = info::parse(&stdout)?.iter().any(|session| session.ending);
        Ok(Listing { output: stdout, mark: Some(mark), ending })
    }

    /// The process of every pane with the id of its session, `$3`; panes whose program has ended are left out.
    ///
    /// # Errors
    /// [`TmuxError`], never [`TmuxError::NotFound`].
    pub async fn pane_processes(&self) -> Result<Vec<(String, u32)>, TmuxError> {
        let output = match self.run(&["list-panes", "-a", "-f", "#{!=:#{pane_dead},1}", "-F", "#{session_id} #{pane_pid}"], b"").await {
            Err(TmuxError::NotFound) => return Ok(Vec::new()),
            answer => answer?,
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let pair = |line: &str| line.split_once(' ').and_then(|(session, pid)| Some((session.to_owned(), pid.parse().ok()?)));
        text.lines().map(|line| pair(line).ok_or_else(|| TmuxError::Unparsable(line.to_owned()))).collect()
    }

    /// Makes tmux tell of every change from now on, and tells of one.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] without a server, and the others.
    pub async fn watch(&self) -> Result<(), TmuxError> {
        let hooks = HOOKS.map(|hook| format!("{hook}[{INDEX}]"));
        let set = hooks.iter().flat_map(|hook| ["set-hook", "-g", hook.as_str(), SIGNAL, ";"]);
        let arguments: Vec<&str> = set.chain(signal_arguments()).collect();
        self.run(&arguments, b"").await.map(drop)
    }

    /// Waits until something has changed since the list with that mark: for as long as the runner waits. Changes that were
    /// no change to the list end it too.
    ///
    /// # Errors
    /// [`TmuxError::NotFound`] when the server is gone, and the others.
    pub async fn changed_since(&self, mark: &Mark) -> Result<(), TmuxError> {
        // The mark has digits and spaces only, so the format can't be broken by it.
        let unchanged = format!("#{{==:{},{MARK}{}}}", Mark::format(), mark.0);
        let wait = format!("wait-for {WATCH_CHANNEL}");
        self.run(&["if-shell", "-F", &unchanged, &wait], b"").await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hooks_run_is_what_others_are_told_to_run() {
        let words: Vec<String> =
            signal_arguments().iter().map(|word| if word.contains('#') { format!("'{word}'") } else { (*word).to_owned() }).collect();
        assert_eq!(words.join(" "), SIGNAL);
    }

    #[test]
    fn marks_tell_servers_and_missing_hooks() {
        let mark = |text: &str| Mark(text.to_owned());
        assert!(mark("12 1700000000 7 11").is_watched() && !mark("12 1700000000 7 10").is_watched());
        assert!(mark("12 1700000000  11").is_same_server(&mark("12 1700000000 9 00")));
        assert!(!mark("12 1700000000 7 11").is_same_server(&mark("12 1700000001 7 11")));
    }

    #[test]
    fn sockets_are_where_tmux_puts_them() {
        assert_eq!(socket_directory(None, 7), Path::new("/tmp/tmux-7"));
        assert_eq!(socket_directory(Some(OsStr::new("")), 7), Path::new("/tmp/tmux-7"));
        assert_eq!(socket_directory(Some(OsStr::new("/")), 7), Path::new("/tmux-7"));
        assert_eq!(socket_directory(Some(OsStr::new("/no-such-dir")), 7), Path::new("/tmp/tmux-7"));
    }
}
