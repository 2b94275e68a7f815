//! A guest with a tmux of its own, both gone with the test.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests may end the test")]

use std::{
    path::Path,
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Incoming},
    client::conn::http2::{self, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use shed_core::guest::{
    CONNECTION_WINDOW, RunAnswer, RunRequest, STREAM_WINDOW, SnapshotHead,
    frame::{self, Decoder},
};
use shed_tmux::{SessionInfo, parse_list};
use tempfile::TempDir;
use tokio::{
    process::{Child, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub type SentBody = UnsyncBoxBody<Bytes, std::io::Error>;

pub struct Guest {
    pub dir: TempDir,
    pub child: Child,
    pub http: SendRequest<SentBody>,
    pipes: JoinHandle<()>,
}

/// The program with its pipes, before anything is said.
pub fn spawn(dir: &Path, env: &[(&str, &Path)]) -> (Child, ChildStdin, ChildStdout) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shed-guest"));
    command.arg("serve").env("TMUX_TMPDIR", dir).env("HOME", dir).env("SHELL", "/bin/sh").envs(env.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    (child, stdin, stdout)
}

impl Guest {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Programs are looked for in `path` only.
    pub async fn with_path(path: &Path) -> Self {
        Self::with(&[("PATH", path)]).await
    }

    async fn with(env: &[(&str, &Path)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (child, http, pipes) = dial(dir.path(), env).await;
        Self { dir, child, http, pipes }
    }

    /// Closes both pipes.
    pub fn hang_up(&self) {
        self.pipes.abort();
    }

    /// tmux by hand, as a user in the shed would call it.
    pub async fn tmux(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-u", "-f", "/dev/null"]).args(arguments).env("TMUX_TMPDIR", self.dir.path()).env_remove("TMUX");
        command.env("HOME", self.dir.path()).env("SHELL", "/bin/sh").output().await.unwrap()
    }

    /// The same, which must work.
    pub async fn by_hand(&self, arguments: &[&str]) -> String {
        let output = self.tmux(arguments).await;
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub async fn send(&self, method: &str, path: &str, body: SentBody) -> Response<Incoming> {
        send(self.http.clone(), method, path, body).await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Bytes) {
        let answer = self.send("GET", path, full(Vec::new())).await;
        let status = answer.status();
        (status, answer.into_body().collect().await.unwrap().to_bytes())
    }

    /// Runs a command through the guest: the answer, its standard output and its standard error.
    pub async fn run(&self, argv: &[&str], stdin: &[u8], deadline: Duration) -> (RunAnswer, Vec<u8>, Vec<u8>) {
        run(self.http.clone(), argv, stdin, deadline).await
    }

    /// Begins a command line that takes long; the request is cut off when the task is aborted.
    pub fn start(&self, line: &str) -> JoinHandle<()> {
        let (http, line) = (self.http.clone(), line.to_owned());
        tokio::spawn(async move { drop(run(http, &["sh", "-c", &line], b"", Duration::from_secs(3600)).await) })
    }

    /// The memory that it has now.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub async fn list(&self) -> (SnapshotHead, Vec<SessionInfo>) {
        let (status, bytes) = self.get("/list").await;
        assert_eq!(status, StatusCode::OK);
        let (head, output) = frame::decode(&bytes).unwrap();
        (head, parse_list(&output).unwrap())
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut command = std::process::Command::new("tmux");
        let _ = command.arg("kill-server").env("TMUX_TMPDIR", self.dir.path()).env_remove("TMUX").output();
    }
}

/// One more guest in the same place.
pub async fn dial(dir: &Path, env: &[(&str, &Path)]) -> (Child, SendRequest<SentBody>, JoinHandle<()>) {
    let (child, stdin, stdout) = spawn(dir, env);
    // The pipes are held by a task that can be ended; hyper keeps its own until the last answer.
    let (near, mut far) = tokio::io::duplex(64 * 1024);
    let pipes = tokio::spawn(async move { drop(tokio::io::copy_bidirectional(&mut far, &mut tokio::io::join(stdout, stdin)).await) });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(STREAM_WINDOW).initial_connection_window_size(CONNECTION_WINDOW);
    let (http, connection) = builder.handshake(TokioIo::new(near)).await.unwrap();
    tokio::spawn(connection);
    (child, http, pipes)
}

pub async fn send(mut http: SendRequest<SentBody>, method: &str, path: &str, body: SentBody) -> Response<Incoming> {
    let request = Request::builder().method(method).uri(format!("http://guest{path}")).body(body).unwrap();
    let answer = async {
        http.ready().await.unwrap();
        http.send_request(request).await.unwrap()
    };
    soon(answer).await
}

pub async fn run(http: SendRequest<SentBody>, argv: &[&str], stdin: &[u8], deadline: Duration) -> (RunAnswer, Vec<u8>, Vec<u8>) {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    let request = RunRequest { argv, deadline_ms: u64::try_from(deadline.as_millis()).unwrap() };
    let answer = send(http, "POST", "/run", full(frame::encode(&request, &[stdin]).unwrap())).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&bytes));
    let (head, mut stdout): (RunAnswer, _) = frame::decode(&bytes).unwrap();
    let stderr = match &head {
        RunAnswer::Ended { stdout: length, .. } => stdout.split_off(*length),
        _ => Vec::new(),
    };
    (head, stdout, stderr)
}

pub fn full(bytes: impl Into<Bytes>) -> SentBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

pub fn ended(exit_code: i64, stdout: usize) -> RunAnswer {
    RunAnswer::Ended { exit_code, stdout }
}

/// The snapshots of a watch.
pub struct Watch {
    body: Incoming,
    decoder: Decoder,
}

impl Watch {
    pub async fn of(guest: &Guest) -> Self {
        Self::over(guest.http.clone()).await
    }

    pub async fn over(http: SendRequest<SentBody>) -> Self {
        let answer = send(http, "GET", "/watch", full(Vec::new())).await;
        assert_eq!(answer.status(), StatusCode::OK);
        Self { body: answer.into_body(), decoder: Decoder::default() }
    }

    pub async fn next(&mut self) -> (SnapshotHead, Vec<SessionInfo>) {
        loop {
            if let Some((head, output)) = self.decoder.frame().unwrap() {
                return (head, parse_list(&output).unwrap());
            }
            let part = soon(self.body.frame()).await.expect("the watch ended").unwrap();
            self.decoder.push(&part.into_data().unwrap_or_default());
        }
    }

    /// The first snapshot for which `condition` holds.
    pub async fn until(&mut self, mut condition: impl FnMut(&[SessionInfo]) -> bool) -> (SnapshotHead, Vec<SessionInfo>) {
        let mut seq = 0;
        loop {
            let (head, sessions) = self.next().await;
            assert!(head.seq > seq, "numbers rise");
            seq = head.seq;
            if condition(&sessions) {
                return (head, sessions);
            }
        }
    }
}

/// Ends the test when it takes too long.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("nothing came within {PATIENCE:?}"))
}

/// Waits until `condition` holds.
pub async fn until(mut condition: impl AsyncFnMut() -> bool) {
    soon(async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// Arguments that make `sleep` last, like those of no other process: one that a killed guest left must not be taken for it.
pub fn long() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("9{:09}{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Whether such a `sleep` runs.
pub async fn sleeps(long: &str) -> bool {
    Command::new("pgrep").args(["-f", "--", &format!("^sleep {long}$")]).stdout(Stdio::null()).status().await.unwrap().success()
}

/// Bytes that are no body of their own.
pub async fn text(body: impl Body<Data = Bytes, Error = impl std::fmt::Debug>) -> String {
    String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned()
}
