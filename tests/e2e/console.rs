//! `shed console`: a shell without tmux.

use serde_json::json;
use shed_tests::TestServer;

#[test]
fn s36_console_is_a_shell_of_its_own_and_makes_no_session() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed console {}", shed.name()));
    terminal.wait_for(&format!("shed@{}", shed.name()));
    terminal.type_line("echo \"tmux=<$TMUX>\" $(hostname) $(pwd)");
    terminal.wait_for(&format!("tmux=<> {} /workspace", shed.name()));
    assert_eq!(cli.run(&["sessions", &shed, "--json"]).ok().json()["sessions"], json!([]));
    terminal.type_line("exit 6");
    assert_eq!(terminal.exit_code(), 6);
}
