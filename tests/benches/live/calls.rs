//! Calls of the API beside `docker exec`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use shed_tests::{TestServer, TestShed, docker};

use super::numbers::{Times, compare, print};

/// As in the promise.
const CONNECTIONS: usize = 16;
const LOAD: Duration = Duration::from_secs(5);

/// A connection that is kept, without the 10 ms that starting curl takes.
pub struct Connection {
    reader: BufReader<TcpStream>,
    host: String,
    token: String,
    body: Vec<u8>,
}

impl Connection {
    pub fn open(server: &TestServer) -> Self {
        let stream = TcpStream::connect(server.http()).expect("the server listens");
        stream.set_nodelay(true).expect("it is a socket");
        Self { reader: BufReader::new(stream), host: server.http().to_owned(), token: server.token().to_owned(), body: Vec::new() }
    }

    /// Sends a request and reads its answer, which must be a good one.
    pub fn call(&mut self, method: &str, path: &str, body: &str) {
        let (host, token, length) = (&self.host, &self.token, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.reader.get_mut().write_all(request.as_bytes()).expect("the request can be sent");
        let mut status = String::new();
        self.reader.read_line(&mut status).expect("the answer is text");
        assert!(status.starts_with("HTTP/1.1 2"), "{method} {path}: {status}");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("the header is text");
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body).expect("the body is there");
    }
}

pub fn lists(server: &TestServer, sheds: &[TestShed]) {
    let mut connection = Connection::open(server);
    let ours = Times::of(2000, || connection.call("GET", "/api/sessions", ""));
    let through_docker = Times::of(3, || {
        for shed in sheds {
            docker(&["exec", &shed.container(), "tmux", "list-sessions"]).assert_ok();
        }
    });
    compare("list all sessions, beside one docker exec per shed", &ours, &through_docker);
}

pub fn load(server: &TestServer) {
    let (stop, all) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let (mut connection, mut times) = (Connection::open(server), Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    connection.call("GET", "/api/sessions", "");
                    times.push(start.elapsed());
                }
                all.lock().expect("no thread panics").extend(times);
            });
        }
        thread::sleep(LOAD);
        stop.store(true, Ordering::Relaxed);
    });
    let took = start.elapsed();
    let times = Times::new(all.into_inner().expect("no thread panics"));
    let count = u32::try_from(times.count()).expect("not so many");
    println!("{:<52} {:>9.0} requests/s", format!("{CONNECTIONS} connections list all sessions"), f64::from(count) / took.as_secs_f64());
    print("  each of them", &times);
}

/// What is done with one session, through the API and with the same tmux command through `docker exec`.
pub fn one_session(server: &TestServer, shed: &TestShed) {
    const ROUNDS: usize = 40;
    let mut connection = Connection::open(server);
    let sessions = format!("/api/sheds/{}/sessions", shed.name());
    let exec = |words: &[&str]| docker(&[&["exec", &shed.container(), "tmux"], words].concat()).assert_ok();
    let mut number = 0;
    let ours = Times::of(ROUNDS, || {
        number += 1;
        connection.call("POST", &sessions, &format!(r#"{{"name":"b{number}"}}"#));
    });
    let mut number = 0;
    let through_docker = Times::of(ROUNDS, || {
        number += 1;
        exec(&["new-session", "-d", "-s", &format!("d{number}"), "-c", "/workspace"]);
    });
    compare("create a session", &ours, &through_docker);
    let ours = Times::of(ROUNDS * 5, || connection.call("GET", &format!("{sessions}/one/screen"), ""));
    let through_docker = Times::of(ROUNDS, || exec(&["capture-pane", "-p", "-t", "=one:"]));
    compare("read its screen", &ours, &through_docker);
    let ours = Times::of(ROUNDS * 5, || connection.call("POST", &format!("{sessions}/two/keys"), r#"{"text":"x"}"#));
    let through_docker = Times::of(ROUNDS, || exec(&["send-keys", "-t", "=two:", "-l", "x"]));
    compare("type into it", &ours, &through_docker);
    let mut number = 0;
    let ours = Times::of(ROUNDS, || {
        number += 1;
        connection.call("DELETE", &format!("{sessions}/b{number}"), "");
    });
    let mut number = 0;
    let through_docker = Times::of(ROUNDS, || {
        number += 1;
        exec(&["kill-session", "-t", &format!("=d{number}")]);
    });
    compare("end it", &ours, &through_docker);
}
