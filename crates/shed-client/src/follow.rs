//! Events for as long as the caller wants them, across lost connections.

use std::time::Duration;

use shed_core::wire::Event;
use tokio::time::{Instant, sleep_until};

use crate::{Client, ClientError, EventQuery, EventStream};

/// The first wait before coming back; each further one is twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A laptop that wakes up is up to date within this time.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// What happens to a follower.
#[derive(Debug)]
pub enum Followed {
    /// The server listens for us. If it is the first time, the lists are to be read now; later ones go on where the
    /// connection before ended.
    Connected {
        /// Whether there was a connection before.
        again: bool,
    },
    /// An event. After a [`shed_core::wire::EventType::Reset`] the lists are to be read again.
    Event(Box<Event>),
    /// There is no connection; the next call waits and tries again.
    Disconnected(ClientError),
}

/// Follows the events of a server.
#[derive(Debug)]
pub struct Follow {
    client: Client,
    query: EventQuery,
    stream: Option<EventStream>,
    waits: u32,
    not_before: Instant,
}

impl Follow {
    /// Follows what `query` asks for; nothing is sent yet.
    #[must_use]
    pub fn new(client: Client, query: EventQuery) -> Self {
        Self { client, query, stream: None, waits: 0, not_before: Instant::now() }
    }

    /// What happens next. Nothing is lost when the future is dropped before it is ready.
    pub async fn next(&mut self) -> Followed {
        let Some(stream) = &mut self.stream else { return self.connect().await };
        let next = stream.next().await;
        if let Some(id) = stream.last_id() {
            self.query.last_id = Some(id.to_owned());
        }
        let error = match next {
            Ok(Some(event)) => return Followed::Event(Box::new(event)),
            Ok(None) => self.client.unreachable("the server ended the stream"),
            Err(error) => error,
        };
        self.stream = None;
        self.wait();
        Followed::Disconnected(error)
    }

    async fn connect(&mut self) -> Followed {
        sleep_until(self.not_before).await;
        let again = self.query.last_id.is_some();
        match self.client.events(&self.query).await {
            Ok(stream) => {
                self.waits = 0;
                self.stream = Some(stream);
                Followed::Connected { again }
            }
            Err(error) => {
                self.wait();
                Followed::Disconnected(error)
            }
        }
    }

    fn wait(&mut self) {
        self.not_before = Instant::now() + FIRST_WAIT.saturating_mul(1 << self.waits.min(16)).min(LONGEST_WAIT);
        self.waits += 1;
    }
}
