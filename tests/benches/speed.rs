//! `make bench`: shed beside plain `docker exec`, in one run on the same containers. Prints; never judges.

#![expect(clippy::expect_used, reason = "a benchmark ends at the first surprise")]

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use shed_tests::{Ssh, TestServer, TestShed, docker, program, run};

/// As in the promise: listing twenty sheds with three sessions each.
const SHEDS: usize = 20;
const SESSIONS: [&str; 3] = ["one", "two", "three"];
/// Medians of this many.
const ROUNDS: usize = 15;
/// Long enough for the pipe's speed to outweigh the start.
const PIPED_MB: u64 = 256;

fn main() {
    let server = TestServer::start();
    let sheds: Vec<TestShed> = (0..SHEDS).map(|_| server.create_shed()).collect();
    for shed in &sheds {
        for name in SESSIONS {
            server.curl().post(&format!("/api/sheds/{}/sessions", shed.name()), &json!({"name": name})).assert_status(201);
        }
    }
    let first = sheds.first().expect("there are sheds");
    let ssh = server.ssh();
    println!("{:<44} {:>10} {:>12} {:>8}", "", "shed", "docker exec", "ratio");
    lists(&server, &sheds, first);
    attach(&ssh, first);
    throughput(&ssh, first);
    let started = median(|| run(Command::new(program("shed")).arg("--version")).assert_ok());
    row_of_one("shed --version", started);
    println!("{:<44} {:>7} MB", "memory of the server", resident_kb(server.pid()) / 1024);
}

fn lists(server: &TestServer, sheds: &[TestShed], first: &TestShed) {
    let one = median(|| get(server, &format!("/api/sheds/{}/sessions", first.name())));
    let one_docker = median(|| list_through_docker(first));
    row("list one shed's sessions", one, one_docker);
    let all = median(|| get(server, "/api/sessions"));
    let all_docker = median(|| sheds.iter().for_each(list_through_docker));
    row("list 20 sheds, 3 sessions each", all, all_docker);
    let slowest = median_of(|| slowest_of_all_at_once(server, sheds));
    row_of_one("the slowest of 20 sheds asked at once", slowest);
    println!("{:<44} {:>7.2}x", "  the list of all of them, beside that", ratio(all, slowest));
}

/// Asks every shed by itself, all at the same time, as the aggregate does inside the server.
fn slowest_of_all_at_once(server: &TestServer, sheds: &[TestShed]) -> Duration {
    let one = |shed: &TestShed| {
        let start = Instant::now();
        get(server, &format!("/api/sheds/{}/sessions", shed.name()));
        start.elapsed()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = sheds.iter().map(|shed| scope.spawn(move || one(shed))).collect();
        threads.into_iter().map(|thread| thread.join().expect("the request succeeds")).max().expect("there are sheds")
    })
}

fn attach(ssh: &Ssh, shed: &TestShed) {
    let through_shed = median(|| first_paint(&ssh.line("-tt", shed, "tmux new-session -A -s one")));
    let plain = format!("docker exec -it {} tmux attach-session -t =one", shed.container());
    let through_docker = median(|| first_paint(&plain));
    row("attach: from the command to the first paint", through_shed, through_docker);
}

fn throughput(ssh: &Ssh, shed: &TestShed) {
    let sink = "cat > /dev/null";
    let through_shed = pipe(&mut ssh.command(shed, &[sink]));
    let through_docker = pipe(Command::new("docker").args(["exec", "-i", &shed.container(), "sh", "-c", sink]));
    let speed = |took: Duration| f64::from(u32::try_from(PIPED_MB).unwrap_or(u32::MAX)) / took.as_secs_f64();
    let (shed, docker) = (speed(through_shed), speed(through_docker));
    println!("{:<44} {:>5.0} MB/s {:>7.0} MB/s {:>7.2}x", format!("{PIPED_MB} MB into a command"), shed, docker, shed / docker);
}

fn row(what: &str, shed: Duration, docker: Duration) {
    println!("{what:<44} {:>7.1} ms {:>9.1} ms {:>7.2}x", millis(shed), millis(docker), ratio(shed, docker));
}

fn row_of_one(what: &str, time: Duration) {
    println!("{what:<44} {:>7.1} ms", millis(time));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn median(mut work: impl FnMut()) -> Duration {
    median_of(|| {
        let start = Instant::now();
        work();
        start.elapsed()
    })
}

fn median_of(mut measure: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| measure()).collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().expect("there are rounds")
}

/// One request on a connection of its own, without the 10 ms that starting curl takes.
fn get(server: &TestServer, path: &str) {
    let mut stream = TcpStream::connect(server.http()).expect("the server listens");
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n", server.http(), server.token());
    stream.write_all(request.as_bytes()).expect("the request can be sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the answer is text");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn list_through_docker(shed: &TestShed) {
    docker(&["exec", &shed.container(), "tmux", "list-sessions"]).assert_ok();
}

/// Runs `line` in a terminal until the status line of session `one` is drawn.
fn first_paint(line: &str) {
    // script(1) gives it a terminal and passes on what it writes at once.
    let mut child = Command::new("script")
        .args(["--quiet", "--flush", "--return", "--command", line, "/dev/null"])
        .env("TERM", "xterm-256color")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script(1) is installed");
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    let stdout = child.stdout.as_mut().expect("standard output is piped");
    while !String::from_utf8_lossy(&seen).contains("[one]") {
        let count = stdout.read(&mut buffer).expect("the terminal can be read");
        assert!(count > 0, "it ended: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
    child.kill().expect("it can be ended");
    child.wait().expect("it can be waited for");
}

fn pipe(command: &mut Command) -> Duration {
    let block = vec![0x5a; 1 << 20];
    let start = Instant::now();
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it can be started");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    for _ in 0..PIPED_MB {
        stdin.write_all(&block).expect("it reads");
    }
    drop(stdin);
    assert!(child.wait().expect("it can be waited for").success());
    start.elapsed()
}

fn resident_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).expect("Linux tells the size")
}
