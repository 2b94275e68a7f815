//! S38: sessions come back after their shed stopped and started, however that happened.

use serde_json::{Value, json};
use shed_tests::{TestServer, TestShed, docker, wait_until};

fn session(server: &TestServer, shed: &TestShed, name: &str) -> Option<Value> {
    let answer = server.curl().get(&format!("/api/sheds/{}/sessions/{name}", shed.name()));
    (answer.status == 200).then(|| answer.json(200))
}

fn text(session: &Value, key: &str) -> String {
    session.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// One session of each kind: a shell, a running command, one that ended well and one that failed.
fn fill(server: &TestServer, shed: &TestShed) -> Vec<Value> {
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for body in [
        json!({"name": "shell", "working_dir": "/tmp", "labels": {"team": "blue"}}),
        json!({"name": "loop", "command": "echo token=$TOKEN; while :; do sleep 1; done", "env": {"TOKEN": "t0k"}}),
        json!({"name": "good", "command": "echo all good; sleep 1"}),
        json!({"name": "bad", "command": "echo went wrong; sleep 1; exit 3"}),
    ] {
        server.curl().post(&path, &body).assert_status(201);
    }
    wait_until("both short commands to end", || {
        let list = server.curl().get(&path).json(200);
        let ended = list["sessions"].as_array()?.iter().filter(|session| session["exit_code"].is_number()).count();
        (ended == 2).then_some(())
    });
    ["shell", "loop", "good", "bad"].map(|name| session(server, shed, name).expect("it was made")).to_vec()
}

/// The same four sessions are there, with everything that they were made with.
fn assert_back(server: &TestServer, shed: &TestShed, before: &[Value]) {
    for old in before {
        let name = text(old, "name");
        let new = wait_until(&format!("session {name} to come back with status {}", old["status"]), || {
            session(server, shed, &name).filter(|new| new["status"] == old["status"])
        });
        for key in ["id", "name", "command", "labels", "exit_code", "status"] {
            assert_eq!(new[key], old[key], "{key} of session {name} changed");
        }
    }
    let list = server.curl().get(&format!("/api/sheds/{}/sessions", shed.name())).json(200);
    assert_eq!(list["sessions"].as_array().map(Vec::len), Some(before.len()), "{list}");
    assert_eq!(text(&session(server, shed, "shell").unwrap(), "working_dir"), "/tmp");
    for (name, shown) in [("loop", "token=t0k"), ("good", "all good"), ("bad", "went wrong")] {
        wait_until(&format!("{shown:?} on the screen of {name}"), || {
            let screen = server.curl().get(&format!("/api/sheds/{}/sessions/{name}/screen", shed.name()));
            screen.body.contains(shown).then_some(())
        });
    }
}

#[test]
fn s38_sessions_come_back_after_stop_and_start() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let before = fill(&server, &shed);
    server.curl().post_empty(&format!("/api/sheds/{}/stop", shed.name())).assert_status(200);
    server.curl().get(&format!("/api/sheds/{}/sessions", shed.name())).assert_error(409, "SHED_ALREADY_STOPPED");
    server.curl().post_empty(&format!("/api/sheds/{}/start", shed.name())).assert_status(200);
    assert_back(&server, &shed, &before);
    server.curl().post_empty(&format!("/api/sheds/{}/restart", shed.name())).assert_status(200);
    assert_back(&server, &shed, &before);
}

#[test]
fn s38_sessions_come_back_after_a_restart_from_outside() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let before = fill(&server, &shed);
    docker(&["restart", "--time", "1", &shed.container()]).assert_ok();
    assert_back(&server, &shed, &before);
}

#[test]
fn s38_sessions_come_back_when_the_server_was_away_meanwhile() {
    let mut server = TestServer::start();
    let shed = server.create_shed();
    let before = fill(&server, &shed);
    server.kill9();
    docker(&["restart", "--time", "1", &shed.container()]).assert_ok();
    server.start_again();
    assert_back(&server, &shed, &before);
}

#[test]
fn s38_what_was_killed_stays_away() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for name in ["keep", "gone"] {
        server.curl().post(&path, &json!({"name": name})).assert_status(201);
    }
    server.curl().delete(&format!("{path}/gone")).assert_status(204);
    server.curl().patch(&format!("{path}/keep"), &json!({"name": "kept"})).assert_status(200);
    server.curl().post_empty(&format!("/api/sheds/{}/restart", shed.name())).assert_status(200);
    let list = server.curl().get(&path).json(200);
    let names: Vec<String> = list["sessions"].as_array().unwrap().iter().map(|session| text(session, "name")).collect();
    assert_eq!(names, ["kept"]);
}

#[test]
fn s38_another_server_on_the_same_engine_brings_nothing_back() {
    let (server, other) = (TestServer::start(), TestServer::start());
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&path, &json!({"name": "gone"})).assert_status(201);
    other.curl().get(&path).assert_status(200);
    server.curl().delete(&format!("{path}/gone")).assert_status(204);
    docker(&["restart", "--time", "1", &shed.container()]).assert_ok();
    let list = wait_until("the other server to list", || {
        let answer = other.curl().get(&path);
        (answer.status == 200).then(|| answer.json(200))
    });
    assert_eq!(list["sessions"], json!([]));
}

#[test]
fn nothing_is_lost_when_the_server_is_killed() {
    let mut server = TestServer::start();
    let shed = server.create_shed();
    let before = fill(&server, &shed);
    server.kill9();
    server.start_again();
    for old in &before {
        let new = session(&server, &shed, &text(old, "name")).expect("it is still there");
        for key in ["id", "pid", "created_at", "command", "labels", "exit_code"] {
            assert_eq!(new[key], old[key], "{key} changed");
        }
    }
}

#[test]
fn nothing_is_lost_when_the_database_is() {
    let mut server = TestServer::start();
    let shed = server.create_shed();
    let before = fill(&server, &shed);
    server.kill9();
    for file in ["shed.db", "shed.db-wal", "shed.db-shm"] {
        drop(std::fs::remove_file(server.folder().join(file)));
    }
    server.start_again();
    let token = server.admin(&["token", "create"], "again", b"").ok().stdout.trim().to_owned();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    let header = format!("Authorization: Bearer {token}");
    let list = server.curl().anonymous().send("GET", &path, None, &["--header", &header]).json(200);
    assert_eq!(list["sessions"].as_array().map(Vec::len), Some(before.len()));
}

#[test]
fn s38_lists_while_the_shed_stops_lose_nothing() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for i in 0..5 {
        server.curl().post(&path, &json!({"name": format!("s{i}"), "command": "sleep 1000"})).assert_status(201);
    }
    for _ in 0..3 {
        let stopping = std::thread::spawn({
            let container = shed.container();
            move || docker(&["stop", "--time", "2", &container])
        });
        // As many lists as fit into the time that the container needs.
        while !stopping.is_finished() {
            let answer = server.curl().get(&path);
            assert!(matches!(answer.status, 200 | 409), "{}", answer.body);
        }
        stopping.join().unwrap().assert_ok();
        server.curl().post_empty(&format!("/api/sheds/{}/start", shed.name())).assert_status(200);
        let list = server.curl().get(&path).json(200);
        let running = list["sessions"].as_array().unwrap().iter().filter(|session| session["status"] == "running").count();
        assert_eq!(running, 5, "{list}");
    }
}

#[test]
fn s38_sessions_made_by_hand_come_back_under_their_names() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let odd = ["my session", "-dash", "ünïcode", "$1", "#{pid}"];
    for name in odd {
        docker(&["exec", &shed.container(), "tmux", "-u", "new-session", "-d", "-s", name]).assert_ok();
    }
    let path = format!("/api/sheds/{}/sessions", shed.name());
    let names = |how: &str| {
        let list = server.curl().get(&format!("{path}{how}")).json(200);
        list["sessions"].as_array().unwrap().iter().map(|session| text(session, "name")).collect::<Vec<_>>()
    };
    // Made a moment ago, behind the server's back.
    let before = names("?fresh=true");
    assert_eq!(before.len(), odd.len());
    server.curl().post_empty(&format!("/api/sheds/{}/restart", shed.name())).assert_status(200);
    assert_eq!(names(""), before);
}
