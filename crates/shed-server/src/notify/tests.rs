//! Notifications to a receiver on this machine.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::Value;
use shed_core::wire::{Event, EventType, Session, SessionStatus};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{target::sign, *};
use crate::{
    app::locked,
    config::{Config, Secret},
    events::{Bus, blank},
};

use SessionStatus::{Completed, Failed, Running, WaitingInput, WaitingPermission};

/// How long anything may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// What one request brought.
#[derive(Debug, Clone)]
struct Got {
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A receiver that answers with these statuses, then with 200.
#[derive(Default)]
struct Receiver {
    got: Mutex<Vec<Got>>,
    answers: Mutex<Vec<u16>>,
}

impl Receiver {
    async fn start(answers: &[u16]) -> (Arc<Self>, String) {
        let receiver = Arc::new(Self { answers: Mutex::new(answers.iter().rev().copied().collect()), ..Self::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(receive)).with_state(Arc::clone(&receiver));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (receiver, url)
    }

    async fn wait(&self, count: usize) -> Vec<Got> {
        let wait = async {
            while locked(&self.got).len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("{:?}", locked(&self.got)));
        locked(&self.got).clone()
    }
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    locked(&receiver.got).push(Got { headers, body });
    let answer = locked(&receiver.answers).pop();
    answer.map_or(StatusCode::OK, |status| StatusCode::from_u16(status).unwrap())
}

fn config(text: &str) -> crate::config::Notify {
    toml::from_str::<Config>(text).unwrap().notify
}

/// A notifier that runs, and the bus that it listens to.
struct Setup {
    bus: Arc<Bus>,
    counts: Arc<Counts>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

fn start(text: &str) -> Setup {
    let bus = Arc::<Bus>::default();
    let quick = Backoff { first: Duration::from_millis(1), most: Duration::from_millis(5), attempts: 4 };
    let (counts, shutdown, events) = (Arc::<Counts>::default(), CancellationToken::new(), Arc::clone(&bus));
    let notifier = Notifier::new(&config(text), "box".to_owned()).unwrap().backoff(quick).counting(Arc::clone(&counts));
    // Subscribed here and not in the task, so that the test's first event is heard.
    let first = Mutex::new(Some(bus.subscribe(None, 4096)));
    let subscribe = move |queue| locked(&first).take().unwrap_or_else(|| events.subscribe(None, queue));
    let task = tokio::spawn(notifier.run(subscribe, shutdown.clone()));
    Setup { bus, counts, shutdown, task }
}

fn change(id: &str, shed: &str, from: SessionStatus, to: SessionStatus) -> Event {
    let now = jiff::Timestamp::now();
    let session = serde_json::json!({
        "id": id, "name": "a b", "shed_name": shed, "created_at": now, "attached": false, "agent": "claude",
        "status": to, "status_changed_at": "2026-01-15T10:00:00Z", "status_detail": "Bash: make",
    });
    let session: Session = serde_json::from_value(session).unwrap();
    Event { session: Some(Box::new(session)), previous_status: Some(from), ..blank(EventType::SessionStatus) }
}

fn sent(counts: &Counts) -> [u64; 3] {
    [&counts.sent, &counts.failed, &counts.dropped].map(|count| count.load(std::sync::atomic::Ordering::Relaxed))
}

#[tokio::test]
async fn a_webhook_gets_signed_json() {
    let (receiver, url) = Receiver::start(&[]).await;
    let setup = start(&format!("[notify]\nlink = 'https://box/{{shed}}/{{session}}'\n[[notify.webhooks]]\nurl = '{url}'\nsecret = 'key'"));
    let published = setup.bus.publish(change("1", "demo", Running, WaitingPermission));
    let got = receiver.wait(1).await.remove(0);
    let expected = serde_json::json!({
        "id": published.event.id, "server": "box", "project": "demo", "session": "a b", "session_id": "1", "agent": "claude",
        "status": "waiting_permission", "previous": "running", "detail": "Bash: make", "since": "2026-01-15T10:00:00Z",
        "link": "https://box/demo/a%20b", "test": false,
    });
    assert_eq!(got.json(), expected);
    let timestamp = got.header("x-shed-timestamp");
    assert_eq!(got.header("x-shed-signature"), format!("sha256={}", sign(&Secret::new("key"), timestamp, &got.body)));
    assert_eq!(got.header("x-shed-delivery"), published.event.id);
    let age = jiff::Timestamp::now().as_second() - timestamp.parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{age}");
    setup.shutdown.cancel();
    setup.task.await.unwrap();
}

#[test]
fn the_signature_is_what_other_programs_compute() {
    // printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac key
    let digits = "80f7b75f8618b9b24d72673996a625f1a43f7387a26b6739d667431724fe4d23";
    assert_eq!(sign(&Secret::new("key"), "1767225600", br#"{"a":1}"#), digits);
}

#[tokio::test]
async fn ntfy_gets_words_a_priority_and_its_token() {
    let (receiver, url) = Receiver::start(&[]).await;
    let setup = start(&format!(
        "[notify]\nlink = 'https://box/{{shed}}'\n[[notify.ntfy]]\nurl = '{url}'\ntopic = 't'\npriority = 4\ntoken = 'tk_1'"
    ));
    setup.bus.publish(change("1", "demo", Running, WaitingInput));
    let got = receiver.wait(1).await.remove(0);
    let expected = serde_json::json!({
        "topic": "t", "title": "demo/a b waits for you", "message": "Bash: make", "tags": ["speech_balloon"], "priority": 4,
        "click": "https://box/demo",
    });
    assert_eq!(got.json(), expected);
    assert_eq!(got.header("authorization"), "Bearer tk_1");
}

#[tokio::test]
async fn faults_are_tried_again_and_refusals_are_not() {
    let (receiver, url) = Receiver::start(&[503, 429, 200, 400, 500, 500, 500, 500]).await;
    let setup = start(&format!("[[notify.webhooks]]\nurl = '{url}'"));
    for id in ["1", "2", "3", "4"] {
        setup.bus.publish(change(id, "demo", Running, Failed));
    }
    let got = receiver.wait(3 + 1 + 4 + 1).await;
    let ids: Vec<String> = got.iter().map(|got| got.json()["session_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["1", "1", "1", "2", "3", "3", "3", "3", "4"]);
    assert_eq!(got[0].header("x-shed-delivery"), got[2].header("x-shed-delivery"), "one message keeps its id");
    let wait = async {
        while sent(&setup.counts) != [2, 2, 0] {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.unwrap();
}

#[tokio::test]
async fn a_target_that_hangs_holds_up_nobody_and_what_is_too_much_is_dropped() {
    // Accepts connections and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (receiver, url) = Receiver::start(&[]).await;
    let hung = format!("http://{}/", silent.local_addr().unwrap());
    let setup = start(&format!("[[notify.webhooks]]\nurl = '{hung}'\n[[notify.webhooks]]\nurl = '{url}'"));
    for number in 0..400 {
        setup.bus.publish(change(&number.to_string(), "demo", Running, Completed));
        if number % 50 == 0 {
            receiver.wait(number).await;
        }
    }
    receiver.wait(400).await;
    assert!(sent(&setup.counts)[2] >= 198, "{:?}", sent(&setup.counts));
    setup.shutdown.cancel();
    tokio::time::timeout(DEADLINE, setup.task).await.unwrap().unwrap();
}

fn rule(text: &str) -> rule::Rule {
    target::targets(&config(&format!("[[notify.webhooks]]\nurl = 'http://127.0.0.1'\n{text}"))).unwrap().remove(0).rule
}

#[test]
fn rules_are_about_statuses_and_sheds() {
    let now = Instant::now();
    let wants = |text: &str, shed: &str, from, to| rule(text).wants(&change("1", shed, from, to), now);
    assert!(wants("", "demo", Running, WaitingInput));
    assert!(!wants("", "demo", WaitingInput, Running), "not among the defaults");
    assert!(!wants("", "demo", WaitingInput, WaitingInput), "only another detail");
    assert!(wants("on = ['running']", "demo", WaitingInput, Running));
    assert!(!wants("from = ['running']", "demo", WaitingInput, WaitingPermission));
    assert!(wants("sheds = ['d*', 'x']", "demo", Running, Failed));
    assert!(!wants("sheds = ['x']", "demo", Running, Failed));
    assert!(!wants("mute = ['de?o']", "demo", Running, Failed));
    let found = Event { kind: EventType::SessionCreated, ..change("1", "demo", Running, Failed) };
    assert!(!rule("").wants(&found, now), "what is found at the start is no news");
}

#[test]
fn the_same_status_is_told_again_only_after_the_cooldown() {
    let now = Instant::now();
    let mut rule = rule("cooldown_seconds = 10");
    let waits = change("1", "demo", Running, WaitingInput);
    assert!(rule.wants(&waits, now));
    assert!(!rule.wants(&waits, now + Duration::from_secs(9)));
    assert!(rule.wants(&change("2", "demo", Running, WaitingInput), now), "another session");
    assert!(rule.wants(&change("1", "demo", Running, Failed), now), "another status");
    assert!(rule.wants(&waits, now + Duration::from_secs(11)));
    assert_eq!(rule.told.len(), 1, "what is over is forgotten");
}

#[test]
fn wrong_entries_are_named_and_secrets_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let said: Vec<String> = [
        "[[notify.webhooks]]\nurl = 'ftp://secret'",
        "[[notify.webhooks]]\nurl = 'http://host/secret'\non = ['asleep']",
        "[[notify.webhooks]]\nurl = 'http://host/secret'\nsecret = 's'\nsecret_file = '/s'",
        "[[notify.webhooks]]\nurl = 'http://host/secret'\nsecret_file = '/nowhere/file'",
        "[[notify.ntfy]]\ntopic = 'secret'\npriority = 6",
    ]
    .into_iter()
    .map(|text| Notifier::new(&config(text), "box".into()).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    the url of webhook 1 is no http or https address
    webhook 1 (http://host) names a status that is not known
    webhook 1 has both a secret and a file for it
    can't read `/nowhere/file` for webhook 1: No such file or directory (os error 2)
    the priority of ntfy 1 is not between 1 and 5
    ");
    let file = dir.path().join("key");
    std::fs::write(&file, "key\n").unwrap();
    let text = format!("[[notify.webhooks]]\nurl = 'https://host/secret'\nsecret_file = '{}'", file.display());
    let shown = format!("{:?} {:?}", config(&text), Notifier::new(&config(&text), "box".into()).unwrap());
    assert!(shown.contains("webhook 1 (https://host)") && !shown.contains("secret\""), "{shown}");
}

#[tokio::test]
async fn a_test_says_what_worked() {
    let (receiver, url) = Receiver::start(&[]).await;
    let text = format!("[[notify.webhooks]]\nurl = '{url}'\n[[notify.ntfy]]\nurl = 'http://127.0.0.1:1'\ntopic = 't'");
    let results = Notifier::new(&config(&text), "box".into()).unwrap().test().await;
    assert_eq!(results.len(), 2);
    assert_eq!(results[0], ("webhook 1 (http://127.0.0.1)".to_owned(), Ok(())));
    assert!(results[1].1.as_ref().unwrap_err().contains("refused"), "{results:?}");
    assert_eq!(receiver.wait(1).await[0].json()["test"], true);
}

#[test]
fn the_guides_configuration_is_valid() {
    let guide = include_str!("../../../../docs/notify.md");
    let toml = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let config = config(toml);
    assert_eq!((config.webhooks.len(), config.ntfy.len()), (1, 1));
    let short: Config = toml::from_str("[[notify.webhooks]]\nurl = 'http://a'").unwrap();
    assert_eq!(config.webhooks[0].on, short.notify.webhooks[0].on, "the default, as it says");
}
