//! The running server against `openapi.yaml`, by schemathesis.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use shed_tests::{TestServer, run};

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

#[test]
fn s39_the_server_answers_as_openapi_yaml_says() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&sessions, &json!({"name": "work"})).assert_status(201);

    // Every call goes to our own shed and session, so no example or invented name ever reaches somebody else's. What makes
    // or ends a shed is left out: the first would make sheds under names that nobody removes, the others leave nothing
    // to ask. Their answers are checked one by one in `api_sheds`.
    let folder = server.folder();
    let config = format!("[parameters]\n\"path.name\" = \"{}\"\n\"path.session\" = \"work\"\n", shed.name());
    fs::write(folder.join("schemathesis.toml"), config).unwrap();
    let mut command = Command::new(schemathesis());
    command.arg("--config-file").arg(folder.join("schemathesis.toml")).arg("run").arg(Path::new(ROOT).join("openapi.yaml"));
    command.args(["--url", &format!("http://{}", server.http())]);
    command.args(["--header", &format!("Authorization: Bearer {}", server.token())]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--no-color", "--workers", "1"]);
    command.args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"]);
    for operation in ["create_shed", "delete_shed", "start_shed", "stop_shed", "restart_shed", "kill_session", "update_session"] {
        command.args(["--exclude-operation-id", operation]);
    }
    run(command.current_dir(folder)).assert_ok();
}
