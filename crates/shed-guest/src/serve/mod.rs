//! The server's arm in the container: HTTP/2 over standard input and output, as `shed_core::guest` describes it.
//!
//! Idle it sleeps in one `epoll_wait` without a timer. It lives exactly as long as its standard input: Docker closes that when
//! the server goes away, however it goes, and then everything that was started here is killed.

mod budget;
mod lister;
mod proc;
mod process;
mod processes;
mod relay;
mod reply;
mod routes;
mod run;
mod sockets;
mod stdio;
mod watch;

use std::{convert::Infallible, io, process::ExitCode, sync::Arc};

use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use shed_core::guest::{CONNECTION_WINDOW, STREAM_WINDOW, STREAMS_MAX};

use self::{routes::Guest, stdio::Stdio};

/// What waits to be written for one request, in bytes.
const SEND_BUFFER: usize = 64 * 1024;

/// Headers of a request, in bytes; ours have a path and little else.
const HEADERS_MAX: u32 = 8 * 1024;

/// `shed-guest serve`
#[must_use]
pub fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let served = runtime.block_on(serve());
    // Not dropped but shut down: a thread that reads a terminal would be waited for. Tasks are dropped here, and with
    // them what they started is killed.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    use io::Write;
    let _ = writeln!(io::stderr(), "shed-guest: {error}");
    ExitCode::FAILURE
}

async fn serve() -> io::Result<()> {
    let (stdio, hung_up) = Stdio::open()?;
    let guest = Arc::new(Guest::new());
    let service = service_fn(move |request| {
        let guest = Arc::clone(&guest);
        async move { Ok::<_, Infallible>(guest.answer(request).await) }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(HEADERS_MAX)
        .max_send_buf_size(SEND_BUFFER)
        .serve_connection(TokioIo::new(stdio), service);
    tokio::select! {
        // The end of the input first: a connection that is cut is no error to speak of.
        biased;
        () = hung_up.wait() => Ok(()),
        served = connection => served.map_err(io::Error::other),
    }
}
