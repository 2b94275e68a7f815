//! What happened, as the server keeps it: against real sessions, through `kill -9`, and in `shed stats` and `shed history`.

use serde_json::{Value, json};
use shed_tests::{TestServer, docker, wait_until};

/// Type, name and detail of the kept events of sessions of a shed, oldest first.
fn kept(server: &TestServer, shed: &str) -> Vec<(String, String)> {
    let page = server.curl().get(&format!("/api/history?shed={shed}&limit=1000")).json(200);
    let events = page["events"].as_array().unwrap().iter().rev();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let sessions = events.filter(|event| event["session_name"].is_string());
    sessions.map(|event| (text(&event["type"]), text(&event["session_name"]))).collect()
}

fn count(server: &TestServer, shed: &str, kind: &str, name: &str) -> usize {
    kept(server, shed).iter().filter(|(found, session)| found == kind && session == name).count()
}

#[test]
fn p73_p79_history_agrees_with_the_sessions_and_nothing_is_told_twice() {
    let mut server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let name = shed.name();
    let make = |session: &str, command: &str| {
        let path = format!("/api/sheds/{name}/sessions");
        server.curl().post(&path, &json!({ "name": session, "command": command })).assert_status(201);
    };
    make("stays", "sleep 1000");
    make("goes", "sleep 1000");
    make("fails", "sleep 0.5; exit 7");
    wait_until("the failure to be kept", || {
        let page = server.curl().get(&format!("/api/history?shed={name}&session=fails")).json(200);
        page["events"].as_array().unwrap().iter().any(|event| event["to"] == "failed" && event["exit_code"] == 7).then_some(())
    });
    wait_until("all three to be kept", || {
        ["stays", "goes", "fails"].iter().all(|session| count(&server, name, "session.created", session) == 1).then_some(())
    });
    server.kill9();
    docker(&["exec", &shed.container(), "tmux", "kill-session", "-t", "=goes"]).assert_ok();
    docker(&["exec", &shed.container(), "tmux", "new-session", "-d", "-s", "new", "sleep 1000"]).assert_ok();
    server.start_again();
    wait_until("what changed meanwhile to be kept", || {
        (count(&server, name, "session.closed", "goes") == 1 && count(&server, name, "session.created", "new") == 1).then_some(())
    });
    for session in ["stays", "goes", "fails", "new"] {
        assert_eq!(count(&server, name, "session.created", session), 1, "{:?}", kept(&server, name));
    }
    assert_eq!(count(&server, name, "session.closed", "stays"), 0);
    assert_eq!(count(&server, name, "session.status", "fails"), 1);

    let stats = cli.run(&["stats", "--since", "1h", "--shed", name, "--json"]).ok().stdout;
    let stats: Value = serde_json::from_str(&stats).unwrap();
    let total = &stats["servers"][0]["total"];
    assert_eq!((&total["sessions_started"], &total["sessions_ended"], &total["sessions_failed"]), (&json!(4), &json!(2), &json!(1)));
    assert!(total["working_seconds"].as_f64().unwrap() > 0.5, "{total}");
    let history = cli.run(&["history", "--since", "1h", "--shed", name]).ok().stdout;
    assert!(history.lines().next().unwrap().starts_with("TIME"), "{history}");
    assert!(history.contains("it ended while the server did not look") && history.contains("exit code 7"), "{history}");
}
