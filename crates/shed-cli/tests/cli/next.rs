//! Who waits: `shed next`, and the list that changes.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Server, User};

fn waits(status: &str, since: &str) -> Value {
    json!({"status": status, "status_changed_at": format!("2026-01-25T{since}:00Z")})
}

#[test]
fn next_is_the_longest_wait_on_all_servers_and_not_where_somebody_is() {
    let home = Server::start(&[("api", &["one", "two", "it's odd"])]);
    let office = Server::start(&[("web", &["three"])]);
    let user = User::with(&[("home", &home), ("office", &office)]);
    user.ssh("exit 7");
    user.run(&["next"]).failed(1, &["error: no session waits for you", "hint: see what there is with `shed sessions --all`"]);
    user.run(&["next", "--print"]).failed(1, &["no session waits"]);
    home.set("api", "one", waits("waiting_input", "10:00"));
    office.set("web", "three", waits("waiting_permission", "09:30"));
    assert_eq!(user.run(&["next", "--print"]).ok().stdout, "office web three\n");
    assert_eq!(user.run(&["next", "--print", "-s", "home"]).ok().stdout, "home api one\n");
    let mut attached = waits("waiting_input", "08:00");
    attached["attached"] = json!(true);
    home.set("api", "it's odd", attached);
    let ended = user.run(&["next"]);
    assert_eq!(ended.code, Some(7), "{ended:?}");
    assert!(ended.stderr.contains("session `three` in shed `web` on server `office` has waited for"), "{ended:?}");
    assert!(user.asked(1).join(" ").ends_with("web@127.0.0.1 -- tmux new-session -A -s three -c /workspace"), "{:?}", user.asked(1));
    home.set("api", "one", json!({}));
    office.set("web", "three", json!({}));
    assert_eq!(user.run(&["next", "--print"]).ok().stdout, "home api it's odd\n", "unless there is no other");
}

#[test]
fn the_list_says_that_somebody_is_waited_for() {
    let server = Server::start(&[("api", &["one", "two"])]);
    let user = User::with(&[("home", &server)]);
    assert_eq!(user.run(&["sessions"]).ok().stderr, "");
    server.set("api", "two", waits("waiting_permission", "10:00"));
    let listed = user.run(&["sessions"]).ok();
    assert_eq!(listed.stderr, "1 session waits for you; go to it with: shed next\n");
    assert!(listed.stdout.starts_with("SHED  SESSION  STATUS    CREATED   WINDOWS\n"), "{listed:?}");
    let listed = user.run(&["sessions", "--filter", "waiting", "--json"]).ok();
    let value: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!((value["sessions"][0]["name"].as_str(), listed.stderr.as_str()), (Some("two"), ""));
}

/// A command that goes on, and its output.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Running {
    fn start(user: &User, args: &[&str]) -> Self {
        let mut child = user.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn g14_watching_without_a_terminal_prints_a_line_for_each_change() {
    let server = Server::start(&[("api", &["one"]), ("web", &["two"])]);
    let user = User::with(&[("home", &server)]);
    let mut watch = Running::start(&user, &["sessions", "--watch"]);
    let rest = |line: String| line.split_once("  ").unwrap().1.to_owned();
    assert_eq!(rest(watch.line()), "home  api  one  detached  running  -");
    assert_eq!(rest(watch.line()), "home  web  two  detached  running  -");
    // What nobody sees is no line.
    server.set("web", "two", json!({"last_activity_at": "2026-01-25T10:00:00Z"}));
    server.set("web", "two", json!({"status": "waiting_permission", "status_detail": "Bash: ls\u{1b}[2J"}));
    assert_eq!(rest(watch.line()), "home  web  two  detached  waiting_permission  Bash: ls\\u{1b}[2J");
    server.tell(
        "session.closed",
        "api",
        &json!({"id": "id-one", "name": "one", "shed_name": "api", "created_at": "2026-01-25T10:00:00Z",
        "attached": false, "status": "running"}),
    );
    assert_eq!(rest(watch.line()), "home  api  one  -  gone  -");
}

#[test]
fn g14_watching_as_json_is_a_value_a_line() {
    let server = Server::start(&[("api", &["one"]), ("web", &["two"])]);
    let user = User::with(&[("home", &server)]);
    let mut watch = Running::start(&user, &["sessions", "api", "--watch", "--json", "--filter", "waiting"]);
    let mut next = || serde_json::from_str::<Value>(&watch.line()).unwrap();
    assert_eq!(next(), json!({"server": "home", "type": "sessions", "sessions": []}));
    server.set("web", "two", json!({"status": "waiting_input"}));
    server.set("api", "one", json!({"status": "waiting_input"}));
    server.set("api", "one", json!({"status": "running"}));
    for status in ["waiting_input", "running"] {
        let event = next();
        let told =
            (event["server"].as_str(), event["type"].as_str(), event["session"]["name"].as_str(), event["session"]["status"].as_str());
        assert_eq!(told, (Some("home"), Some("session.status"), Some("one"), Some(status)), "also when it fits no more");
    }
}

#[test]
fn g14_watching_on_a_terminal_draws_in_place() {
    let server = Server::start(&[("api", &["one", "two"])]);
    let user = User::with(&[("home", &server)]);
    let terminal = user.terminal(&[]);
    terminal.type_line("shed sessions --watch");
    terminal.wait_for("running");
    server.set(
        "api",
        "two",
        json!({"status": "waiting_input", "status_detail": "a question that is longer than the terminal is wide ".repeat(4)}),
    );
    terminal.wait_for("1 session waits for you");
    server.set("api", "two", json!({"status": "completed"}));
    terminal.wait_for("completed");
    let screen = terminal.screen();
    assert_eq!((screen.matches("SESSION").count(), screen.matches("waits for you").count()), (1, 0), "{screen}");
    terminal.keys(&["C-c"]);
    assert_eq!(terminal.exit_code(), 130);
}
