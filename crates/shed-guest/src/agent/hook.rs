//! `shed-guest hook AGENT`: what agents call when something happens.
//!
//! It is part of the agent's own work, so it is quick, prints nothing and always succeeds. The work is done by a second
//! process, which is waited for only a moment: with a tmux that hangs, the agent goes on and the second process gives up later.

use std::{
    env,
    io::Read,
    os::unix::process::{CommandExt, parent_id},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{
    Said, claude, codex, files, mourn, opencode,
    owner::{Owner, Process},
    process,
    report::{self, Report},
    tmux::Pane,
};

/// How long the agent may be kept waiting. A report takes two tmux commands of 2.5 ms; the rest of the 20 ms that a hook may
/// take is for starting the processes.
const PATIENCE: Duration = Duration::from_millis(10);

/// The most that is read of a hook's input, in bytes. A tool's output stands in it; images have been seen with 10 MB.
const INPUT_MAX: u64 = 64 * 1024 * 1024;

/// Set for agents that were started with a prompt.
pub const PROMPTED: &str = "SHED_AGENT_PROMPTED";

/// The command itself: hands its input on and returns.
pub fn run(arguments: &[String]) {
    // The worker's parent may be gone when it looks, so the way up from here is gone too.
    let sender = process::agent_above(parent_id());
    let (pid, start) = sender.map_or((0, 0), |process| (process.pid, process.start));
    let Ok(program) = env::current_exe() else { return };
    let mut worker = Command::new(program);
    worker.args(["hook-worker", &report::now().to_string(), &pid.to_string(), &start.to_string()]).args(arguments);
    // In a process group of its own: the terminal's signals are not for it.
    worker.stdin(Stdio::inherit()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let Ok(mut worker) = worker.spawn() else { return };
    let (done, wait) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let _ = worker.wait();
        let _ = done.send(());
    });
    let _ = wait.recv_timeout(PATIENCE);
}

/// The worker: reads the input and reports. `arguments` are time, process and start, then those of the hook.
pub fn work(arguments: &[String]) {
    let [at, pid, start, agent, rest @ ..] = arguments else { return };
    let (Ok(at), Ok(pid), Ok(start)) = (at.parse(), pid.parse(), start.parse()) else { return };
    let Some(pane) = Pane::current() else { return };
    let Some(said) = read(agent, rest) else { return };
    let sender = (pid != 0).then_some(Process { pid, start });
    let report = Report { agent: agent.clone(), sender, at, said };
    let Some(before) = report::submit(&pane, &report) else { return };
    let new = sender.filter(|process| Owner::read(&before.owner).is_none_or(|owner| owner.process != *process));
    // tmux itself tells the end of the pane's own process.
    if let Some(process) = new.filter(|process| before.pane_pid != Some(process.pid)) {
        mourn::start(&pane, agent, process);
        // Only sessions with a command have a reader from the start.
        if let Some(program) = files::program() {
            pane.pipe_to(&program);
        }
    }
}

fn read(agent: &str, rest: &[String]) -> Option<Said> {
    let stdin = std::io::stdin().lock().take(INPUT_MAX);
    match agent {
        "claude" => claude::read(std::io::BufReader::new(stdin), env::var_os(PROMPTED).is_some()),
        "opencode" => opencode::read(std::io::BufReader::new(stdin), env::var_os(PROMPTED).is_some()),
        "codex" => codex::read(rest.last()?),
        _ => None,
    }
}
