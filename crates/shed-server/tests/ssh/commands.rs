//! Commands and shells without a terminal.

use shed_tests::{docker, run, run_with_input, wait_until};

use crate::{fixture::Fixture, raw::Raw};

#[test]
fn s20_a_command_runs_directly_with_its_own_streams_and_exit_code() {
    let shed = Fixture::new();
    let ended = shed.run(&["echo out; echo err >&2; exit 7"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (7, "out\n", "err\n"));
    assert_eq!(shed.run(&["printf '%s|' 'a b' \"$HOME\" *.none"]).ok().stdout.matches('|').count(), 3);
    assert_eq!(shed.run(&["true"]).ok().stdout, "");
    assert_eq!(shed.run(&["exit 200"]).code, 200);
    shed.run(&["/no/such/program"]).assert_code(127);
    let ended = shed.run(&["printf 'no newline'; printf 'a\\0b\\377' >&2"]);
    assert_eq!(ended.bytes, b"no newline");
}

#[test]
fn a_program_that_a_signal_ends_has_the_code_of_the_signal() {
    let shed = Fixture::new();
    // `ssh` itself would say 255 if it were told of the signal alone.
    shed.run(&["kill -KILL $$"]).assert_code(137);
    shed.run(&["kill -TERM $$"]).assert_code(143);
}

#[test]
fn s36_a_shell_reads_standard_input() {
    let shed = Fixture::new();
    let ended = shed.run_with(&[], b"echo one; cd /tmp; pwd\nexit 3\n");
    assert_eq!((ended.code, ended.stdout.as_str()), (3, "one\n/tmp\n"));
}

#[test]
fn the_environment_passes_the_allow_list_only() {
    let shed = Fixture::new();
    let allowed = [("SHED_SESSION", "work"), ("LANG", "C.UTF-8"), ("LC_TIME", "C"), ("COLORTERM", "truecolor")];
    let refused = [("LD_PRELOAD_X", "/evil"), ("FOO", "bar"), ("BASH_ENV", "/evil"), ("PATH_X", "/evil")];
    // Of several SetEnv options `ssh` takes the first alone.
    let all = allowed.iter().chain(&refused).map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
    let output = run(&mut shed.ssh_as(shed.shed.name(), &["-o", &format!("SetEnv={all}")], &["env"])).ok().stdout;
    for (name, value) in allowed {
        assert!(output.lines().any(|line| line == format!("{name}={value}")), "{name} is missing in\n{output}");
    }
    for (name, _) in refused {
        assert!(!output.contains(name), "{name} came through\n{output}");
    }
    // A session's login beats what the client says.
    let user = format!("{}+other", shed.shed.name());
    let output = run(&mut shed.ssh_as(&user, &["-o", "SetEnv=SHED_SESSION=work"], &["echo $SHED_SESSION"])).ok().stdout;
    assert_eq!(output, "other\n");
}

#[test]
fn what_is_not_there_is_said_in_one_line_with_exit_1() {
    let shed = Fixture::new();
    let ended = run(&mut shed.ssh_as("no-such-shed", &[], &["true"]));
    ended.assert_error(1, &["shed `no-such-shed` not found", "hint: "]);
    assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "{ended}");
    // `ssh` itself refuses some of these.
    for user in ["", "UPPER", "a b", "x+", "..", "$(id)", "a;b", "a\nb", "x+a:b", "ä", &"a".repeat(2000)] {
        let mut raw = Raw::connect_as(&shed, user);
        raw.exec(b"true");
        let end = raw.end();
        assert_eq!(end.status, Some(1), "{user:?}");
        assert!(end.stderr.contains("is not valid") && end.stderr.contains("SHED+SESSION"), "{}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
    }
    let user = format!("{}+x", shed.shed.name());
    run(&mut shed.ssh_as(&user, &["-T"], &[])).assert_error(1, &["without a terminal", "ssh -t"]);
}

#[test]
fn an_engine_that_is_away_and_a_paused_shed_are_said_with_exit_1() {
    let away = Fixture::with_engine(Some("unix:///nowhere/docker.sock"));
    let ended = away.run(&["true"]);
    ended.assert_error(1, &["does not answer", "hint: "]);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");

    let shed = Fixture::new();
    docker(&["pause", &shed.shed.container()]).assert_ok();
    shed.run(&["true"]).assert_error(1, &["is paused", "hint: "]);
    docker(&["unpause", &shed.shed.container()]).assert_ok();
    shed.run(&["true"]).assert_ok();
}

#[test]
fn a_stopped_shed_is_started_and_says_so_on_stderr() {
    let shed = Fixture::new();
    docker(&["kill", &shed.shed.container()]).assert_ok();
    wait_until("the end of the container", || {
        let running = docker(&["inspect", "--format", "{{.State.Running}}", &shed.shed.container()]).stdout;
        (running.trim() == "false").then_some(())
    });
    let ended = shed.run(&["echo here"]).ok();
    assert_eq!(ended.stdout, "here\n");
    assert_eq!(ended.stderr, format!("starting shed `{}`…\n", shed.shed.name()));
    assert_eq!(shed.run(&["echo again"]).ok().stderr, "", "the second time there is nothing to say");
}

#[test]
fn many_channels_of_one_connection_run_at_once() {
    let shed = Fixture::new();
    let socket = shed.path("mux").display().to_string();
    let flags = ["-o", "ControlMaster=auto", "-o", "ControlPersist=60", "-S", &socket];
    run(&mut shed.ssh_as(shed.shed.name(), &[&flags[..], &["-N", "-f"]].concat(), &[])).assert_ok();
    std::thread::scope(|scope| {
        for i in 0..16 {
            let (shed, flags) = (&shed, &flags);
            scope.spawn(move || {
                let input = format!("{i}").repeat(100_000);
                let ended = run_with_input(&mut shed.ssh_as(shed.shed.name(), flags, &[&format!("cat; exit {i}")]), input.as_bytes());
                ended.assert_code(i);
                assert!(ended.stdout == input, "channel {i} got other bytes back");
            });
        }
    });
    run(&mut shed.ssh_as(shed.shed.name(), &[&flags[..], &["-O", "exit"]].concat(), &[])).assert_ok();
}

#[test]
fn forwarding_and_unknown_subsystems_are_refused_and_the_rest_works() {
    let shed = Fixture::new();
    let user = shed.shed.name();
    run(&mut shed.ssh_as(user, &["-A", "-X"], &["echo still"])).assert_ok();
    let ended = run(&mut shed.ssh_as(user, &["-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:9"], &["true"]));
    assert_ne!(ended.code, 0, "{ended}");
    run(&mut shed.ssh_as(user, &["-s"], &["netconf"])).assert_error(255, &["subsystem request failed"]);
}
