//! Which request means what.

use std::{str::FromStr, sync::Arc, time::Duration};

use hyper::{Method, Request, StatusCode, Uri, body::Incoming};
use shed_core::guest::{HELLO, Hello, LIST, PROCESSES, RELAY, RUN, WATCH};

use super::{
    budget::Budget,
    lister::Lister,
    process,
    processes::Meter,
    relay::Relays,
    reply::{self, Reply},
    run::Runs,
    watch::Watchers,
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
    watchers: Arc<Watchers>,
    meter: Meter,
    relays: Relays,
}

impl Guest {
    /// In a runtime.
    pub fn new() -> Self {
        let budget = Budget::new();
        let lister = Lister::start(&budget);
        let watchers = Watchers::new(lister.clone(), budget.clone());
        Self { runs: Runs::new(&budget), lister, watchers, meter: Meter::new(&budget), relays: Relays::new(), budget }
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (head, body) = request.into_parts();
        match (&head.method, head.uri.path()) {
            (&Method::GET, HELLO) => reply::json(&self.hello().await),
            (&Method::POST, RUN) => self.runs.answer(body).await,
            (&Method::GET, LIST) => reply::bytes(self.lister.list().await.frame.clone()),
            (&Method::GET, WATCH) => self.watchers.answer(),
            (&Method::GET, PROCESSES) => self.meter.answer(number(&head.uri, "sample_ms")).await,
            (&Method::POST, RELAY) => self.relays.answer(number(&head.uri, "port"), body).await,
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

/// A number in the query.
fn number<T: FromStr>(uri: &Uri, name: &str) -> Option<T> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok())
}
