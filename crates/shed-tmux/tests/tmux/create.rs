//! Making sessions in a real tmux, and how their commands end.

use std::collections::BTreeMap;

use crate::common::{Server, at, new, text, until};
use shed_core::{ShedName, wire::SessionStatus};
use shed_tmux::TmuxError;

#[tokio::test]
async fn of_many_that_make_the_same_name_exactly_one_gets_it() {
    let server = Server::new();
    let mut all = tokio::task::JoinSet::new();
    for n in 0..12 {
        let tmux = server.tmux.clone();
        let mut foo = new("foo", None);
        foo.labels.insert("n".into(), n.to_string());
        all.spawn(async move { (n, tmux.create(&foo).await) });
    }
    let (won, lost): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(|(_, result)| result.is_ok());
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|(_, result)| matches!(result, Err(TmuxError::AlreadyExists))), "{lost:?}");
    assert_eq!(server.session("foo").await.labels["n"], won[0].0.to_string());
}

#[tokio::test]
async fn the_exit_code_and_the_last_screen_stay() {
    let server = Server::new();
    let shed = ShedName::new("proj").unwrap();
    let cases = [
        ("zero", "echo last; read x; exit 0", SessionStatus::Completed, Some(0)),
        ("three", "echo last; read x; exit 3", SessionStatus::Failed, Some(3)),
        ("term", "echo last; read x; kill -TERM $$", SessionStatus::Failed, Some(143)),
        ("kill", "echo last; read x; kill -KILL $$", SessionStatus::Failed, Some(137)),
    ];
    for (name, script, status, code) in cases {
        server.create(name, Some(&["sh", "-c", script])).await;
        server.shows(name, "last").await;
        server.tmux.send_keys(&at(name), &["Enter".to_owned()]).await.unwrap();
        let info = server.ended(name).await;
        assert!(info.dead.unwrap().at.is_some());
        let session = info.into_wire(&shed, "");
        assert_eq!((session.status, session.exit_code), (status, code), "{name}");
        let screen = server.screen(name).await;
        assert!(screen.starts_with("last\n"), "{screen:?}");
    }
    assert!(server.tmux.has(&at("zero")).await.unwrap());
    server.tmux.kill(&at("zero")).await.unwrap();
    assert_eq!(server.names().await, ["kill", "term", "three"]);
}

#[tokio::test]
async fn a_command_that_ends_at_once_is_never_lost() {
    let server = Server::new();
    for n in 0..20 {
        let name = format!("s{n}");
        server.create(&name, Some(&["true"])).await;
        assert_eq!(server.ended(&name).await.dead.unwrap().code, Some(0));
    }
    server.create("missing", Some(&["/no/such/program", "x"])).await;
    assert_ne!(server.ended("missing").await.dead.unwrap().code, Some(0));
}

#[tokio::test]
async fn a_shell_is_gone_when_it_ends() {
    let server = Server::new();
    server.create("foo", None).await;
    server.tmux.send_text(&at("foo"), "exit\n").await.unwrap();
    until(async || server.names().await.is_empty()).await;
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let server = Server::new();
    let words = ["a b", "-x", "", ";", "x;", "x\\;", "#{pid}", "$HOME", "it's \"q\"", "two\nlines", "größe", "{", "=1"];
    let mut command = vec!["sh", "-c", "for a in \"$@\"; do printf '<%s>' \"$a\"; done; exec cat", "sh"];
    command.extend(words);
    let mut foo = new("foo", Some(&command));
    foo.command_text = Some("make 'x|y' %7C \\n\nmore;".into());
    server.tmux.create(&foo).await.unwrap();
    let expected: String = words.iter().map(|w| format!("<{w}>")).collect();
    server.shows("foo", &expected).await;
    assert_eq!(server.session("foo").await.command, foo.command_text);
}

#[tokio::test]
async fn one_word_is_a_program_and_not_a_script() {
    let server = Server::new();
    let script = server.dir.path().join("a program; exit 9");
    std::os::unix::fs::symlink("/bin/cat", &script).unwrap();
    server.create("foo", Some(&[&text(&script)])).await;
    server.tmux.send_text(&at("foo"), "hello\n").await.unwrap();
    server.shows("foo", "hello\nhello").await;
}

#[tokio::test]
async fn environment_size_and_directory_are_as_asked() {
    let server = Server::new();
    let dir = server.dir.path().join("a|b %7C\\n #S #{pid}\nzwei;");
    std::fs::create_dir(&dir).unwrap();
    let env = BTreeMap::from(
        [("A", "1"), ("LINES2", "x\ny;"), ("Q", "a\"b`c$d\\e\\n"), ("EMPTY", ""), ("U", "größe"), ("TAIL", "x;")]
            .map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    let mut foo = new("foo", Some(&["sh", "-c", "stty size; printf '<%s>' \"$LINES2\" \"$Q\" \"$TAIL\"; exec cat"]));
    (foo.cols, foo.rows, foo.env, foo.working_dir) = (132, 43, env.clone(), Some(text(&dir)));
    server.tmux.create(&foo).await.unwrap();
    server.shows("foo", "43 132\n<x\ny;><a\"b`c$d\\e\\n><x;>").await;
    let info = server.session("foo").await;
    assert_eq!(info.working_dir, Some(text(&dir.canonicalize().unwrap())));
    assert_eq!(info.id.as_deref(), Some(foo.id.as_str()));
    let got = server.tmux.environment(&at("foo")).await.unwrap();
    for (name, value) in env {
        assert_eq!(got.get(&name), Some(&value), "{name}");
    }
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_an_error_and_makes_nothing() {
    let server = Server::new();
    for dir in ["/no/such/directory", "/etc/passwd", "-"] {
        let mut foo = new("foo", None);
        foo.working_dir = Some(dir.into());
        let error = server.tmux.create(&foo).await.unwrap_err();
        assert!(matches!(&error, TmuxError::BadDirectory(d) if d == dir), "{error}");
    }
    assert!(server.names().await.is_empty());
}

#[tokio::test]
async fn a_command_of_twelve_thousand_bytes_fits_and_a_longer_one_is_refused() {
    let server = Server::new();
    let long = |n| "x".repeat(n);
    let mut foo = new("foo", Some(&["sh", "-c", "printf '%s' \"${#1}\"; exec cat", "sh", &long(12_000)]));
    foo.command_text = Some(long(12_000));
    server.tmux.create(&foo).await.unwrap();
    server.shows("foo", "12000").await;
    assert_eq!(server.session("foo").await.command.unwrap().len(), 2048);
    assert!(matches!(server.tmux.create(&new("bar", Some(&["echo", &long(20_000)]))).await, Err(TmuxError::Refused(_))));
    assert_eq!(server.names().await, ["foo"]);
}
