//! Moves bytes, sizes and signals between a client and its process.

use std::{future::pending, time::Duration};

use futures_util::StreamExt;
use tokio::{
    io::AsyncWriteExt,
    sync::{mpsc, watch},
};

use super::{
    client::{Client, Gone},
    stdin,
};
use crate::{
    Error,
    engine::{Exec, ExecChunk, ExecInput, ExecOutput, ExecProcess, Signal, WindowSize},
};

/// How often a refused resize is tried again: an engine may refuse until the program has really started.
const RESIZE_TRIES: u32 = 5;

/// The time between two tries.
const RESIZE_PAUSE: Duration = Duration::from_millis(100);

/// What a client sends to its process.
pub(super) struct Inlet {
    /// Standard input.
    pub(super) stdin: stdin::Receiver,
    /// The terminal's size. Only the newest counts, so that dragging a window's corner costs a few resizes, not hundreds.
    pub(super) sizes: watch::Receiver<WindowSize>,
    /// Signals.
    pub(super) signals: mpsc::Receiver<Signal>,
    /// Whether the process has a terminal.
    pub(super) has_terminal: bool,
}

/// Why a process's output did not reach the client to its end.
pub(super) enum Broken {
    /// The client went away.
    Gone,
    /// The engine failed.
    Engine(Error),
}

impl From<Gone> for Broken {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

/// Runs until the process has ended and the client has all of its output; gives the exit code. Dropping the future drops
/// the [`Exec`], which ends the process.
pub(super) async fn run(exec: Exec, inlet: Inlet, client: &Client) -> Result<i64, Broken> {
    let Exec { input, output, process } = exec;
    let Inlet { stdin, sizes, signals, has_terminal } = inlet;
    let inwards = async {
        tokio::join!(pump_input(stdin, input, has_terminal), control(process.as_ref(), sizes, signals));
        pending().await
    };
    tokio::select! {
        result = pump_output(output, client) => result?,
        () = inwards => {}
    }
    process.wait().await.map_err(|error| Broken::Engine(error.into()))
}

async fn pump_output(mut output: ExecOutput, client: &Client) -> Result<(), Broken> {
    while let Some(chunk) = output.next().await {
        match chunk.map_err(|error| Broken::Engine(error.into()))? {
            ExecChunk::Stdout(data) => client.stdout(data).await?,
            ExecChunk::Stderr(data) => client.stderr(data).await?,
        }
    }
    Ok(())
}

/// Writes standard input, then its end of file. What a process no longer takes is read and dropped.
async fn pump_input(mut stdin: stdin::Receiver, mut input: ExecInput, has_terminal: bool) {
    let mut open = true;
    while let Some(piece) = stdin.next().await {
        open = open && input.write_all(piece.data()).await.is_ok() && input.flush().await.is_ok();
    }
    if has_terminal {
        // A terminal has no end of file; as with sshd, its program runs until it ends by itself or the client hangs up.
        pending::<()>().await;
    }
    // It fails when the process has closed its end, which is as good.
    let _ = input.shutdown().await;
}

/// Passes on sizes and signals, for as long as the client's side is there.
async fn control(process: &dyn ExecProcess, mut sizes: watch::Receiver<WindowSize>, mut signals: mpsc::Receiver<Signal>) {
    loop {
        tokio::select! {
            Ok(()) = sizes.changed() => resize(process, &mut sizes).await,
            Some(signal) = signals.recv() => {
                if let Err(error) = process.signal(signal).await {
                    tracing::debug!(signal = signal.name(), %error, "the signal was not delivered");
                }
            }
            else => return,
        }
    }
}

async fn resize(process: &dyn ExecProcess, sizes: &mut watch::Receiver<WindowSize>) {
    for _ in 0..RESIZE_TRIES {
        let size = *sizes.borrow_and_update();
        match process.resize(size).await {
            Ok(()) => return,
            Err(error) => tracing::debug!(%error, "resize refused"),
        }
        tokio::time::sleep(RESIZE_PAUSE).await;
    }
}
