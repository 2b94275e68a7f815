//! Connections to ports in the shed.

#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt, StreamBody};
use hyper::{Response, StatusCode, body::Frame, body::Incoming};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::common::{Guest, PATIENCE, SentBody, ended, full, soon, text, until};

/// A body that is written step by step.
fn written() -> (mpsc::Sender<io::Result<Bytes>>, SentBody) {
    let (sender, mut receiver) = mpsc::channel::<io::Result<Bytes>>(1);
    let stream = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx).map(|bytes| bytes.map(|bytes| bytes.map(Frame::data))));
    (sender, StreamBody::new(stream).boxed_unsync())
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let path = format!("/relay?port={}", listener.local_addr().unwrap().port());
    (listener, path)
}

/// A relay and the program's end of it.
async fn relay(guest: &Guest) -> (mpsc::Sender<io::Result<Bytes>>, Response<Incoming>, TcpStream) {
    let (listener, path) = listener().await;
    let (sender, body) = written();
    let answer = guest.send("POST", &path, body).await;
    assert_eq!(answer.status(), StatusCode::OK);
    (sender, answer, soon(listener.accept()).await.unwrap().0)
}

#[tokio::test]
async fn bytes_go_both_ways_unchanged_and_each_end_is_told_by_itself() {
    let guest = Guest::new().await;
    let (sender, answer, program) = relay(&guest).await;
    let (mut from, mut to) = program.into_split();
    let bytes: Bytes = (0..=255).cycle().take(3_000_000).collect::<Vec<u8>>().into();
    let sent = bytes.clone();
    let up = async move {
        for part in sent.chunks(100_000) {
            sender.send(Ok(Bytes::copy_from_slice(part))).await.unwrap();
        }
        // Dropped here: the program sees the end and can still answer.
    };
    let echo = async move {
        let mut got = Vec::new();
        from.read_to_end(&mut got).await.unwrap();
        to.write_all(&got).await.unwrap();
    };
    let down = async { answer.into_body().collect().await.unwrap().to_bytes() };
    let ((), (), got) = soon(async { tokio::join!(up, echo, down) }).await;
    assert!(got == bytes);
}

#[tokio::test]
async fn a_program_that_ends_its_side_first_is_still_written_to() {
    let guest = Guest::new().await;
    let (sender, answer, mut program) = relay(&guest).await;
    program.write_all(b"bye").await.unwrap();
    program.shutdown().await.unwrap();
    assert_eq!(text(answer.into_body()).await, "bye");
    sender.send(Ok(Bytes::from_static(b"after"))).await.unwrap();
    drop(sender);
    let mut got = String::new();
    soon(program.read_to_string(&mut got)).await.unwrap();
    assert_eq!(got, "after");
}

#[tokio::test]
async fn who_reads_slowly_holds_up_its_sender_and_nobody_else() {
    let guest = Guest::new().await;
    let (sender, answer, mut program) = relay(&guest).await;
    // The kernel's buffers, the guest's and the windows hold a few megabytes; then it stands.
    let chunk = vec![7; 1 << 20];
    let mut flood = Box::pin(async { while program.write_all(&chunk).await.is_ok() {} });
    assert!(tokio::time::timeout(std::time::Duration::from_secs(1), &mut flood).await.is_err());
    assert_eq!(guest.list().await.1.len(), 0);
    assert!(guest.resident_kib() < 32 * 1024, "{} KiB", guest.resident_kib());
    // Nobody reads it any more: the program is told.
    drop((answer, sender));
    soon(flood).await;
}

#[tokio::test]
async fn a_hundred_ends_that_read_nothing_hold_up_nobody_else() {
    let guest = Guest::new().await;
    let (listener, path) = listener().await;
    let part = Bytes::from(vec![7; 1 << 20]);
    let mut open = Vec::new();
    for _ in 0..100 {
        let (sender, body) = written();
        // Both directions are filled, and neither end reads.
        sender.send(Ok(part.clone())).await.unwrap();
        let answer = guest.send("POST", &path, body).await;
        let (mut program, part) = (soon(listener.accept()).await.unwrap().0, part.clone());
        let flood = tokio::spawn(async move { while program.write_all(&part).await.is_ok() {} });
        open.push((sender, answer, flood));
    }
    assert_eq!(guest.run(&["echo"], &part, PATIENCE).await.0, ended(0, 1));
    assert_eq!(guest.list().await.1.len(), 0);
    assert!(guest.resident_kib() < 64 * 1024, "{} KiB", guest.resident_kib());
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_connection() {
    let guest = Guest::new().await;
    let (sender, answer, mut program) = relay(&guest).await;
    program.write_all(b"x").await.unwrap();
    drop(answer);
    drop(sender);
    let mut buffer = [0; 8];
    // An end or a reset: both say that it is over.
    assert!(matches!(soon(program.read(&mut buffer)).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_end_to_the_program() {
    let guest = Guest::new().await;
    let (sender, answer, mut program) = relay(&guest).await;
    sender.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
    soon(program.read_exact(&mut [0; 4])).await.unwrap();
    sender.send(Err(io::Error::other("cut off"))).await.unwrap();
    assert!(soon(program.read(&mut [0; 4])).await.is_err());
    drop(answer);
}

#[tokio::test]
async fn ports_that_nobody_listens_on_and_numbers_that_are_none_are_refused() {
    let guest = Guest::new().await;
    let (listener, path) = listener().await;
    drop(listener);
    let answer = guest.send("POST", &path, full("")).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(text(answer.into_body()).await.contains("refused"));
    for path in ["/relay", "/relay?port=0", "/relay?port=65536", "/relay?port=x"] {
        assert_eq!(guest.send("POST", path, full("")).await.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn a_server_on_the_other_loopback_is_found() {
    let guest = Guest::new().await;
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_sender, body) = written();
    assert_eq!(guest.send("POST", &format!("/relay?port={port}"), body).await.status(), StatusCode::OK);
    soon(listener.accept()).await.unwrap();
}

#[tokio::test]
async fn more_connections_than_a_guest_takes_are_refused_and_places_come_back() {
    let guest = Guest::new().await;
    let (listener, path) = listener().await;
    let mut open = Vec::new();
    for _ in 0..128 {
        let (sender, body) = written();
        open.push((sender, guest.send("POST", &path, body).await, soon(listener.accept()).await.unwrap()));
    }
    assert!(open.iter().all(|(_, answer, _)| answer.status() == StatusCode::OK));
    assert_eq!(guest.send("POST", &path, full("")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(guest.list().await.1.len(), 0);
    open.clear();
    until(async || guest.send("POST", &path, full("")).await.status() == StatusCode::OK).await;
}
