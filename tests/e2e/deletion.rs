//! What ends under somebody who is attached.

use shed_tests::TestServer;

#[test]
fn a_shed_deleted_under_an_attached_client_ends_it_with_a_clear_message() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed attach {}", shed.name()));
    terminal.wait_for("[default]");
    server.curl().delete(&format!("/api/sheds/{}", shed.name())).assert_status(204);
    terminal.wait_for("the session has ended: ");
    assert!(terminal.screen().contains(&format!("`{}`", shed.name())), "{}", terminal.screen());
    assert_ne!(terminal.exit_code(), 0);
}

#[test]
fn a_session_killed_under_an_attached_client_ends_it_and_no_other() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let (first, second) = (cli.terminal(), cli.terminal());
    for (terminal, session) in [(&first, "one"), (&second, "two")] {
        terminal.type_line(&format!("shed attach {} -S {session}", shed.name()));
        terminal.wait_for(&format!("[{session}]"));
    }
    cli.run(&["sessions", "kill", &shed, "one"]).assert_ok();
    first.wait_for("[exited]");
    assert_eq!(first.exit_code(), 0);
    second.type_line("echo still-$((40 + 2))");
    second.wait_for("still-42");
}
