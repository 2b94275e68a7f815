//! The live view when parts of it fail: afterwards it is true again, and the other sheds never noticed.

use std::{collections::BTreeSet, process::Command, thread};

use serde_json::{Value, json};
use shed_tests::{TestServer, TestShed, docker, run, wait_until};

use crate::live::{next, wait_for_guest};

/// How many sessions the changes go over.
const NAMES: usize = 10;
/// Changes in each of two sheds.
const CHANGES: usize = 250;

/// Names of the sessions as tmux has them.
fn in_tmux(shed: &TestShed) -> BTreeSet<String> {
    docker(&["exec", &shed.container(), "tmux", "list-sessions", "-F", "#{session_name}"]).stdout.lines().map(str::to_owned).collect()
}

/// Names of the sessions as the API has them.
fn in_api(server: &TestServer, shed: &TestShed) -> BTreeSet<String> {
    let list = server.curl().get(&format!("/api/sessions?shed={}", shed.name())).json(200);
    list["sessions"].as_array().unwrap().iter().map(|session| session["name"].as_str().unwrap().to_owned()).collect()
}

/// Waits until both agree.
fn wait_until_they_agree(server: &TestServer, shed: &TestShed) {
    wait_until("the view to be what tmux has", || (in_api(server, shed) == in_tmux(shed)).then_some(()));
}

#[test]
fn a_guest_that_is_killed_comes_back_and_nothing_is_missed() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let mut events = server.curl().events();
    // By name, in a container of our own; other servers' guests in it come back too.
    docker(&["exec", &shed.container(), "sh", "-c", "pkill -9 -f 'shed-guest-[0-9a-f]* serve'; tmux new-session -d -s meanwhile"]);
    next(&mut events, "session.created", &shed, Some("meanwhile"));
    wait_for_guest(&server, &shed, "connected");
    docker(&["exec", &shed.container(), "tmux", "kill-session", "-t", "=meanwhile"]).assert_ok();
    next(&mut events, "session.closed", &shed, Some("meanwhile"));
}

#[test]
fn a_tmux_server_that_is_killed_takes_its_sessions_and_nothing_else() {
    let server = TestServer::start();
    let shed = server.create_shed();
    wait_for_guest(&server, &shed, "connected");
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    let mut events = server.curl().events();
    server.curl().post(&sessions, &json!({"name": "first"})).assert_status(201);
    next(&mut events, "session.created", &shed, Some("first"));
    docker(&["exec", &shed.container(), "pkill", "-9", "-x", "tmux: server"]).assert_ok();
    next(&mut events, "session.closed", &shed, Some("first"));
    server.curl().post(&sessions, &json!({"name": "second"})).assert_status(201);
    next(&mut events, "session.created", &shed, Some("second"));
    docker(&["exec", &shed.container(), "tmux", "rename-session", "-t", "=second", "third"]).assert_ok();
    next(&mut events, "session.updated", &shed, Some("third"));
}

#[test]
fn p79_list_tmux_and_history_agree_after_kill_9_during_500_changes() {
    let mut server = TestServer::start();
    let sheds = [server.create_shed(), server.create_shed()];
    for shed in &sheds {
        wait_for_guest(&server, shed, "connected");
    }
    // Sessions are made, renamed and killed under changing names, the last ones stay.
    let script = format!(
        "i=0; while [ $i -lt {CHANGES} ]; do n=$((i % {NAMES})); \
         if tmux has-session -t =s$n 2>/dev/null; then if [ $((i % 3)) = 0 ]; then tmux kill-session -t =s$n; else tmux rename-session -t =s$n r$i; fi; \
         else tmux new-session -d -s s$n; fi; i=$((i + 1)); done; tmux new-session -d -s end"
    );
    thread::scope(|scope| {
        for shed in &sheds {
            let container = shed.container();
            let script = &script;
            scope.spawn(move || run(Command::new("docker").args(["exec", &container, "sh", "-c", script])).assert_ok());
        }
        let seen = || sheds.iter().map(|shed| in_api(&server, shed).len()).sum::<usize>();
        wait_until("the changes to be under way", || (seen() > 2).then_some(()));
        server.kill9();
        server.start_again();
    });
    for shed in &sheds {
        wait_until("the last change", || in_api(&server, shed).contains("end").then_some(()));
        wait_until_they_agree(&server, shed);
        wait_until("the history to agree", || (in_history(&server, shed) == in_tmux(shed)).then_some(()));
    }
}

/// Names of the sessions that are open in the history: made or renamed, and not closed since.
fn in_history(server: &TestServer, shed: &TestShed) -> BTreeSet<String> {
    let mut open = std::collections::BTreeMap::new();
    let mut events = history(server, shed);
    events.reverse();
    for event in events {
        let (Some(id), Some(name)) = (event["session_id"].as_str(), event["session_name"].as_str()) else { continue };
        match event["type"].as_str() {
            Some("session.closed") => drop(open.remove(id)),
            _ => drop(open.insert(id.to_owned(), name.to_owned())),
        }
    }
    open.into_values().collect()
}

/// Everything in the history about the shed's sessions, newest first.
fn history(server: &TestServer, shed: &TestShed) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.curl().get(&format!("/api/history?shed={}&limit=500{cursor}", shed.name())).json(200);
        all.extend(page["events"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
