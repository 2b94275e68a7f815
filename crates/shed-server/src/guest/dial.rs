//! Starting a guest and connecting to it: HTTP/2 over the standard input and output of one exec.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use shed_core::guest::{CONNECTION_WINDOW, Hello, STREAM_WINDOW};
use tokio_util::{
    io::StreamReader,
    sync::{CancellationToken, DropGuard},
};

use super::{GuestClient, GuestError, place};
use crate::{
    app::locked,
    engine::{ContainerId, Engine, EngineError, Exec, ExecChunk, ExecSpec},
};

/// How long a guest gets to end by itself once its input has ended. It needs milliseconds.
const END: Duration = Duration::from_secs(1);

/// How much of what it says on standard error is kept, in bytes: enough for the reason why it could not start.
const SAID: usize = 1024;

/// What a shell exits with when there is no such program (POSIX, 2.8.2).
const NOT_FOUND: i64 = 127;

/// Why there is no guest.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    /// The engine, or the container, is not there just now.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The container has no program of this build.
    #[error("the guest is not in the container")]
    Missing,
    /// It can't run in this container.
    #[error("{0}")]
    Unusable(String),
}

/// A running guest. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Link {
    /// To call it.
    pub(crate) client: GuestClient,
    /// Who it is.
    pub(crate) hello: Hello,
    _end: DropGuard,
}

/// Starts the guest in a container, after putting it there if need be.
pub(crate) async fn dial(engine: &dyn Engine, id: &ContainerId) -> Result<Link, DialError> {
    match connect(engine, id).await {
        Err(DialError::Missing) => {
            place::upload(engine, id).await.map_err(|error| match error {
                EngineError::Other(reason) => DialError::Unusable(format!("it can't be put into the container: {reason}")),
                error => error.into(),
            })?;
            connect(engine, id).await.map_err(|error| match error {
                DialError::Missing => DialError::Unusable("it is in the container and is not found there".to_owned()),
                error => error,
            })
        }
        other => other,
    }
}

async fn connect(engine: &dyn Engine, id: &ContainerId) -> Result<Link, DialError> {
    let argv = vec![place::path(), "serve".to_owned()];
    let spec = ExecSpec { argv, cwd: Some("/".to_owned()), stdin: true, ..ExecSpec::default() };
    let exec = engine.exec(id, spec).await.map_err(|error| match error {
        EngineError::CannotRun(reason) if is_missing(&reason) => DialError::Missing,
        EngineError::CannotRun(reason) => DialError::Unusable(reason),
        error => error.into(),
    })?;
    let Exec { input, output, process } = exec;
    let said = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&said);
    let stdout = output
        .map_err(io::Error::other)
        .try_filter_map(move |chunk| {
            let bytes = match chunk {
                ExecChunk::Stdout(bytes) => Some(bytes),
                ExecChunk::Stderr(bytes) => {
                    remember(&keep, &bytes);
                    None
                }
            };
            std::future::ready(Ok(bytes))
        })
        .boxed();
    let io = TokioIo::new(tokio::io::join(StreamReader::new(stdout), input));
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(STREAM_WINDOW).initial_connection_window_size(CONNECTION_WINDOW);
    let handshake = builder.handshake(io).await;
    let (requests, connection) = handshake.map_err(|error| DialError::Unusable(error.to_string()))?;

    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let ended = tokio::spawn(async move {
        let broken = tokio::select! {
            () = stopped.cancelled() => None,
            ended = connection => ended.err(),
        };
        // The connection is dropped here, and with it the guest's input: it ends by itself.
        let code = tokio::time::timeout(END, process.wait()).await;
        (broken, code.ok().and_then(Result::ok))
    });
    let guard = stop.drop_guard();
    let client = GuestClient::new(requests);
    match client.hello().await {
        Ok(hello) => Ok(Link { client, hello, _end: guard }),
        Err(error) => {
            drop((client, guard));
            let code = ended.await.ok().and_then(|(_, code)| code);
            let said = locked(&said).clone();
            Err(refused(engine, id, &error, code, &said).await)
        }
    }
}

/// Why a guest that was started did not answer.
async fn refused(engine: &dyn Engine, id: &ContainerId, error: &GuestError, code: Option<i64>, said: &[u8]) -> DialError {
    let text = String::from_utf8_lossy(said);
    let text = text.trim();
    if code == Some(NOT_FOUND) || is_missing(text) {
        return DialError::Missing;
    }
    // A container that has just ended is no reason to give up.
    if engine.is_stopping(id).await {
        return DialError::Engine(EngineError::NotRunning);
    }
    match (error, text.is_empty()) {
        (GuestError::Timeout(_), true) => DialError::Engine(EngineError::Timeout("guest")),
        (_, false) => DialError::Unusable(text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect()),
        (error, true) => DialError::Unusable(match code {
            Some(code) => format!("it ended at once with exit code {code}"),
            None => error.to_string(),
        }),
    }
}

fn is_missing(text: &str) -> bool {
    text.contains("no such file or directory") || text.contains("not found")
}

fn remember(said: &Mutex<Vec<u8>>, bytes: &Bytes) {
    let mut said = locked(said);
    let room = SAID.saturating_sub(said.len());
    said.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
}
