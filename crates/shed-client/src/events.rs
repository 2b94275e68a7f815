//! `GET /api/events`

use std::time::Duration;

use reqwest::Method;
use shed_core::wire::{Event, EventType};

use crate::{Client, ClientError, sse::SseStream};

/// The longest silence in the stream: the server sends a comment every 15 s, of which two may be missing.
const SILENCE: Duration = Duration::from_secs(45);

/// Which events are asked for; all from now on by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Events of these sheds alone; of all when empty.
    pub sheds: Vec<String>,
    /// Events of these types alone; of all when empty. A [`EventType::Reset`] always comes.
    pub types: Vec<EventType>,
    /// Go on after this event, as [`EventStream::last_id`] told it.
    pub last_id: Option<String>,
}

/// Events as they come. Ends when the server ends, or cuts us off because we were too slow.
#[derive(Debug)]
pub struct EventStream(SseStream);

impl Client {
    /// `GET /api/events`. When this returns, the server listens for us: lists that are read from now on miss nothing.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn events(&self, query: &EventQuery) -> Result<EventStream, ClientError> {
        let mut pairs = Vec::new();
        if !query.sheds.is_empty() {
            pairs.push(("shed", query.sheds.join(",")));
        }
        if !query.types.is_empty() {
            pairs.push(("type", query.types.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",")));
        }
        let mut request = self.streaming(Method::GET, &["api", "events"]).query(&pairs);
        if let Some(id) = &query.last_id {
            request = request.header("last-event-id", id);
        }
        Ok(EventStream(self.sse(request, SILENCE).await?))
    }
}

impl EventStream {
    /// The next event, or `None` when the server has ended the stream. Nothing is lost when the future is dropped before
    /// it is ready.
    ///
    /// # Errors
    /// [`ClientError`] if the connection breaks, or what comes is no event.
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        let Some(event) = self.0.next().await? else { return Ok(None) };
        let event = serde_json::from_str(&event.data).map_err(|error| self.0.client().protocol(format!("event `{}`: {error}", event.name)));
        event.map(Some)
    }

    /// Where the stream is, for [`EventQuery::last_id`]: everything up to here has been handed out or was not asked for.
    #[must_use]
    pub fn last_id(&self) -> Option<&str> {
        self.0.last_id()
    }
}
