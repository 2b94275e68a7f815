//! Snapshots after every change.

#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

use std::process::Stdio;

use hyper::StatusCode;
use shed_tmux::{SessionInfo, WATCH_CHANNEL};
use tokio::process::Command;

use crate::common::{Guest, Watch, dial, full, send, until};

fn names(sessions: &[SessionInfo]) -> Vec<&str> {
    sessions.iter().map(|session| session.name.as_str()).collect()
}

/// A watched session `a`, and the watch after its first snapshot.
async fn watched() -> (Guest, Watch) {
    let guest = Guest::new().await;
    guest.by_hand(&["new-session", "-d", "-s", "a"]).await;
    let mut watch = Watch::of(&guest).await;
    watch.until(|sessions| names(sessions) == ["a"]).await;
    (guest, watch)
}

/// How many tmux clients wait for changes of this guest's tmux.
async fn waiting(guest: &Guest) -> usize {
    let mine = format!("TMUX_TMPDIR={}", guest.dir.path().display());
    let found = Command::new("pgrep").args(["-f", &format!("^tmux .*wait-for {WATCH_CHANNEL}")]).output().await.unwrap();
    let pids = String::from_utf8(found.stdout).unwrap();
    let of_this =
        |pid: &str| std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|env| env.split(|b| *b == 0).any(|v| v == mine.as_bytes()));
    pids.lines().filter(|pid| of_this(pid)).count()
}

#[tokio::test]
async fn every_kind_of_change_by_hand_is_told() {
    let (guest, mut watch) = watched().await;
    guest.by_hand(&["new-session", "-d", "-s", "b"]).await;
    watch.until(|sessions| names(sessions) == ["a", "b"]).await;
    guest.by_hand(&["rename-session", "-t", "=b", "c"]).await;
    watch.until(|sessions| names(sessions) == ["a", "c"]).await;
    guest.by_hand(&["kill-session", "-t", "=c"]).await;
    watch.until(|sessions| names(sessions) == ["a"]).await;

    guest.by_hand(&["new-window", "-d", "-t", "=a:"]).await;
    watch.until(|sessions| sessions[0].windows == 2).await;
    guest.by_hand(&["kill-window", "-t", "=a:1"]).await;
    watch.until(|sessions| sessions[0].windows == 1).await;
    guest.by_hand(&["set-option", "-t", "=a:", "@shed_labels", r#"{"k":"v"}"#]).await;
    watch.until(|sessions| sessions[0].labels.get("k").is_some_and(|value| value == "v")).await;
    guest.by_hand(&["set-option", "-t", "=a:", "@shed_status", "waiting_input"]).await;
    watch.until(|sessions| sessions[0].agent.status.is_some()).await;

    let mut client = Command::new("tmux");
    client.args(["-C", "attach", "-t", "=a"]).env("TMUX_TMPDIR", guest.dir.path()).env_remove("TMUX").kill_on_drop(true);
    let mut client = client.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    watch.until(|sessions| sessions[0].attached_clients == 1).await;
    client.kill().await.unwrap();
    watch.until(|sessions| sessions[0].attached_clients == 0).await;

    let pid = guest.list().await.1[0].pid;
    guest.by_hand(&["split-window", "-t", "=a:", "sleep 3600"]).await;
    watch.until(|sessions| sessions[0].pid.is_some() && sessions[0].pid != pid).await;
    guest.by_hand(&["kill-pane", "-t", "=a:"]).await;
    watch.until(|sessions| sessions[0].pid == pid).await;
    guest.by_hand(&["set-option", "-w", "-t", "=a:", "remain-on-exit", "on"]).await;
    guest.by_hand(&["send-keys", "-t", "=a:", "exit 3", "Enter"]).await;
    watch.until(|sessions| sessions[0].dead.is_some_and(|exit| exit.code == Some(3))).await;
    guest.by_hand(&["kill-server"]).await;
    watch.until(|sessions| sessions.is_empty()).await;
}

#[tokio::test]
async fn of_five_hundred_quick_changes_none_is_lost_to_either_of_two_servers() {
    let (guest, mut watch) = watched().await;
    let (_other, http, _pipes) = dial(guest.dir.path(), &[]).await;
    let mut second = Watch::over(http).await;
    for round in 0..5 {
        // Many in one command, and some one by one, so that some come while a list is made and some before anyone waits.
        let mut words: Vec<String> = Vec::new();
        for number in 0..90 {
            let last = if number == 89 { format!("last{round}") } else { format!("n{number}") };
            words.extend(["set-option", "-t", "=a:", "@shed_detail", &last, ";"].map(str::to_owned));
        }
        guest.by_hand(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for number in 0..5 {
            guest.by_hand(&["new-session", "-d", "-s", &format!("s{number}")]).await;
            guest.by_hand(&["kill-session", "-t", &format!("=s{number}")]).await;
        }
        guest.by_hand(&["new-session", "-d", "-s", &format!("r{round}")]).await;
        let by_hand = guest.by_hand(&["list-sessions", "-F", "#{session_name}"]).await;
        let last = format!("last{round}");
        for watch in [&mut watch, &mut second] {
            let same = |sessions: &[SessionInfo]| {
                names(sessions) == by_hand.lines().collect::<Vec<_>>() && sessions[0].agent.detail.as_deref() == Some(&last)
            };
            watch.until(same).await;
        }
    }
}

#[tokio::test]
async fn without_a_server_it_waits_for_one_again_and_again() {
    let guest = Guest::new().await;
    let mut watch = Watch::of(&guest).await;
    let (head, sessions) = watch.next().await;
    assert_eq!((head.problem, sessions.len()), (None, 0));
    for round in 0..3 {
        // Killed with -9 a server leaves its socket behind.
        let pid = guest.by_hand(&["new-session", "-d", "-s", "a", ";", "display-message", "-p", "#{pid}"]).await;
        watch.until(|sessions| names(sessions) == ["a"]).await;
        guest.by_hand(&["new-session", "-d", "-s", "b"]).await;
        watch.until(|sessions| names(sessions) == ["a", "b"]).await;
        if round == 1 {
            assert!(Command::new("kill").args(["-9", pid.trim()]).status().await.unwrap().success());
        } else {
            guest.by_hand(&["kill-server"]).await;
        }
        watch.until(|sessions| sessions.is_empty()).await;
    }
}

#[tokio::test]
async fn no_tmux_server_is_started_for_watching_and_the_last_session_ends_it() {
    let guest = Guest::new().await;
    let mut watch = Watch::of(&guest).await;
    watch.next().await;
    assert!(!guest.tmux(&["list-sessions"]).await.status.success());
    guest.by_hand(&["new-session", "-d", "-s", "a"]).await;
    watch.until(|sessions| names(sessions) == ["a"]).await;
    guest.by_hand(&["kill-session", "-t", "=a"]).await;
    watch.until(|sessions| sessions.is_empty()).await;
    until(async || !guest.tmux(&["list-sessions"]).await.status.success()).await;
}

#[tokio::test]
async fn hooks_of_the_user_stay_and_ours_come_back() {
    let guest = Guest::new().await;
    let touched = guest.dir.path().join("touched");
    let hook = format!("run-shell 'echo x >>{}'", touched.display());
    guest.by_hand(&["new-session", "-d", "-s", "a"]).await;
    guest.by_hand(&["set-hook", "-g", "session-created", &hook]).await;
    guest.by_hand(&["set-hook", "-ga", "session-created", &hook]).await;
    let mut watch = Watch::of(&guest).await;
    watch.next().await;
    until(async || waiting(&guest).await == 1).await;
    guest.by_hand(&["new-session", "-d", "-s", "b"]).await;
    watch.until(|sessions| names(sessions) == ["a", "b"]).await;
    until(async || std::fs::read_to_string(&touched).is_ok_and(|text| text == "x\nx\n")).await;
    // A configuration that is read again sets the whole array: ours is gone, and set again.
    guest.by_hand(&["set-hook", "-g", "session-created", &hook]).await;
    until(async || guest.by_hand(&["show-hooks", "-g", "session-created"]).await.contains(WATCH_CHANNEL)).await;
    assert!(guest.by_hand(&["show-hooks", "-g", "session-created"]).await.contains("touched"));
    guest.by_hand(&["new-session", "-d", "-s", "c"]).await;
    watch.until(|sessions| names(sessions) == ["a", "b", "c"]).await;
}

#[tokio::test]
async fn who_goes_away_leaves_nothing_that_waits() {
    let (guest, watch) = watched().await;
    let second = Watch::of(&guest).await;
    until(async || waiting(&guest).await == 1).await;
    drop(watch);
    guest.by_hand(&["new-session", "-d", "-s", "b"]).await;
    until(async || waiting(&guest).await == 1).await;
    drop(second);
    until(async || waiting(&guest).await == 0).await;
    // And it begins again.
    let mut watch = Watch::of(&guest).await;
    watch.until(|sessions| names(sessions) == ["a", "b"]).await;
    guest.by_hand(&["kill-session", "-t", "=b"]).await;
    watch.until(|sessions| names(sessions) == ["a"]).await;
}

#[tokio::test]
async fn what_a_killed_guest_left_waiting_ends_with_the_next_change() {
    let (mut guest, _watch) = watched().await;
    until(async || waiting(&guest).await == 1).await;
    guest.child.kill().await.unwrap();
    assert_eq!(waiting(&guest).await, 1);
    let (_other, http, _pipes) = dial(guest.dir.path(), &[]).await;
    let mut watch = Watch::over(http).await;
    watch.next().await;
    guest.by_hand(&["new-session", "-d", "-s", "b"]).await;
    watch.until(|sessions| names(sessions) == ["a", "b"]).await;
    until(async || waiting(&guest).await == 1).await;
}

#[tokio::test]
async fn a_program_that_closes_its_terminal_and_runs_on_is_followed_to_its_end() {
    let (guest, mut watch) = watched().await;
    let go = guest.dir.path().join("go");
    let line = format!("trap '' HUP; exec </dev/null >/dev/null 2>&1; while [ ! -e '{}' ]; do sleep 0.1; done; exit 5", go.display());
    guest.by_hand(&["set-option", "-g", "remain-on-exit", "on", ";", "new-session", "-d", "-s", "b", &line]).await;
    watch.until(|sessions| sessions.iter().any(|session| session.name == "b" && session.ending)).await;
    // tmux tells of nothing after that.
    std::fs::write(go, "").unwrap();
    watch.until(|sessions| sessions.iter().any(|session| session.dead.is_some_and(|exit| exit.code == Some(5)))).await;
}

#[tokio::test]
async fn more_than_a_few_watches_are_refused() {
    let (guest, watch) = watched().await;
    let mut all = vec![watch];
    for _ in 1..16 {
        all.push(Watch::of(&guest).await);
    }
    assert_eq!(guest.send("GET", "/watch", full("")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    all.pop();
    until(async || send(guest.http.clone(), "GET", "/watch", full("")).await.status() == StatusCode::OK).await;
}

#[tokio::test]
async fn nothing_happens_while_nothing_changes() {
    let (guest, mut watch) = watched().await;
    until(async || waiting(&guest).await == 1).await;
    let pid = guest.child.id().unwrap();
    let switches = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:").map(|n| n.trim().to_owned())).unwrap()
    };
    until(async || {
        let before = switches();
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        before == switches()
    })
    .await;
    guest.by_hand(&["new-session", "-d", "-s", "b"]).await;
    watch.until(|sessions| names(sessions) == ["a", "b"]).await;
}
