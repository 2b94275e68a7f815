//! What `attach`, `exec` and `console` ask of `ssh`, and what they make of its exit code.

use crate::support::{Server, User};

#[test]
fn s14_s18_s19_attach_asks_ssh_for_the_default_session() {
    let server = Server::start(&[("myproj", &[])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("exit 7");
    let ended = user.run(&["attach", "myproj"]);
    assert_eq!(ended.code, Some(7), "{ended:?}");
    let asked = user.asked(1);
    let known_hosts = format!("UserKnownHostsFile={}", user.path(".config/shed/known_hosts").display());
    assert_eq!(asked[..9], ["-t", "-p", "2222", "-o", &known_hosts, "-o", "StrictHostKeyChecking=yes", "-o", "SendEnv=SHED_SESSION"]);
    let tail = ["myproj@127.0.0.1", "--", "tmux", "new-session", "-A", "-s", "default", "-c", "/workspace"];
    assert!(asked.ends_with(&tail.map(str::to_owned)), "{asked:?}");
    assert_eq!(std::fs::read_to_string(user.path("session")).unwrap(), "default\n");
    assert!(!asked.join(" ").contains("shed_secret"));
    // The user had no key, so one was made, and it is the one that is offered.
    assert!(asked.contains(&user.path(".config/shed/id_ed25519").display().to_string()), "{asked:?}");
}

#[test]
fn a_lost_connection_is_made_again_and_says_so() {
    let server = Server::start(&[("myproj", &["debug"])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("log_in; [ $n -lt 3 ] && exit 255; exit 0");
    let ended = user.run(&["attach", "myproj", "-S", "debug"]).ok();
    assert_eq!(user.runs(), "3");
    assert_eq!(ended.stderr.matches("connection lost, trying again in 0.5 s").count(), 2, "{ended:?}");
}

#[test]
fn a_session_that_is_gone_is_not_made_again() {
    let server = Server::start(&[("myproj", &[])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("log_in; exit 255");
    user.run(&["attach", "myproj", "-S", "debug"]).failed(1, &["session `debug` not found in shed `myproj`"]);
    assert_eq!(user.runs(), "1");
}

#[test]
fn without_reconnecting_the_transport_failure_is_the_exit_code() {
    let server = Server::start(&[("myproj", &["default"])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("log_in; exit 255");
    user.run(&["attach", "myproj", "--no-reconnect"]).failed(255, &[]);
    assert_eq!(user.runs(), "1");
}

#[test]
fn s16_new_fails_if_the_session_is_there() {
    let server = Server::start(&[("myproj", &["debug"])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("exit 0");
    user.run(&["attach", "myproj", "--new", "-S", "debug"])
        .failed(1, &["`debug`", "hint: attach to it with `shed attach myproj -S debug`"]);
    user.run(&["attach", "myproj", "--new", "-S", "experiment"]).ok();
    assert_eq!(user.runs(), "1");
    assert_eq!(server.sheds.lock().unwrap()[0].1, ["debug", "experiment"]);
}

#[test]
fn a_session_made_by_hand_is_attached_to_under_its_odd_name() {
    let server = Server::start(&[("myproj", &["it's odd"])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("exit 0");
    user.run(&["attach", "myproj", "-S", "it's odd"]).ok();
    assert!(user.asked(1).join(" ").ends_with("-- tmux attach-session -t \"=it's odd\""), "{:?}", user.asked(1));
}

#[test]
fn s32_s35_exec_quotes_each_argument_and_returns_the_exit_code() {
    let server = Server::start(&[("myproj", &["debug"])]);
    let user = User::with(&[("home", &server)]);
    // What sshd does: the words after the destination, joined by spaces, for a shell.
    user.ssh("while [ \"$1\" != -- ]; do shift; done; shift; exec sh -c \"$*\"");
    let odd = ["a b", "$(id)", "it's", "", "-n", "new\nline", "ü", "--json"];
    let args: Vec<&str> = ["exec", "myproj", "printf", "%s|"].into_iter().chain(odd).collect();
    assert_eq!(user.run(&args).ok().stdout, odd.map(|arg| format!("{arg}|")).concat());
    user.run(&["exec", "myproj", "--", "sh", "-c", "echo no >&2; exit 41"]).failed(41, &["no"]);
    assert_eq!(user.run_with_input(&["exec", "myproj", "cat"], "to its end").ok().stdout, "to its end");
    user.run(&["exec", "myproj", "-S", "deb", "pwd"]).failed(1, &["did you mean `debug`?"]);
}

#[test]
fn s36_console_asks_for_a_shell() {
    let server = Server::start(&[("myproj", &[])]);
    let user = User::with(&[("home", &server)]);
    user.ssh("exit 3");
    assert_eq!(user.run(&["console", "myproj"]).code, Some(3));
    assert_eq!(user.asked(1).last().unwrap(), "myproj@127.0.0.1");
}
