//! What goes where: standard output, standard error, files.

use std::{
    fs,
    process::{Command, Stdio},
};

use crate::support::{Ended, Server, User};

#[test]
fn s27_s31_nothing_is_said_kindly_and_is_still_json() {
    let server = Server::start(&[("myproj", &[])]);
    let user = User::with(&[("home", &server)]);
    let ended = user.run(&["sessions"]).ok();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "no sessions; make one with `shed attach SHED`\n"));
    let json: serde_json::Value = serde_json::from_str(&user.run(&["sessions", "--json"]).ok().stdout).unwrap();
    assert_eq!(json, serde_json::json!({"sessions": [], "warnings": []}));
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let server = Server::start(&[("myproj", &["debug"])]);
    let user = User::with(&[("home", &server)]);
    assert!(!user.run(&["list"]).ok().stdout.contains('\x1b'));
    assert!(user.run(&["list", "--color", "always"]).ok().stdout.contains('\x1b'));
    let bytes = user.run(&["sessions", "--color", "always", "--json"]).ok().stdout;
    assert!(!bytes.contains('\x1b'));
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let names: Vec<String> = (0..20_000).map(|n| format!("session-with-a-long-name-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Server::start(&[("myproj", &names)]);
    let user = User::with(&[("home", &server)]);
    let mut shed = user.command(&["sessions"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let head = Command::new("head").arg("-1").stdin(shed.stdout.take().unwrap()).output().unwrap();
    assert!(head.stdout.starts_with(b"SHED"));
    let ended = Ended::from(shed.wait_with_output().unwrap()).ok();
    assert_eq!(ended.stderr, "");
}

#[test]
fn ssh_config_is_written_once_and_removed_without_a_trace() {
    let server = Server::start(&[("myproj", &[])]);
    let user = User::with(&[("home", &server)]);
    let file = user.path(".ssh/config");
    fs::create_dir(user.path(".ssh")).unwrap();
    fs::write(&file, "Host x\n  User y\n").unwrap();
    let shown = user.run(&["ssh-config", "install", "--dry-run"]).ok().stdout;
    assert_eq!(fs::read_to_string(&file).unwrap(), "Host x\n  User y\n");
    user.run(&["ssh-config", "install"]).ok();
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{shown}\nHost x\n  User y\n"));
    assert!(user.run(&["ssh-config", "install"]).ok().stderr.contains("up to date"));
    // OpenSSH itself says what it makes of the file.
    let asked = Command::new("ssh").args(["-F", file.to_str().unwrap(), "-G", "shed-myproj"]).output().unwrap();
    let asked = String::from_utf8(asked.stdout).unwrap();
    for line in ["hostname 127.0.0.1", "port 2222", "user myproj", "stricthostkeychecking true"] {
        assert!(asked.lines().any(|one| one == line), "`{line}` is missing in {asked}");
    }
    user.run(&["ssh-config", "uninstall"]).ok();
    assert_eq!(fs::read_to_string(&file).unwrap(), "Host x\n  User y\n");
}

#[test]
fn live_names_are_completed() {
    let server = Server::start(&[("myproj", &["debug", "default"]), ("backend", &["other"])]);
    let user = User::with(&[("home", &server)]);
    let complete = |words: &[&str]| {
        let mut command = user.command(&[&["--"][..], words].concat());
        command.env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string()).env("_CLAP_IFS", "\n");
        command.env("_CLAP_COMPLETE_COMP_TYPE", "9").env("_CLAP_COMPLETE_SPACE", "true");
        Ended::from(command.output().unwrap()).ok().stdout
    };
    assert_eq!(complete(&["shed", "attach", "my"]), "myproj");
    assert_eq!(complete(&["shed", "sessions", "kill", "myproj", "de"]), "debug\ndefault");
    assert_eq!(complete(&["shed", "attach", "myproj", "-S", "o"]), "", "sessions of the named shed alone");
    assert_eq!(complete(&["shed", "list", "-s", "h"]), "home");
    for shell in ["bash", "zsh", "fish"] {
        assert!(user.run(&["completions", shell]).ok().stdout.contains("COMPLETE"));
    }
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let user = User::new();
    assert!(user.run(&["man"]).ok().stdout.contains(".TH shed 1"));
    assert!(user.run(&["man", "sessions", "kill"]).ok().stdout.contains("shed\\-sessions\\-kill"));
    user.run(&["man", "nonsense"]).failed(2, &["no command `shed nonsense`"]);
    user.run(&["man", "--dir", "man1"]).ok();
    for page in ["shed.1", "shed-attach.1", "shed-sessions-kill.1"] {
        assert!(user.path("man1").join(page).exists(), "{page}");
    }
}
