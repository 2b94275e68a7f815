//! `POST /api/sheds` with its progress.

use std::time::Duration;

use reqwest::Method;
use shed_core::wire::{CreateProgress, CreateShed, Shed};

use crate::{
    Client, ClientError,
    sse::{Event, SseStream},
};

/// The longest silence in the stream. The server sends a comment every few seconds, also while it pulls an image.
const SILENCE: Duration = Duration::from_secs(60);

/// A creation under way. Dropping it does not stop the server from finishing.
#[derive(Debug)]
pub struct Creation {
    stream: SseStream,
    ended: bool,
}

impl Client {
    /// `POST /api/sheds`: begins a creation. Refusals (a bad name, a name that is taken) come from here, before any progress.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_shed(&self, request: &CreateShed) -> Result<Creation, ClientError> {
        let request = self.streaming(Method::POST, &["api", "sheds"]).json(request);
        Ok(Creation { stream: self.sse(request, SILENCE).await?, ended: false })
    }
}

impl Creation {
    /// The next step, or `None` after [`CreateProgress::Done`] or [`CreateProgress::Error`].
    ///
    /// # Errors
    /// [`ClientError`] if the stream breaks; the server goes on with the creation all the same.
    pub async fn next(&mut self) -> Result<Option<CreateProgress>, ClientError> {
        while !self.ended {
            let Some(event) = self.stream.next().await? else {
                return Err(self.stream.client().unreachable("the connection ended before the shed was there"));
            };
            if let Some(step) = self.step(&event)? {
                self.ended = !matches!(step, CreateProgress::Progress(_));
                return Ok(Some(step));
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
                None => return Err(self.stream.client().protocol("the stream ended without a result")),
            }
        }
    }

    /// An event as a step; events with other names are of a newer server and skipped. The data is the whole value, so the
    /// name says nothing more.
    fn step(&self, event: &Event) -> Result<Option<CreateProgress>, ClientError> {
        match event.name.as_str() {
            "progress" | "done" | "error" => serde_json::from_str(&event.data)
                .map(Some)
                .map_err(|error| self.stream.client().protocol(format!("event `{}`: {error}", event.name))),
            _ => Ok(None),
        }
    }
}
