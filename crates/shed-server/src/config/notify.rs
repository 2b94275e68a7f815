//! `[notify]`: who is told when a session's status changes.

use std::{fmt, path::PathBuf};

use serde::Deserialize;
use shed_core::wire::SessionStatus;

/// A text that no log and no debug output shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret from elsewhere than the configuration.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for use alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// `[notify]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// A link for people, with `{shed}` and `{session}` in it; none when not given.
    pub link: Option<String>,
    /// Addresses that get JSON.
    pub webhooks: Vec<Webhook>,
    /// Topics of ntfy servers.
    pub ntfy: Vec<Ntfy>,
}

/// One entry of `[[notify.webhooks]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where to; `http` or `https`. It may hold a secret itself, so it is shown without its path.
    pub url: Secret,
    /// Signs every message.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// A file that holds the secret, in place of `secret`.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The statuses that are told.
    #[serde(default = "on")]
    pub on: Vec<SessionStatus>,
    /// Only changes from one of these; from any when empty.
    #[serde(default)]
    pub from: Vec<SessionStatus>,
    /// Only sheds whose name fits one of these patterns (`*`, `?`); all when empty.
    #[serde(default)]
    pub sheds: Vec<String>,
    /// Never sheds whose name fits one of these.
    #[serde(default)]
    pub mute: Vec<String>,
    /// The same status of the same session is told again only after so long.
    #[serde(default = "cooldown")]
    pub cooldown_seconds: u32,
}

/// One entry of `[[notify.ntfy]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ntfy {
    /// The ntfy server.
    #[serde(default = "ntfy_server")]
    pub url: Secret,
    /// The topic. Whoever knows it can read along, so it is a secret too.
    pub topic: Secret,
    /// 1 (least) to 5; the topic's own when not given.
    #[serde(default)]
    pub priority: Option<u8>,
    /// An access token of the ntfy server.
    #[serde(default)]
    pub token: Option<Secret>,
    /// A file that holds the token, in place of `token`.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// As for webhooks.
    #[serde(default = "on")]
    pub on: Vec<SessionStatus>,
    /// As for webhooks.
    #[serde(default)]
    pub from: Vec<SessionStatus>,
    /// As for webhooks.
    #[serde(default)]
    pub sheds: Vec<String>,
    /// As for webhooks.
    #[serde(default)]
    pub mute: Vec<String>,
    /// As for webhooks.
    #[serde(default = "cooldown")]
    pub cooldown_seconds: u32,
}

fn on() -> Vec<SessionStatus> {
    vec![SessionStatus::WaitingInput, SessionStatus::WaitingPermission, SessionStatus::Completed, SessionStatus::Failed]
}

const fn cooldown() -> u32 {
    60
}

fn ntfy_server() -> Secret {
    Secret::new("https://ntfy.sh")
}
