//! The dashboard in a real terminal, by its keys and what is on the screen.

use serde_json::json;
use shed_tests::{Pty, wait_until};

use crate::support::{Server, User};

fn open(user: &User, more: &[(&str, &str)]) -> Pty {
    let terminal = user.terminal(more);
    terminal.type_line("shed watch");
    terminal.wait_for("in all");
    terminal
}

/// Waits until the rows begin with these words, after their markers.
#[track_caller]
fn wait_for_rows(terminal: &Pty, rows: &[&str]) {
    terminal.wait_that(&format!("{rows:?}"), |screen| {
        let lines: Vec<&str> = screen.lines().skip_while(|line| !line.contains("SESSION")).skip(1).collect();
        rows.iter().enumerate().all(|(number, row)| {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            lines.get(number).is_some_and(|line| words(line).starts_with(&words(row)))
        })
    });
}

#[test]
fn t6_t16_t18_sessions_move_up_when_they_wait_and_nothing_is_asked_again() {
    let server = Server::start(&[("api", &["one", "two"]), ("web", &["three"])]);
    let user = User::with(&[("home", &server)]);
    let terminal = open(&user, &[("NO_COLOR", "1")]);
    wait_for_rows(&terminal, &["● api one running", "● api two running", "● web three running"]);
    server.set(
        "web",
        "three",
        json!({"status": "waiting_permission", "status_detail": "Bash: ls", "status_changed_at": "2026-01-25T10:00:00Z"}),
    );
    wait_for_rows(&terminal, &["! web three waiting_permission Bash: ls", "● api one", "● api two"]);
    server.set("api", "two", json!({"status": "waiting_input", "status_changed_at": "2026-01-25T09:00:00Z"}));
    wait_for_rows(&terminal, &["? api two waiting_input", "! web three", "● api one"]);
    server.set("api", "two", json!({"status": "failed", "exit_code": 1, "status_changed_at": "2026-01-25T11:00:00Z"}));
    wait_for_rows(&terminal, &["! web three", "x api two failed (1)", "● api one"]);
    assert_eq!(server.lists(), 1);
    terminal.keys(&["q"]);
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.screen().contains("SESSION"), "the terminal is as it was before");
}

#[test]
fn what_was_missed_is_read_again() {
    let server = Server::start(&[("api", &["one"])]);
    let user = User::with(&[("home", &server)]);
    let terminal = open(&user, &[]);
    wait_for_rows(&terminal, &["● api one"]);
    server.facts.lock().unwrap().insert("api/one".into(), json!({"status": "failed"}));
    server.sheds.lock().unwrap()[0].1.push("two".into());
    server.reset();
    wait_for_rows(&terminal, &["x api one failed", "● api two"]);
    // And by hand.
    server.facts.lock().unwrap().insert("api/two".into(), json!({"status": "waiting_input"}));
    terminal.keys(&["r"]);
    wait_for_rows(&terminal, &["? api two waiting_input", "x api one failed"]);
    assert_eq!(server.lists(), 3);
}

#[test]
fn t19_attaching_comes_back_to_the_list() {
    let server = Server::start(&[("api", &["one", "two"])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("echo in the session; read line; echo \"$line\" > \"$HOME/typed\"; exit 0");
    let terminal = open(&user, &[]);
    wait_for_rows(&terminal, &["● api one", "● api two"]);
    terminal.keys(&["Down", "Enter"]);
    terminal.wait_for("in the session");
    server.set("api", "one", json!({"status": "waiting_input"}));
    terminal.type_line("every key reaches the session");
    wait_for_rows(&terminal, &["? api one waiting_input", "● api two"]);
    assert_eq!(std::fs::read_to_string(user.path("typed")).unwrap(), "every key reaches the session\n");
    assert!(user.asked(1).join(" ").ends_with("tmux new-session -A -s two -c /workspace"), "{:?}", user.asked(1));
    terminal.keys(&["C-c"]);
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn sessions_are_answered_killed_and_made() {
    let server = Server::start(&[("api", &["one"])]);
    let user = User::with(&[("home", &server)]);
    let terminal = open(&user, &[]);
    wait_for_rows(&terminal, &["● api one"]);
    terminal.keys(&["s"]);
    terminal.wait_for("send to api/one:");
    terminal.type_line("yes, go on");
    terminal.wait_for("sent to session `one`");
    terminal.keys(&["k"]);
    terminal.wait_for("kill api/one?");
    terminal.keys(&["Enter"]);
    terminal.wait_for("nothing was killed");
    terminal.keys(&["k"]);
    terminal.wait_for("kill api/one?");
    // Another session has this name by the time that the answer comes.
    server.facts.lock().unwrap().insert("api/one".into(), json!({"id": "another"}));
    terminal.keys(&["y"]);
    terminal.wait_for("is another one by now; nothing was killed");
    server.facts.lock().unwrap().clear();
    terminal.keys(&["k"]);
    terminal.wait_for("kill api/one?");
    terminal.keys(&["y"]);
    terminal.wait_for("session `one` in shed `api` is ended");
    terminal.keys(&["n"]);
    terminal.wait_for("> session");
    terminal.type_line("debug");
    terminal.wait_for("> command");
    terminal.type_line("make test");
    terminal.wait_for("session `debug` runs in shed `api`");
    let expected = [
        "keys api/one {\"keys\":[\"Enter\"],\"text\":\"yes, go on\"}",
        "kill api/one",
        "new api {\"command\":\"make test\",\"name\":\"debug\"}",
    ];
    assert_eq!(*server.asked.lock().unwrap(), expected);
}

#[test]
fn a_server_out_of_reach_keeps_its_rows_and_comes_back() {
    let (home, mut office) = (Server::start(&[("api", &["one"])]), Server::start(&[("web", &["two"])]));
    let user = User::with(&[("home", &home), ("office", &office)]);
    let terminal = open(&user, &[]);
    wait_for_rows(&terminal, &["● home api one", "● office web two"]);
    office.stop();
    terminal.wait_for("~ server office is out of reach");
    wait_for_rows(&terminal, &["● home api one", "~ office web two"]);
    home.set("api", "one", json!({"status": "completed"}));
    wait_for_rows(&terminal, &["~ office web two", "+ home api one completed"]);
    office.start_again();
    wait_for_rows(&terminal, &["● office web two", "+ home api one"]);
    terminal.wait_that("the server is back", |screen| !screen.contains("out of reach"));
}

#[test]
fn it_fits_a_small_terminal_shows_a_screen_and_survives_resizing() {
    let server = Server::start(&[("api", &["one", "two"])]);
    let user = User::with(&[("home", &server)]);
    let terminal = user.terminal(&[]);
    terminal.resize(80, 24);
    terminal.type_line("shed watch");
    wait_for_rows(&terminal, &["● api one running", "● api two"]);
    terminal.keys(&["Tab"]);
    terminal.wait_for("the screen of api/one");
    terminal.keys(&["Down"]);
    terminal.wait_for("the screen of api/two");
    terminal.resize(40, 10);
    terminal.wait_that("a smaller one", |screen| screen.contains("api") && screen.lines().all(|line| line.chars().count() <= 40));
    terminal.resize(120, 40);
    terminal.wait_that("a larger one", |screen| screen.contains("? help  q quit"));
    terminal.keys(&["?"]);
    terminal.wait_for("choose a session");
    terminal.keys(&["x", "/"]);
    terminal.wait_for("search:");
    terminal.keys(&["tw", "Enter"]);
    terminal.wait_that("only one", |screen| !screen.contains("api  one") && screen.contains("search: tw"));
    // Two at once would be Alt and Escape.
    terminal.keys(&["Escape"]);
    terminal.wait_that("all again", |screen| !screen.contains("search:"));
    terminal.keys(&["Escape"]);
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let server = Server::start(&[("api", &["one"])]);
    let user = User::with(&[("home", &server)]);
    let terminal = user.terminal(&[]);
    terminal.type_line("(sh -c 'echo $PPID' > $HOME/pid; exec shed watch); echo ended $?");
    wait_for_rows(&terminal, &["● api one"]);
    let pid = wait_until("the process id", || std::fs::read_to_string(user.path("pid")).ok().filter(|pid| pid.ends_with('\n')));
    assert!(std::process::Command::new("kill").arg(pid.trim()).status().unwrap().success());
    terminal.wait_for("ended 143");
    terminal.type_line("stty -a | grep -o ' icanon'");
    terminal.wait_for(" icanon");
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let server = Server::start(&[]);
    let user = User::with(&[("home", &server)]);
    user.run(&["watch"]).failed(1, &["the dashboard needs a terminal", "hint: without one, use `shed sessions --watch`"]);
}
