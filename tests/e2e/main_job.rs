//! What shed is for, from the first command to the last, by each of its doors.

use serde_json::json;
use shed_tests::{Pty, TestServer, TestShed};

#[test]
fn s14_s21_s22_a_person_creates_attaches_detaches_lists_returns_and_kills() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = TestShed::new();
    cli.run(&["create", &shed]).assert_ok();

    let terminal = cli.terminal();
    terminal.type_line(&format!("shed attach {}", &*shed));
    terminal.wait_for("[default]");
    terminal.type_line("echo left-$((40 + 2)); pwd");
    terminal.wait_for("left-42\n/workspace");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);

    let listed = cli.run(&["sessions", &shed, "--json"]).ok().json();
    let session = &listed["sessions"][0];
    assert_eq!((&session["name"], &session["attached"]), (&json!("default"), &json!(false)), "{listed}");

    terminal.type_line(&format!("shed attach {}", &*shed));
    terminal.wait_for("left-42");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);

    cli.run(&["sessions", "kill", &shed, "default"]).assert_ok();
    assert_eq!(cli.run(&["sessions", &shed, "--json"]).ok().json()["sessions"], json!([]));
    cli.run(&["delete", "--yes", &shed]).assert_ok();
    cli.run(&["info", &shed]).assert_error(1, &[&shed]);
}

#[test]
fn s9_s10_a_script_does_the_same_with_curl_and_ssh() {
    let server = TestServer::start();
    let (curl, ssh) = (server.curl(), server.ssh());
    let shed = TestShed::new();
    let made = curl.post("/api/sheds", &json!({"name": shed.name()})).json(201);
    assert_eq!((&made["name"], &made["status"]), (&json!(shed.name()), &json!("running")));

    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    assert_eq!(curl.get(&sessions).json(200)["sessions"], json!([]));
    let session = curl.post(&sessions, &json!({"name": "work", "command": "cat"})).json(201);
    assert_eq!((&session["name"], &session["status"]), (&json!("work"), &json!("running")));

    let terminal = Pty::open(&[]);
    terminal.type_line(&ssh.line("-t", &shed, "tmux new-session -A -s work"));
    terminal.wait_for("[work]");
    terminal.type_line("typed by hand");
    terminal.wait_for("typed by hand\ntyped by hand");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);

    let screen = curl.get(&format!("{sessions}/work/screen"));
    screen.assert_status(200);
    assert!(screen.body.contains("typed by hand\ntyped by hand"), "{}", screen.body);
    curl.delete(&format!("{sessions}/work")).assert_status(204);
    curl.get(&format!("{sessions}/work")).assert_error(404, "SESSION_NOT_FOUND");
    curl.delete(&format!("/api/sheds/{}", shed.name())).assert_status(204);
    curl.get(&format!("/api/sheds/{}", shed.name())).assert_error(404, "SHED_NOT_FOUND");
}
