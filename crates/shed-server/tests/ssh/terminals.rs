//! Terminals: size, type, and sessions that outlive them.

use shed_tests::{Pty, run, run_with_input};

use crate::fixture::Fixture;

#[test]
fn a_terminal_has_the_clients_size_and_type_and_follows_its_changes() {
    let shed = Fixture::new();
    let pty = Pty::open(&[]);
    pty.type_line(&shed.line(shed.shed.name(), "-t", "'stty size; echo $TERM; trap \"stty size\" WINCH; while sleep 0.1; do :; done'"));
    pty.wait_for("30 100");
    pty.wait_for("tmux-256color");
    for i in 0..20 {
        pty.resize(120 + i, 40);
    }
    pty.resize(90, 25);
    pty.wait_for("25 90");
    pty.keys(&["C-c"]);
    assert_eq!(pty.exit_code(), 130);
}

#[test]
fn a_terminal_without_a_size_gets_the_usual_one() {
    let shed = Fixture::new();
    let ended = run(&mut shed.ssh_as(shed.shed.name(), &["-tt"], &["stty size; exit 5"]));
    assert_eq!((ended.code, ended.stdout.trim()), (5, "24 80"));
    let ended = run_with_input(&mut shed.ssh_as(shed.shed.name(), &["-tt"], &[]), b"echo in-$((40+2))\nexit 4\n");
    assert_eq!(ended.code, 4);
    assert!(ended.stdout.contains("in-42"), "{ended}");
}

#[test]
fn s19_s21_s22_a_session_is_made_attached_left_and_found_again() {
    let shed = Fixture::new();
    let pty = Pty::open(&[]);
    let attach = shed.line(&format!("{}+work", shed.shed.name()), "-t", "");
    pty.type_line(&attach);
    pty.wait_for("[work]");
    pty.type_line("echo kept-$((40+2))");
    pty.wait_for("kept-42");
    shed.wait_for_sessions("work:1");
    pty.detach();
    pty.wait_for("[detached (from session work)]");
    assert_eq!(pty.exit_code(), 0);
    shed.wait_for_sessions("work:0");
    pty.type_line(&attach);
    pty.wait_for("kept-42");
    pty.detach();
    // What is typed while ssh still closes its connection is ssh's.
    assert_eq!(pty.exit_code(), 0);
    // The same by a command, as any SSH client can.
    pty.type_line(&shed.line(shed.shed.name(), "-t", "tmux new-session -A -s work"));
    pty.wait_for("kept-42");
    shed.wait_for_sessions("work:1");
    pty.detach();
    pty.wait_for("[detached (from session work)]");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn an_error_in_a_terminal_is_one_whole_line() {
    let shed = Fixture::new();
    let ended = run(&mut shed.ssh_as("no-such-shed", &["-tt"], &[]));
    ended.assert_error(1, &["error: shed `no-such-shed` not found; hint: ", "\r\n"]);
}
