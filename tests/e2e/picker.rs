//! The fuzzy picker, in a real terminal.

use shed_tests::{Cli, TestServer, TestShed};

/// A shed with two sessions; one name is a part of none of the other's.
fn two_sessions(server: &TestServer, cli: &Cli) -> TestShed {
    let shed = server.create_shed();
    for session in ["alpha", "beta"] {
        cli.run(&["sessions", "new", &shed, session]).assert_ok();
    }
    shed
}

#[test]
fn s14_g18_typing_narrows_the_picker_and_enter_attaches() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = two_sessions(&server, &cli);
    let terminal = cli.terminal();
    terminal.type_line("shed attach -i");
    terminal.wait_for("which session?");
    let wanted = format!("{}/beta", shed.name());
    terminal.keys(&[&wanted]);
    terminal.wait_that("the candidate", |screen| screen.lines().any(|line| line.starts_with(&format!("> {wanted}"))));
    terminal.keys(&["Enter"]);
    terminal.wait_for("[beta]");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn g19_escape_gives_the_choice_up_and_leaves_no_trace() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = two_sessions(&server, &cli);
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed sessions kill {} -i", shed.name()));
    terminal.wait_for("alpha");
    terminal.keys(&["Escape"]);
    assert_eq!(terminal.exit_code(), 130);
    let listed = cli.run(&["sessions", &shed, "--json"]).ok().json();
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(2), "{listed}");
}

#[test]
fn g17_g18_without_a_terminal_the_candidates_are_listed() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = two_sessions(&server, &cli);
    for args in [&["attach", "-i"][..], &["sessions", "info", &shed], &["sessions", "info", &shed, "a"]] {
        let ended = cli.run(args);
        ended.assert_error(1, &["alpha", "beta", "hint:"]);
    }
    // What fits one only needs no choice, and an exact name never does.
    assert_eq!(cli.run(&["sessions", "info", &shed, "bet", "--json"]).ok().json()["name"], "beta");
}
