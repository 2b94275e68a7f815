//! Where messages go, and in which form.

use std::{fmt, fs, path::Path, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Url, redirect::Policy};
use serde_json::json;
use sha2::Sha256;
use shed_core::wire::SessionStatus;

use super::{Message, NotifyError, rule::Rule};
use crate::config::{Notify, Ntfy, Secret, Webhook};

/// One attempt. Services answer within a second or two; one that hangs is tried again.
const ATTEMPT: Duration = Duration::from_secs(10);

/// A place to tell.
pub(super) struct Target {
    /// For logs and tables: the kind, its number, and the host. Paths and topics can be secrets.
    pub name: String,
    pub rule: Rule,
    http: Client,
    url: Url,
    form: Form,
}

enum Form {
    Webhook { secret: Option<Secret> },
    Ntfy { topic: Secret, priority: Option<u8>, token: Option<Secret> },
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// All targets of the configuration.
pub(super) fn targets(config: &Notify) -> Result<Vec<Target>, NotifyError> {
    let webhooks = config.webhooks.iter().enumerate().map(|(number, webhook)| Target::webhook(number + 1, webhook));
    let ntfy = config.ntfy.iter().enumerate().map(|(number, ntfy)| Target::ntfy(number + 1, ntfy));
    webhooks.chain(ntfy).collect()
}

impl Target {
    fn webhook(number: usize, config: &Webhook) -> Result<Self, NotifyError> {
        let rule = Rule {
            on: config.on.clone(),
            from: config.from.clone(),
            sheds: config.sheds.clone(),
            mute: config.mute.clone(),
            cooldown: Duration::from_secs(config.cooldown_seconds.into()),
            ..Rule::default()
        };
        let name = format!("webhook {number}");
        let secret = secret(&name, config.secret.as_ref(), config.secret_file.as_deref())?;
        Self::new(name, &config.url, rule, Form::Webhook { secret })
    }

    fn ntfy(number: usize, config: &Ntfy) -> Result<Self, NotifyError> {
        let rule = Rule {
            on: config.on.clone(),
            from: config.from.clone(),
            sheds: config.sheds.clone(),
            mute: config.mute.clone(),
            cooldown: Duration::from_secs(config.cooldown_seconds.into()),
            ..Rule::default()
        };
        let name = format!("ntfy {number}");
        if config.priority.is_some_and(|priority| !(1..=5).contains(&priority)) {
            return Err(NotifyError::Priority { target: name });
        }
        let token = secret(&name, config.token.as_ref(), config.token_file.as_deref())?;
        Self::new(name, &config.url, rule, Form::Ntfy { topic: config.topic.clone(), priority: config.priority, token })
    }

    fn new(name: String, url: &Secret, rule: Rule, form: Form) -> Result<Self, NotifyError> {
        let parsed = Url::parse(url.reveal()).ok().filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        let Some(url) = parsed else { return Err(NotifyError::Url { target: name }) };
        let name = format!("{name} ({}://{})", url.scheme(), url.host_str().unwrap_or_default());
        if rule.on.iter().chain(&rule.from).any(|status| *status == SessionStatus::Unknown) {
            return Err(NotifyError::Status { target: name });
        }
        // An error means that the program has chosen a provider already, which is fine.
        let _already_chosen = rustls::crypto::ring::default_provider().install_default();
        // A redirect would carry the message to an address that nobody configured.
        let mut builder = Client::builder().timeout(ATTEMPT).redirect(Policy::none());
        builder = builder.user_agent(concat!("shed-server/", env!("CARGO_PKG_VERSION")));
        if url.scheme() == "http" {
            // Without this the root certificates are read for nothing, and a machine without any can't use HTTP.
            builder = builder.tls_certs_only([]);
        }
        match builder.build() {
            Ok(http) => Ok(Self { name, rule, http, url, form }),
            Err(error) => Err(NotifyError::Setup { target: name, reason: error.without_url().to_string() }),
        }
    }

    /// The request of one attempt.
    pub(super) fn request(&self, message: &Message) -> RequestBuilder {
        let request = self.http.post(self.url.clone()).header("content-type", "application/json");
        match &self.form {
            Form::Webhook { secret } => {
                let body = serde_json::to_vec(message).unwrap_or_default();
                let timestamp = Timestamp::now().as_second().to_string();
                let mut request = request.header("x-shed-delivery", &message.id).header("x-shed-timestamp", &timestamp);
                if let Some(secret) = secret {
                    request = request.header("x-shed-signature", format!("sha256={}", sign(secret, &timestamp, &body)));
                }
                request.body(body)
            }
            Form::Ntfy { topic, priority, token } => {
                // https://docs.ntfy.sh/publish/#publish-as-json: to the root of the server, the topic in the body.
                let mut body = json!({
                    "topic": topic.reveal(),
                    "title": message.title(),
                    "message": message.detail.clone().unwrap_or_else(|| format!("on {}", message.server)),
                    "tags": [tag(message.status)],
                });
                if let Some(fields) = body.as_object_mut() {
                    fields.extend(priority.map(|priority| ("priority".to_owned(), priority.into())));
                    fields.extend(message.link.clone().map(|link| ("click".to_owned(), link.into())));
                }
                let request = match token {
                    Some(token) => request.bearer_auth(token.reveal()),
                    None => request,
                };
                request.body(body.to_string())
            }
        }
    }
}

/// HMAC-SHA256 (RFC 2104) of the time, a full stop and the body, in hexadecimal digits. With the time in it, a message that
/// was listened to can't be sent again later.
pub(super) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else { return String::new() };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A short code of an emoji, as ntfy shows it before the title.
const fn tag(status: SessionStatus) -> &'static str {
    match status {
        SessionStatus::WaitingInput => "speech_balloon",
        SessionStatus::WaitingPermission => "raised_hand",
        SessionStatus::Completed => "white_check_mark",
        SessionStatus::Failed => "x",
        SessionStatus::Running => "arrow_forward",
        SessionStatus::Exited | SessionStatus::Unknown => "stop_button",
    }
}

fn secret(target: &str, given: Option<&Secret>, file: Option<&Path>) -> Result<Option<Secret>, NotifyError> {
    let Some(path) = file else { return Ok(given.cloned()) };
    if given.is_some() {
        return Err(NotifyError::TwoSecrets { target: target.to_owned() });
    }
    let failed = |source| NotifyError::SecretFile { target: target.to_owned(), path: path.to_owned(), source };
    Ok(Some(Secret::new(fs::read_to_string(path).map_err(failed)?.trim())))
}
