//! The live view: what happens in a shed is known at once, however it happened.

use std::process::Command;

use serde_json::{Value, json};
use shed_tests::{Events, TestServer, TestShed, docker, run, test_image, wait_until};

/// Waits until the shed's guest is in this state, and returns the shed.
pub fn wait_for_guest(server: &TestServer, shed: &str, status: &str) -> Value {
    wait_until(&format!("the guest of {shed} to be {status}"), || {
        let found = server.curl().get(&format!("/api/sheds/{shed}")).json(200);
        (found.pointer("/guest/status").and_then(Value::as_str) == Some(status)).then_some(found)
    })
}

/// The next event of that type about that session or shed.
pub fn next(events: &mut Events, kind: &str, shed: &str, session: Option<&str>) -> Value {
    events.next(&format!("{kind} of {session:?} in {shed}"), |event| {
        let name = event.pointer("/session/name").and_then(Value::as_str);
        event["type"] == kind && event["shed_name"] == shed && session.is_none_or(|session| name == Some(session))
    })
}

/// tmux in the shed, behind the server's back.
fn tmux(shed: &TestShed, words: &[&str]) {
    docker(&[&["exec", &shed.container(), "tmux"], words].concat()).assert_ok();
}

#[test]
fn g3_t16_what_is_done_inside_a_shed_is_told_at_once() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let mut events = server.curl().events();
    tmux(&shed, &["new-session", "-d", "-s", "byhand"]);
    let created = next(&mut events, "session.created", &shed, Some("byhand"));
    assert_eq!(created.pointer("/session/status"), Some(&json!("running")));
    tmux(&shed, &["rename-session", "-t", "=byhand", "renamed"]);
    next(&mut events, "session.updated", &shed, Some("renamed"));
    tmux(&shed, &["new-window", "-t", "=renamed:"]);
    events.next("two windows", |event| event.pointer("/session/window_count") == Some(&json!(2)));
    tmux(&shed, &["set-option", "-t", "=renamed:", "@shed_labels", r#"{"by":"hand"}"#]);
    events.next("a label", |event| event.pointer("/session/labels/by") == Some(&json!("hand")));
    let listed = server.curl().get(&format!("/api/sessions?shed={}", shed.name())).json(200);
    assert_eq!(listed.pointer("/sessions/0/name"), Some(&json!("renamed")), "{listed}");
    tmux(&shed, &["kill-session", "-t", "=renamed"]);
    let closed = next(&mut events, "session.closed", &shed, Some("renamed"));
    assert!(closed["duration_ms"].as_u64().is_some());
    assert_eq!(server.curl().get(&format!("/api/sheds/{}/sessions", shed.name())).json(200)["sessions"], json!([]));
}

#[test]
fn a_write_is_in_the_next_read() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let (curl, sessions) = (server.curl(), format!("/api/sheds/{}/sessions", shed.name()));
    let names = || {
        let all = curl.get(&format!("/api/sessions?shed={}", shed.name())).json(200);
        let of_shed = curl.get(&sessions).json(200);
        assert_eq!(all["sessions"], of_shed["sessions"], "both lists are the same");
        let list = of_shed["sessions"].as_array().unwrap().iter().map(|session| session["name"].as_str().unwrap().to_owned());
        list.collect::<Vec<_>>()
    };
    for round in 0..8 {
        let name = format!("s{round}");
        curl.post(&sessions, &json!({"name": name})).assert_status(201);
        assert_eq!(names(), std::slice::from_ref(&name));
        curl.patch(&format!("{sessions}/{name}"), &json!({"name": "other", "labels": {"n": name}})).assert_status(200);
        assert_eq!(names(), ["other"]);
        assert_eq!(curl.get(&format!("{sessions}/other")).json(200).pointer("/labels/n"), Some(&json!(name)));
        curl.delete(&format!("{sessions}/other")).assert_status(204);
        assert!(names().is_empty());
    }
}

#[test]
fn p78_d40_resources_are_measured_when_asked_for() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&sessions, &json!({"name": "busy", "command": "while :; do :; done"})).assert_status(201);
    wait_until("the loop's use of the processor", || {
        let list = server.curl().get(&format!("{sessions}?resources=true")).json(200);
        let used = list.pointer("/sessions/0/resources").cloned().unwrap_or_default();
        let (cpu, memory) = (used["cpu_percent"].as_f64()?, used["memory_bytes"].as_u64()?);
        (cpu > 1.0 && memory > 100_000 && used["processes"].as_u64()? > 0).then_some(())
    });
}

#[test]
fn sheds_that_stop_and_start_outside_are_followed() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    server.curl().post(&format!("/api/sheds/{}/sessions", shed.name()), &json!({"name": "kept"})).assert_status(201);
    let mut events = server.curl().events();
    docker(&["stop", "--time", "1", &shed.container()]).assert_ok();
    next(&mut events, "session.closed", &shed, Some("kept"));
    next(&mut events, "shed.stopped", &shed, None);
    docker(&["start", &shed.container()]).assert_ok();
    next(&mut events, "shed.started", &shed, None);
    next(&mut events, "session.created", &shed, Some("kept"));
    docker(&["rm", "--force", &shed.container()]).assert_ok();
    next(&mut events, "shed.deleted", &shed, None);
    server.curl().get(&format!("/api/sheds/{}", shed.name())).assert_error(404, "SHED_NOT_FOUND");
}

#[test]
fn an_end_is_told_once_even_if_the_shed_starts_again() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let mut events = server.curl().events();
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&sessions, &json!({"name": "done", "command": "exit 3"})).assert_status(201);
    events.next("its end", |event| event.pointer("/session/status") == Some(&json!("failed")));
    server.curl().post_empty(&format!("/api/sheds/{}/restart", shed.name())).assert_status(200);
    wait_for_guest(&server, &shed, "connected");
    let again = next(&mut events, "session.created", &shed, Some("done"));
    assert_eq!(again.pointer("/session/exit_code"), Some(&json!(3)), "{again}");
    let told = events.seen().into_iter().filter(|event| event["type"] == "session.status" && event["shed_name"] == shed.name());
    assert!(told.count() <= 1, "its end is told once");
}

#[test]
fn a_shed_where_the_guest_can_t_run_works_and_says_why() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let name = format!("shed.name={}", shed.name());
    let image = test_image();
    // Read-only: the guest can't be put there; tmux's socket can be made.
    let start = ["run", "--detach", "--init", "--read-only", "--tmpfs", "/tmp:exec", "--name", &shed.container(), "--label", "shed=true"];
    docker(&[&start[..], &["--label", &name, "--entrypoint", "sleep", &image, "infinity"]].concat()).assert_ok();
    let found = wait_for_guest(&server, &shed, "unavailable");
    assert!(found.pointer("/guest/reason").and_then(Value::as_str).is_some_and(|reason| reason.contains("read-only")), "{found}");
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&sessions, &json!({"name": "works"})).assert_status(201);
    assert_eq!(server.curl().get(&sessions).json(200).pointer("/sessions/0/name"), Some(&json!("works")));
    let cli = server.cli();
    cli.run(&["info", &shed]).assert_ok();
    let doctor = cli.run(&["doctor"]);
    assert!(doctor.stdout.contains("the guest can't run there") && doctor.stdout.contains("read-only"), "{doctor}");
}

#[test]
fn the_guest_ends_with_its_server() {
    let mut server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let guests = || {
        let list = docker(&["exec", &shed.container(), "ps", "-eo", "args"]).ok().stdout;
        list.lines().filter(|line| line.starts_with("/opt/shed/shed-guest") && line.ends_with("serve")).count()
    };
    // Other servers on this engine have theirs there too; ours is the one that goes.
    let before = guests();
    assert!(before > 0);
    server.kill9();
    wait_until("one guest less", || (guests() < before).then_some(()));
    run(Command::new("docker").args(["exec", &shed.container(), "test", "-x", "/opt/shed/shed-guest"])).assert_ok();
}
