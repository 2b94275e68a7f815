//! Which request means what.

use hyper::{Method, Request, StatusCode, body::Incoming};
use shed_core::guest::{HELLO, Hello, LIST, RUN};
use std::time::Duration;

use super::{
    budget::Budget,
    lister::Lister,
    process,
    reply::{self, Reply},
    run::Runs,
};

/// How long `tmux -V` may take, which connects to nothing.
const VERSION_DEADLINE: Duration = Duration::from_secs(5);

/// The longest version, in bytes.
const VERSION_MAX: usize = 1024;

/// What all requests share.
pub struct Guest {
    budget: Budget,
    runs: Runs,
    lister: Lister,
}

impl Guest {
    /// In a runtime.
    pub fn new() -> Self {
        let budget = Budget::new();
        Self { runs: Runs::new(&budget), lister: Lister::start(&budget), budget }
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (head, body) = request.into_parts();
        match (&head.method, head.uri.path()) {
            (&Method::GET, HELLO) => reply::json(&self.hello().await),
            (&Method::POST, RUN) => self.runs.answer(body).await,
            (&Method::GET, LIST) => reply::bytes(self.lister.list().await.frame.clone()),
            _ => reply::refusal(StatusCode::NOT_FOUND, "no such request"),
        }
    }

    async fn hello(&self) -> Hello {
        let version = process::run(&["tmux", "-V"], b"", Some(VERSION_DEADLINE), &self.budget.share(VERSION_MAX)).await;
        let text =
            version.ok().filter(|output| output.exit_code == 0).map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        Hello { version: env!("CARGO_PKG_VERSION").to_owned(), pid: std::process::id(), tmux: text.filter(|text| !text.is_empty()) }
    }
}
