//! The guest in an image that has nothing at all.

use std::{process::Stdio, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use shed_core::guest::{HELLO, Hello, LIST, SnapshotHead, SnapshotProblem, frame};
use shed_server::guest::binary;
use shed_tests::docker;
use tokio::{io::AsyncWriteExt, process::Command};

/// How long a container may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An image with one file, removed with the test.
struct Image(String);

impl Image {
    async fn of(file: &[u8]) -> Self {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(file.len().try_into().unwrap());
        tar.append_data(&mut header, "shed-guest", file).unwrap();
        let image = Self(format!("shed-test-guest:{}", uuid::Uuid::new_v4()));
        let mut import = Command::new("docker");
        let mut import = import.args(["import", "-", &image.0]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        import.stdin.take().unwrap().write_all(&tar.into_inner().unwrap()).await.unwrap();
        assert!(import.wait().await.unwrap().success());
        image
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        docker(&["image", "rm", "--force", &self.0]);
    }
}

#[tokio::test]
async fn the_guest_runs_without_a_library_a_shell_a_network_or_root() {
    let image = Image::of(binary::binary()).await;
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--interactive", "--network=none", "--user=12345", "--read-only", &image.0, "/shed-guest", "serve"]);
    let mut child = run.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let pipes = tokio::io::join(child.stdout.take().unwrap(), child.stdin.take().unwrap());
    let talk = async {
        let (mut http, connection) = http2::Builder::new(TokioExecutor::new()).handshake(TokioIo::new(pipes)).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut answers = Vec::new();
        for path in [HELLO, LIST] {
            let request = Request::get(format!("http://guest{path}")).body(Empty::<Bytes>::new()).unwrap();
            answers.push(http.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes());
        }
        drop(http);
        connection.await.unwrap().unwrap();
        // However docker sees the two pipes close: the container ends with them.
        child.wait().await.unwrap();
        answers
    };
    let answers = tokio::time::timeout(PATIENCE, talk).await.unwrap();
    let hello: Hello = serde_json::from_slice(&answers[0]).unwrap();
    assert_eq!(hello.tmux, None);
    let (head, list): (SnapshotHead, _) = frame::decode(&answers[1]).unwrap();
    assert_eq!((head.problem, list.len()), (Some(SnapshotProblem::NoTmux), 0));
}
