//! Sessions over HTTP.

use serde_json::{Value, json};
use shed_tests::{TestServer, wait_until};

#[test]
fn s1_s9_a_session_in_json_has_every_field() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    let wanted = json!({"name": "one", "command": "cat", "working_dir": "/tmp", "labels": {"owner": "me"}});
    curl.post(&path, &wanted).assert_status(201);
    let listed = curl.get(&path).json(200);
    let session = listed["sessions"][0].as_object().unwrap();
    let keys = [
        "id",
        "name",
        "shed_name",
        "created_at",
        "attached",
        "attached_clients",
        "window_count",
        "status",
        "status_detail",
        "status_changed_at",
        "command",
        "working_dir",
        "pid",
        "exit_code",
        "last_activity_at",
        "labels",
    ];
    for key in keys {
        assert!(session.contains_key(key), "`{key}` is missing in {listed}");
    }
    assert_eq!(session["shed_name"], shed.name());
    assert_eq!((&session["attached"], &session["window_count"]), (&json!(false), &json!(1)));
    assert_eq!((&session["working_dir"], &session["labels"]["owner"]), (&json!("/tmp"), &json!("me")));
}

#[test]
fn s12_a_missing_shed_or_session_is_404() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    curl.get("/api/sheds/t-nothing/sessions").assert_error(404, "SHED_NOT_FOUND");
    curl.delete("/api/sheds/t-nothing/sessions/x").assert_error(404, "SHED_NOT_FOUND");
    curl.delete(&format!("/api/sheds/{}/sessions/x", shed.name())).assert_error(404, "SESSION_NOT_FOUND");
}

#[test]
fn s11_s13_the_aggregate_has_running_sheds_and_leaves_stopped_ones_alone() {
    let server = TestServer::start();
    let curl = server.curl();
    let (busy, stopped) = (server.create_shed(), server.create_shed());
    for shed in [&busy, &stopped] {
        curl.post(&format!("/api/sheds/{}/sessions", shed.name()), &json!({})).assert_status(201);
    }
    curl.post_empty(&format!("/api/sheds/{}/stop", stopped.name())).assert_status(200);
    let all = curl.get("/api/sessions").json(200);
    let of = |name: &str| all["sessions"].as_array().unwrap().iter().filter(|session| session["shed_name"] == name).count();
    assert_eq!((of(&busy), of(&stopped)), (1, 0), "{all}");
    let named = |warning: &Value| warning.to_string().contains(stopped.name());
    assert!(!all["warnings"].as_array().unwrap().iter().any(named), "{all}");
}

#[test]
fn a_command_that_ends_keeps_its_screen_and_exit_code() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for (name, command, status, code) in [("good", "echo all-done", "completed", 0), ("bad", "echo went-wrong; exit 3", "failed", 3)] {
        curl.post(&path, &json!({"name": name, "command": command})).assert_status(201);
        let ended = wait_until("the command to end", || {
            let session = curl.get(&format!("{path}/{name}")).json(200);
            (session["status"] != "running").then_some(session)
        });
        assert_eq!((&ended["status"], &ended["exit_code"]), (&json!(status), &json!(code)), "{ended}");
        let screen = curl.get(&format!("{path}/{name}/screen")).body;
        assert!(screen.contains(command.split([' ', ';']).nth(1).unwrap()), "{screen}");
    }
}

#[test]
fn keys_arrive_as_typed() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    curl.post(&path, &json!({"name": "type", "command": "cat -v"})).assert_status(201);
    let text = "-l; $(id) `x` 'ä' \\n";
    curl.post(&format!("{path}/type/keys"), &json!({"text": text, "keys": ["Enter"]})).assert_status(204);
    wait_until("the text and its echo", || {
        let screen = curl.get(&format!("{path}/type/screen")).body;
        // `cat -v` writes what is not ASCII in its own way.
        (screen.matches("-l; $(id) `x` '").count() == 2).then_some(())
    });
}

#[test]
fn a_session_is_renamed_and_keeps_its_id() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    let before = curl.post(&path, &json!({"name": "old"})).json(201);
    curl.patch(&format!("{path}/old"), &json!({"name": "a b"})).assert_error(400, "INVALID_SESSION_NAME");
    let after = curl.patch(&format!("{path}/old"), &json!({"name": "new"})).json(200);
    assert_eq!((&after["id"], &after["name"]), (&before["id"], &json!("new")));
    curl.get(&format!("{path}/old")).assert_error(404, "SESSION_NOT_FOUND");
}
