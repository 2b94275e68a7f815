//! `/run`: a command to its end.

use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use hyper::{
    StatusCode,
    body::{Body, Incoming},
};
use shed_core::guest::{
    RunAnswer, RunRequest,
    frame::{self, BODY_MAX, Decoder, HEAD_MAX},
};
use shed_tmux::{Output, RunError};
use tokio::{sync::Semaphore, time::Instant};

use super::{
    budget::{Budget, Share},
    process, reply,
    reply::Reply,
};

/// Most programs at once. More don't finish sooner on a small machine; what comes on top waits.
const AT_ONCE: usize = 32;

/// How long a request may take to arrive; the server sends it in one go.
const ARRIVAL: Duration = Duration::from_secs(60);

/// What is needed to run commands.
pub struct Runs {
    slots: Semaphore,
    budget: Budget,
}

/// An answer that is being sent, and the memory that it holds.
struct Sent(Vec<u8>, #[expect(dead_code, reason = "given back with the answer")] Share);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Runs {
    pub fn new(budget: &Budget) -> Self {
        Self { slots: Semaphore::new(AT_ONCE), budget: budget.clone() }
    }

    /// Runs what the request says. Its body stays in the connection's window until it is its turn.
    pub async fn answer(&self, body: Incoming) -> Reply {
        let came = Instant::now();
        let Ok(_slot) = self.slots.acquire().await else { return reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "the guest ends") };
        let input = self.budget.share(HEAD_MAX + BODY_MAX + 8);
        let request = tokio::time::timeout(ARRIVAL, receive(body, &input)).await;
        let (request, stdin) = match request.unwrap_or_else(|_| Err((StatusCode::REQUEST_TIMEOUT, "the request did not arrive".to_owned())))
        {
            Ok(request) => request,
            Err((status, text)) => return reply::refusal(status, &text),
        };
        let argv: Vec<&str> = request.argv.iter().map(String::as_str).collect();
        let deadline = Duration::from_millis(request.deadline_ms).saturating_sub(came.elapsed());
        let share = self.budget.share(BODY_MAX);
        let ran = process::run(&argv, &stdin, Some(deadline), &share).await;
        let (answer, output) = sorted(ran);
        match frame::encode(&answer, &[&output.stdout, &output.stderr]) {
            Ok(frame) => reply::bytes(Bytes::from_owner(Sent(frame, share))),
            Err(error) => reply::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        }
    }
}

fn sorted(ran: Result<Output, RunError>) -> (RunAnswer, Output) {
    let answer = match ran {
        Ok(output) => return (RunAnswer::Ended { exit_code: output.exit_code, stdout: output.stdout.len() }, output),
        Err(RunError::ProgramNotFound(_)) => RunAnswer::NotFound,
        Err(RunError::Timeout(_)) => RunAnswer::TimedOut,
        Err(error @ RunError::Transport(_)) => RunAnswer::Failed(error.to_string()),
    };
    (answer, Output::default())
}

type Refused = (StatusCode, String);

/// Reads exactly one frame.
async fn receive(mut body: Incoming, share: &Share) -> Result<(RunRequest, Vec<u8>), Refused> {
    let bad = |error: &dyn std::error::Error| (StatusCode::BAD_REQUEST, error.to_string());
    let mut decoder = Decoder::default();
    let mut request = None;
    while let Some(part) = body.frame().await {
        let Ok(data) = part.map_err(|error| bad(&error))?.into_data() else { continue };
        share.take(data.remaining()).map_err(|error| (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
        decoder.push(&data);
        if request.is_none() {
            request = decoder.frame::<RunRequest>().map_err(|error| match error {
                frame::FrameError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()),
                _ => bad(&error),
            })?;
        }
        if body.is_end_stream() {
            break;
        }
    }
    request.filter(|_| decoder.is_empty()).ok_or_else(|| bad(&frame::FrameError::CutOff))
}
