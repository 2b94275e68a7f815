//! What happens on several servers, as it happens: the lists once, then events. Nothing is asked again and again.

mod sessions;

use std::time::Duration;

use serde::Serialize;
use shed_client::{ClientError, EventQuery, Follow, Followed, SessionQuery};
use shed_core::wire::{Event, EventType, SessionList};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinSet,
};

#[cfg(test)]
pub(crate) use self::sessions::tests as sessions_tests;
pub use self::sessions::{Key, Sessions};
use crate::context::Remote;

/// Updates that wait for a reader that draws, or whose output goes nowhere for a while. When it is full the servers are not
/// read any more; one that cuts us off for that is read from the beginning later.
const QUEUE: usize = 256;

/// The wait before a list is asked for again that a server could not give, though it sends events.
const AGAIN: Duration = Duration::from_secs(2);

/// What happened on one server, which is named by its place in the list of servers.
#[derive(Debug)]
pub struct Update {
    /// The place.
    pub server: usize,
    /// What happened there.
    pub what: What,
}

/// What happened on a server.
#[derive(Debug)]
pub enum What {
    /// All sessions that there are, in place of all that were known.
    All(SessionList),
    /// The connection is back, and nothing was missed.
    Back,
    /// A change.
    Event(Box<Event>),
    /// It can't be reached; for people.
    Lost(String),
}

/// An event with the server that it comes from, as other programs get it.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    /// The server's name.
    pub server: &'a str,
    /// The event.
    #[serde(flatten)]
    pub event: &'a Event,
}

/// Follows servers until it is dropped.
#[derive(Debug)]
pub struct Live {
    updates: Receiver<Update>,
    _followers: JoinSet<()>,
}

impl Live {
    /// Begins to follow.
    #[must_use]
    pub fn follow(remotes: &[Remote]) -> Self {
        let (sender, updates) = channel(QUEUE);
        let mut followers = JoinSet::new();
        for (server, remote) in remotes.iter().enumerate() {
            followers.spawn(follow(Line { server, sender: sender.clone() }, remote.clone()));
        }
        Self { updates, _followers: followers }
    }

    /// The next update. Nothing is lost when the future is dropped before it is ready.
    pub async fn next(&mut self) -> Update {
        match self.updates.recv().await {
            Some(update) => update,
            // Followers end when nobody listens to them any more, so this does not happen.
            None => std::future::pending().await,
        }
    }

    /// An update that is already there.
    pub fn ready(&mut self) -> Option<Update> {
        self.updates.try_recv().ok()
    }
}

/// The way to the reader.
struct Line {
    server: usize,
    sender: Sender<Update>,
}

/// Nobody reads any more.
struct Over;

impl Line {
    async fn tell(&self, what: What) -> Result<(), Over> {
        self.sender.send(Update { server: self.server, what }).await.map_err(|_| Over)
    }
}

async fn follow(line: Line, remote: Remote) {
    while follow_once(&line, &remote).await.is_ok() {
        tokio::time::sleep(AGAIN).await;
    }
}

/// Returns when everything has to begin anew: there are events but no list.
async fn follow_once(line: &Line, remote: &Remote) -> Result<(), Over> {
    let mut follow = Follow::new(remote.client.clone(), EventQuery::default());
    loop {
        let what = match follow.next().await {
            Followed::Connected { again: true } => What::Back,
            Followed::Event(event) if event.kind != EventType::Reset => What::Event(event),
            Followed::Connected { again: false } | Followed::Event(_) => match list(remote).await {
                Ok(list) => What::All(list),
                Err(error) => return line.tell(What::Lost(reason(&error))).await,
            },
            Followed::Disconnected(error) => What::Lost(reason(&error)),
        };
        line.tell(what).await?;
    }
}

async fn list(remote: &Remote) -> Result<SessionList, ClientError> {
    remote.asking()?.list_all_sessions(&SessionQuery::default()).await
}

/// The cause alone: the server's name stands beside it.
fn reason(error: &ClientError) -> String {
    match error {
        ClientError::Unreachable { reason, .. } => reason.clone(),
        ClientError::Api { .. } | ClientError::Protocol { .. } | ClientError::Url(_) | ClientError::Setup(_) => error.to_string(),
    }
}
