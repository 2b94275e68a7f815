//! The server can be killed at any moment.

use shed_tests::{TestServer, wait_until};

#[test]
fn s22_a_person_whose_server_was_killed_comes_back_by_itself() {
    let mut server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed attach {}", shed.name()));
    terminal.wait_for("[default]");
    terminal.type_line("echo before-$((1 + 1))");
    terminal.wait_for("before-2");
    server.kill9();
    server.start_again();
    wait_until("the client to be back", || {
        terminal.type_line("echo again-$((1 + 2))");
        terminal.screen().contains("again-3").then_some(())
    });
    // All that was typed meanwhile has arrived. tmux takes keys that come less than 1 ms apart for pasted text, in which
    // C-b means nothing (`assume-paste-time`), so the prefix must not follow close upon other keys.
    terminal.type_line("clear; echo settled-$((2 + 3))");
    terminal.wait_for("settled-5\nshed@");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);
}
