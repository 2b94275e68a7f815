//! Names: what is refused, what is found all the same, and what must not be mixed up.

use serde_json::{Value, json};
use shed_tests::{TestServer, TestShed, docker};

/// As tmux has them now, also those that were made behind the server's back a moment ago.
fn names(server: &TestServer, shed: &TestShed) -> Vec<String> {
    let list = server.curl().get(&format!("/api/sheds/{}/sessions?fresh=true", shed.name())).json(200);
    list["sessions"].as_array().unwrap().iter().filter_map(|session| session["name"].as_str()).map(str::to_owned).collect()
}

fn encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

const HOSTILE: &[&str] = &["..", "a/b", "a;b", "$(id)", "a\nb", "ünïcode", "=a", "-a", "a b"];

#[test]
fn s2_hostile_names_are_refused_everywhere() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let long = "x".repeat(64);
    for bad in HOSTILE.iter().copied().chain([long.as_str(), ""]) {
        server.curl().post("/api/sheds", &json!({"name": bad})).assert_error(400, "INVALID_SHED_NAME");
        let path = format!("/api/sheds/{}/sessions", shed.name());
        server.curl().post(&path, &json!({"name": bad})).assert_error(400, "INVALID_SESSION_NAME");
        if !bad.is_empty() {
            server.curl().get(&format!("/api/sheds/{}", encoded(bad))).assert_error(400, "INVALID_SHED_NAME");
        }
    }
    assert_eq!(names(&server, &shed), [""; 0]);
}

#[test]
fn sessions_made_by_hand_under_odd_names_work() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let odd = ["my session", "-dash", "ünïcode", "$1", "a|b", "=equal", "%3", "@4"];
    for name in odd {
        docker(&["exec", &shed.container(), "tmux", "-u", "new-session", "-d", "-s", name]).assert_ok();
    }
    let mut expected = odd.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(names(&server, &shed), expected);
    for name in odd {
        let path = format!("/api/sheds/{}/sessions/{}", shed.name(), encoded(name));
        let session = server.curl().get(&path).json(200);
        assert_eq!(session["name"], *name);
        assert_eq!(session["id"], server.curl().get(&path).json(200)["id"], "the id of a hand-made session is stable");
        server.curl().post(&format!("{path}/keys"), &json!({"text": "echo a$((1+1))b", "keys": ["Enter"]})).assert_status(204);
        shed_tests::wait_until("the typed command's output", || {
            server.curl().get(&format!("{path}/screen")).body.contains("a2b").then_some(())
        });
        server.curl().delete(&path).assert_status(204);
        server.curl().get(&path).assert_error(404, "SESSION_NOT_FOUND");
    }
    assert_eq!(names(&server, &shed), [""; 0]);
}

#[test]
fn s5_a_name_is_never_taken_for_a_longer_one() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for name in ["foo", "foobar", "foobarbaz"] {
        server.curl().post(&path, &json!({"name": name})).assert_status(201);
    }
    server.curl().delete(&format!("{path}/fo")).assert_error(404, "SESSION_NOT_FOUND");
    server.curl().delete(&format!("{path}/foobar")).assert_status(204);
    assert_eq!(names(&server, &shed), ["foo", "foobarbaz"]);
}

#[test]
fn s37_two_hundred_sessions_in_a_shed() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let script = "for i in $(seq 1 200); do tmux new-session -d -s s$i cat; done";
    docker(&["exec", &shed.container(), "sh", "-c", script]).assert_ok();
    assert_eq!(names(&server, &shed).len(), 200);
    let all = server.curl().get(&format!("/api/sessions?shed={}", shed.name())).json(200);
    assert_eq!(all["sessions"].as_array().map(Vec::len), Some(200));
    assert_eq!(all["warnings"], Value::Array(Vec::new()));
}
