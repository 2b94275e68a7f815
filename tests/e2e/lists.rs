//! Lists of the CLI: tables, JSON, several servers.

use serde_json::json;
use shed_tests::{Cli, TestServer, docker};

#[test]
fn s23_s24_s31_sessions_are_listed_for_all_sheds_and_for_one() {
    let server = TestServer::start();
    let cli = server.cli();
    let (first, second) = (server.create_shed(), server.create_shed());
    let empty = cli.run(&["sessions", &first]).ok();
    assert!(!empty.stdout.contains("default"), "{empty}");
    for shed in [&first, &second] {
        cli.run(&["sessions", "new", shed, "work"]).assert_ok();
    }
    let one = cli.run(&["sessions", &first]).ok();
    assert!(one.stdout.contains(first.name()) && !one.stdout.contains(second.name()), "{one}");
    let all = cli.run(&["sessions"]).ok();
    assert!(all.stdout.contains(first.name()) && all.stdout.contains(second.name()), "{all}");
}

#[test]
fn s29_the_table_has_its_columns() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    cli.run(&["sessions", "new", &shed, "work"]).assert_ok();
    let table = cli.run(&["sessions", &shed]).ok();
    let header = table.stdout.lines().next().unwrap_or_default();
    for column in ["SHED", "SESSION", "STATUS", "CREATED", "WINDOWS"] {
        assert!(header.contains(column), "{table}");
    }
    assert!(table.stdout.contains("ago") || table.stdout.contains("now"), "{table}");
}

#[test]
fn s25_s30_all_lists_every_server_and_goes_on_without_one_that_is_down() {
    let server = TestServer::start();
    let mut other = TestServer::start();
    let cli = server.cli();
    cli.add_server("other", &other).assert_ok();
    let shed = server.create_shed();
    cli.run(&["sessions", "new", &shed, "work", "--server", "tests"]).assert_ok();
    let both = cli.run(&["sessions", "--all"]).ok();
    assert!(both.stdout.contains("SERVER") && both.stdout.contains("tests") && both.stdout.contains("other"), "{both}");
    other.stop();
    let one = cli.run(&["sessions", "--all"]).ok();
    assert!(one.stdout.contains(shed.name()) && one.stderr.contains("other"), "{one}");
}

#[test]
fn a_user_without_a_server_is_told_how_to_add_one() {
    let cli = Cli::new();
    for args in [&["list"][..], &["sessions"], &["attach", "x"], &["create", "x"]] {
        let ended = cli.run(args);
        assert_ne!(ended.code, 0, "{ended}");
        assert!(ended.stderr.contains("shed server add"), "{ended}");
    }
}

#[test]
fn a_wrong_token_and_a_wrong_address_are_told_apart() {
    let server = TestServer::start();
    let cli = Cli::new();
    let add = |url: &str, token: &str| {
        let ended = shed_tests::run(cli.command(&["server", "add", "x", url]).env("SHED_TOKEN", token));
        assert_ne!(ended.code, 0, "{ended}");
        ended.stderr
    };
    let refused = add(&format!("http://{}", server.http()), "shed_wrong");
    assert!(refused.contains("token"), "{refused}");
    let unreachable = add("http://127.0.0.1:1", server.token());
    assert!(!unreachable.contains("token") && unreachable.contains("127.0.0.1:1"), "{unreachable}");
}

#[test]
fn sheds_are_listed_created_stopped_started_and_deleted() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = shed_tests::TestShed::new();
    cli.run(&["create", &shed]).assert_ok();
    let again = cli.run(&["create", &shed]);
    again.assert_error(1, &["already exists", "hint:"]);
    let listed = cli.run(&["list", "--json"]).ok().json();
    let mine = |shed: &serde_json::Value, name: &str| shed["name"] == name;
    assert!(listed["sheds"].as_array().unwrap().iter().any(|one| mine(one, shed.name())), "{listed}");
    cli.run(&["stop", &shed]).assert_ok();
    assert_eq!(cli.run(&["info", &shed, "--json"]).ok().json()["status"], json!("stopped"));
    cli.run(&["start", &shed]).assert_ok();
    cli.run(&["restart", &shed]).assert_ok();
    cli.run(&["delete", "--yes", &shed]).assert_ok();
    docker(&["inspect", &shed.container()]).assert_code(1);
}
