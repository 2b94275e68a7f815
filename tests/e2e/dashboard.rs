//! `shed watch` in a real terminal, before real sheds.

use shed_tests::{Cli, Pty, TestServer, TestShed, docker};

use crate::live::wait_for_guest;

/// Sets what an agent would say of itself through its hooks, and that it has said so for longer than any other: all servers
/// on this machine see all sheds, also those of tests that run beside this one.
pub fn say(shed: &TestShed, session: &str, status: &str, detail: &str) {
    let target = format!("={session}:");
    for (option, value) in [("@shed_source", "hook"), ("@shed_detail", detail), ("@shed_since", "1000000000000"), ("@shed_status", status)]
    {
        docker(&["exec", &shed.container(), "tmux", "set-option", "-t", &target, option, value]).assert_ok();
    }
}

/// The dashboard with the sessions of that shed alone: other tests' sheds are on the same machine.
fn open(cli: &Cli, shed: &TestShed) -> Pty {
    let terminal = cli.terminal();
    terminal.type_line("shed watch");
    terminal.wait_for("in all");
    terminal.keys(&["/"]);
    terminal.wait_for("search:");
    terminal.keys(&[shed.name(), "Enter"]);
    terminal.wait_for(&format!("search: {}", shed.name()));
    terminal
}

/// The words of the row of a session, with its marker first.
fn row(screen: &str, session: &str) -> Option<Vec<String>> {
    let rows = screen.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    rows.into_iter().find(|words| words.get(2).is_some_and(|word| word == session))
}

#[track_caller]
fn wait_for_row(terminal: &Pty, session: &str, marker: &str, words: &[&str]) {
    terminal.wait_that(&format!("{marker} {session} {words:?}"), |screen| {
        row(screen, session).is_some_and(|row| row[0] == marker && words.iter().all(|word| row.iter().any(|other| other == word)))
    });
}

#[test]
fn t6_t16_t18_t19_the_dashboard_shows_who_waits_attaches_answers_and_kills() {
    let server = TestServer::start();
    let (cli, shed) = (server.cli(), server.create_shed());
    for (name, command) in [("alpha", "cat"), ("beta", "cat")] {
        cli.run(&["sessions", "new", &shed, name, "--", command]).assert_ok();
    }
    wait_for_guest(&server, &shed, "connected");
    let terminal = open(&cli, &shed);
    wait_for_row(&terminal, "alpha", "●", &["running"]);
    wait_for_row(&terminal, "beta", "●", &["running"]);
    say(&shed, "beta", "waiting_permission", "Bash: ls");
    wait_for_row(&terminal, "beta", "!", &["waiting_permission", "Bash:"]);
    terminal.wait_that("beta above alpha", |screen| screen.find("beta") < screen.find("alpha"));
    // What it uses is measured while one looks.
    terminal.wait_that("its memory", |screen| row(screen, "beta").is_some_and(|row| row.last().is_some_and(|used| used != "-")));

    terminal.keys(&["Home", "s"]);
    terminal.wait_for(&format!("send to {}/beta:", shed.name()));
    terminal.type_line("hello from the dashboard");
    terminal.wait_for("sent to session `beta`");
    terminal.keys(&["Tab"]);
    terminal.wait_that("its screen", |screen| screen.matches("hello from the dashboard").count() >= 2);

    terminal.keys(&["Enter"]);
    terminal.wait_for("[beta]");
    terminal.detach();
    wait_for_row(&terminal, "beta", "!", &["waiting_permission"]);

    terminal.keys(&["k"]);
    terminal.wait_for(&format!("kill {}/beta?", shed.name()));
    terminal.keys(&["y"]);
    terminal.wait_for("session `beta` in shed");
    terminal.wait_that("beta is gone", |screen| row(screen, "beta").is_none());
    wait_for_row(&terminal, "alpha", "●", &["running"]);
    terminal.keys(&["q"]);
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_server_that_comes_back_is_shown_again() {
    let mut server = TestServer::start();
    let (cli, shed) = (server.cli(), server.create_shed());
    cli.run(&["sessions", "new", &shed, "alpha", "--", "cat"]).assert_ok();
    let terminal = open(&cli, &shed);
    wait_for_row(&terminal, "alpha", "●", &["running"]);
    server.kill9();
    terminal.wait_for("is out of reach");
    wait_for_row(&terminal, "alpha", "~", &["running"]);
    server.start_again();
    wait_for_row(&terminal, "alpha", "●", &["running"]);
    terminal.keys(&["q"]);
    assert_eq!(terminal.exit_code(), 0);
}
