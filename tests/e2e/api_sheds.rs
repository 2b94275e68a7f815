//! Sheds over HTTP.

use serde_json::{Value, json};
use shed_tests::{TestServer, TestShed, docker};

#[test]
fn a_shed_is_a_container_and_a_volume_with_labels() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let format = "{{.Config.Hostname}}|{{index .Config.Labels \"shed\"}}|{{index .Config.Labels \"shed.name\"}}|\
                  {{.HostConfig.RestartPolicy.Name}}|{{.HostConfig.Init}}|{{range .Mounts}}{{.Name}}:{{.Destination}}{{end}}";
    let inspected = docker(&["inspect", "--format", format, &shed.container()]).ok();
    let name = shed.name();
    assert_eq!(inspected.stdout.trim(), format!("{name}|true|{name}|unless-stopped|true|{}:/workspace", shed.volume()));
}

#[test]
fn a_shed_stops_and_starts_and_its_workspace_stays() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}", shed.name());
    let exec = |script: &str| curl.post(&format!("{path}/exec"), &json!({"argv": ["sh", "-c", script]}));
    assert_eq!(exec("echo kept > /workspace/file").json(200)["exit_code"], 0);

    curl.post_empty(&format!("{path}/start")).assert_error(409, "SHED_ALREADY_RUNNING");
    assert_eq!(curl.post_empty(&format!("{path}/stop")).json(200)["status"], "stopped");
    curl.post_empty(&format!("{path}/stop")).assert_error(409, "SHED_ALREADY_STOPPED");
    curl.get(&format!("{path}/sessions")).assert_error(409, "SHED_ALREADY_STOPPED");
    assert_eq!(curl.get(&path).json(200)["status"], "stopped");
    assert_eq!(curl.post_empty(&format!("{path}/start")).json(200)["status"], "running");
    assert_eq!(exec("cat /workspace/file").json(200)["stdout"], "kept\n");
    assert_eq!(curl.post_empty(&format!("{path}/restart")).json(200)["status"], "running");
    assert_eq!(exec("cat /workspace/file").json(200)["stdout"], "kept\n");
}

#[test]
fn a_volume_can_outlive_its_shed_and_be_used_again() {
    let server = TestServer::start();
    let curl = server.curl();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}", shed.name());
    let exec = |script: &str| curl.post(&format!("{path}/exec"), &json!({"argv": ["sh", "-c", script]})).json(200);
    exec("echo kept > /workspace/file");
    curl.delete(&format!("{path}?keep_volume=true")).assert_status(204);
    curl.post("/api/sheds", &json!({"name": shed.name()})).assert_status(201);
    assert_eq!(exec("cat /workspace/file")["stdout"], "kept\n");
    curl.delete(&path).assert_status(204);
    docker(&["volume", "inspect", &shed.volume()]).assert_code(1);
}

#[test]
fn without_a_token_there_is_only_the_name_and_version() {
    let server = TestServer::start();
    let anonymous = server.curl().anonymous();
    let info = anonymous.get("/api/info").json(200);
    let mut keys: Vec<_> = info.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["name", "version"]);
    for path in ["/api/sheds", "/api/sessions", "/api/ssh-keys", "/api/sheds/x", "/api/sheds/x/sessions"] {
        anonymous.get(path).assert_error(401, "UNAUTHORIZED");
    }
    assert_eq!(anonymous.get("/healthz").status, 200);
    assert_eq!(anonymous.get("/readyz").status, 200);
}

#[test]
fn other_origins_and_hosts_are_refused() {
    let server = TestServer::start();
    for header in ["Origin: https://evil.example", "Host: evil.example"] {
        let answer = server.curl().send("GET", "/api/sheds", None, &["--header", header]);
        answer.assert_error(403, "FORBIDDEN");
    }
}

#[test]
fn requests_that_make_no_sense_are_errors_in_the_one_envelope() {
    let server = TestServer::start();
    let curl = server.curl();
    let send = |method: &str, path: &str, body: &[u8]| curl.send(method, path, Some(body), &[]);
    send("POST", "/api/sheds", b"{").assert_error(400, "INVALID_REQUEST");
    send("POST", "/api/sheds", br#"{"name":"x","nmae":"y"}"#).assert_error(400, "INVALID_REQUEST");
    send("PUT", "/api/sheds", b"{}").assert_error(405, "METHOD_NOT_ALLOWED");
    send("POST", "/api/sheds", &vec![b' '; 10 << 20]).assert_error(413, "PAYLOAD_TOO_LARGE");
    curl.get("/api/nothing").assert_error(404, "NOT_FOUND");
    let text = curl.send("POST", "/api/sheds", Some(b"{}"), &["--header", "Content-Type: text/plain"]);
    assert!(matches!(text.status, 400 | 415), "{text:?}");
}

#[test]
fn progress_is_an_event_stream_that_ends_with_the_shed() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let body = json!({"name": shed.name()}).to_string();
    let accept = ["--header", "Accept: text/event-stream"];
    let answer = server.curl().send("POST", "/api/sheds", Some(body.as_bytes()), &accept);
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    let last = answer.body.lines().rfind(|line| line.starts_with("data:")).unwrap();
    let last: Value = serde_json::from_str(last.trim_start_matches("data:").trim()).unwrap();
    assert!(last.to_string().contains(shed.name()), "{}", answer.body);
    // A refusal comes before the first byte of the stream.
    let refused = server.curl().send("POST", "/api/sheds", Some(br#"{"name":"A"}"#), &accept);
    refused.assert_error(400, "INVALID_SHED_NAME");
}
