#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

use std::process::{Child, Command, Stdio};

use crate::common::{Tmux, this_process, until};

/// An agent that somebody started in a shell: a process that is not the pane's own.
fn agent() -> (Child, (u32, u64)) {
    let child = Command::new("sleep").arg("1000").stdout(Stdio::null()).spawn().unwrap();
    let process = shed_guest::agent::process::find(child.id()).unwrap();
    (child, (process.pid, process.start))
}

const STARTS: &str = r#"{"hook_event_name":"SessionStart","source":"startup","session_id":"s"}"#;
const ENDS: &str = r#"{"hook_event_name":"SessionEnd","reason":"prompt_input_exit","session_id":"s"}"#;

/// How many processes wait for this agent's end.
fn mourners(pid: u32) -> usize {
    let wanted = format!("\0{pid}\0");
    let lines =
        std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains("\0mourn\0") && line.contains(&wanted)).count()
}

#[test]
fn t24_an_agent_in_a_shell_that_is_killed_has_crashed() {
    let tmux = Tmux::quiet();
    let (mut child, process) = agent();
    tmux.say(1000, process, "claude", STARTS);
    tmux.say(2000, process, "claude", r#"{"hook_event_name":"UserPromptSubmit","session_id":"s"}"#);
    until("one that waits for its end", || mourners(process.0), |count| *count == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    tmux.becomes("failed crashed");
    // Another one in the same shell is a new story.
    tmux.say(i64::MAX / 2, this_process(), "claude", STARTS);
    assert_eq!(tmux.status(), "waiting_input");
}

#[test]
fn t10_an_agent_in_a_shell_that_says_its_end_has_exited() {
    let tmux = Tmux::quiet();
    let (mut child, process) = agent();
    tmux.say(1000, process, "claude", STARTS);
    tmux.say(2000, process, "claude", ENDS);
    child.kill().unwrap();
    child.wait().unwrap();
    until("nobody to wait", || mourners(process.0), |count| *count == 0);
    assert_eq!(tmux.status(), "exited");
}

#[test]
fn t27_an_agent_in_a_shell_gets_a_reader_of_its_screen_but_never_in_place_of_another() {
    let tmux = Tmux::quiet();
    let (mut child, process) = agent();
    let pipe = || tmux.run(&["display-message", "-p", "-t", "s", "#{pane_pipe}"]);
    assert_eq!(pipe(), "0\n");
    tmux.say(1000, process, "claude", STARTS);
    until("a reader", pipe, |pipe| pipe == "1\n");
    child.kill().unwrap();
    child.wait().unwrap();

    let tmux = Tmux::quiet();
    let (mut child, process) = agent();
    let mark = tmux.dir.path().join("ended");
    tmux.run(&["pipe-pane", "-t", "s", &format!("cat; touch '{}'", mark.display())]);
    tmux.say(1000, process, "claude", STARTS);
    until("one that waits for its end", || mourners(process.0), |count| *count == 1);
    tmux.say(2000, process, "claude", ENDS);
    assert!(!mark.exists(), "the reader from before was ended");
    child.kill().unwrap();
    child.wait().unwrap();
}
