//! `shed-guest mourn`: waits for the end of an agent that was started by hand in a shell, where the pane outlives it.
//!
//! It sleeps on the process itself, without a timer.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    Said,
    owner::Process,
    process,
    report::{self, Report},
    state::Event,
    tmux::Pane,
};

/// What an agent said last is on its way a little longer than the agent lives.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Starts one for this agent. Without one, its end is not noticed; that is no reason to fail.
pub fn start(pane: &Pane, agent: &str, process: Process) {
    let Ok(program) = env::current_exe() else { return };
    let mut mourner = Command::new(program);
    mourner.args(["mourn", pane.socket(), pane.id(), agent, &process.pid.to_string(), &process.start.to_string()]);
    let _ = mourner.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).current_dir("/").spawn();
}

/// The command itself.
pub fn run(arguments: &[String]) {
    let [socket, pane, agent, pid, start] = arguments else { return };
    let (Some(pane), Ok(pid), Ok(start)) = (Pane::new(socket, pane), pid.parse(), start.parse()) else { return };
    let process = Process { pid, start };
    if wait(process).is_none() {
        return;
    }
    thread::sleep(LAST_WORDS);
    let event = Event::Gone { tells: agent != "codex" };
    let said = Said { event, conversation: String::new(), kept: true };
    let _ = report::submit(&pane, &Report { agent: agent.clone(), sender: Some(process), at: report::now(), said });
}

fn wait(process: Process) -> Option<()> {
    let pid = Pid::from_raw(i32::try_from(process.pid).ok()?)?;
    let Ok(end) = pidfd_open(pid, PidfdFlags::empty()) else {
        // It may have ended already; or the kernel is older than 5.3, and nobody can wait for it.
        return (!process::lives(process)).then_some(());
    };
    // The number may be another process's by now.
    while process::lives(process) {
        poll(&mut [PollFd::new(&end, PollFlags::IN)], None).ok()?;
    }
    Some(())
}
