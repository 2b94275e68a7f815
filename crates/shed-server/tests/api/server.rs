//! The whole server on real sockets.

use std::{fs, path::Path, time::Duration};

use shed_server::{
    config::{Config, EngineConfig, Http, Metrics, Ssh},
    serve::{ServeError, Server},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Only so that a fault ends the test instead of hanging it.
const AT_MOST: Duration = Duration::from_secs(60);

fn config(dir: &Path) -> Config {
    Config {
        state_dir: Some(dir.join("state")),
        http: Http { listen: "127.0.0.1:0".parse().unwrap(), ..Http::default() },
        ssh: Ssh { listen: "127.0.0.1:0".parse().unwrap() },
        engine: EngineConfig { docker_host: Some("unix:///nowhere/docker.sock".into()) },
        ..Config::default()
    }
}

/// One request on a connection that is kept open.
async fn ask(stream: &mut TcpStream, path: &str) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = timeout(AT_MOST, stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn a_server_says_where_it_listens_and_ends_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::bind(config(dir.path())).await.unwrap();
    let (http, ssh) = (server.http(), server.ssh());
    let file = dir.path().join("state/endpoints.json");
    let endpoints: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(endpoints, serde_json::json!({"http": http.to_string(), "ssh": ssh.to_string(), "pid": std::process::id()}));

    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(shutdown.clone()));
    let mut kept = TcpStream::connect(http).await.unwrap();
    assert!(ask(&mut kept, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut kept, "/readyz").await.starts_with("HTTP/1.1 503"), "no engine, and yet it runs");
    // Neither a kept connection nor half a request holds up the end.
    let mut half = TcpStream::connect(http).await.unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc").await.unwrap();
    shutdown.cancel();
    timeout(AT_MOST, running).await.unwrap().unwrap();
    assert!(!file.exists());
    assert!(TcpStream::connect(http).await.is_err());
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own_if_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = Metrics { listen: Some("127.0.0.1:0".parse().unwrap()) };
    let server = Server::bind(Config { metrics, ..config(dir.path()) }).await.unwrap();
    let file = fs::read_to_string(dir.path().join("state/endpoints.json")).unwrap();
    let endpoints: serde_json::Value = serde_json::from_str(&file).unwrap();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(shutdown.clone()));
    let mut stream = TcpStream::connect(endpoints["metrics"].as_str().unwrap()).await.unwrap();
    assert!(ask(&mut stream, "/metrics").await.starts_with("HTTP/1.1 200"));
    shutdown.cancel();
    timeout(AT_MOST, running).await.unwrap().unwrap();
}

#[tokio::test]
async fn one_state_directory_has_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let first = Server::bind(config(dir.path())).await.unwrap();
    let error = Server::bind(config(dir.path())).await.err().unwrap();
    assert!(matches!(error, ServeError::Running(_)) && error.hint().is_some(), "{error}");
    let file = dir.path().join("state/endpoints.json");
    assert!(file.exists(), "the first one's file is left alone");
    drop(first);
    Server::bind(config(dir.path())).await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let first = Server::bind(config(dir.path())).await.unwrap();
    let other = tempfile::tempdir().unwrap();
    let taken = Http { listen: first.http(), ..Http::default() };
    let error = Server::bind(Config { http: taken, ..config(other.path()) }).await.err().unwrap();
    assert!(error.to_string().contains(&first.http().to_string()), "{error}");
    assert!(error.hint().unwrap().contains("SHED_HTTP_LISTEN"));
    assert!(!other.path().join("state/endpoints.json").exists());
}

#[tokio::test]
async fn a_server_keeps_its_identity() {
    let dir = tempfile::tempdir().unwrap();
    let kept = |name: &str| fs::read_to_string(dir.path().join("state").join(name)).unwrap();
    drop(Server::bind(config(dir.path())).await.unwrap());
    let before = (kept("server-id"), kept("ssh_host_ed25519_key"));
    drop(Server::bind(config(dir.path())).await.unwrap());
    assert_eq!((kept("server-id"), kept("ssh_host_ed25519_key")), before);
}

#[tokio::test]
async fn the_address_of_the_connection_is_a_name_of_the_server() {
    let dir = tempfile::tempdir().unwrap();
    // 0.0.0.0 itself is no name; what the caller really reached is.
    let http = Http { listen: "0.0.0.0:0".parse().unwrap(), ..Http::default() };
    let server = Server::bind(Config { http, ..config(dir.path()) }).await.unwrap();
    let port = server.http().port();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(server.run(shutdown.clone()));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4096];
    let length = timeout(AT_MOST, stream.read(&mut answer)).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&answer[..length]).starts_with("HTTP/1.1 403"));
    shutdown.cancel();
    timeout(AT_MOST, running).await.unwrap().unwrap();
}
