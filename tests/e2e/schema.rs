//! The running server against `openapi.yaml`, by schemathesis.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use shed_tests::{TestServer, TestShed, run};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// `scripts/test` installs it and says where; a bare `cargo test` finds it where that left it.
fn schemathesis() -> PathBuf {
    let pins = include_str!("../../scripts/python-tools.txt");
    let pin = pins.lines().find(|line| line.starts_with("schemathesis==")).unwrap().replace("==", "-");
    let path = env::var_os("SHED_SCHEMATHESIS")
        .map_or_else(|| Path::new(ROOT).join("target/tools").join(pin).join("bin/schemathesis"), PathBuf::from);
    assert!(path.exists(), "`{}` does not exist; `make test` installs it", path.display());
    path
}

/// What makes or ends a shed or session; it runs after the rest and on a shed of its own.
const ENDING: [&str; 6] = ["start_shed", "stop_shed", "restart_shed", "update_session", "kill_session", "delete_shed"];

/// A stream without an end, which schemathesis would wait for; `api::events` and `live` read it.
const ENDLESS: &str = "stream_events";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Runs schemathesis on the contract `document`; every call goes to `shed` and its session `work`, so no example or invented
/// name ever reaches somebody else's.
fn conform(server: &TestServer, shed: &str, document: &Path, operations: &[&str]) {
    let folder = server.folder();
    let config = format!("[parameters]\n\"path.name\" = \"{shed}\"\n\"path.session\" = \"work\"\n");
    fs::write(folder.join("schemathesis.toml"), config).unwrap();
    let mut command = Command::new(schemathesis());
    command.arg("--config-file").arg(folder.join("schemathesis.toml")).arg("run").arg(document);
    command.args(["--url", &format!("http://{}", server.http())]);
    command.args(["--header", &format!("Authorization: Bearer {}", server.token())]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--no-color", "--workers", "1"]);
    command.args(["--checks", CHECKS]).args(operations);
    run(command.current_dir(folder)).assert_ok();
}

fn shed_with_session(server: &TestServer) -> TestShed {
    let shed = server.create_shed();
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&sessions, &json!({"name": "work"})).assert_status(201);
    shed
}

#[test]
fn s39_the_server_answers_as_openapi_yaml_says() {
    let server = TestServer::start();
    let shed = shed_with_session(&server);
    let left_out: Vec<_> = ENDING.into_iter().chain(["create_shed", ENDLESS]).flat_map(|one| ["--exclude-operation-id", one]).collect();
    conform(&server, &shed, &Path::new(ROOT).join("openapi.yaml"), &left_out);
}

#[test]
fn s39_what_ends_sheds_and_sessions_answers_as_openapi_yaml_says() {
    let server = TestServer::start();
    let shed = shed_with_session(&server);
    // One after the other: what comes after the end is asked of something that is not there any more.
    for operation in ENDING {
        conform(&server, &shed, &Path::new(ROOT).join("openapi.yaml"), &["--include-operation-id", operation]);
    }
    server.curl().get(&format!("/api/sheds/{}", shed.name())).assert_error(404, "SHED_NOT_FOUND");
}

#[test]
fn s39_creation_answers_as_openapi_yaml_says() {
    let server = TestServer::start();
    let shed = TestShed::new();
    // The contract with one name, which is removed at the end, and with nothing that is fetched from elsewhere.
    let contract = include_str!("../../openapi.yaml");
    let (before, rest) = contract.split_once("\n    CreateShed:\n").unwrap();
    let (create, after) = rest.split_once("\n        profile:\n").unwrap();
    let head = create.split_once("      properties:\n").unwrap().0;
    let only = format!(
        "{head}      properties:\n        name: {{ type: string, enum: [{}] }}\n        repo: {{ type: 'null' }}\n        image: {{ type: 'null' }}",
        shed.name()
    );
    let document = server.folder().join("openapi.yaml");
    fs::write(&document, format!("{before}\n    CreateShed:\n{only}\n        profile:\n{after}")).unwrap();
    conform(&server, &shed, &document, &["--include-operation-id", "create_shed"]);
    // Some of what was asked made sense.
    server.curl().get(&format!("/api/sheds/{}", shed.name())).assert_status(200);
}
