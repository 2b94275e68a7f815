//! A user with a home, an `ssh` that remembers, and servers with a few sheds.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path as PathOf, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde_json::{Value, json};

pub const TOKEN: &str = "shed_secret";
pub const HOST_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIhost";

/// What a server holds: sheds with the names of their sessions.
pub type Sheds = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// A server that lives as long as the test.
pub struct Server {
    pub url: String,
    pub sheds: Sheds,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub fn start(sheds: &[(&str, &[&str])]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sheds = sheds.iter().map(|(name, sessions)| ((*name).to_owned(), sessions.iter().map(|s| (*s).to_owned()).collect()));
        let sheds: Sheds = Arc::new(Mutex::new(sheds.collect()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = router(Arc::clone(&sheds));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { url, sheds, _runtime: runtime }
    }
}

fn router(sheds: Sheds) -> Router {
    let keys: Value = json!({"fingerprint": "SHA256:user", "name": "me", "public_key": "k", "created_at": "2026-01-25T10:00:00Z"});
    Router::new()
        .route("/api/ssh-host-key", get(async || Json(json!({"public_key": HOST_KEY, "fingerprint": "SHA256:host"}))))
        .route("/api/ssh-keys", post(async || (StatusCode::CREATED, Json(keys))))
        .route("/api/sheds", get(list_sheds))
        .route("/api/sheds/{name}", delete(async || StatusCode::NO_CONTENT))
        .route("/api/sheds/{name}/sessions", get(list_sessions).post(create_session))
        .route("/api/sheds/{name}/sessions/{session}", get(get_session).delete(async || StatusCode::NO_CONTENT))
        .route("/api/sessions", get(list_all))
        .layer(from_fn(authorize))
        .route("/api/info", get(info))
        .with_state(sheds)
}

fn authorized(request: &Request) -> bool {
    request.headers().get(header::AUTHORIZATION).is_some_and(|value| value == &format!("Bearer {TOKEN}"))
}

async fn authorize(request: Request, next: Next) -> Response {
    if authorized(&request) { next.run(request).await } else { error(401, "UNAUTHORIZED", "the token is not known") }
}

async fn info(request: Request) -> Json<Value> {
    let mut info = json!({"name": "box", "version": "0.1.0"});
    if authorized(&request) {
        info["ssh_port"] = json!(2222);
    }
    Json(info)
}

fn error(status: u16, code: &str, message: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(json!({"error": {"code": code, "message": message}}))).into_response()
}

fn session(shed: &str, name: &str) -> Value {
    json!({"id": "1", "name": name, "shed_name": shed, "created_at": "2026-01-25T10:00:00Z", "attached": false, "status": "running",
        "window_count": 1, "labels": {}})
}

async fn list_sheds(State(sheds): State<Sheds>) -> Json<Value> {
    let shed = |(name, _): &(String, Vec<String>)| json!({"name": name, "status": "running", "created_at": "2026-01-25T10:00:00Z", "image": "shed-base:latest", "container_id": "c"});
    Json(json!({"sheds": sheds.lock().unwrap().iter().map(shed).collect::<Vec<_>>(), "warnings": []}))
}

fn sessions_of(sheds: &Sheds, wanted: Option<&str>) -> Vec<Value> {
    let sheds = sheds.lock().unwrap();
    let wanted = sheds.iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name));
    wanted.flat_map(|(name, sessions)| sessions.iter().map(|one| session(name, one))).collect()
}

async fn list_sessions(State(sheds): State<Sheds>, PathOf(name): PathOf<String>) -> Json<Value> {
    Json(json!({"sessions": sessions_of(&sheds, Some(&name))}))
}

async fn list_all(State(sheds): State<Sheds>) -> Json<Value> {
    Json(json!({"sessions": sessions_of(&sheds, None), "warnings": []}))
}

async fn get_session(State(sheds): State<Sheds>, PathOf((shed, name)): PathOf<(String, String)>) -> Response {
    match sessions_of(&sheds, Some(&shed)).into_iter().find(|session| session["name"] == name.as_str()) {
        Some(session) => Json(session).into_response(),
        None => error(404, "SESSION_NOT_FOUND", &format!("session `{name}` not found in shed `{shed}`")),
    }
}

async fn create_session(State(sheds): State<Sheds>, PathOf(shed): PathOf<String>, Json(asked): Json<Value>) -> Response {
    let name = asked["name"].as_str().unwrap().to_owned();
    let mut all = sheds.lock().unwrap();
    let sessions = &mut all.iter_mut().find(|(shed_name, _)| *shed_name == shed).unwrap().1;
    if sessions.contains(&name) {
        return error(409, "SESSION_ALREADY_EXISTS", &format!("session `{name}` is there already"));
    }
    sessions.push(name.clone());
    (StatusCode::CREATED, Json(session(&shed, &name))).into_response()
}

/// A user with a home of their own.
pub struct User {
    home: tempfile::TempDir,
}

impl User {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        Self { home }
    }

    /// A user who has added these servers.
    pub fn with(servers: &[(&str, &Server)]) -> Self {
        let user = Self::new();
        for (name, server) in servers {
            let output = user.command(&["server", "add", name, &server.url]).env("SHED_TOKEN", TOKEN).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        user
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Puts an `ssh` first on the path. `$n` is how often it ran, the arguments of each run are in the file `asked.$n`;
    /// `log_in` does what ssh does after a login.
    pub fn ssh(&self, script: &str) {
        let path = self.path("bin/ssh");
        let prelude = "#!/bin/sh\nn=$(($(cat \"$HOME/runs\" 2>/dev/null || echo 0) + 1)); echo $n > \"$HOME/runs\"\n\
            printf '%s\\n' \"$@\" > \"$HOME/asked.$n\"; echo \"$SHED_SESSION\" > \"$HOME/session\"\n\
            log_in() { eval \"$(sed -n 's/^LocalCommand=//p' \"$HOME/asked.$n\")\"; }\n";
        fs::write(&path, format!("{prelude}{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn asked(&self, run: u32) -> Vec<String> {
        fs::read_to_string(self.path(&format!("asked.{run}"))).unwrap().lines().map(str::to_owned).collect()
    }

    pub fn runs(&self) -> String {
        fs::read_to_string(self.path("runs")).unwrap().trim().to_owned()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shed"));
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.args(args).env_clear().env("HOME", self.home.path()).env("PATH", path).current_dir(self.home.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        Ended::from(self.command(args).output().unwrap())
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ended {
        let mut child = self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ended::from(child.wait_with_output().unwrap())
    }
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ended {
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    #[track_caller]
    pub fn failed(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.stdout.is_empty(), "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is missing in {self:?}");
        }
        self
    }
}
