//! The stream of events against a small server of its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use shed_client::{Client, EventQuery, Follow, Followed};
use shed_core::wire::EventType;
use tokio::net::TcpListener;

/// Only so that a fault ends the test instead of hanging it.
const AT_MOST: Duration = Duration::from_secs(30);

const CONNECTED: &str = ": connected\nid: a-1\n\n";

/// A server whose streams are the given texts, one after another, and then none. What it was asked is written down.
async fn serve(streams: &[&'static str]) -> (Client, Arc<Mutex<Vec<String>>>) {
    let streams: Arc<Mutex<VecDeque<&'static str>>> = Arc::new(Mutex::new(streams.iter().copied().collect()));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let answer = async move |request: Request| -> Response {
        let id = request.headers().get("last-event-id").map_or("-", |id| id.to_str().unwrap());
        log.lock().unwrap().push(format!("{} {id}", request.uri()));
        let next = streams.lock().unwrap().pop_front();
        match next {
            Some(text) => ([(header::CONTENT_TYPE, "text/event-stream")], text).into_response(),
            None => StatusCode::BAD_GATEWAY.into_response(),
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/api/events", get(answer))).await });
    (Client::new(&url, None).unwrap(), asked)
}

async fn next(follow: &mut Follow) -> String {
    match tokio::time::timeout(AT_MOST, follow.next()).await.unwrap() {
        Followed::Connected { again } => format!("connected {again}"),
        Followed::Event(event) => format!("{} {}", event.kind.as_str(), event.id),
        Followed::Disconnected(error) => format!("disconnected: {error}").split(" at http").next().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_follower_comes_back_with_the_last_id() {
    let first = concat!(
        ": connected\nid: a-1\n\n",
        "event: shed.started\nid: a-2\ndata: {\"id\":\"a-2\",\"type\":\"shed.started\",\"at\":\"2026-01-25T10:00:00Z\",\"shed_name\":\"x\"}\n\n",
        "event: shed.new\nid: a-3\ndata: {\"id\":\"a-3\",\"type\":\"shed.new\",\"at\":\"2026-01-25T10:00:00Z\",\"newer\":1}\n\n",
        ": keep-alive\nid: a-9\n\n"
    );
    let (client, asked) = serve(&[first, CONNECTED]).await;
    let query = EventQuery { sheds: vec!["x".into(), "y".into()], types: vec![EventType::ShedStarted, EventType::Reset], last_id: None };
    let mut follow = Follow::new(client, query);
    let mut seen = Vec::new();
    for _ in 0..8 {
        seen.push(next(&mut follow).await);
    }
    let expected = [
        "connected false",
        "shed.started a-2",
        "unknown a-3",
        "disconnected: server",
        "connected true",
        "disconnected: server",
        "disconnected: server",
        "disconnected: server",
    ];
    assert_eq!(seen, expected);
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], "/api/events?shed=x%2Cy&type=shed.started%2Creset -");
    assert!(asked[1].ends_with(" a-9"), "a comment's id counts: {asked:?}");
}

#[tokio::test]
async fn what_is_no_event_ends_the_stream_with_a_reason() {
    let (client, _) = serve(&["event: reset\ndata: {}\n\n", "event: reset\ndata: "]).await;
    let mut stream = client.events(&EventQuery::default()).await.unwrap();
    assert!(stream.next().await.unwrap_err().to_string().contains("event `reset`"));
    let mut stream = client.events(&EventQuery::default()).await.unwrap();
    assert_eq!(stream.next().await.unwrap(), None, "half an event is none");
    let error = client.events(&EventQuery::default()).await.unwrap_err();
    assert!(error.to_string().contains("502"), "{error}");
}
