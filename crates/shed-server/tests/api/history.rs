//! Figures and events over HTTP.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shed_core::wire::{Event, EventType};
use shed_server::events::blank;

use crate::harness::Api;

/// An event of a session of `shed`, so many minutes ago.
fn event(kind: EventType, shed: &str, status: &str, minutes: i64) -> Event {
    let ago = |minutes| Timestamp::now() - SignedDuration::from_mins(minutes);
    let session = json!({
        "id": shed, "name": "x", "shed_name": shed, "created_at": ago(100), "attached": false, "agent": "claude",
        "status": status, "status_changed_at": ago(minutes), "status_detail": "Bash",
    });
    Event { at: ago(minutes), session: Some(Box::new(serde_json::from_value(session).unwrap())), ..blank(kind) }
}

fn api() -> Api {
    let api = Api::new();
    let events = [
        event(EventType::SessionCreated, "a", "running", 100),
        event(EventType::SessionCreated, "b", "waiting_input", 50),
        event(EventType::SessionStatus, "a", "failed", 40),
    ];
    api.store.record_events(&events).unwrap();
    api
}

#[tokio::test]
async fn p73_p75_p79_figures_of_a_time_by_shed() {
    let answer = api().call("GET", "/api/stats?since=2h&by=shed").await.value();
    assert_eq!(answer["total"]["sessions_started"], 2);
    assert_eq!(answer["total"]["sessions_failed"], 1);
    let (a, b) = (&answer["groups"][0], &answer["groups"][1]);
    assert_eq!((&a["key"], &b["key"]), (&json!("a"), &json!("b")));
    assert_eq!(a["working_seconds"].as_f64().unwrap().round(), 3600.0);
    assert_eq!(b["waiting_seconds"].as_f64().unwrap().round(), 3000.0);
    let later = api().call("GET", "/api/stats?since=45m&shed=a&agent=claude").await.value();
    assert_eq!((&later["total"]["sessions_started"], &later["total"]["sessions_ended"]), (&json!(0), &json!(1)));
    assert_eq!(later["total"]["working_seconds"].as_f64().unwrap().round(), 300.0);
}

#[tokio::test]
async fn p76_events_come_newest_first_and_in_pages() {
    let api = api();
    let first = api.call("GET", "/api/history?limit=2").await.value();
    assert_eq!((&first["events"][0]["type"], &first["events"][0]["to"]), (&json!("session.status"), &json!("failed")));
    assert_eq!(first["events"][0]["duration_ms"].as_f64().map(|ms| (ms / 1000.0).round()), Some(3600.0));
    assert_eq!(first["events"][1]["shed_name"], "b");
    let next = api.call("GET", &format!("/api/history?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await.value();
    assert_eq!((next["events"].as_array().unwrap().len(), &next["next_cursor"]), (1, &json!(null)));
    let some = api.call("GET", "/api/history?type=session.created&shed=b&session=x&since=today&until=now").await;
    assert_eq!(some.status, 200, "{some:?}");
    let none = api.call("GET", "/api/history?until=2000-01-01").await.value();
    assert_eq!(none, json!({ "events": [], "next_cursor": null }));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_way_out() {
    let api = api();
    for query in [
        "stats?since=soon",
        "stats?by=colour",
        "stats?since=1h&until=2h",
        "stats?since=2999-01-01",
        "history?limit=0",
        "history?limit=1001",
        "history?type=session.new",
        "history?type=reset",
        "history?cursor=x",
        "history?colour=1",
    ] {
        let answer = api.call("GET", &format!("/api/{query}")).await;
        assert_eq!(answer.code(), "INVALID_REQUEST", "{query}");
        assert!(answer.value()["error"]["hint"].is_string() || answer.body.contains("write it like"), "{query} {answer:?}");
    }
    assert_eq!(api.call("GET", "/api/stats?shed=A").await.code(), "INVALID_SHED_NAME");
    assert_eq!(api.send(api.anonymous("GET", "/api/stats").body(axum::body::Body::empty()).unwrap()).await.code(), "UNAUTHORIZED");
}
