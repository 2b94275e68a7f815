//! Commands and lists.

use std::time::Duration;

use hyper::StatusCode;
use shed_core::guest::{Hello, RunAnswer, SnapshotHead, SnapshotProblem, frame};

use crate::common::{Guest, PATIENCE, ended, full, long, run, sleeps, soon, text, until};

#[tokio::test]
async fn says_who_it_is() {
    let guest = Guest::new().await;
    let hello: Hello = serde_json::from_slice(&guest.get("/hello").await.1).unwrap();
    assert_eq!(hello.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(Some(hello.pid), guest.child.id());
    assert!(hello.tmux.unwrap().starts_with("tmux "));
    assert_eq!(guest.get("/else").await.0, StatusCode::NOT_FOUND);
    assert_eq!(guest.send("GET", "/run", full("")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn commands_run_with_their_input_and_tell_how_they_end() {
    let guest = Guest::new().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    assert_eq!(guest.run(&["cat"], &bytes, PATIENCE).await, (ended(0, bytes.len()), bytes, Vec::new()));
    let (answer, stdout, stderr) = guest.run(&["sh", "-c", "echo out; echo err >&2; exit 7"], b"", PATIENCE).await;
    assert_eq!((answer, stdout.as_slice(), stderr.as_slice()), (ended(7, 4), &b"out\n"[..], &b"err\n"[..]));
    assert_eq!(guest.run(&["sh", "-c", "kill -9 $$"], b"", PATIENCE).await.0, ended(137, 0));
    assert_eq!(guest.run(&["no-such-program"], b"", PATIENCE).await.0, RunAnswer::NotFound);
    assert_eq!(guest.run(&[], b"", PATIENCE).await.0, RunAnswer::NotFound);
    assert!(matches!(guest.run(&["/"], b"", PATIENCE).await.0, RunAnswer::Failed(_)));
}

#[tokio::test]
async fn a_deadline_ends_a_command_with_all_that_it_started() {
    let (guest, long) = (Guest::new().await, long());
    let (answer, ..) = guest.run(&["sh", "-c", &format!("sleep {long} & sleep {long}")], b"", Duration::from_millis(300)).await;
    assert_eq!(answer, RunAnswer::TimedOut);
    until(async || !sleeps(&long).await).await;
}

#[tokio::test]
async fn a_command_whose_request_was_cut_off_is_killed() {
    let (guest, long) = (Guest::new().await, long());
    let task = guest.start(&format!("exec sleep {long}"));
    until(async || sleeps(&long).await).await;
    task.abort();
    until(async || !sleeps(&long).await).await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_the_rest_goes_on() {
    let guest = Guest::new().await;
    let (answer, ..) = guest.run(&["sh", "-c", "head -c 70000000 /dev/zero"], b"", PATIENCE).await;
    assert!(matches!(&answer, RunAnswer::Failed(text) if text.contains("too much")), "{answer:?}");
    let mut long = 1_u32.to_be_bytes().to_vec();
    long.extend(u32::MAX.to_be_bytes());
    assert_eq!(guest.send("POST", "/run", full(long)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    for bytes in [b"".as_slice(), b"abc", &[0, 0, 0, 2, 0, 0, 0, 0, b'{', b'}'], &[0, 0, 0, 3, 0, 0, 0, 0, b'{', b'}']] {
        let answer = guest.send("POST", "/run", full(bytes.to_vec())).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{bytes:?}: {}", text(answer.into_body()).await);
    }
    assert_eq!(guest.run(&["echo"], b"", PATIENCE).await.0, ended(0, 1));
}

#[tokio::test]
async fn two_hundred_calls_at_once_are_all_answered() {
    let guest = Guest::new().await;
    guest.by_hand(&["new-session", "-d", "-s", "a"]).await;
    let calls: Vec<_> = (0..200)
        .map(|number: u32| {
            let http = guest.http.clone();
            let call =
                async move { run(http, &["tmux", "display-message", "-p", &format!("{number} #{{session_name}}")], b"", PATIENCE).await };
            (number, tokio::spawn(call))
        })
        .collect();
    for (number, call) in calls {
        let (answer, stdout, _) = soon(call).await.unwrap();
        let text = format!("{number} a\n");
        assert_eq!((answer, stdout), (ended(0, text.len()), text.into_bytes()));
    }
}

#[tokio::test]
async fn lists_have_rising_numbers_and_what_was_there_when_they_were_asked_for() {
    let guest = Guest::new().await;
    let (first, sessions) = guest.list().await;
    assert_eq!((first.problem, sessions.len()), (None, 0));
    let mut last = first.seq;
    for round in 1..=20 {
        guest.by_hand(&["new-session", "-d", "-s", &format!("s{round}")]).await;
        let mut seen = last;
        let (one, two, three) = tokio::join!(guest.list(), guest.list(), guest.list());
        for (head, sessions) in [one, two, three] {
            assert!(head.seq > last && sessions.len() == round);
            seen = seen.max(head.seq);
        }
        last = seen;
    }
}

#[tokio::test]
async fn without_tmux_the_list_says_so() {
    let empty = tempfile::tempdir().unwrap();
    let guest = Guest::with_path(empty.path()).await;
    let (head, output): (SnapshotHead, _) = frame::decode(&guest.get("/list").await.1).unwrap();
    assert_eq!((head.problem, output.len()), (Some(SnapshotProblem::NoTmux), 0));
    let hello: Hello = serde_json::from_slice(&guest.get("/hello").await.1).unwrap();
    assert_eq!(hello.tmux, None);
    assert_eq!(guest.run(&["tmux"], b"", PATIENCE).await.0, RunAnswer::NotFound);
}
