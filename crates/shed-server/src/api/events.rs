//! `GET /api/events`: what changes, as server-sent events (HTML Living Standard, section 9.2).
//!
//! A stream that is not read holds at most [`QUEUE`] events here; then its listener is cut off, and when its connection
//! takes nothing at all for long, that is closed too (see `stalled`).

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderName},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::stream;
use serde::Deserialize;
use shed_core::ErrorCode;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{ApiError, ApiState, extract::Query};
use crate::{
    Error,
    events::{Bus, Filter, Next, Published, Subscription},
};

/// Streams at once: half of the connections, so that listeners never keep everybody else out.
pub(super) const MAX_STREAMS: usize = 256;

/// Events that wait for one listener. A burst of a few hundred changes is normal (a shed with many sessions stops), and
/// the kernel's buffers take as much again before this one fills.
const QUEUE: usize = 256;

/// Proxies and clients commonly give up on a line that is silent for 30 or 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Told to every request: cancelled when the server ends, so that a stream does not hold that up.
#[derive(Debug, Clone)]
pub(super) struct Ending(pub CancellationToken);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    shed: Option<String>,
    #[serde(rename = "type")]
    types: Option<String>,
    last_event_id: Option<String>,
}

pub(super) async fn stream(
    State(state): State<ApiState>,
    ending: Option<Extension<Ending>>,
    headers: HeaderMap,
    Query(query): Query<EventsQuery>,
) -> Result<Response, ApiError> {
    let filter = Filter::parse(query.shed.as_deref(), query.types.as_deref())?;
    let permit = Arc::clone(&state.streams).try_acquire_owned().map_err(|_| {
        Error::new(ErrorCode::TooManyStreams, format!("{MAX_STREAMS} streams of events are open, which is the most"))
            .hint("end some of them; one stream can have the events of all sheds")
    })?;
    // A browser that comes back repeats its first address, so what its header says is newer.
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let last_id = header.or(query.last_event_id.as_deref()).filter(|id| !id.is_empty());
    let bus = Arc::clone(&state.app.events);
    // Who comes for the first time is told the id that they listen from, so that nothing is lost if the connection ends
    // before the first event.
    let from = last_id.is_none().then(|| bus.last_id());
    let subscription = bus.subscribe(last_id.or(from.as_deref()), QUEUE);
    let ending = ending.map_or_else(CancellationToken::new, |Extension(Ending(token))| token);
    let feed = Feed { subscription, bus, filter, passed: from, stage: Stage::Begins, ending, _permit: permit };
    // nginx would otherwise collect the events until its buffer is full.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(stream::unfold(feed, Feed::step))).into_response())
}

/// One listener's stream.
struct Feed {
    subscription: Subscription,
    bus: Arc<Bus>,
    filter: Filter,
    /// The id of the last event that was sent or left out. What a caller gave as one is not told back.
    passed: Option<String>,
    stage: Stage,
    ending: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

#[derive(PartialEq)]
enum Stage {
    Begins,
    Goes,
    Over,
}

impl Feed {
    async fn step(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let event = match self.stage {
            Stage::Begins => {
                self.stage = Stage::Goes;
                self.sign("connected")
            }
            Stage::Goes => self.next().await?,
            Stage::Over => return None,
        };
        Some((Ok(event), self))
    }

    async fn next(&mut self) -> Option<Event> {
        let silent = Instant::now() + KEEP_ALIVE;
        loop {
            tokio::select! {
                biased;
                () = self.ending.cancelled() => return None,
                next = self.subscription.next() => match next {
                    Next::Event(published) => {
                        self.passed = Some(published.event.id.clone());
                        if self.filter.passes(&published.event) {
                            return Some(written(&published));
                        }
                    }
                    Next::CutOff => {
                        self.stage = Stage::Over;
                        tracing::info!("a listener was too slow for its events and was cut off");
                        let reason = "this reader was too slow and is cut off; come back and read the lists again";
                        return Some(written(&self.bus.reset_for(reason)));
                    }
                },
                () = sleep_until(silent) => return Some(self.sign("keep-alive")),
            }
        }
    }

    /// A comment with the id of where we are: who left out much would otherwise come back with one that is long forgotten.
    fn sign(&self, comment: &str) -> Event {
        let sign = Event::default().comment(comment);
        match &self.passed {
            Some(id) => sign.id(id),
            None => sign,
        }
    }
}

/// The data is one line, as JSON escapes line breaks.
fn written(published: &Published) -> Event {
    Event::default().event(published.event.kind.as_str()).id(&published.event.id).data(&published.json)
}
