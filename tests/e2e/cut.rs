//! Many connections that end without a goodbye.

use std::process::{Child, Command, Stdio};

use serde_json::json;
use shed_tests::{Ssh, TestServer, TestShed, docker, wait_until};

/// At once; the rest of 200 follows when these are attached and cut.
const AT_ONCE: usize = 50;
const ROUNDS: usize = 4;
const SESSIONS: usize = 5;

/// `ssh` processes that are killed with -9, by this or by its drop.
struct Connections(Vec<Child>);

impl Connections {
    fn open(ssh: &Ssh, shed: &TestShed) -> Self {
        let open = |number: usize| {
            let mut command = Command::new("ssh");
            command.arg("-tt").args(ssh.options()).arg(format!("{}+s{}@127.0.0.1", shed.name(), number % SESSIONS));
            command.env("TERM", "xterm-256color").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        };
        Self((0..AT_ONCE).map(open).collect())
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|child| drop(child.kill()));
        self.0.iter_mut().for_each(|child| drop(child.wait()));
    }
}

fn clients(shed: &TestShed) -> usize {
    docker(&["exec", &shed.container(), "tmux", "list-clients"]).stdout.lines().count()
}

/// What runs in the shed, as the machine sees it, but for servers' guests and what they wait with: those come and go.
fn processes(shed: &TestShed) -> Vec<String> {
    let listed = docker(&["top", &shed.container(), "-eo", "pid,args"]).ok().stdout;
    let of_a_guest = |line: &&str| ["shed-guest", "shed-watch", "@shed_changes"].iter().any(|part| line.contains(part));
    let mut lines: Vec<_> = listed.lines().skip(1).filter(|line| !of_a_guest(line)).map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn two_hundred_attached_connections_cut_hard_leave_their_sessions_and_nothing_else() {
    let server = TestServer::start();
    let (ssh, curl) = (server.ssh(), server.curl());
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for number in 0..SESSIONS {
        curl.post(&path, &json!({"name": format!("s{number}"), "command": "cat"})).assert_status(201);
    }
    let before = processes(&shed);
    for _ in 0..ROUNDS {
        let connections = Connections::open(&ssh, &shed);
        wait_until("all clients to be attached", || (clients(&shed) == AT_ONCE).then_some(()));
        drop(connections);
        wait_until("no client to be left", || (clients(&shed) == 0).then_some(()));
    }
    wait_until("nothing new to be left", || processes(&shed).iter().all(|line| before.contains(line)).then_some(()));
    let listed = curl.get(&path).json(200);
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), SESSIONS, "{listed}");
    assert!(sessions.iter().all(|session| session["status"] == "running" && session["attached_clients"] == 0), "{listed}");
}
