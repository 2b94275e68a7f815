//! Notifications of the desktop: over D-Bus, or macOS's own.

use std::{collections::HashMap, time::Duration};

use notify_rust::Notification;
use shed_core::wire::{Session, SessionStatus};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

use super::rules::Notice;
use crate::{Failure, output};

/// Notifications that wait for a desktop that is slow to take them; more are dropped and said on standard error instead.
const QUEUE: usize = 64;

/// How long the desktop may take to say who it is.
const ASK_DEADLINE: Duration = Duration::from_secs(5);

/// How it identifies notifications that are replaced, where it does.
type Shown = HashMap<crate::live::Key, u32>;

/// The way to the desktop.
#[derive(Debug)]
pub struct Desktop(Sender<(Notice, String)>);

impl Desktop {
    /// Looks whether there is a desktop that shows notifications.
    ///
    /// # Errors
    /// A [`Failure`] that says what to do without one.
    pub async fn open() -> Result<Self, Failure> {
        let answer = tokio::time::timeout(ASK_DEADLINE, tokio::task::spawn_blocking(service)).await;
        let reason = match answer {
            Ok(Ok(Ok(()))) => {
                let (sender, receiver) = channel(QUEUE);
                tokio::spawn(show_all(receiver));
                return Ok(Self(sender));
            }
            Ok(Ok(Err(reason))) => reason,
            Ok(Err(panicked)) => panicked.to_string(),
            Err(_) => format!("no answer within {} s", ASK_DEADLINE.as_secs()),
        };
        Err(Failure::new(format!("no service shows desktop notifications: {reason}")).hint(
            "run this in a desktop session with one (Debian: `apt install dunst`), or use `shed notify --no-desktop --print`, or `--command`",
        ))
    }

    /// Shows a notice as soon as the desktop takes it.
    pub fn show(&self, notice: Notice, server: &str) {
        match self.0.try_send((notice, server.to_owned())) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => output::warn("the desktop takes no notifications; one is dropped"),
        }
    }
}

/// Whether there is a service; its reason if not.
#[cfg(not(target_os = "macos"))]
fn service() -> Result<(), String> {
    notify_rust::get_server_information().map(drop).map_err(|error| error.to_string())
}

/// macOS always has one.
#[cfg(target_os = "macos")]
fn service() -> Result<(), String> {
    Ok(())
}

/// One after another: a desktop that hangs has one thread of ours, not many.
async fn show_all(mut notices: Receiver<(Notice, String)>) {
    let mut shown = Shown::new();
    while let Some((notice, server)) = notices.recv().await {
        let Some(session) = notice.event.session.as_deref() else { continue };
        let (summary, body) = text(session, &server);
        let before = shown.get(&notice.key).copied();
        match tokio::task::spawn_blocking(move || show(&summary, &body, before)).await {
            Ok(Ok(Some(id))) => drop(shown.insert(notice.key, id)),
            Ok(Ok(None)) => {}
            Ok(Err(reason)) => output::warn(&format!("the desktop did not show a notification: {reason}")),
            Err(panicked) => output::warn(&format!("the desktop did not show a notification: {panicked}")),
        }
    }
}

/// What is said: who wants what, then the question, then how to get there.
fn text(session: &Session, server: &str) -> (String, String) {
    let what = match session.status {
        SessionStatus::WaitingPermission => "asks for permission",
        SessionStatus::WaitingInput => "waits for you",
        SessionStatus::Completed => "has completed",
        SessionStatus::Failed => "has failed",
        SessionStatus::Exited => "has ended",
        SessionStatus::Running => "is running",
        SessionStatus::Unknown => "has changed",
    };
    let agent = session.agent.as_ref().map_or_else(String::new, |agent| format!("{agent} in "));
    let summary = output::clean(&format!("{agent}{}/{} {what}", session.shed_name, session.name));
    let detail = session.status_detail.as_ref().map_or_else(String::new, |detail| format!("{}\n", output::clean(detail)));
    let place = output::clean(&format!("server {server}: shed attach {} -S {}", session.shed_name, session.name));
    (summary, format!("{detail}{place}"))
}

/// Shows it in place of an earlier one about the same session; the result is what that is replaced with next time.
#[cfg(not(target_os = "macos"))]
fn show(summary: &str, body: &str, before: Option<u32>) -> Result<Option<u32>, String> {
    let mut notification = Notification::new();
    // Services take the body for markup, in which a detail from a container could hold links and pictures.
    notification.appname("shed").summary(summary).body(&escaped(body));
    if let Some(id) = before {
        notification.id(id);
    }
    notification.show().map(|handle| Some(handle.id())).map_err(|error| error.to_string())
}

#[cfg(target_os = "macos")]
fn show(summary: &str, body: &str, _before: Option<u32>) -> Result<Option<u32>, String> {
    Notification::new().appname("shed").summary(summary).body(body).show().map(|_| None).map_err(|error| error.to_string())
}

#[cfg(not(target_os = "macos"))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::live::sessions_tests::session;

    #[test]
    fn what_is_said_is_harmless() {
        let asks = json!({"status": "waiting_permission", "agent": "claude", "status_detail": "Bash: <b>rm</b> & \u{1b}[2J"});
        let (summary, body) = text(&session("api", "one", &asks), "home");
        assert_eq!(summary, "claude in api/one asks for permission");
        assert_eq!(escaped(&body), "Bash: &lt;b&gt;rm&lt;/b&gt; &amp; \\u{1b}[2J\nserver home: shed attach api -S one");
    }
}
