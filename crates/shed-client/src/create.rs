//! `POST /api/sheds` with its progress.

use std::{collections::VecDeque, time::Duration};

use reqwest::{Method, Response, header::CONTENT_TYPE};
use shed_core::wire::{CreateProgress, CreateShed, Shed};

use crate::{
    Client, ClientError,
    sse::{Decoder, Event},
};

/// The longest silence in the stream. The server sends a comment every few seconds, also while it pulls an image.
const SILENCE: Duration = Duration::from_secs(60);

/// The longest event that is read, in bytes.
const MAX_EVENT: usize = 1024 * 1024;

/// A creation under way. Dropping it does not stop the server from finishing.
#[derive(Debug)]
pub struct Creation {
    client: Client,
    response: Response,
    decoder: Decoder,
    ready: VecDeque<Event>,
    ended: bool,
}

impl Client {
    /// `POST /api/sheds`: begins a creation. Refusals (a bad name, a name that is taken) come from here, before any progress.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_shed(&self, request: &CreateShed) -> Result<Creation, ClientError> {
        let request = self.streaming(Method::POST, &["api", "sheds"]).header("accept", "text/event-stream").json(request);
        let sending = tokio::time::timeout(SILENCE, self.send(request));
        let response = sending.await.map_err(|_| self.silent())??;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(self.protocol(format!("content type `{kind}` instead of an event stream")));
        }
        Ok(Creation { client: self.clone(), response, decoder: Decoder::default(), ready: VecDeque::new(), ended: false })
    }

    fn silent(&self) -> ClientError {
        ClientError::Unreachable { url: self.url().to_string(), reason: format!("no sign of life for {} s", SILENCE.as_secs()) }
    }
}

impl Creation {
    /// The next step, or `None` after [`CreateProgress::Done`] or [`CreateProgress::Error`].
    ///
    /// # Errors
    /// [`ClientError`] if the stream breaks; the server goes on with the creation all the same.
    pub async fn next(&mut self) -> Result<Option<CreateProgress>, ClientError> {
        while !self.ended {
            if let Some(event) = self.ready.pop_front() {
                if let Some(step) = self.step(&event)? {
                    self.ended = !matches!(step, CreateProgress::Progress(_));
                    return Ok(Some(step));
                }
                continue;
            }
            let chunk = tokio::time::timeout(SILENCE, self.response.chunk()).await.map_err(|_| self.client.silent())?;
            let Some(chunk) = chunk.map_err(|error| self.client.transport(&error))? else {
                return Err(ClientError::Unreachable {
                    url: self.client.url().to_string(),
                    reason: "the connection ended before the shed was there".to_owned(),
                });
            };
            self.ready.extend(self.decoder.push(&chunk));
            if self.decoder.pending() > MAX_EVENT {
                return Err(self.client.protocol(format!("an event is longer than {MAX_EVENT} bytes")));
            }
        }
        Ok(None)
    }

    /// Follows the creation to its end and hands every progress text to `on_progress`.
    ///
    /// # Errors
    /// [`ClientError`]; a failed creation is [`ClientError::Api`] with the status that belongs to its code.
    pub async fn finish(mut self, mut on_progress: impl FnMut(&str)) -> Result<Shed, ClientError> {
        loop {
            match self.next().await? {
                Some(CreateProgress::Progress(text)) => on_progress(&text),
                Some(CreateProgress::Done(shed)) => return Ok(*shed),
                Some(CreateProgress::Error(body)) => return Err(ClientError::Api { status: body.code.http_status(), body }),
                None => return Err(self.client.protocol("the stream ended without a result")),
            }
        }
    }

    /// An event as a step; events with other names are of a newer server and skipped. The data is the whole value, so the
    /// name says nothing more.
    fn step(&self, event: &Event) -> Result<Option<CreateProgress>, ClientError> {
        match event.name.as_str() {
            "progress" | "done" | "error" => serde_json::from_str(&event.data)
                .map(Some)
                .map_err(|error| self.client.protocol(format!("event `{}`: {error}", event.name))),
            _ => Ok(None),
        }
    }
}
