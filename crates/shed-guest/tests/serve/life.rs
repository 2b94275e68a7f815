//! When the guest ends, and what ends with it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{Guest, PATIENCE, ended, long, sleeps, soon, spawn, until};

#[tokio::test]
async fn the_end_of_its_input_ends_it_and_what_it_runs() {
    let (mut guest, long) = (Guest::new().await, long());
    let task = guest.start(&format!("sleep {long} & sleep {long}"));
    until(async || sleeps(&long).await).await;
    guest.hang_up();
    assert!(soon(guest.child.wait()).await.unwrap().success());
    until(async || !sleeps(&long).await).await;
    assert!(soon(task).await.is_err());
}

#[tokio::test]
async fn a_session_outlives_the_guest_that_made_it() {
    let mut guest = Guest::new().await;
    guest.run(&["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "kept"], b"", PATIENCE).await;
    guest.hang_up();
    soon(guest.child.wait()).await.unwrap();
    assert_eq!(guest.by_hand(&["list-sessions", "-F", "#{session_name}"]).await, "kept\n");
}

#[tokio::test]
async fn it_ends_also_while_nobody_reads_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, mut stdin, stdout) = spawn(dir.path(), &[]);
    // Pings, each of which is answered, until the answers fill the pipe and nothing more is read.
    let mut preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    preface.extend(b"\0\0\x08\x06\0\0\0\0\0ping-ing".repeat(100));
    stdin.write_all(&preface).await.unwrap();
    let pings = b"\0\0\x08\x06\0\0\0\0\0ping-ing".repeat(1000);
    while let Ok(written) = tokio::time::timeout(Duration::from_millis(500), stdin.write_all(&pings)).await {
        written.unwrap();
    }
    drop(stdin);
    soon(child.wait()).await.unwrap();
    drop(stdout);
}

#[tokio::test]
async fn garbage_ends_it_without_a_panic() {
    for garbage in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 300], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"]
    {
        let dir = tempfile::tempdir().unwrap();
        let (mut child, mut stdin, mut stdout) = spawn(dir.path(), &[]);
        stdin.write_all(garbage).await.unwrap();
        let mut said = Vec::new();
        soon(stdout.read_to_end(&mut said)).await.unwrap();
        assert_eq!(soon(child.wait()).await.unwrap().code(), Some(1), "{garbage:?}");
    }
}

#[tokio::test]
async fn requests_that_are_cut_off_by_the_thousand_leave_nothing_behind() {
    let (guest, long) = (Guest::new().await, long());
    for _ in 0..10 {
        let calls: Vec<_> = (0..100).map(|_| guest.start(&format!("exec sleep {long}"))).collect();
        // Not a command: those wait for a place among the 32 that run.
        guest.list().await;
        calls.iter().for_each(tokio::task::JoinHandle::abort);
    }
    until(async || !sleeps(&long).await).await;
    assert_eq!(guest.run(&["true"], b"", PATIENCE).await.0, ended(0, 0));
    assert!(guest.resident_kib() < 16 * 1024, "{} KiB", guest.resident_kib());
}
