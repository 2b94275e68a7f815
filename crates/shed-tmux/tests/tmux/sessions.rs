//! Listing, finding, renaming and ending sessions of a real tmux.

use std::collections::BTreeMap;

use crate::common::{Server, at, new, until};
use shed_core::wire::ScreenFormat;
use shed_tmux::{LocalRunner, Tmux, TmuxError};

#[tokio::test]
async fn s7_before_the_first_session_and_after_the_last_there_is_none() {
    let server = Server::new();
    for round in 0..2 {
        assert_eq!(server.names().await, [""; 0], "{round}");
        assert!(!server.tmux.has(&at("foo")).await.unwrap());
        assert!(!server.tmux.has(&at("a b")).await.unwrap());
        assert!(matches!(server.tmux.kill(&at("foo")).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.session(&at("foo")).await, Err(TmuxError::NotFound)));
        server.create("foo", None).await;
        assert!(server.tmux.has(&at("foo")).await.unwrap());
        server.tmux.kill(&at("foo")).await.unwrap();
        until(async || server.names().await.is_empty()).await;
    }
    server.create("foo", None).await;
    server.by_hand(&["set-option", "-s", "exit-empty", "off"]);
    server.tmux.kill(&at("foo")).await.unwrap();
    assert_eq!(server.names().await, [""; 0]);
    assert!(!server.tmux.has(&at("foo")).await.unwrap());
}

#[tokio::test]
async fn s8_a_beginning_of_a_name_is_not_the_session() {
    let server = Server::new();
    server.create("foobar", None).await;
    for name in ["foo", "fo", "foobarx", "f*", "foob?r"] {
        let name = at(name);
        assert!(!server.tmux.has(&name).await.unwrap());
        assert!(matches!(server.tmux.kill(&name).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.session(&name).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.capture(&name, ScreenFormat::Text, 0).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.send_text(&name, "x").await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.send_text(&name, "x\ny\n").await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.send_keys(&name, &["Enter".into()]).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.environment(&name).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.set_labels(&name, &BTreeMap::new()).await, Err(TmuxError::NotFound)));
        assert!(matches!(server.tmux.rename(&name, &at("x")).await, Err(TmuxError::NotFound)));
    }
    assert_eq!(server.by_hand(&["list-buffers"]), "", "a paste that failed leaves no buffer");
    server.create("foo", None).await;
    server.tmux.kill(&at("foo")).await.unwrap();
    assert_eq!(server.names().await, ["foobar"]);
}

#[tokio::test]
async fn s37_sessions_made_by_hand_under_any_name_work_the_same() {
    let server = Server::new();
    let names =
        ["a b", "-x", "$1", "$0", "@1", "%0", "=x", "x", "a|b", "größe", "日本", "50%", "#{pid}", "it's", "y;", "{z}", "~", "+", "!"];
    for name in names {
        server.by_hand(&["new-session", "-d", &format!("-s{}", name.replace(';', "\\;").replace('#', "##")), "cat"]);
    }
    let mut listed = server.names().await;
    listed.sort();
    let mut expected: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    expected.sort();
    assert_eq!(listed, expected);
    for (number, name) in names.into_iter().enumerate() {
        assert!(server.tmux.has(&at(name)).await.unwrap(), "{name}");
        assert_eq!(server.session(name).await.name, name);
        let typed = format!("typed-{number}-");
        server.tmux.send_text(&at(name), &typed).await.unwrap();
        server.tmux.send_text(&at(name), "one\ntwo").await.unwrap();
        server.shows(name, &typed).await;
        server.shows(name, "two").await;
        assert!(!server.screen(name).await.contains(&format!("typed-{}-", number + 1)));
        server.tmux.environment(&at(name)).await.unwrap();
    }
    server.tmux.rename(&at("a b"), &at("a_b")).await.unwrap();
    server.tmux.kill(&at("a_b")).await.unwrap();
    for (left, name) in names.into_iter().skip(1).enumerate() {
        server.tmux.kill(&at(name)).await.unwrap();
        let expected = names.len() - 2 - left;
        until(async || server.names().await.len() == expected).await;
    }
}

#[tokio::test]
async fn a_name_that_tmux_rewrites_is_found_as_tmux_lists_it() {
    let server = Server::new();
    server.by_hand(&["new-session", "-d", "-s", "a\\b\tc.d:e\u{1}"]);
    let name = server.names().await.remove(0);
    assert!(name.ends_with("c_d_e\\001"), "{name}");
    server.tmux.kill(&at(&name)).await.unwrap();
}

#[tokio::test]
async fn s37_two_hundred_sessions_are_one_list() {
    let server = Server::new();
    for group in 0..10 {
        let names: Vec<String> = (0..20).map(|n| format!("s{group}-{n}")).collect();
        let mut list = Vec::new();
        for name in &names {
            list.extend(["new-session", "-d", "-s", name, "cat", ";"]);
        }
        server.by_hand(&list);
    }
    let sessions = server.tmux.list().await.unwrap();
    assert_eq!(sessions.len(), 200);
    assert!(sessions.iter().all(|s| s.windows == 1 && s.attached_clients == 0 && s.pid.is_some() && s.dead.is_none()));
    assert_eq!(server.session("s9-19").await.name, "s9-19");
}

#[tokio::test]
async fn s1_attached_clients_and_windows_are_counted() {
    let server = Server::new();
    server.create("foo", None).await;
    server.create("other", None).await;
    server.by_hand(&["new-window", "-t", "=foo:"]);
    // script(1) gives each client a terminal.
    let attach = |name: &str| {
        let mut command = server.command("script");
        command.args(["-qc", &format!("tmux -u -L test attach -t ={name}"), "/dev/null"]);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let mut clients = [attach("foo"), attach("foo")];
    until(async || server.session("foo").await.attached_clients == 2).await;
    assert_eq!(server.session("foo").await.windows, 2);
    assert_eq!(server.session("other").await.attached_clients, 0);
    server.by_hand(&["detach-client", "-s", "=foo"]);
    until(async || server.session("foo").await.attached_clients == 0).await;
    for client in &mut clients {
        client.wait().unwrap();
    }
}

#[tokio::test]
async fn a_name_that_a_client_has_too_means_no_other_session() {
    let server = Server::new();
    server.create("foo", None).await;
    let mut control = server.command("tmux");
    control.args(["-u", "-L", "test", "-C", "attach", "-t", "=foo"]);
    let mut client = control.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    until(async || server.session("foo").await.attached_clients == 1).await;
    let name = at(&format!("client-{}", client.id()));
    assert_eq!(server.by_hand(&["list-clients", "-F", "#{client_name}"]).trim(), name.as_str());
    assert!(!server.tmux.has(&name).await.unwrap());
    assert!(matches!(server.tmux.kill(&name).await, Err(TmuxError::NotFound)));
    assert_eq!(server.names().await, ["foo"]);
    drop(client.stdin.take());
    client.wait().unwrap();
}

#[tokio::test]
async fn a_rename_keeps_the_session_and_never_takes_a_name() {
    let server = Server::new();
    server.create("foo", None).await;
    server.create("taken", None).await;
    let before = server.session("foo").await;
    assert!(matches!(server.tmux.rename(&at("foo"), &at("taken")).await, Err(TmuxError::AlreadyExists)));
    server.tmux.rename(&at("foo"), &at("foo")).await.unwrap();
    server.tmux.rename(&at("foo"), &at("bar")).await.unwrap();
    let after = server.session("bar").await;
    assert_eq!((&after.id, &after.tmux_id), (&before.id, &before.tmux_id));
    assert_eq!(server.names().await, ["bar", "taken"]);
}

#[tokio::test]
async fn labels_hold_any_text_and_are_replaced_as_a_whole() {
    let server = Server::new();
    let labels = BTreeMap::from([("a|b".to_owned(), "x\ny%|\\;".to_owned()), ("ü".to_owned(), "#{pid} #S \"'$HOME".to_owned())]);
    let mut foo = new("foo", None);
    foo.labels = labels.clone();
    server.tmux.create(&foo).await.unwrap();
    assert_eq!(server.session("foo").await.labels, labels);
    let other = BTreeMap::from([("-k".to_owned(), "-v;".to_owned())]);
    server.tmux.set_labels(&at("foo"), &other).await.unwrap();
    assert_eq!(server.session("foo").await.labels, other);
    server.tmux.set_labels(&at("foo"), &BTreeMap::new()).await.unwrap();
    assert_eq!(server.session("foo").await.labels, BTreeMap::new());
}

#[tokio::test]
async fn s6_without_tmux_every_function_says_so() {
    let empty = tempfile::tempdir().unwrap();
    let tmux = Tmux::new(LocalRunner::new().env("PATH", empty.path()));
    let name = at("foo");
    let missing = |result: Result<(), TmuxError>| {
        let error = result.unwrap_err();
        assert!(matches!(error, TmuxError::NotAvailable), "{error}");
        assert!(error.to_string().contains("apk add tmux"));
    };
    missing(tmux.list().await.map(drop));
    missing(tmux.has(&name).await.map(drop));
    missing(tmux.has(&at("a b")).await.map(drop));
    missing(tmux.session(&name).await.map(drop));
    missing(tmux.create(&new("foo", None)).await);
    missing(tmux.rename(&name, &at("bar")).await);
    missing(tmux.set_labels(&name, &BTreeMap::new()).await);
    missing(tmux.kill(&name).await);
    missing(tmux.send_text(&name, "x").await);
    missing(tmux.send_text(&name, "x\ny").await);
    missing(tmux.send_keys(&name, &["Enter".into()]).await);
    missing(tmux.capture(&name, ScreenFormat::Text, 0).await.map(drop));
    missing(tmux.environment(&name).await.map(drop));
    let mut with_directory = new("foo", None);
    with_directory.working_dir = Some("/".into());
    missing(tmux.create(&with_directory).await);
    // The shell that enters the directory is there, tmux is not.
    std::os::unix::fs::symlink("/bin/sh", empty.path().join("sh")).unwrap();
    missing(tmux.create(&with_directory).await);
}
