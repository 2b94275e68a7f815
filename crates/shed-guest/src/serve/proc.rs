//! Reading `/proc/PID/stat`, as proc_pid_stat(5) describes it.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
};

/// What is of interest about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    parent: u32,
    /// The session in the sense of setsid(2): its leader's process id.
    session: u32,
    /// Processor time, in ticks.
    pub ticks: u64,
    /// When it started, in ticks since the machine did: with the process id it names a process for good.
    pub started: u64,
    /// Resident memory.
    pub memory_bytes: u64,
}

/// How many ticks a second has.
pub fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

/// All processes that can be seen. Those that end meanwhile are left out.
pub fn all() -> HashMap<u32, Process> {
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid: u32| Some((pid, parse(&fs::read(format!("/proc/{pid}/stat")).ok()?, page)?))).collect()
}

/// A program's name may have spaces and parentheses, so fields are counted from the last `)`.
fn parse(stat: &[u8], page: u64) -> Option<Process> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let text = str::from_utf8(stat.get(end + 1..)?).ok()?;
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    // The manual counts from 1, and the first two stand before.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Process {
        parent: u32::try_from(field(4)?).ok()?,
        session: u32::try_from(field(6)?).ok()?,
        ticks: field(14)? + field(15)?,
        started: field(22)?,
        memory_bytes: field(24)?.saturating_mul(page),
    })
}

/// A pane's process, all that come from it, and all that are still in its session although their parent has ended.
pub fn tree(processes: &HashMap<u32, Process>, root: u32) -> BTreeSet<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for (pid, process) in processes {
        children.entry(process.parent).or_default().push(*pid);
    }
    let in_session = processes.iter().filter(|(_, process)| process.session == root).map(|(pid, _)| *pid);
    let mut todo: Vec<u32> = processes.contains_key(&root).then_some(root).into_iter().chain(in_session).collect();
    let mut tree = BTreeSet::new();
    while let Some(pid) = todo.pop() {
        if tree.insert(pid) {
            todo.extend(children.get(&pid).into_iter().flatten());
        }
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(parent: u32, session: u32) -> Process {
        Process { parent, session, ticks: 0, started: 0, memory_bytes: 0 }
    }

    #[test]
    fn names_may_have_anything_in_them() {
        let stat = b"7 (a) S (b c)) R 3 7 5 0 -1 4194304 1 2 3 4 100 20 0 0 20 0 1 0 12345 999 50 18446744073709551615";
        let got = parse(stat, 4096).unwrap();
        assert_eq!(got, Process { parent: 3, session: 5, ticks: 120, started: 12345, memory_bytes: 50 * 4096 });
        assert_eq!(parse(b"7 (a", 1), None);
        assert_eq!(parse(b"7 (a) R 1", 1), None);
    }

    #[test]
    fn a_tree_has_children_of_children_and_orphans_of_the_session() {
        let processes = [(1, 0, 1), (10, 1, 10), (11, 10, 10), (12, 11, 12), (13, 1, 10), (20, 1, 20)];
        let processes = processes.map(|(pid, parent, session)| (pid, process(parent, session))).into();
        assert_eq!(tree(&processes, 10), BTreeSet::from([10, 11, 12, 13]));
        assert_eq!(tree(&processes, 99), BTreeSet::new());
        let ring = [(5, 6), (6, 5)].map(|(pid, parent)| (pid, process(parent, 0))).into();
        assert_eq!(tree(&ring, 5), BTreeSet::from([5, 6]));
    }

    #[test]
    fn this_process_is_seen() {
        let own = all().remove(&std::process::id()).unwrap();
        assert!(own.memory_bytes > 0 && own.started > 0);
    }
}
