//! A shed with the real agents and a scripted model (`docker/agents-test`), and what is seen of their sessions.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Answer, Curl, Events, TestServer, TestShed, agents_image, docker,
    wait::{AGENT_DEADLINE, wait_until_within},
    wait_until,
};

/// After this long a key was ignored: a busy machine takes a second to draw what follows.
const AGAIN: Duration = Duration::from_secs(3);

/// A shed whose agents talk to the model in it.
#[derive(Debug)]
pub struct AgentShed {
    shed: TestShed,
    curl: Curl,
    events: Events,
}

impl AgentShed {
    /// Makes the shed and starts the model.
    #[must_use]
    pub fn create(server: &TestServer) -> Self {
        let (shed, curl) = (TestShed::new(), server.curl());
        let events = curl.events();
        curl.post("/api/sheds", &json!({"name": shed.name(), "image": agents_image()})).assert_status(201);
        let it = Self { shed, curl, events };
        it.start_model();
        it
    }

    /// Its path in the API.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/api/sheds/{}", self.shed.name())
    }

    /// Starts the model, also again after a restart of the shed; returns when it listens.
    pub fn start_model(&self) {
        let model = "BUN_BE_BUN=1 exec /opt/model/bun /opt/model/model.mjs >/tmp/model.log 2>&1";
        docker(&["exec", "--detach", &self.shed.container(), "sh", "-c", model]).assert_ok();
        wait_until("the model to listen", || (self.run("grep --quiet listening /tmp/model.log").0 == 0).then_some(()));
    }

    /// Makes the file that the model waits for in a `think` and a `touch … slowly`.
    pub fn let_the_model_go(&self) {
        assert_eq!(self.run("touch /tmp/go").0, 0);
    }

    /// Runs a script in the shed; its exit code and standard output.
    pub fn run(&self, script: &str) -> (i32, String) {
        let ended = docker(&["exec", &self.shed.container(), "sh", "-c", script]);
        (ended.code, ended.stdout)
    }

    /// Asks for a session.
    #[must_use]
    pub fn new_session(&self, session: &Value) -> Answer {
        self.curl.post(&format!("{}/sessions", self.path()), session)
    }

    /// Restarts the shed, and the model in it.
    pub fn restart(&self) {
        self.curl.post_empty(&format!("{}/restart", self.path())).assert_status(200);
        self.start_model();
    }

    /// The session as it is now.
    #[must_use]
    pub fn session(&self, name: &str) -> Value {
        self.curl.get(&format!("{}/sessions/{name}", self.path())).json(200)
    }

    /// Types a line into the session. The line and `Enter` go apart: agents take a quick `Enter` for part of a paste.
    pub fn type_line(&self, name: &str, text: &str) {
        self.send(name, &json!({"text": text}));
        self.wait_for_screen(name, text);
        self.keys(name, &["Enter"]);
    }

    /// Presses keys in the session.
    pub fn keys(&self, name: &str, keys: &[&str]) {
        self.send(name, &json!({"keys": keys}));
    }

    /// Waits for a dialog with this text and presses a key until it is gone: agents ignore what comes in the first moment, so that
    /// nobody answers what they have not seen.
    pub fn answer(&self, name: &str, dialog: &str, key: &str) {
        press_until_gone(dialog, || self.screen(name), || self.keys(name, &[key]));
    }

    /// The same by tmux itself, when there is no server.
    pub fn answer_by_hand(&self, name: &str, dialog: &str, key: &str) {
        let (capture, send) = (format!("tmux capture-pane -p -t ={name}:"), format!("tmux send-keys -t ={name}: {key}"));
        press_until_gone(dialog, || self.run(&capture).1, || assert_eq!(self.run(&send).0, 0));
    }

    /// Waits until the session's screen contains `text`.
    pub fn wait_for_screen(&self, name: &str, text: &str) {
        let screen = RefCell::new(String::new());
        let what = || format!("`{text}` on the screen of `{name}`:\n{}", screen.borrow());
        wait_until_within(AGENT_DEADLINE, what, || {
            screen.replace(self.screen(name));
            screen.borrow().contains(text).then_some(())
        });
    }

    /// Listens to a server that was started again.
    pub fn listen_again(&mut self, server: &TestServer) {
        self.curl = server.curl();
        self.events = self.curl.events();
    }

    /// Waits for the next event in which the session has this status, and a detail that contains `detail`; its session.
    pub fn wait_for_status(&mut self, name: &str, status: &str, detail: &str) -> Value {
        let shed = self.shed.name().to_owned();
        let event = self.events.next(&format!("`{name}` to be {status} with `{detail}`"), |event| {
            let of = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
            of("/shed_name") == shed
                && of("/session/name") == name
                && of("/session/status") == status
                && of("/session/status_detail").contains(detail)
        });
        event.get("session").cloned().unwrap_or_default()
    }

    /// What was told of the session under any conversation but this one.
    #[must_use]
    pub fn of_other_conversations(&self, name: &str, conversation: &Value) -> Vec<Value> {
        let mut all = self.events.seen();
        let of = |event: &Value, path: &str| event.pointer(path).cloned().unwrap_or_default();
        all.retain(|event| of(event, "/shed_name") == self.shed.name() && of(event, "/session/name") == name);
        all.retain(|event| {
            !matches!(of(event, "/session/conversation_id"), Value::Null) && of(event, "/session/conversation_id") != *conversation
        });
        all
    }

    fn screen(&self, name: &str) -> String {
        self.curl.get(&format!("{}/sessions/{name}/screen", self.path())).body
    }

    fn send(&self, name: &str, keys: &Value) {
        self.curl.post(&format!("{}/sessions/{name}/keys", self.path()), keys).assert_status(204);
    }
}

fn press_until_gone(dialog: &str, screen: impl Fn() -> String, press: impl Fn()) {
    let (mut seen, mut pressed) = (false, None::<Instant>);
    let what = || format!("`{dialog}` to be there and answered, on:\n{}", screen());
    wait_until_within(AGENT_DEADLINE, what, || {
        let there = screen().contains(dialog);
        seen |= there;
        if there && pressed.is_none_or(|pressed| pressed.elapsed() > AGAIN) {
            press();
            pressed = Some(Instant::now());
        }
        (seen && !there).then_some(())
    });
}
