//! However a connection ends, its processes end with it, and sessions do not.

use std::{
    process::{Child, Command, Stdio},
    thread,
};

use shed_tests::{run, wait_until};

use crate::{fixture::Fixture, raw::Raw};

/// A client that is killed at the latest when it is dropped.
struct Client(Child);

impl Client {
    fn start(mut ssh: Command) -> Self {
        Self(ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// SIGKILL: the client says nothing more.
    fn cut(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Already ended in most tests.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_killed_client_takes_its_command_with_it() {
    let shed = Fixture::new();
    let mut client = Client::start(shed.ssh(&["sleep 4001 & sleep 4001; true"]));
    shed.wait_for_processes("sleep 4001", 3);
    client.cut();
    shed.wait_for_processes("sleep 4001", 0);

    // Also when it was sending to a program that does not read.
    let mut client = Client::start(shed.ssh(&["sleep 4002; true"]));
    let mut stdin = client.0.stdin.take().unwrap();
    let sender = thread::spawn(move || std::io::Write::write_all(&mut stdin, &vec![0; 64_000_000]));
    shed.wait_for_processes("sleep 4002", 2);
    client.cut();
    assert!(sender.join().unwrap().is_err(), "the client was held back and had not taken everything");
    shed.wait_for_processes("sleep 4002", 0);

    // And when nobody reads its output.
    let mut client = Client::start(shed.ssh(&["yes 4003"]));
    shed.wait_for_processes("yes 4003", 1);
    client.cut();
    shed.wait_for_processes("yes 4003", 0);
}

#[test]
fn s22_a_killed_client_leaves_its_session() {
    let shed = Fixture::new();
    let mut client = Client::start(shed.ssh_as(&format!("{}+work", shed.shed.name()), &["-tt"], &[]));
    shed.wait_for_sessions("work:1");
    client.cut();
    shed.wait_for_sessions("work:0");
}

#[test]
fn a_closed_channel_takes_its_command_with_it_and_the_connection_stays() {
    let shed = Fixture::new();
    let socket = shed.path("mux").display().to_string();
    let flags = ["-S", &socket];
    run(&mut shed.ssh_as(shed.shed.name(), &["-M", "-S", &socket, "-N", "-f"], &[])).assert_ok();
    let mut client = Client::start(shed.ssh_as(shed.shed.name(), &flags, &["sleep 4004; true"]));
    shed.wait_for_processes("sleep 4004", 2);
    client.cut();
    shed.wait_for_processes("sleep 4004", 0);
    assert_eq!(run(&mut shed.ssh_as(shed.shed.name(), &flags, &["echo there"])).ok().stdout, "there\n");
    run(&mut shed.ssh_as(shed.shed.name(), &["-S", &socket, "-O", "exit"], &[])).assert_ok();
}

#[test]
fn fifty_connections_cut_at_once_leave_nothing() {
    let shed = Fixture::new();
    shed.inside(&["tmux", "new-session", "-d", "-s", "work"]).assert_ok();
    let attach = format!("{}+work", shed.shed.name());
    let mut clients: Vec<Client> = (0..50)
        .map(|i| match i % 2 {
            0 => Client::start(shed.ssh_as(&attach, &["-tt"], &[])),
            _ => Client::start(shed.ssh(&["exec sleep 4005"])),
        })
        .collect();
    shed.wait_for_processes("sleep 4005", 25);
    shed.wait_for_sessions("work:25");
    // All are killed before the first is waited for.
    for client in &mut clients {
        client.0.kill().unwrap();
    }
    drop(clients);
    shed.wait_for_processes("sleep 4005", 0);
    shed.wait_for_sessions("work:0");
}

#[test]
fn a_client_cut_while_its_process_starts_leaves_nothing() {
    let shed = Fixture::new();
    for _ in 0..10 {
        let mut client = Client::start(shed.ssh(&["exec sleep 4006"]));
        // Somewhere between connecting and the program's start, at a moment that differs every time.
        wait_until("a connection", || shed.processes("").checked_sub(1));
        client.cut();
    }
    // One more whose program does run: whatever the others had started was started before it.
    let mut last = Client::start(shed.ssh(&["exec sleep 4007"]));
    shed.wait_for_processes("sleep 4007", 1);
    last.cut();
    shed.wait_for_processes("sleep 4006", 0);
    shed.wait_for_processes("sleep 4007", 0);
}

#[test]
fn a_server_that_shuts_down_ends_connections_and_keeps_sessions() {
    let shed = Fixture::new();
    let mut attached = Client::start(shed.ssh_as(&format!("{}+work", shed.shed.name()), &["-tt"], &[]));
    let mut command = Client::start(shed.ssh(&["exec sleep 4008"]));
    shed.wait_for_sessions("work:1");
    shed.wait_for_processes("sleep 4008", 1);
    shed.shutdown.cancel();
    assert_eq!(attached.0.wait().unwrap().code(), Some(255), "a transport error, on which the CLI connects again");
    assert_eq!(command.0.wait().unwrap().code(), Some(255));
    shed.wait_for_processes("sleep 4008", 0);
    shed.wait_for_sessions("work:0");
}

#[test]
fn signals_reach_the_program() {
    let shed = Fixture::new();
    let mut raw = Raw::connect(&shed);
    raw.exec(b"trap 'echo got-usr1' USR1; trap 'echo got-term; exit 9' TERM; echo ready; while :; do sleep 0.1; done");
    raw.read_until("ready");
    raw.signal(russh::Sig::USR1);
    raw.read_until("got-usr1");
    raw.signal(russh::Sig::TERM);
    raw.read_until("got-term");
    assert_eq!(raw.end().status, Some(9));
}

#[test]
fn a_lethal_signal_is_told_with_its_name_and_its_code() {
    let shed = Fixture::new();
    let mut raw = Raw::connect(&shed);
    raw.exec(b"echo ready; exec sleep 4009");
    raw.read_until("ready");
    shed.wait_for_processes("sleep 4009", 1);
    raw.signal(russh::Sig::KILL);
    let end = raw.end();
    assert_eq!((end.status, end.signal.as_deref()), (Some(137), Some("KILL")));
    assert_eq!(end.order, ["exit-signal", "exit-status", "eof", "close"], "all of it after the output");
}

#[test]
fn a_command_with_nul_is_refused() {
    let shed = Fixture::new();
    let mut raw = Raw::connect(&shed);
    raw.exec(b"echo a\0b");
    let end = raw.end();
    assert_eq!(end.status, Some(1));
    assert!(end.stderr.starts_with("error: the command holds a NUL byte; hint: "), "{}", end.stderr);
    assert_eq!(end.order, ["exit-status", "eof", "close"]);
}
