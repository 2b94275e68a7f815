//! What the programs in sessions use.

#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

use hyper::StatusCode;
use shed_core::guest::Processes;

use crate::common::{Guest, until};

async fn measure(guest: &Guest, query: &str) -> Processes {
    let (status, bytes) = guest.get(&format!("/processes{query}")).await;
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn d40_processor_memory_and_processes_of_each_session() {
    let guest = Guest::new().await;
    assert_eq!(measure(&guest, "").await, Processes::default());
    guest.by_hand(&["new-session", "-d", "-s", "busy", "sh -c 'while :; do :; done'"]).await;
    guest.by_hand(&["new-session", "-d", "-s", "idle", "sleep 3600"]).await;
    guest.by_hand(&["split-window", "-t", "=idle:", "sh -c '(sleep 3600 &); sleep 3600; true'"]).await;
    let ids = guest.by_hand(&["list-sessions", "-F", "#{session_id}"]).await;
    let ids: Vec<&str> = ids.lines().collect();
    until(async || {
        let got = measure(&guest, "?sample_ms=300").await.sessions;
        let busy = got.iter().find(|session| session.tmux_id == ids[0]).unwrap();
        let idle = got.iter().find(|session| session.tmux_id == ids[1]).unwrap();
        // tmux runs a command line through a shell; dash replaces itself, other shells stay beside it.
        let many = busy.processes >= 1 && idle.processes >= 4;
        many && busy.cpu_percent > 5.0 && busy.cpu_percent > 5.0 * idle.cpu_percent && idle.memory_bytes > 100_000
    })
    .await;
    guest.by_hand(&["kill-session", "-t", "=busy"]).await;
    until(async || measure(&guest, "?sample_ms=0").await.sessions.len() == 1).await;
    assert_eq!(guest.get("/processes?sample_ms=5001").await.0, StatusCode::BAD_REQUEST);
}
