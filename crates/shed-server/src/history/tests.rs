//! The recorder over a real bus.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use shed_core::wire::{Event, EventType, Session};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    app::locked,
    config::History,
    events::{Bus, blank},
    store::HistoryQuery,
};

/// How long anything may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// A registry in small: what is there, and a bus.
#[derive(Default)]
struct Registry {
    sessions: Mutex<Vec<Session>>,
    bus: Bus,
}

impl Registry {
    fn tell(&self, kind: EventType, session: &Session) {
        let mut sessions = locked(&self.sessions);
        sessions.retain(|known| known.id != session.id);
        if kind != EventType::SessionClosed {
            sessions.push(session.clone());
        }
        self.bus.publish(Event { session: Some(Box::new(session.clone())), ..blank(kind) });
    }
}

fn session(id: &str) -> Session {
    let now = jiff::Timestamp::now();
    let value = serde_json::json!({
        "id": id, "name": id, "shed_name": "demo", "created_at": now, "attached": false, "status": "running", "status_changed_at": now,
    });
    serde_json::from_value(value).unwrap()
}

fn start(store: &Store, registry: &Arc<Registry>, queue: Option<usize>) -> (CancellationToken, JoinHandle<()>) {
    let (shutdown, registry) = (CancellationToken::new(), Arc::clone(registry));
    let follow = move |most: usize| {
        let subscription = registry.bus.subscribe(None, queue.unwrap_or(most));
        (locked(&registry.sessions).clone(), subscription)
    };
    let recorder = Recorder::new(store.clone(), History::default()).settle(Duration::ZERO);
    (shutdown.clone(), tokio::spawn(recorder.run(follow, shutdown)))
}

fn events(store: &Store) -> Vec<String> {
    let page = store.history_page(&HistoryQuery { limit: 10_000, ..HistoryQuery::default() }).unwrap();
    page.events.into_iter().rev().map(|event| format!("{} {}", event.kind, event.session_name.unwrap_or_default())).collect()
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

#[tokio::test]
async fn p76_events_are_kept_and_an_orderly_end_loses_none() {
    let (store, registry) = (Store::in_memory().unwrap(), Arc::<Registry>::default());
    registry.tell(EventType::SessionCreated, &session("a"));
    let (shutdown, task) = start(&store, &registry, None);
    until("the first session", || events(&store) == ["session.created a"]).await;
    for n in 0..700 {
        registry.tell(EventType::SessionCreated, &session(&format!("s{n}")));
    }
    shutdown.cancel();
    task.await.unwrap();
    assert_eq!(events(&store).len(), 701);
}

#[tokio::test]
async fn p76_what_changed_while_no_server_ran_is_found_and_nothing_is_told_twice() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("shed.db")).unwrap();
    let registry = Arc::<Registry>::default();
    let (a, b, c) = (session("a"), session("b"), session("c"));
    registry.tell(EventType::SessionCreated, &a);
    registry.tell(EventType::SessionCreated, &b);
    let (_, task) = start(&store, &registry, None);
    until("both", || events(&store).len() == 2).await;
    // As `kill -9`: nothing is said to it.
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    registry.tell(EventType::SessionClosed, &a);
    registry.tell(EventType::SessionCreated, &c);
    let (shutdown, task) = start(&store, &registry, None);
    until("all", || events(&store).len() == 4).await;
    registry.tell(EventType::SessionCreated, &b);
    shutdown.cancel();
    task.await.unwrap();
    let mut kept = events(&store);
    kept.sort();
    assert_eq!(kept, ["session.closed a", "session.created a", "session.created b", "session.created c"]);
}

#[tokio::test]
async fn a_recorder_that_is_cut_off_goes_on_from_the_list() {
    let (store, registry) = (Store::in_memory().unwrap(), Arc::<Registry>::default());
    let (shutdown, task) = start(&store, &registry, Some(4));
    // More than the queue holds, in one go: this thread runs them all before the recorder gets its turn.
    let sessions: Vec<Session> = (0..50).map(|n| session(&format!("s{n}"))).collect();
    for session in &sessions {
        registry.tell(EventType::SessionCreated, session);
    }
    until("all of them", || events(&store).len() == 50).await;
    for session in &sessions {
        registry.tell(EventType::SessionClosed, session);
    }
    until("their ends", || events(&store).len() == 100).await;
    shutdown.cancel();
    task.await.unwrap();
}
