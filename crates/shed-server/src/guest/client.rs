//! Calls to a guest, over the one connection to it.

use std::{
    convert::Infallible,
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    client::conn::http2::SendRequest,
};
use serde::de::DeserializeOwned;
use shed_core::guest::{
    HELLO, Hello, LIST, PROCESSES, Processes, RELAY, RUN, RunAnswer, RunRequest, SnapshotHead, WATCH,
    frame::{self, Decoder, FrameError},
};

/// The longest wait for an answer that takes a guest milliseconds. A container that needs longer is hung.
pub(crate) const CALL: Duration = Duration::from_secs(10);

/// The same for a list. Shorter than what one shed may cost an aggregate, so that a hung one is known by then.
const LIST_CALL: Duration = Duration::from_secs(4);

/// The largest list, in bytes: ten thousand sessions with long commands.
const LIST_MAX: usize = 32 * 1024 * 1024;

/// The largest answer in plain JSON, and the longest refusal, in bytes.
const JSON_MAX: usize = 4 * 1024 * 1024;

/// The body of a request.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Why a guest did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuestError {
    /// The connection was gone before the request was on its way: nothing was done.
    #[error("the guest is not connected")]
    NotSent,
    /// The connection broke in the middle: the request may have been carried out.
    #[error("the guest went away in the middle of a call: {0}")]
    Broken(#[source] hyper::Error),
    /// No answer in time.
    #[error("the guest did not answer within {0:?}")]
    Timeout(Duration),
    /// The guest said no.
    #[error("the guest refused: {0} {1}")]
    Refused(StatusCode, String),
    /// What it said is not what a guest says.
    #[error("the guest's answer makes no sense: {0}")]
    Nonsense(String),
}

impl From<FrameError> for GuestError {
    fn from(error: FrameError) -> Self {
        Self::Nonsense(error.to_string())
    }
}

/// A connected guest. A clone is another handle to the same one.
#[derive(Debug, Clone)]
pub(crate) struct GuestClient {
    requests: SendRequest<Body>,
    /// Tells this connection from every other one of this process.
    id: u64,
}

static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

impl GuestClient {
    pub(super) fn new(requests: SendRequest<Body>) -> Self {
        Self { requests, id: CONNECTIONS.fetch_add(1, Ordering::Relaxed) }
    }

    /// The connection's number, the same for all handles to it.
    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// Whether the connection is known to be gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }

    /// Who answers.
    pub(crate) async fn hello(&self) -> Result<Hello, GuestError> {
        within(CALL, async { self.json(Method::GET, HELLO).await }).await
    }

    /// Runs a command to its end. The answer is how it ended, standard output and standard error.
    pub(crate) async fn run(&self, argv: &[&str], stdin: &[u8], deadline: Duration) -> Result<(RunAnswer, Vec<u8>), GuestError> {
        let argv = argv.iter().map(ToString::to_string).collect();
        let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        let request = frame::encode(&RunRequest { argv, deadline_ms }, &[stdin])?;
        // The guest ends the command at its deadline and says so; this is for a guest that does not.
        within(deadline + CALL, async {
            let response = self.send(Method::POST, RUN, full(request)).await?;
            let body = collect(response, frame::BODY_MAX + frame::HEAD_MAX).await?;
            Ok(frame::decode(&body)?)
        })
        .await
    }

    /// All sessions, as tmux lists them now.
    pub(crate) async fn list(&self) -> Result<(SnapshotHead, Vec<u8>), GuestError> {
        within(LIST_CALL, async {
            let response = self.send(Method::GET, LIST, empty()).await?;
            Ok(frame::decode(&collect(response, LIST_MAX).await?)?)
        })
        .await
    }

    /// All sessions now and after every change.
    pub(crate) async fn watch(&self) -> Result<Watch, GuestError> {
        let response = within(CALL, self.send(Method::GET, WATCH, empty())).await?;
        Ok(Watch { body: response.into_body(), decoder: Decoder::new(LIST_MAX) })
    }

    /// What the sessions' processes use, measured over `sample`.
    pub(crate) async fn processes(&self, sample: Duration) -> Result<Processes, GuestError> {
        let path = format!("{PROCESSES}?sample_ms={}", sample.as_millis());
        within(sample + CALL, async { self.json(Method::GET, &path).await }).await
    }

    /// A connection to a port on the shed's loopback: what is sent to it, and what comes from it.
    pub(crate) async fn relay(
        &self,
        port: u16,
        input: BoxStream<'static, Result<Bytes, io::Error>>,
    ) -> Result<BoxStream<'static, Result<Bytes, io::Error>>, GuestError> {
        let body = StreamBody::new(input.map_ok(Frame::data)).boxed_unsync();
        let response = within(CALL, self.send(Method::POST, &format!("{RELAY}?port={port}"), body)).await?;
        Ok(response.into_body().into_data_stream().map_err(io::Error::other).boxed())
    }

    async fn json<T: DeserializeOwned>(&self, method: Method, path: &str) -> Result<T, GuestError> {
        let response = self.send(method, path, empty()).await?;
        let body = collect(response, JSON_MAX).await?;
        serde_json::from_slice(&body).map_err(|error| GuestError::Nonsense(error.to_string()))
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> Result<Response<Incoming>, GuestError> {
        // HTTP/2 wants an authority; nobody looks it up.
        let request = Request::builder().method(method).uri(format!("http://guest{path}")).body(body);
        let request = request.map_err(|error| GuestError::Nonsense(error.to_string()))?;
        let mut requests = self.requests.clone();
        requests.ready().await.map_err(|_| GuestError::NotSent)?;
        let sent = requests.try_send_request(request).await;
        let response = sent.map_err(|mut error| match error.take_message() {
            Some(_) => GuestError::NotSent,
            None => GuestError::Broken(error.into_error()),
        })?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let text = collect(response, JSON_MAX).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&text).chars().filter(|c| !c.is_control()).take(200).collect();
        Err(GuestError::Refused(status, text))
    }
}

/// A stream of lists.
#[derive(Debug)]
pub(crate) struct Watch {
    body: Incoming,
    decoder: Decoder,
}

impl Watch {
    /// The next list; none when the guest has ended the stream.
    pub(crate) async fn next(&mut self) -> Result<Option<(SnapshotHead, Vec<u8>)>, GuestError> {
        loop {
            if let Some(frame) = self.decoder.frame()? {
                return Ok(Some(frame));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(GuestError::Broken(error)),
                Some(Ok(frame)) => {
                    if let Some(bytes) = frame.data_ref() {
                        self.decoder.push(bytes);
                    }
                }
            }
        }
    }
}

fn empty() -> Body {
    Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync()
}

fn full(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes)).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// Reads a whole body of bounded size.
async fn collect(response: Response<Incoming>, most: usize) -> Result<Vec<u8>, GuestError> {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(GuestError::Broken)?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > most {
                return Err(GuestError::Nonsense(format!("more than {most} bytes")));
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

async fn within<T>(deadline: Duration, call: impl Future<Output = Result<T, GuestError>>) -> Result<T, GuestError> {
    tokio::time::timeout(deadline, call).await.unwrap_or(Err(GuestError::Timeout(deadline)))
}
