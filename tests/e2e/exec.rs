//! `shed exec`: commands, their output and their exit codes.

use serde_json::json;
use shed_tests::TestServer;

#[test]
fn s32_s34_a_command_runs_and_its_outputs_stay_apart() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let ended = cli.run(&["exec", &shed, "--", "sh", "-c", "echo out; echo err >&2"]).ok();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(cli.run(&["exec", &shed, "pwd"]).ok().stdout, "/workspace\n");
}

#[test]
fn s32_arguments_arrive_as_they_are() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let odd = ["two words", "$(id)", "`id`", "it's", "\"q\"", "a;b", "*", "\\", "", "ä", "new\nline", "--help"];
    let mut args = vec!["exec", &*shed, "--", "printf", "%s|"];
    args.extend(odd);
    assert_eq!(cli.run(&args).ok().stdout, odd.map(|arg| format!("{arg}|")).concat());
}

#[test]
fn s35_exit_codes_come_back() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    for code in [0, 1, 7, 126, 254] {
        cli.run(&["exec", &shed, "--", "sh", "-c", &format!("exit {code}")]).assert_code(code);
    }
    cli.run(&["exec", &shed, "--", "no-such-program"]).assert_code(127);
    cli.run(&["exec", &shed, "--", "sh", "-c", "kill -KILL $$"]).assert_code(137);
}

#[test]
fn s32_standard_input_is_passed_on_to_its_end() {
    let server = TestServer::start();
    let cli = server.cli();
    let shed = server.create_shed();
    let input: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let ended = cli.run_with_input(&["exec", &shed, "--", "cat"], &input).ok();
    assert!(ended.bytes == input, "{} bytes of {} came back", ended.bytes.len(), input.len());
}

#[test]
fn s33_a_command_runs_in_the_sessions_directory_and_environment() {
    let server = TestServer::start();
    let (cli, curl) = (server.cli(), server.curl());
    let shed = server.create_shed();
    let session = json!({"name": "ctx", "working_dir": "/var/tmp", "env": {"COLOUR": "green"}});
    curl.post(&format!("/api/sheds/{}/sessions", shed.name()), &session).assert_status(201);
    let ended = cli.run(&["exec", &shed, "-S", "ctx", "--", "sh", "-c", "echo $PWD $COLOUR; exit 5"]);
    ended.assert_code(5);
    assert_eq!(ended.stdout, "/var/tmp green\n");
    let ended = cli.run(&["exec", &shed, "--session", "none", "--", "true"]);
    assert_ne!(ended.code, 0, "{ended}");
    assert!(ended.stderr.contains("none"), "{ended}");
}

#[test]
fn s20_plain_ssh_runs_commands_directly() {
    let server = TestServer::start();
    let ssh = server.ssh();
    let shed = server.create_shed();
    let ended = ssh.run(&shed, &["echo out; echo err >&2; exit 9"]);
    ended.assert_code(9);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\n", "err\n"));
    ssh.run("t-nothing", &["true"]).assert_error(1, &["t-nothing"]);
}

#[test]
fn a_shed_that_does_not_exist_is_a_clear_error() {
    let server = TestServer::start();
    let cli = server.cli();
    for args in [&["exec", "t-nothing", "--", "true"][..], &["info", "t-nothing"], &["start", "t-nothing"], &["sessions", "t-nothing"]] {
        let ended = cli.run(args);
        assert_ne!(ended.code, 0, "{ended}");
        assert!(ended.stderr.contains("`t-nothing`") && ended.stderr.contains("hint:"), "{ended}");
    }
}
