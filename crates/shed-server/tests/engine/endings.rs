//! What becomes of commands whose owner has gone.

use futures_util::future::join_all;
use shed_server::engine::{Engine, ExecSpec, WindowSize, docker::DockerEngine};
use uuid::Uuid;

use crate::support::{Name, Shed, docker, sh, wait_until};

const TTY: Option<WindowSize> = Some(WindowSize { cols: 80, rows: 24 });

/// How many processes are `sleep` with this argument.
fn count(shed: &Shed, word: &str) -> usize {
    let script = format!("for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep -c '^sleep {word} $'");
    shed.look(&script).trim().parse().unwrap()
}

#[tokio::test]
async fn a_dropped_command_ends_with_everything_that_it_started() {
    let shed = Shed::create().await;
    for tty in [None, TTY] {
        let exec = shed.start(ExecSpec { tty, stdin: true, ..sh("sleep 7001 & (sleep 7001 & sleep 7001) & sleep 7001") }).await;
        wait_until("four sleeps", || count(&shed, "7001") == 4).await;
        drop(exec);
        wait_until("all of them to end", || count(&shed, "7001") == 0).await;
    }
}

#[tokio::test]
async fn one_that_ignores_the_hangup_is_killed() {
    let shed = Shed::create().await;
    let exec = shed.start(sh("trap '' HUP TERM; sleep 7002; sleep 7002")).await;
    wait_until("the sleep", || count(&shed, "7002") == 1).await;
    drop(exec);
    wait_until("both to end", || count(&shed, "7002") == 0).await;
}

#[tokio::test]
async fn what_runs_under_sudo_ends_too() {
    let shed = Shed::create().await;
    let exec = shed.start(sh("sudo sleep 7003")).await;
    wait_until("the sleep", || count(&shed, "7003") >= 1).await;
    drop(exec);
    wait_until("it to end", || count(&shed, "7003") == 0).await;
}

#[tokio::test]
async fn a_strict_shed_s_commands_end_too() {
    let shed = Shed::create_with(|spec| spec.profile = shed_core::wire::Profile::Strict).await;
    let exec = shed.start(sh("sleep 7004")).await;
    wait_until("the sleep", || count(&shed, "7004") == 1).await;
    drop(exec);
    wait_until("it to end", || count(&shed, "7004") == 0).await;
}

#[tokio::test]
async fn a_tmux_server_survives_its_client() {
    let shed = Shed::create().await;
    let argv = ["tmux", "new-session", "-A", "-s", "x"].map(str::to_owned).to_vec();
    let mut spec = ExecSpec { argv, tty: TTY, stdin: true, ..ExecSpec::default() };
    spec.env.insert("TERM".to_owned(), "xterm-256color".to_owned());
    let exec = shed.start(spec).await;
    wait_until("the client to be attached", || shed.look("tmux list-clients 2>/dev/null | wc -l").trim() == "1").await;
    drop(exec);
    wait_until("the client to be gone", || shed.look("tmux list-clients | wc -l").trim() == "0").await;
    assert_eq!(shed.look("tmux list-sessions -F '#{session_name}'"), "x\n");
}

#[tokio::test]
async fn two_hundred_dropped_at_once_leave_nothing() {
    let shed = Shed::create().await;
    let execs =
        join_all((0..200).map(|i| shed.start(ExecSpec { tty: if i % 2 == 0 { TTY } else { None }, stdin: true, ..sh("sleep 7005") })))
            .await;
    wait_until("all to run", || count(&shed, "7005") == 200).await;
    drop(execs);
    wait_until("all to end", || count(&shed, "7005") == 0).await;
    wait_until("all notes to be removed", || shed.look("find /dev/shm/.shed-exec -type f | wc -l").trim() == "0").await;
}

#[tokio::test]
async fn a_caller_that_goes_away_during_the_start_leaves_nothing() {
    let shed = Shed::create().await;
    for delay_us in [0, 1_000, 5_000, 20_000, 40_000, 60_000, 80_000] {
        let start = shed.engine.exec(&shed.container.id, sh("sleep 7006"));
        drop(tokio::time::timeout(std::time::Duration::from_micros(delay_us), start).await);
    }
    // One that stays shows that all the starts before it have been dealt with.
    let last = shed.start(sh("sleep 7007")).await;
    wait_until("the last to run", || count(&shed, "7007") == 1).await;
    wait_until("the abandoned to end", || count(&shed, "7006") == 0).await;
    drop(last);
}

#[tokio::test]
async fn what_docker_starts_long_after_it_was_dropped_ends_too() {
    let shed = Shed::create().await;
    // Docker starts some sixteen in a second, so the last ones begin when nobody has wanted them for seconds.
    drop(join_all((0..100).map(|_| shed.start(sh("sleep 7011")))).await);
    // Docker's list holds those too that have yet to begin.
    let running = || docker(&["inspect", "--format", "{{len .ExecIDs}}", &shed.name.container()]).stdout;
    wait_until("all to have begun and ended", || running() == b"0\n").await;
    assert_eq!(count(&shed, "7011"), 0);
}

#[tokio::test]
async fn a_command_that_was_waited_for_keeps_what_it_left_in_the_background() {
    let shed = Shed::create().await;
    assert_eq!(shed.run("sleep 7012 >/dev/null 2>&1 & echo started", b"").await.stdout, b"started\n");
    // Ending another one, and with it the tidying of old notes, ends nothing else.
    let other = shed.start(sh("sleep 7013")).await;
    wait_until("the other to run", || count(&shed, "7013") == 1).await;
    drop(other);
    wait_until("the other to end", || count(&shed, "7013") == 0).await;
    assert_eq!(count(&shed, "7012"), 1);
}

#[tokio::test]
async fn the_next_run_of_a_server_ends_what_the_last_one_left_and_nobody_else_s() {
    let name = Name::new();
    let server_id = Uuid::new_v4();
    let first = DockerEngine::connect(None, server_id).unwrap();
    let container = first.create(&name.spec()).await.unwrap();
    let shed = Shed { engine: first, container, name };
    // Forgotten without a drop, as by `kill -9`.
    std::mem::forget(shed.start(sh("sleep 7008")).await);
    let other = DockerEngine::connect(None, Uuid::new_v4()).unwrap();
    let others = other.exec(&shed.container.id, sh("sleep 7009")).await.unwrap();
    wait_until("both to run", || count(&shed, "7008") == 1 && count(&shed, "7009") == 1).await;

    let second = DockerEngine::connect(None, server_id).unwrap();
    let now = second.exec(&shed.container.id, sh("sleep 7010")).await.unwrap();
    wait_until("the forgotten one to end", || count(&shed, "7008") == 0).await;
    wait_until("the new one to run", || count(&shed, "7010") == 1).await;
    assert_eq!(count(&shed, "7009"), 1);
    drop((now, others));
    wait_until("all to end", || count(&shed, "7009") + count(&shed, "7010") == 0).await;
}
