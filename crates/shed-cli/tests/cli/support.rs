//! A user with a home, an `ssh` that remembers, and servers with a few sheds.

use std::{
    collections::HashMap,
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Body,
    extract::{OriginalUri, Path as PathOf, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use shed_tests::{Pty, wait_until};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

pub const TOKEN: &str = "shed_secret";
pub const HOST_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIhost";

/// What a server holds: sheds with the names of their sessions.
pub type Sheds = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// A server that lives as long as the test.
pub struct Server {
    pub url: String,
    pub sheds: Sheds,
    /// What is told of sessions beside their names, by `shed/name`.
    pub facts: Facts,
    /// What was asked for, as `METHOD path body`.
    pub asked: Asked,
    lists: Arc<AtomicUsize>,
    events: broadcast::Sender<String>,
    runtime: tokio::runtime::Runtime,
}

/// Fields of sessions by `shed/name`.
pub type Facts = Arc<Mutex<HashMap<String, Value>>>;

/// Requests that change something.
pub type Asked = Arc<Mutex<Vec<String>>>;

#[derive(Clone)]
struct AppState {
    sheds: Sheds,
    facts: Facts,
    asked: Asked,
    lists: Arc<AtomicUsize>,
    events: broadcast::Sender<String>,
}

impl Server {
    pub fn start(sheds: &[(&str, &[&str])]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sheds = sheds.iter().map(|(name, sessions)| ((*name).to_owned(), sessions.iter().map(|s| (*s).to_owned()).collect()));
        let sheds: Sheds = Arc::new(Mutex::new(sheds.collect()));
        let (events, _) = broadcast::channel(1024);
        let state = AppState {
            sheds: Arc::clone(&sheds),
            facts: Facts::default(),
            asked: Asked::default(),
            lists: Arc::default(),
            events: events.clone(),
        };
        let (facts, asked, lists) = (Arc::clone(&state.facts), Arc::clone(&state.asked), Arc::clone(&state.lists));
        let url = listen(&runtime, "127.0.0.1:0", state);
        Self { url, sheds, facts, asked, lists, events, runtime }
    }

    /// Ends everything that is connected and answers nobody any more.
    pub fn stop(&mut self) {
        let new = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        std::mem::replace(&mut self.runtime, new).shutdown_background();
    }

    /// Answers again, at the address of before.
    pub fn start_again(&self) {
        let state = AppState {
            sheds: Arc::clone(&self.sheds),
            facts: Arc::clone(&self.facts),
            asked: Arc::clone(&self.asked),
            lists: Arc::clone(&self.lists),
            events: self.events.clone(),
        };
        listen(&self.runtime, self.url.strip_prefix("http://").unwrap(), state);
    }

    /// Tells that a session is as `facts` say, to the lists and to all who listen.
    pub fn set(&self, shed: &str, name: &str, facts: Value) {
        self.facts.lock().unwrap().insert(format!("{shed}/{name}"), facts);
        let mut sheds = self.sheds.lock().unwrap();
        let sessions = &mut sheds.iter_mut().find(|(shed_name, _)| shed_name == shed).unwrap().1;
        if !sessions.iter().any(|session| session == name) {
            sessions.push(name.to_owned());
        }
        drop(sheds);
        self.tell("session.status", shed, &session(&self.facts, shed, name));
    }

    /// Tells an event about a session to all who listen.
    pub fn tell(&self, kind: &str, shed: &str, session: &Value) {
        let event = json!({"id": "a-2", "type": kind, "at": "2026-01-25T10:00:00Z", "shed_name": shed, "session": session});
        let _nobody = self.events.send(event.to_string());
    }

    /// Tells all who listen that they have missed something.
    pub fn reset(&self) {
        let event = json!({"id": "a-3", "type": "reset", "at": "2026-01-25T10:00:00Z", "reason": "events were missed"});
        let _nobody = self.events.send(event.to_string());
    }

    /// How often the list of all sessions was asked for, without what they use.
    pub fn lists(&self) -> usize {
        self.lists.load(Ordering::SeqCst)
    }
}

fn listen(runtime: &tokio::runtime::Runtime, address: &str, state: AppState) -> String {
    let listener = wait_until("the address is free", || runtime.block_on(tokio::net::TcpListener::bind(address)).ok());
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router(state)).await });
    url
}

async fn events(State(state): State<AppState>) -> impl IntoResponse {
    let events = BroadcastStream::new(state.events.subscribe()).map(|event| {
        let event = event.unwrap();
        Ok::<_, std::convert::Infallible>(format!("id: a-2\ndata: {event}\n\n"))
    });
    let begin = futures_util::stream::once(async { Ok(": connected\nid: a-1\n\n".to_owned()) });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(begin.chain(events)))
}

async fn send_keys(State(state): State<AppState>, PathOf((shed, name)): PathOf<(String, String)>, Json(keys): Json<Value>) -> StatusCode {
    state.asked.lock().unwrap().push(format!("keys {shed}/{name} {keys}"));
    StatusCode::NO_CONTENT
}

async fn kill(State(state): State<AppState>, PathOf((shed, name)): PathOf<(String, String)>) -> StatusCode {
    state.asked.lock().unwrap().push(format!("kill {shed}/{name}"));
    StatusCode::NO_CONTENT
}

async fn screen(PathOf((shed, name)): PathOf<(String, String)>) -> String {
    format!("the screen of {shed}/{name}\n")
}

fn router(state: AppState) -> Router {
    let keys: Value = json!({"fingerprint": "SHA256:user", "name": "me", "public_key": "k", "created_at": "2026-01-25T10:00:00Z"});
    Router::new()
        .route("/api/ssh-host-key", get(async || Json(json!({"public_key": HOST_KEY, "fingerprint": "SHA256:host"}))))
        .route("/api/ssh-keys", post(async || (StatusCode::CREATED, Json(keys))))
        .route("/api/sheds", get(list_sheds))
        .route("/api/sheds/{name}", delete(async || StatusCode::NO_CONTENT))
        .route("/api/sheds/{name}/sessions", get(list_sessions).post(create_session))
        .route("/api/sheds/{name}/sessions/{session}", get(get_session).delete(kill))
        .route("/api/sheds/{name}/sessions/{session}/keys", post(send_keys))
        .route("/api/sheds/{name}/sessions/{session}/screen", get(screen))
        .route("/api/events", get(events))
        .route("/api/sessions", get(list_all))
        .layer(from_fn(authorize))
        .route("/api/info", get(info))
        .with_state(state)
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

fn session(facts: &Facts, shed: &str, name: &str) -> Value {
    let mut session = json!({"id": format!("id-{name}"), "name": name, "shed_name": shed, "created_at": "2026-01-25T10:00:00Z", "attached": false, "status": "running",
        "window_count": 1, "labels": {}});
    let facts = facts.lock().unwrap().get(&format!("{shed}/{name}")).cloned();
    session.as_object_mut().unwrap().extend(facts.and_then(|facts| facts.as_object().cloned()).unwrap_or_default());
    session
}

async fn list_sheds(State(AppState { sheds, .. }): State<AppState>) -> Json<Value> {
    let shed = |(name, _): &(String, Vec<String>)| json!({"name": name, "status": "running", "created_at": "2026-01-25T10:00:00Z", "image": "shed-base:latest", "container_id": "c"});
    Json(json!({"sheds": sheds.lock().unwrap().iter().map(shed).collect::<Vec<_>>(), "warnings": []}))
}

fn sessions_of(state: &AppState, wanted: Option<&str>) -> Vec<Value> {
    let sheds = state.sheds.lock().unwrap();
    let wanted = sheds.iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name));
    wanted.flat_map(|(name, sessions)| sessions.iter().map(|one| session(&state.facts, name, one))).collect()
}

async fn list_sessions(State(state): State<AppState>, PathOf(name): PathOf<String>) -> Json<Value> {
    Json(json!({"sessions": sessions_of(&state, Some(&name))}))
}

async fn list_all(State(state): State<AppState>, OriginalUri(uri): OriginalUri) -> Json<Value> {
    let list = json!({"sessions": sessions_of(&state, None), "warnings": []});
    // Counted when it has been read, so that whoever waits for the count knows that what comes next is not in it.
    state.lists.fetch_add(usize::from(uri.query().is_none()), Ordering::SeqCst);
    Json(list)
}

async fn get_session(State(state): State<AppState>, PathOf((shed, name)): PathOf<(String, String)>) -> Response {
    match sessions_of(&state, Some(&shed)).into_iter().find(|session| session["name"] == name.as_str()) {
        Some(session) => Json(session).into_response(),
        None => error(404, "SESSION_NOT_FOUND", &format!("session `{name}` not found in shed `{shed}`")),
    }
}

async fn create_session(State(state): State<AppState>, PathOf(shed): PathOf<String>, Json(asked): Json<Value>) -> Response {
    state.asked.lock().unwrap().push(format!("new {shed} {asked}"));
    let name = asked["name"].as_str().unwrap().to_owned();
    let mut all = state.sheds.lock().unwrap();
    let sessions = &mut all.iter_mut().find(|(shed_name, _)| *shed_name == shed).unwrap().1;
    if sessions.contains(&name) {
        return error(409, "SESSION_ALREADY_EXISTS", &format!("session `{name}` is there already"));
    }
    sessions.push(name.clone());
    (StatusCode::CREATED, Json(session(&state.facts, &shed, &name))).into_response()
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

    /// A terminal in which this user can type `shed …`.
    pub fn terminal(&self, more: &[(&str, &str)]) -> Pty {
        let shed = Path::new(env!("CARGO_BIN_EXE_shed")).parent().unwrap().display().to_string();
        let path = format!("{}:{shed}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut env = vec![("HOME".to_owned(), self.path("").display().to_string()), ("PATH".to_owned(), path)];
        env.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Pty::open(&env)
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
