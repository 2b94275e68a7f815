//! Connections: accepted, served with limits, closed at the end.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{events::Ending, stalled::Unstalled};

/// A caller that has not sent a whole header by then is closed (slowloris), and so is a kept connection without a request.
const HEADER_DEADLINE: Duration = Duration::from_secs(30);

/// The most that a request's header may be, in bytes.
const MAX_HEADER: usize = 64 * 1024;

/// Connections at once; more wait in the kernel's queue. Each takes a file descriptor, of which 1024 is the usual limit.
const MAX_CONNECTIONS: usize = 512;

/// A caller that takes nothing of what is sent to it for so long is closed. Home networks recover within seconds; a laptop
/// that sleeps comes back on another connection anyway.
const STALLED: Duration = Duration::from_secs(30);

/// How long the end of the server waits for requests that are being answered. Streams and long commands don't hold it up:
/// sheds and sessions live on without the server.
const END_DEADLINE: Duration = Duration::from_secs(3);

/// The server's address of a request's connection.
#[derive(Debug, Clone, Copy)]
pub struct LocalAddress(pub SocketAddr);

/// Serves until `shutdown`, then finishes what is being answered within a few seconds.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    loop {
        let next = async {
            // The semaphore is never closed, so there is always a permit in the end.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = shutdown.cancelled() => break,
            next = next => next,
            Some(_) = tasks.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connection(stream, router.clone(), graceful.watcher(), Ending(shutdown.clone()));
                tasks.spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "connection");
                    }
                    drop(permit);
                });
            }
            Err(error) => not_accepted(&error).await,
        }
    }
    drop(listener);
    if timeout(END_DEADLINE, graceful.shutdown()).await.is_err() {
        tracing::info!(connections = tasks.len(), "closing connections that are still busy");
    }
    // Dropping the set ends what is left.
}

/// A caller that was gone again is nobody's fault; without file descriptors, others must end first.
async fn not_accepted(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        tracing::warn!(%error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn connection(
    stream: TcpStream,
    router: Router,
    watcher: Watcher,
    ending: Ending,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let local = LocalAddress(stream.local_addr()?);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (router, ending) = (router.clone(), ending.clone());
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(local);
            request.extensions_mut().insert(ending);
            let answered: Result<_, Infallible> = router.oneshot(request).await;
            answered
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE)
        .max_buf_size(MAX_HEADER)
        .serve_connection(TokioIo::new(Unstalled::new(stream, STALLED)), service);
    Ok(pin!(watcher.watch(connection)).await?)
}
