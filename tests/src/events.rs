//! `GET /api/events` as a script sees it: `curl -N`, line by line.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::Value;

use crate::{
    wait::{AGENT_DEADLINE, wait_until_within},
    wait_until,
};

/// A stream of events that is read from when it was opened until it is dropped.
#[derive(Debug)]
pub struct Events {
    curl: Child,
    seen: Arc<Mutex<Vec<Value>>>,
    /// How many of them [`Events::next`] has passed.
    passed: usize,
}

impl Events {
    /// Returns when the server has answered, so that nothing that happens after this is missed.
    pub(crate) fn open(mut curl: Command) -> Self {
        let mut curl =
            curl.args(["--include", "--no-buffer"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("curl can be started");
        let lines = BufReader::new(curl.stdout.take().expect("its output is piped")).lines();
        let (seen, answered) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (list, flag) = (Arc::clone(&seen), Arc::clone(&answered));
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.starts_with("HTTP/1.1 ") {
                    assert!(line.starts_with("HTTP/1.1 200 "), "unexpected status: {line}");
                    flag.store(true, Ordering::Release);
                }
                if let Some(event) = line.strip_prefix("data:").and_then(|data| serde_json::from_str(data).ok()) {
                    list.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                }
            }
        });
        let events = Self { curl, seen, passed: 0 };
        wait_until("the stream of events to begin", || answered.load(Ordering::Acquire).then_some(()));
        events
    }

    /// Waits for the next event that `is_wanted`; those before it are passed over for good, so that one call after another
    /// also shows their order.
    ///
    /// # Panics
    ///
    /// After a deadline, with what came instead.
    pub fn next(&mut self, what: &str, mut is_wanted: impl FnMut(&Value) -> bool) -> Value {
        let (from, seen) = (self.passed, Arc::clone(&self.seen));
        let what = || format!("{what}; the events since then:\n{}", brief(all(&seen).iter().skip(from)));
        wait_until_within(AGENT_DEADLINE, what, || {
            for event in self.seen().into_iter().skip(self.passed) {
                self.passed += 1;
                if is_wanted(&event) {
                    return Some(event);
                }
            }
            None
        })
    }

    /// All events until now.
    #[must_use]
    pub fn seen(&self) -> Vec<Value> {
        all(&self.seen)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        drop(self.curl.kill());
        drop(self.curl.wait());
    }
}

fn all(seen: &Mutex<Vec<Value>>) -> Vec<Value> {
    seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// One line for each event, with what tests look at.
fn brief<'a>(events: impl Iterator<Item = &'a Value>) -> String {
    let line = |event: &Value| {
        let of = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or("-").to_owned();
        ["/at", "/type", "/session/name", "/session/status", "/session/status_source", "/session/status_detail"].map(of).join(" ")
    };
    events.map(line).collect::<Vec<_>>().join("\n")
}
