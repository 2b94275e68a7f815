//! Server-sent events: the format, and an answer in it.

mod decoder;

use std::{collections::VecDeque, time::Duration};

use reqwest::{RequestBuilder, Response, header::CONTENT_TYPE};

pub(crate) use self::decoder::{Decoder, Event};
use crate::{Client, ClientError};

/// The longest event that is read, in bytes.
const MAX_EVENT: usize = 1024 * 1024;

/// An answer that is a stream of events.
#[derive(Debug)]
pub(crate) struct SseStream {
    client: Client,
    response: Response,
    decoder: Decoder,
    ready: VecDeque<Event>,
    /// The longest silence, in which not even a comment comes.
    silence: Duration,
    last_id: Option<String>,
}

impl Client {
    /// Sends a request whose answer must be a stream of events.
    pub(crate) async fn sse(&self, request: RequestBuilder, silence: Duration) -> Result<SseStream, ClientError> {
        let sending = tokio::time::timeout(silence, self.send(request.header("accept", "text/event-stream")));
        let response = sending.await.map_err(|_| silent(self, silence))??;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(self.protocol(format!("content type `{kind}` instead of an event stream")));
        }
        let (decoder, ready) = (Decoder::default(), VecDeque::new());
        Ok(SseStream { client: self.clone(), response, decoder, ready, silence, last_id: None })
    }
}

impl SseStream {
    /// The next event, or `None` at the end. Nothing is lost when the future is dropped before it is ready.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                // With the last one of a chunk, the ids of what follows it there and is no event count too.
                let last_id = if self.ready.is_empty() { self.decoder.last_id() } else { event.id.as_deref() };
                self.last_id = last_id.map(str::to_owned);
                return Ok(Some(event));
            }
            let chunk = tokio::time::timeout(self.silence, self.response.chunk()).await.map_err(|_| silent(&self.client, self.silence))?;
            let Some(chunk) = chunk.map_err(|error| self.client.transport(&error))? else { return Ok(None) };
            self.ready.extend(self.decoder.push(&chunk));
            if self.ready.is_empty() {
                self.last_id = self.decoder.last_id().map(str::to_owned);
            }
            if self.decoder.pending() > MAX_EVENT {
                return Err(self.client.protocol(format!("an event is longer than {MAX_EVENT} bytes")));
            }
        }
    }

    /// Where the stream is: everything up to this id has been handed out.
    pub(crate) fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

fn silent(client: &Client, silence: Duration) -> ClientError {
    client.unreachable(format!("no sign of life for {} s", silence.as_secs()))
}
