//! From a change inside a shed to whoever listens. The time of the change stands in what is changed, and the clock is the same.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use shed_tests::{TestServer, TestShed, docker, run};

use super::numbers::{Times, compare_to_nothing, print};

/// Changes of one kind.
const CHANGES: usize = 200;
/// After the last change nothing more comes.
const QUIET: Duration = Duration::from_secs(5);

/// Events as they arrive, with the time.
struct Stream {
    curl: Child,
    events: Receiver<(Duration, Value)>,
}

impl Stream {
    fn open(server: &TestServer) -> Self {
        let mut curl = Command::new("curl")
            .args(["--silent", "--no-buffer", "--noproxy", "*", "--header", &format!("Authorization: Bearer {}", server.token())])
            .arg(format!("http://{}/api/events?type=session.*", server.http()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl is installed");
        let mut lines = BufReader::new(curl.stdout.take().expect("its output is piped")).lines();
        // The first line says that the stream has begun.
        lines.next().expect("the stream begins").expect("it is text");
        let (sender, events) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let at = now();
                if let Some(event) = line.strip_prefix("data:").and_then(|data| serde_json::from_str(data).ok())
                    && sender.send((at, event)).is_err()
                {
                    return;
                }
            }
        });
        Self { curl, events }
    }

    /// How late each event was whose text at `path` holds `mark` and the time of the change in nanoseconds.
    fn delays(&self, path: &str, mark: &str, count: usize) -> Times {
        let mut delays = Vec::new();
        while delays.len() < count {
            let Ok((at, event)) = self.events.recv_timeout(QUIET) else { break };
            let text = event.pointer(path).and_then(Value::as_str).unwrap_or_default();
            if let Some(nanos) = text.strip_prefix(mark).and_then(|digits| digits.parse().ok()) {
                delays.push(at.saturating_sub(Duration::from_nanos(nanos)));
            }
        }
        Times::new(delays)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        drop(self.curl.kill());
        drop(self.curl.wait());
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right")
}

/// Renames a session so often, with a pause after each, and the time in the name.
fn rename_script(session: &str, mark: &str, count: usize, pause: &str) -> String {
    format!(
        "n={session}; i=0; while [ $i -lt {count} ]; do t={mark}$(date +%s%N); tmux rename-session -t \"=$n\" $t; n=$t; i=$((i+1)); {pause}; done; \
         tmux rename-session -t \"=$n\" {session}"
    )
}

pub fn renames(server: &TestServer, sheds: &[TestShed]) {
    let stream = Stream::open(server);
    let shed = sheds.last().expect("there are sheds");
    let script = rename_script("one", "t", CHANGES, "sleep 0.05");
    let container = shed.container();
    let delays = thread::scope(|scope| {
        scope.spawn(|| docker(&["exec", &container, "sh", "-c", &script]).assert_ok());
        stream.delays("/session/name", "t", CHANGES)
    });
    print("a rename inside a shed, until it is in the stream", &delays);
}

pub fn hooks(server: &TestServer, shed: &TestShed) {
    let stream = Stream::open(server);
    // As Claude Code calls it, from inside the pane: the tool's name is the time.
    let script = format!(
        "i=0; while [ $i -lt {CHANGES} ]; do printf '{{\"hook_event_name\":\"PreToolUse\",\"session_id\":\"bench\",\"tool_name\":\"h%s\"}}' $(date +%s%N) \
         | /opt/shed/shed-guest hook claude; i=$((i+1)); sleep 0.05; done"
    );
    docker(&["exec", &shed.container(), "tmux", "new-session", "-d", "-s", "hooks", "sh", "-c", &script]).assert_ok();
    print("an agent's hook, until it is in the stream", &stream.delays("/session/status_detail", "h", CHANGES));
    drop(stream);
    // The whole command, as the agent waits for it: many in one shell, so that only it counts.
    const CALLS: u32 = 100;
    let loop_of = |what: &str| {
        format!(
            "i=0; while [ $i -lt {CALLS} ]; do echo '{{\"hook_event_name\":\"Stop\",\"session_id\":\"bench\"}}' | {what}; i=$((i+1)); done"
        )
    };
    let timed = |what: &str| {
        let script = "tmux new-session -d -s timed \"sh -c '$1; tmux wait-for -S timed'\"; tmux wait-for timed";
        let file = format!("cat >/tmp/timed.sh <<'X'\n{}\nX\n", loop_of(what));
        docker(&["exec", &shed.container(), "sh", "-c", &file]).assert_ok();
        let start = std::time::Instant::now();
        docker(&["exec", &shed.container(), "sh", "-c", script, "sh", "sh /tmp/timed.sh"]).assert_ok();
        start.elapsed() / CALLS
    };
    let (hook, nothing) = (timed("/opt/shed/shed-guest hook claude"), timed("cat >/dev/null"));
    compare_to_nothing("the hook's command", hook, nothing);
}

/// A thousand changes a second in one shed, while another is listened to.
pub fn storm(server: &TestServer, sheds: &[TestShed]) {
    let [stormy, calm, ..] = sheds else { return };
    // One tmux process that changes again and again: nothing else makes a thousand a second.
    let commands = "rename-session -t =four a ; rename-session -t =a four ; ".repeat(40);
    let file = format!("cat >/tmp/storm <<'X'\n{}\nX\n", commands.trim_end_matches(" ; "));
    docker(&["exec", &stormy.container(), "sh", "-c", &file]).assert_ok();
    let mut storm = Command::new("docker")
        .args([
            "exec",
            &stormy.container(),
            "sh",
            "-c",
            "n=0; while [ ! -e /tmp/calm ]; do tmux source-file /tmp/storm; n=$((n+80)); sleep 0.05; done; echo $n",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("docker is installed");
    let start = std::time::Instant::now();
    let stream = Stream::open(server);
    let script = rename_script("two", "t", CHANGES / 2, "sleep 0.05");
    let container = calm.container();
    let delays = thread::scope(|scope| {
        scope.spawn(|| docker(&["exec", &container, "sh", "-c", &script]).assert_ok());
        stream.delays("/session/name", "t", CHANGES / 2)
    });
    run(Command::new("docker").args(["exec", &stormy.container(), "touch", "/tmp/calm"])).assert_ok();
    let took = start.elapsed();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut storm.stdout.take().expect("its output is piped"), &mut text).expect("it is text");
    storm.wait().expect("it ends");
    let changes: u32 = text.trim().parse().expect("it prints a number");
    print("the same while another shed changes all the time", &delays);
    println!("{:<52} {:>9.0} changes/s", "  which makes", f64::from(changes) / took.as_secs_f64());
}
