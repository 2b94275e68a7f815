//! The API as a script sees it: through curl.

use std::process::Command;

use serde_json::Value;

use crate::{Events, run_with_input};

/// A server's address and a token for it.
#[derive(Debug, Clone)]
pub struct Curl {
    base: String,
    token: Option<String>,
}

/// What the API answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Curl {
    pub(crate) fn new(address: &str, token: Option<String>) -> Self {
        Self { base: format!("http://{address}"), token }
    }

    /// The same server without a token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { base: self.base.clone(), token: None }
    }

    /// `GET`.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[])
    }

    /// `POST` with a JSON body.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body.to_string().as_bytes()), &[])
    }

    /// `POST` without a body.
    #[must_use]
    pub fn post_empty(&self, path: &str) -> Answer {
        self.send("POST", path, None, &[])
    }

    /// `PATCH` with a JSON body.
    #[must_use]
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body.to_string().as_bytes()), &[])
    }

    /// `DELETE`.
    #[must_use]
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, &[])
    }

    /// Any request; `extra` are more arguments for curl.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, body: Option<&[u8]>, extra: &[&str]) -> Answer {
        let mut curl = self.command();
        curl.args(["--max-time", "120", "--request", method, "--write-out", "\n%{http_code}"]);
        if body.is_some() {
            curl.args(["--header", "Content-Type: application/json", "--data-binary", "@-"]);
        }
        let ended = run_with_input(curl.args(extra).arg(format!("{}{path}", self.base)), body.unwrap_or_default()).ok();
        let (body, status) = ended.stdout.rsplit_once('\n').expect("curl writes the status on a line of its own");
        Answer { status: status.parse().expect("the status is a number"), body: body.to_owned() }
    }

    /// `GET /api/events`, from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        let mut curl = self.command();
        curl.arg(format!("{}/api/events", self.base));
        Events::open(curl)
    }

    fn command(&self) -> Command {
        let mut curl = Command::new("curl");
        // --path-as-is: curl itself would resolve `..`, which some tests send.
        curl.args(["--silent", "--show-error", "--no-buffer", "--path-as-is", "--noproxy", "*"]);
        if let Some(token) = &self.token {
            curl.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        curl
    }
}

impl Answer {
    /// The JSON body of an answer that must have this status.
    #[track_caller]
    #[must_use]
    pub fn json(&self, status: u16) -> Value {
        self.assert_status(status);
        match serde_json::from_str(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("the body is not JSON: {error}\n{}", self.body),
        }
    }

    /// Checks the status.
    #[track_caller]
    pub fn assert_status(&self, status: u16) {
        assert_eq!(self.status, status, "unexpected status; body: {}", self.body);
    }

    /// Checks an error's status and code, and that it has a message.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) {
        let body = self.json(status);
        let error = body.get("error").unwrap_or_else(|| panic!("not an error envelope: {}", self.body));
        assert_eq!(error.get("code").and_then(Value::as_str), Some(code), "{}", self.body);
        assert!(error.get("message").and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{}", self.body);
    }
}
