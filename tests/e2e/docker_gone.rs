//! Docker goes away and comes back.

use std::{fs, os::unix::fs::symlink};

use serde_json::json;
use shed_tests::{TestServer, wait_until};

#[test]
fn docker_may_go_away_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    // The daemon serves other tests too; for this server it is gone when its path is.
    let connect = || symlink("/var/run/docker.sock", &socket).unwrap();
    connect();
    let server = TestServer::start_with(&format!("[engine]\ndocker_host = \"unix://{}\"", socket.display()));
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}", shed.name());
    assert_eq!(curl.get("/readyz").status, 200);

    fs::remove_file(&socket).unwrap();
    wait_until("/readyz to be red", || (curl.get("/readyz").status == 503).then_some(()));
    assert_eq!(curl.get("/healthz").status, 200);
    let answer = curl.post(&format!("{path}/exec"), &json!({"argv": ["true"]}));
    answer.assert_error(503, "ENGINE_UNAVAILABLE");
    assert!(answer.json(503)["error"]["hint"].is_string(), "{answer:?}");

    connect();
    wait_until("/readyz to be green", || (curl.get("/readyz").status == 200).then_some(()));
    assert_eq!(curl.post(&format!("{path}/exec"), &json!({"argv": ["true"]})).json(200)["exit_code"], 0);
}
