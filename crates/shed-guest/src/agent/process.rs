//! Processes, as `/proc` shows them (proc_pid_stat(5)).

use std::fs;

use shed_core::guest::PROGRAM;

use super::owner::Process;

/// Programs that stand between an agent and the hook that it runs.
const WRAPPERS: [&str; 13] = ["sh", "bash", "dash", "zsh", "ash", "ksh", "mksh", "fish", "busybox", "env", "timeout", "nice", "setsid"];

/// How far up it is looked; a deeper tree is not one of an agent and its hook.
const LEVELS: usize = 16;

/// What is read of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stat {
    process: Process,
    name: String,
    state: char,
    parent: u32,
}

fn stat(pid: u32) -> Option<Stat> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name stands in parentheses and may itself hold any character.
fn parse(pid: u32, line: &str) -> Option<Stat> {
    let (before, after) = line.rsplit_once(") ")?;
    let name = before.split_once('(')?.1.to_owned();
    let mut fields = after.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    // The 22nd field of the line; state was the 3rd.
    let start = fields.nth(17)?.parse().ok()?;
    Some(Stat { process: Process { pid, start }, name, state, parent })
}

/// The process with this id.
#[must_use]
pub fn find(pid: u32) -> Option<Process> {
    stat(pid).map(|stat| stat.process)
}

/// The nearest process above `pid`, itself included, that is not a shell or the like: the agent that runs a hook.
#[must_use]
pub fn agent_above(pid: u32) -> Option<Process> {
    let mut pid = pid;
    for _ in 0..LEVELS {
        let stat = stat(pid)?;
        if !WRAPPERS.contains(&stat.name.as_str()) && !stat.name.starts_with(PROGRAM) {
            return Some(stat.process);
        }
        pid = stat.parent;
    }
    None
}

/// Whether it runs, or could: one that is stopped (Ctrl-Z) or dead does not speak.
#[must_use]
pub fn lives(process: Process) -> bool {
    stat(process.pid).is_some_and(|stat| stat.process == process && !matches!(stat.state, 'Z' | 'X' | 'T'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 2 3";
        let expected = Stat { process: Process { pid: 42, start: 987_654 }, name: "a) b (c".into(), state: 'S', parent: 7 };
        assert_eq!(parse(42, line), Some(expected));
        assert_eq!(parse(42, "42 (a) S"), None);
    }

    #[test]
    fn t15_this_process_lives_and_another_of_its_number_does_not() {
        let me = find(std::process::id()).unwrap();
        assert!(lives(me));
        assert!(!lives(Process { start: me.start + 1, ..me }));
        assert_eq!(agent_above(me.pid), Some(me));
    }
}
