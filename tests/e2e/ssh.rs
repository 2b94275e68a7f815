//! The SSH endpoint with the OpenSSH client.

use std::process::Stdio;

use serde_json::json;
use shed_tests::{Pty, TestServer, docker, wait_until};

/// In every pipe of a user's day there is less; enough to cross every buffer and window on the way.
const LARGE: usize = 100_000_000;

#[test]
fn a_hundred_megabytes_go_through_unchanged_both_ways() {
    let server = TestServer::start();
    let ssh = server.ssh();
    let shed = server.create_shed();
    // A generator with a full period, so that no two blocks are equal and no byte value is missing.
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let data: Vec<u8> = (0..LARGE).map(|_| next()).collect();
    let ended = ssh.run_with_input(&shed, &["cat"], &data).ok();
    assert_eq!(ended.bytes.len(), data.len());
    assert!(ended.bytes == data, "the bytes differ");
}

#[test]
fn a_key_that_is_not_registered_is_refused() {
    let server = TestServer::start();
    let other = TestServer::start();
    let stranger = other.ssh();
    let shed = server.create_shed();
    // The other server's key, at this server's port.
    let mut words = stranger.options();
    let port = words.iter().position(|word| word == "-p").unwrap() + 1;
    words[port] = server.ssh_port().to_owned();
    let mut command = std::process::Command::new("ssh");
    command.args(["-o", "StrictHostKeyChecking=no"]).args(words).arg(format!("{}@127.0.0.1", &*shed)).arg("true");
    shed_tests::run(&mut command).assert_error(255, &["Permission denied"]);
}

#[test]
fn a_user_name_with_a_plus_attaches_to_that_session() {
    let server = TestServer::start();
    let ssh = server.ssh();
    let shed = server.create_shed();
    let terminal = Pty::open(&[]);
    terminal.type_line(&ssh.line("-t", &format!("{}+phone", shed.name()), ""));
    terminal.wait_for("[phone]");
    terminal.detach();
    assert_eq!(terminal.exit_code(), 0);
    let path = format!("/api/sheds/{}/sessions/phone", shed.name());
    assert_eq!(server.curl().get(&path).json(200)["attached"], json!(false));
}

#[test]
fn connections_cut_hard_leave_nothing_behind() {
    let server = TestServer::start();
    let (ssh, curl) = (server.ssh(), server.curl());
    let shed = server.create_shed();
    let session = format!("/api/sheds/{}/sessions/default", shed.name());
    curl.post(&format!("/api/sheds/{}/sessions", shed.name()), &json!({})).assert_status(201);
    for round in 0..5 {
        let mut clients: Vec<_> = (0..8)
            .map(|number| {
                let words = if number % 2 == 0 { ["-tt", "tmux new-session -A -s default"] } else { ["-T", "sleep 1000"] };
                let mut command = std::process::Command::new("ssh");
                command.args(ssh.options()).arg(words[0]).arg(format!("{}@127.0.0.1", &*shed)).arg(words[1]);
                command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
            })
            .collect();
        wait_until(&format!("the clients of round {round}"), || {
            (curl.get(&session).json(200)["attached_clients"] == json!(4) && sleeping(&shed.container()) == 4).then_some(())
        });
        for client in &mut clients {
            client.kill().unwrap();
            client.wait().unwrap();
        }
    }
    wait_until("no client to be left", || (curl.get(&session).json(200)["attached_clients"] == json!(0)).then_some(()));
    wait_until("no command to be left", || (sleeping(&shed.container()) == 0).then_some(()));
}

fn sleeping(container: &str) -> usize {
    docker(&["exec", container, "pgrep", "--full", "--exact", "sleep 1000"]).stdout.lines().count()
}
