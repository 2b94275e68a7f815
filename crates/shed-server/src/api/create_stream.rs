//! Creating a shed as server-sent events (HTML Living Standard, section 9.2): `progress` lines, then `done` or `error`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, HeaderName, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use shed_core::wire::{CreateProgress, Shed};
use tokio::{sync::mpsc::unbounded_channel, task::JoinHandle, time::timeout};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tracing::Instrument;

use super::{ApiError, error};
use crate::{Error, app::App, sheds::NewShed};

/// Proxies and clients commonly give up on a line that is silent for 30 or 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long the first byte waits for the first step. What fails until then (the name is taken, no engine, no image) is
/// answered with its own status instead of an event.
const FIRST_STEP: Duration = Duration::from_secs(2);

/// Whether the caller prefers events to one answer at the end.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut types = accepted.map(|range| range.split(';').next().unwrap_or_default().trim());
    types.any(|range| range.eq_ignore_ascii_case("text/event-stream"))
}

/// Starts the creation, which goes on when the caller hangs up, and answers with its events.
pub(super) async fn respond(app: Arc<App>, new: NewShed) -> Result<Response, ApiError> {
    let (progress, mut steps) = unbounded_channel();
    let made = tokio::spawn(async move { app.create_shed(new, progress).await }.in_current_span());
    let first = match timeout(FIRST_STEP, steps.recv()).await {
        Ok(None) => {
            let shed = outcome(made).await?;
            return Ok(events(stream::iter([CreateProgress::Done(Box::new(shed))])));
        }
        Ok(Some(step)) => Some(step),
        Err(_) => None,
    };
    let steps = stream::iter(first).chain(UnboundedReceiverStream::new(steps)).map(CreateProgress::Progress);
    let end = stream::once(async {
        match outcome(made).await {
            Ok(shed) => CreateProgress::Done(Box::new(shed)),
            Err(error) => {
                error::log(&error);
                CreateProgress::Error(error.body())
            }
        }
    });
    Ok(events(steps.chain(end)))
}

async fn outcome(made: JoinHandle<Result<Shed, Error>>) -> Result<Shed, Error> {
    made.await.map_err(Error::internal)?
}

fn events(steps: impl Stream<Item = CreateProgress> + Send + 'static) -> Response {
    let events = steps.map(|step| Ok::<_, Infallible>(event(&step)));
    // nginx would otherwise collect the events until its buffer is full.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    (unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response()
}

/// The event's name is the variant's; its data is the whole value as JSON, which never has a line break.
fn event(step: &CreateProgress) -> Event {
    let name = match step {
        CreateProgress::Progress(_) => "progress",
        CreateProgress::Done(_) => "done",
        CreateProgress::Error(_) => "error",
    };
    let data = serde_json::to_string(step).unwrap_or_else(|_| "null".to_owned());
    Event::default().event(name).data(data)
}
