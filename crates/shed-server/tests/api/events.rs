//! The stream of events: what is in it, who is let in, and what becomes of those who don't read.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use futures_util::StreamExt;
use serde_json::Value;
use shed_core::wire::{Event, EventType, Session, SessionStatus};
use shed_server::{
    api,
    events::{Bus, blank},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::harness::Api;

/// Only so that a fault ends the test instead of hanging it.
const AT_MOST: Duration = Duration::from_secs(60);

fn about(kind: EventType, shed: &str) -> Event {
    Event { shed_name: Some(shed.to_owned()), ..blank(kind) }
}

/// One block of a stream: its fields, of which a comment's name is empty.
type Block = HashMap<String, String>;

/// A stream under way.
struct Stream {
    body: axum::body::BodyDataStream,
    read: String,
}

impl Stream {
    fn of(response: Response) -> Self {
        assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"text/event-stream".parse().unwrap()));
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    async fn open(api: &Api, query: &str) -> Self {
        Self::of(api.open(api.request("GET", &format!("/api/events{query}")).body(Body::empty()).unwrap()).await)
    }

    async fn resumed(api: &Api, query: &str, last_id: &str) -> Self {
        let request = api.request("GET", &format!("/api/events{query}")).header("last-event-id", last_id);
        Self::of(api.open(request.body(Body::empty()).unwrap()).await)
    }

    async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let fields = block.lines().map(|line| line.split_once(": ").or_else(|| line.split_once(':')).unwrap());
                let block = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                self.read = rest.to_owned();
                return Some(block);
            }
            let chunk = timeout(AT_MOST, self.body.next()).await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The type and shed of the next event.
    async fn event(&mut self) -> String {
        let block = self.block().await.unwrap();
        let data: Value = serde_json::from_str(&block["data"]).unwrap();
        assert_eq!((block["event"].as_str(), block["id"].as_str()), (data["type"].as_str().unwrap(), data["id"].as_str().unwrap()));
        format!("{} {}", block["event"], data["shed_name"].as_str().unwrap_or("-"))
    }
}

#[tokio::test]
async fn events_come_in_order_with_their_ids_after_a_first_sign_of_life() {
    let api = Api::new();
    api.events.publish(about(EventType::ShedCreated, "before"));
    let mut stream = Stream::open(&api, "").await;
    let first = stream.block().await.unwrap();
    assert_eq!((first[""].as_str(), first["id"].as_str()), ("connected", api.events.last_id().as_str()));
    assert!(!first.contains_key("data"), "which is no event, and yet is where to come back to");
    let session: Session = serde_json::from_value(serde_json::json!({
        "id": "1", "name": "line\nbreak", "shed_name": "a", "created_at": "2026-01-25T10:00:00Z", "attached": false, "status": "waiting_input",
    }))
    .unwrap();
    let status = Event {
        session: Some(Box::new(session.clone())),
        previous_status: Some(SessionStatus::Running),
        duration_ms: Some(1500),
        ..about(EventType::SessionStatus, "a")
    };
    api.events.publish(about(EventType::ShedStarted, "a"));
    let published = api.events.publish(status);
    assert_eq!(stream.event().await, "shed.started a");
    let block = stream.block().await.unwrap();
    assert_eq!(serde_json::from_str::<Event>(&block["data"]).unwrap(), published.event);
}

#[tokio::test]
async fn filters_leave_out_what_is_not_wanted() {
    let api = Api::new();
    let mut stream = Stream::open(&api, "?shed=a,b&type=session.status,shed.*").await;
    stream.block().await.unwrap();
    for (kind, shed) in
        [(EventType::SessionStatus, "a"), (EventType::SessionStatus, "c"), (EventType::SessionUpdated, "a"), (EventType::ShedDeleted, "b")]
    {
        api.events.publish(about(kind, shed));
    }
    assert_eq!(stream.event().await, "session.status a");
    assert_eq!(stream.event().await, "shed.deleted b");
}

#[tokio::test]
async fn a_reader_that_comes_back_misses_nothing_or_is_told_to_begin_anew() {
    let api = Api::new();
    let first = api.events.publish(about(EventType::ShedStarted, "a")).event.id.clone();
    api.events.publish(about(EventType::ShedStarted, "b"));
    api.events.publish(about(EventType::ShedStarted, "c"));
    for mut stream in [
        Stream::resumed(&api, "", &first).await,
        Stream::open(&api, &format!("?last_event_id={first}")).await,
        Stream::resumed(&api, "?last_event_id=older-1", &first).await,
    ] {
        assert!(!stream.block().await.unwrap().contains_key("id"));
        assert_eq!(stream.event().await, "shed.started b");
        assert_eq!(stream.event().await, "shed.started c");
    }
    let mut stream = Stream::resumed(&api, "?shed=a&type=session.*", "another-1").await;
    stream.block().await.unwrap();
    let reset = stream.block().await.unwrap();
    assert_eq!((reset["event"].as_str(), &reset["id"]), ("reset", &api.events.last_id()));
    assert!(reset["data"].contains("read the lists again"));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_the_stream_begins() {
    let api = Api::new();
    for (path, code, hint) in [
        ("/api/events?type=session.new", "INVALID_REQUEST", "session.status"),
        ("/api/events?type=", "INVALID_REQUEST", "shed.*"),
        ("/api/events?shed=No", "INVALID_SHED_NAME", ""),
        ("/api/events?sheds=a", "INVALID_REQUEST", "/openapi.yaml"),
    ] {
        let answer = api.call("GET", path).await;
        assert_eq!(answer.code(), code, "{path}");
        assert!(answer.value()["error"]["hint"].as_str().unwrap_or_default().contains(hint), "{path}: {answer:?}");
    }
    let answer = api.send(api.anonymous("GET", "/api/events").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "UNAUTHORIZED");
}

#[tokio::test]
async fn streams_are_limited_and_free_their_place() {
    let api = Api::new();
    let mut open = Vec::new();
    let refused = loop {
        let response = api.open(api.request("GET", "/api/events").body(Body::empty()).unwrap()).await;
        if response.status() != 200 {
            break response;
        }
        open.push(response);
    };
    assert_eq!((refused.status().as_u16(), open.len()), (429, 256));
    open.pop();
    Stream::open(&api, "").await.block().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_is_alive_and_where_it_is() {
    let api = Api::new();
    let mut stream = Stream::open(&api, "?shed=a").await;
    stream.block().await.unwrap();
    api.events.publish(about(EventType::ShedStarted, "b"));
    for _ in 0..3 {
        let began = tokio::time::Instant::now();
        let block = stream.block().await.unwrap();
        assert_eq!((block[""].as_str(), &block["id"]), ("keep-alive", &api.events.last_id()));
        assert_eq!(began.elapsed(), Duration::from_secs(15));
    }
}

/// A stream of events on a socket, whose beginning has been read.
async fn connect(address: std::net::SocketAddr, token: &str) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let request = format!("GET /api/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut line = String::new();
    while !line.contains(": connected") {
        line.clear();
        assert_ne!(timeout(AT_MOST, stream.read_line(&mut line)).await.unwrap().unwrap(), 0);
    }
    stream
}

/// A big event, so that the kernel's buffers are soon full.
fn big(bus: &Bus) {
    let reason = Some("x".repeat(64 * 1024));
    bus.publish(Event { reason, ..about(EventType::ShedUpdated, "a") });
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_with_a_reason_and_holds_up_nobody() {
    let api = Api::new();
    let (listener, shutdown) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), CancellationToken::new());
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(api::serve(listener, api.router(), shutdown.clone()));
    let mut slow = connect(address, &api.token).await;
    let mut quick = connect(address, &api.token).await;
    let bus = Arc::clone(&api.events);
    let mut line = String::new();
    // The quick one is given the time to read each event; the slow one reads nothing.
    for number in 1..=512 {
        big(&bus);
        let wanted = format!("id: {}", bus.last_id());
        while line.trim_end() != wanted {
            line.clear();
            assert_ne!(timeout(AT_MOST, quick.read_line(&mut line)).await.unwrap().unwrap(), 0, "cut off at {number}");
        }
    }
    let mut read = String::new();
    timeout(AT_MOST, slow.read_to_string(&mut read)).await.unwrap().unwrap();
    let last = read.trim_end().rsplit("event: ").next().unwrap();
    assert!(last.starts_with("reset\n") && last.contains("too slow"), "{last}");
    assert!(read.len() < 64 << 20);
    // A stream does not hold up the end of the server.
    shutdown.cancel();
    timeout(AT_MOST, serving).await.unwrap().unwrap();
    let mut rest = Vec::new();
    timeout(AT_MOST, quick.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(
        rest.ends_with(b"0\r\n\r\n"),
        "the stream was ended, not torn off: {}",
        String::from_utf8_lossy(&rest[rest.len().saturating_sub(80)..])
    );
}
