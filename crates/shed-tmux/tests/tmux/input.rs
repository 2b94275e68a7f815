//! Typing into sessions of a real tmux and reading their screens.

#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

use std::path::PathBuf;

use crate::common::{Server, at, new, text, until};
use shed_core::wire::ScreenFormat;
use shed_tmux::TmuxError;

/// A session whose program writes every byte that it reads into a file; `setup` runs first.
async fn reader(server: &Server, name: &str, setup: &str) -> PathBuf {
    let file = server.dir.path().join(name);
    let script = format!("{setup}; stty raw -echo; printf ready; exec dd bs=65536 of=\"$1\" status=none");
    server.tmux.create(&new(name, Some(&["sh", "-c", &script, "sh", &text(&file)]))).await.unwrap();
    server.shows(name, "ready").await;
    file
}

async fn arrives(file: &PathBuf, bytes: &[u8]) {
    until(async || std::fs::read(file).is_ok_and(|got| got.len() >= bytes.len())).await;
    let got = std::fs::read(file).unwrap();
    assert!(got == bytes, "got {} bytes: {:?}", got.len(), String::from_utf8_lossy(got.get(..200).unwrap_or(&got)));
}

#[tokio::test]
async fn one_line_arrives_as_it_is() {
    let server = Server::new();
    let mut expected = String::new();
    let file = reader(&server, "foo", "printf '\\033[?2004h'").await;
    for piece in ["plain", "-l", ";", "x;", "Enter", "größe 日本", "\\;", "#{pid}$HOME'\"", "tab\t", "\x1b[A", "ls\n", "", "\n"] {
        server.tmux.send_text(&at("foo"), piece).await.unwrap();
        expected.push_str(piece);
        arrives(&file, expected.as_bytes()).await;
    }
}

#[tokio::test]
async fn several_lines_are_one_paste_bracketed_where_asked_for() {
    let server = Server::new();
    let lines = "one\n  two;\n\nüü\tlast";
    let plain = reader(&server, "plain", ":").await;
    server.tmux.send_text(&at("plain"), lines).await.unwrap();
    arrives(&plain, lines.as_bytes()).await;
    let asked = reader(&server, "asked", "printf '\\033[?2004h'").await;
    server.tmux.send_text(&at("asked"), lines).await.unwrap();
    arrives(&asked, format!("\x1b[200~{lines}\x1b[201~").as_bytes()).await;
    assert_eq!(server.by_hand(&["list-buffers"]), "");
}

#[tokio::test]
async fn a_megabyte_arrives_whole() {
    let server = Server::new();
    let file = reader(&server, "foo", ":").await;
    let many: String = (0..20_000).map(|n| format!("line {n:>6} of a long text with größe, padded: {:>8}\n", n % 7)).collect();
    assert!(many.len() > 1_000_000);
    server.tmux.send_text(&at("foo"), &many).await.unwrap();
    arrives(&file, many.as_bytes()).await;
    let one = "x".repeat(100_000);
    server.tmux.send_text(&at("foo"), &one).await.unwrap();
    arrives(&file, format!("{many}{one}").as_bytes()).await;
}

#[tokio::test]
async fn keys_are_pressed_and_unknown_ones_are_refused_before_any() {
    let server = Server::new();
    let file = reader(&server, "foo", ":").await;
    let keys = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let refused = server.tmux.send_keys(&at("foo"), &keys(&["a", "Entr"])).await;
    assert!(matches!(refused, Err(TmuxError::UnknownKey(key)) if key == "Entr"));
    server
        .tmux
        .send_keys(&at("foo"), &keys(&["Enter", "C-c", "M-x", "Up", "F1", "BTab", ";", "-", "é", "Space", "Escape", "^D"]))
        .await
        .unwrap();
    arrives(&file, "\r\x03\x1bx\x1b[A\x1bOP\x1b[Z;-é \x1b\x04".as_bytes()).await;
    server.tmux.send_keys(&at("foo"), &keys(&["x"; 1200])).await.unwrap();
    until(async || std::fs::read(&file).unwrap().ends_with(&[b'x'; 1200])).await;
}

#[tokio::test]
async fn no_key_that_is_let_through_is_typed_as_text() {
    let server = Server::new();
    let names = "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 IC Insert DC Delete Home End NPage PageDown PgDn PPage PageUp PgUp Tab BTab Space \
                 BSpace Enter Escape Up Down Left Right KP/ KP* KP- KP7 KP8 KP9 KP+ KP4 KP5 KP6 KPEnter C-Up M-F5 C-M-x S-Left C-S-Home ^a";
    for name in names.split_whitespace() {
        server.tmux.send_keys(&at("none"), &[name.to_owned()]).await.unwrap_err();
    }
    let file = reader(&server, "foo", ":").await;
    for name in names.split_whitespace() {
        server.tmux.send_keys(&at("foo"), &[name.to_owned()]).await.unwrap();
        server.tmux.send_text(&at("foo"), "|").await.unwrap();
    }
    let count = names.split_whitespace().count();
    let parts = || String::from_utf8(std::fs::read(&file).unwrap_or_default()).unwrap();
    until(async || parts().matches('|').count() == count).await;
    for (name, part) in names.split_whitespace().zip(parts().split('|')) {
        assert!(!part.is_empty() && part != name, "{name} arrived as {part:?}");
    }
}

#[tokio::test]
async fn nothing_is_typed_into_a_program_that_has_ended_and_tmux_survives() {
    let server = Server::new();
    server.create("other", None).await;
    server.create("dead", Some(&["true"])).await;
    server.ended("dead").await;
    assert!(matches!(server.tmux.send_text(&at("dead"), "x").await, Err(TmuxError::Ended)));
    assert!(matches!(server.tmux.send_text(&at("dead"), "x\ny").await, Err(TmuxError::Ended)));
    assert!(matches!(server.tmux.send_keys(&at("dead"), &["Enter".into()]).await, Err(TmuxError::Ended)));
    assert_eq!(server.names().await, ["dead", "other"]);
    assert_eq!(server.by_hand(&["list-buffers"]), "");
}

#[tokio::test]
async fn the_screen_comes_as_text_or_with_colours_and_with_lines_above() {
    let server = Server::new();
    let script = "for n in $(seq 100); do echo line-$n-; done; printf '\\033[31mred größe\\033[0m'; exec cat";
    server.create("foo", Some(&["sh", "-c", script])).await;
    server.shows("foo", "red größe").await;
    let screen = server.screen("foo").await;
    assert_eq!(screen.lines().count(), 24);
    assert!(screen.starts_with("line-78-\n"), "{screen}");
    assert!(!screen.contains('\x1b'));
    let capture = async |format, scrollback| server.tmux.capture(&at("foo"), format, scrollback).await.unwrap();
    assert!(capture(ScreenFormat::Ansi, 0).await.contains("\x1b[31mred größe"));
    assert!(capture(ScreenFormat::Text, 10).await.starts_with("line-68-\n"));
    for all in [100, 50_000, u32::MAX] {
        assert!(capture(ScreenFormat::Text, all).await.starts_with("line-1-\n"));
    }
}
