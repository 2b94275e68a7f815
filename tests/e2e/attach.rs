//! `shed attach`, in a real terminal.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use shed_tests::{Cli, TestServer, TestShed, wait_until};

fn attach_and_leave(cli: &Cli, line: &str, session: &str) {
    let terminal = cli.terminal();
    terminal.type_line(line);
    terminal.wait_for(&format!("[{session}]"));
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);
}

fn names(cli: &Cli, shed: &TestShed) -> Vec<String> {
    let listed = cli.run(&["sessions", shed, "--json"]).ok().json();
    listed["sessions"].as_array().unwrap().iter().map(|session| session["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn s15_s37_sessions_are_chosen_by_name() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    attach_and_leave(&cli, &format!("shed attach {} --session one", shed.name()), "one");
    attach_and_leave(&cli, &format!("shed attach {} -S two", shed.name()), "two");
    attach_and_leave(&cli, &format!("shed attach {}", shed.name()), "default");
    assert_eq!(names(&cli, &shed), ["default", "one", "two"]);
}

#[test]
fn s16_new_makes_a_session_and_refuses_one_that_exists() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    attach_and_leave(&cli, &format!("shed attach {} --new -S once", shed.name()), "once");
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed attach {} --new -S once", shed.name()));
    terminal.wait_for("hint:");
    assert!(terminal.screen().contains("once"), "{}", terminal.screen());
    assert_eq!(terminal.exit_code(), 1);
    assert_eq!(names(&cli, &shed), ["once"]);
}

#[test]
fn s17_a_server_is_chosen_by_name() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    attach_and_leave(&cli, &format!("shed attach {} --server tests", shed.name()), "default");
    cli.run(&["attach", &shed, "--server", "nowhere"]).assert_error(1, &["nowhere", "hint:"]);
}

#[test]
fn s29_the_list_says_who_is_attached() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed attach {}", shed.name()));
    terminal.wait_for("[default]");
    let attached = |wanted: bool| {
        wait_until("the list to tell", || {
            let listed = cli.run(&["sessions", &shed, "--json"]).ok().json();
            (listed["sessions"][0]["attached"] == json!(wanted)).then_some(())
        });
    };
    attached(true);
    assert!(cli.run(&["sessions", &shed]).ok().stdout.contains("attached"));
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);
    attached(false);
    assert!(cli.run(&["sessions", &shed]).ok().stdout.contains("detached"));
}

#[test]
fn attaching_with_a_command_runs_it_once() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let line = format!("shed attach {} -S agent -- sh -c 'echo run >> runs; exec cat'", shed.name());
    attach_and_leave(&cli, &line, "agent");
    attach_and_leave(&cli, &line, "agent");
    assert_eq!(cli.run(&["exec", &shed, "--", "cat", "/workspace/runs"]).ok().stdout, "run\n");
}

#[test]
fn the_window_follows_the_terminal() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let terminal = cli.terminal();
    terminal.type_line(&format!("shed attach {}", shed.name()));
    terminal.wait_for("[default]");
    // One row of the 30 is the status line.
    terminal.type_line("clear; echo size: $(stty size).");
    terminal.wait_for("size: 29 100.");
    terminal.resize(120, 40);
    wait_until("the new size to arrive", || {
        terminal.type_line("clear; echo size: $(stty size).");
        terminal.screen().contains("size: 39 120.").then_some(())
    });
}

#[test]
fn a_stopped_shed_is_started_by_attaching() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    cli.run(&["stop", &shed]).assert_ok();
    attach_and_leave(&cli, &format!("shed attach {}", shed.name()), "default");
    assert_eq!(cli.run(&["info", &shed, "--json"]).ok().json()["status"], "running");
}

#[test]
fn s18_s19_attach_is_the_system_ssh_with_a_pinned_host_key() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    // An `ssh` that writes down what it is asked, and then is the real one.
    let folder = cli.home().join("bin");
    fs::create_dir(&folder).unwrap();
    let script = "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$HOME/asked\"\nPATH=${PATH#*:} exec ssh \"$@\"\n";
    fs::write(folder.join("ssh"), script).unwrap();
    fs::set_permissions(folder.join("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    let terminal = cli.terminal();
    terminal.type_line(&format!("PATH=\"{}:$PATH\"; shed attach {}", folder.display(), shed.name()));
    terminal.wait_for("[default]");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);

    let asked = fs::read_to_string(cli.home().join("asked")).unwrap();
    let asked: Vec<_> = asked.lines().collect();
    assert!(asked.contains(&"-t") || asked.contains(&"-tt"), "{asked:?}");
    let after = |flag: &str| asked.iter().skip_while(|word| **word != flag).nth(1).copied();
    assert_eq!(after("-p"), Some(server.ssh_port()));
    for option in ["StrictHostKeyChecking=yes", "SendEnv=SHED_SESSION", "UserKnownHostsFile="] {
        assert!(asked.iter().any(|word| word.contains(option)), "`{option}` is missing in {asked:?}");
    }
    assert!(asked.contains(&format!("{}@127.0.0.1", shed.name()).as_str()), "{asked:?}");
    let remote = asked.join(" ");
    assert!(remote.contains("tmux new-session -A -s default -c /workspace"), "{remote}");
}
