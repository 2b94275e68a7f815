//! A command whose whole output is wanted.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use crate::engine::{ContainerId, Engine, EngineError, Exec, ExecChunk, ExecSpec};

/// What a command may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunLimits {
    /// It is ended after this time.
    pub(crate) deadline: Duration,
    /// Of each output stream this many bytes are kept; the rest is read and dropped, so that the command goes on.
    pub(crate) output: usize,
}

/// How a command ended.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    pub(crate) exit_code: i64,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) truncated: bool,
}

/// Runs `spec` with `stdin` as its whole input. On the deadline the command is ended and the answer is
/// [`EngineError::Timeout`].
pub(crate) async fn run_to_end(
    engine: &dyn Engine,
    id: &ContainerId,
    mut spec: ExecSpec,
    stdin: &[u8],
    limits: RunLimits,
) -> Result<Finished, EngineError> {
    spec.stdin = !stdin.is_empty();
    let run = async {
        let Exec { mut input, mut output, process } = engine.exec(id, spec).await?;
        let feed = async move {
            // A command that ends without reading its input closes the pipe; that is its right.
            let _ = input.write_all(stdin).await;
            let _ = input.shutdown().await;
        };
        let collect = async {
            let mut finished = Finished::default();
            while let Some(chunk) = output.next().await {
                match chunk? {
                    ExecChunk::Stdout(bytes) => finished.truncated |= keep(&mut finished.stdout, &bytes, limits.output),
                    ExecChunk::Stderr(bytes) => finished.truncated |= keep(&mut finished.stderr, &bytes, limits.output),
                }
            }
            Ok::<_, EngineError>(finished)
        };
        let ((), finished) = tokio::join!(feed, collect);
        let mut finished = finished?;
        finished.exit_code = process.wait().await?;
        Ok(finished)
    };
    tokio::time::timeout(limits.deadline, run).await.unwrap_or(Err(EngineError::Timeout("exec")))
}

/// Adds what fits; true if something did not.
fn keep(kept: &mut Vec<u8>, bytes: &[u8], limit: usize) -> bool {
    let room = limit.saturating_sub(kept.len());
    kept.extend(bytes.iter().take(room));
    bytes.len() > room
}
