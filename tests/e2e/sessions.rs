//! `shed sessions …` and what tmux itself says.

use serde_json::json;
use shed_tests::{TestServer, docker};

#[test]
fn s3_s4_s5_lists_and_kills_are_what_tmux_says() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    let tmux = |args: &[&str]| docker(&[&["exec", &shed.container(), "tmux"], args].concat());
    tmux(&["new-session", "-d", "-s", "by-hand"]).assert_ok();
    tmux(&["new-window", "-t", "=by-hand:"]).assert_ok();
    curl.post(&path, &json!({"name": "by-api"})).assert_status(201);

    let listed = curl.get(&path).json(200);
    let ours: Vec<_> =
        listed["sessions"].as_array().unwrap().iter().map(|one| (one["name"].clone(), one["window_count"].clone())).collect();
    assert_eq!(ours, [(json!("by-api"), json!(1)), (json!("by-hand"), json!(2))], "{listed}");
    assert_eq!(tmux(&["list-sessions", "-F", "#{session_name}"]).ok().stdout, "by-api\nby-hand\n");

    tmux(&["has-session", "-t", "=by-api"]).assert_ok();
    curl.delete(&format!("{path}/by-api")).assert_status(204);
    tmux(&["has-session", "-t", "=by-api"]).assert_code(1);
    tmux(&["has-session", "-t", "=by-hand"]).assert_ok();
}

#[test]
fn s26_s27_the_list_of_a_named_server_is_a_table_or_json() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    cli.run(&["sessions", "new", &shed, "work"]).assert_ok();
    for option in ["--server", "-s"] {
        let listed = cli.run(&["sessions", &shed, option, "tests", "--json"]).ok().json();
        assert_eq!((&listed["sessions"][0]["name"], &listed["sessions"][0]["shed_name"]), (&json!("work"), &json!(shed.name())));
        assert!(cli.run(&["sessions", &shed, option, "tests"]).ok().stdout.contains("work"));
    }
    cli.run(&["sessions", "-s", "nowhere"]).assert_error(1, &["nowhere", "hint:"]);
}

#[test]
fn s28_kill_ends_one_session_with_all_that_runs_in_it() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    cli.run(&["sessions", "new", &shed, "work", "--", "sleep 98765"]).assert_ok();
    cli.run(&["sessions", "new", &shed, "work-2"]).assert_ok();
    cli.run(&["sessions", "kill", &shed, "wor"]).assert_error(1, &["work", "work-2", "hint:"]);
    cli.run(&["sessions", "kill", &shed, "work"]).assert_ok();
    let listed = cli.run(&["sessions", &shed, "--json"]).ok().json();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["sessions"][0]["name"], "work-2");
    shed_tests::wait_until("the command to be gone", || {
        (docker(&["exec", &shed.container(), "pgrep", "--full", "--exact", "sleep 98765"]).code == 1).then_some(())
    });
    let again = cli.run(&["sessions", "kill", &shed, "work-9"]);
    assert_ne!(again.code, 0, "{again}");
    assert!(again.stderr.contains("work-9") && again.stderr.contains("hint:"), "{again}");
}

#[test]
fn s33_s34_s35_the_api_runs_a_command_in_a_sessions_context() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}", shed.name());
    let session = json!({"name": "ctx", "working_dir": "/var/tmp", "env": {"COLOUR": "dark green", "EMPTY": ""}});
    curl.post(&format!("{path}/sessions"), &session).assert_status(201);
    let exec = |script: &str, session: &str| {
        curl.post(&format!("{path}/exec"), &json!({"argv": ["sh", "-c", script], "session": session, "stdin": "given"}))
    };
    let ended = exec("pwd; echo \"$COLOUR|${EMPTY-unset}\"; cat; echo problem >&2; exit 7", "ctx").json(200);
    assert_eq!(ended["exit_code"], 7);
    assert_eq!((&ended["stdout"], &ended["stderr"]), (&json!("/var/tmp\ndark green|\ngiven"), &json!("problem\n")));
    assert_eq!(exec("kill -TERM $$", "ctx").json(200)["exit_code"], 143);
    exec("true", "nothing").assert_error(404, "SESSION_NOT_FOUND");
}
