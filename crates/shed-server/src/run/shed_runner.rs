//! The [`Runner`] for a shed: through its guest if there is one, else one exec for each command.

use std::time::Duration;

use shed_core::guest::RunAnswer;
use shed_tmux::{Output, RunError, Runner};

use super::{ExecRunner, RunLimits, run_to_end};
use crate::{
    app::App,
    engine::{Container, EngineError, ExecSpec},
    guest::{GuestClient, GuestError},
};

/// tmux answers in milliseconds; a container that needs longer than this is hung.
const DEADLINE: Duration = Duration::from_secs(10);

/// What a shell exits with when there is no such program (POSIX, 2.8.2).
const NOT_FOUND: i64 = 127;

/// What only looks may be asked again, another way, when the answer was lost.
const LOOKS: [&str; 5] = ["list-sessions", "list-panes", "has-session", "capture-pane", "show-environment"];

/// Runs tmux in one container as the container's user.
pub(crate) struct ShedRunner<'a> {
    guest: Option<GuestClient>,
    exec: ExecRunner<'a>,
}

impl App {
    /// A runner for the container.
    pub(crate) fn runner(&self, container: &Container) -> ShedRunner<'_> {
        ShedRunner { guest: self.registry.guest(&container.shed, &container.id), exec: self.exec_runner(&container.id) }
    }
}

impl Runner for ShedRunner<'_> {
    async fn run(&self, argv: &[&str], stdin: &[u8]) -> Result<Output, RunError> {
        let Some(guest) = &self.guest else { return self.exec.run(argv, stdin).await };
        match guest.run(argv, stdin, DEADLINE).await {
            Ok((answer, body)) => output(answer, body, argv),
            Err(GuestError::NotSent | GuestError::Refused(..)) => self.exec.run(argv, stdin).await,
            Err(GuestError::Timeout(_)) => Err(RunError::Timeout(DEADLINE)),
            Err(_) if argv.iter().any(|word| LOOKS.contains(word)) => self.exec.run(argv, stdin).await,
            Err(error @ (GuestError::Broken(_) | GuestError::Nonsense(_))) => Err(self.interrupted(error).await),
        }
    }
}

impl ShedRunner<'_> {
    /// Whether the command was carried out is not known. Most often the reason is that the container stopped.
    async fn interrupted(&self, error: GuestError) -> RunError {
        let spec = ExecSpec { argv: vec!["true".to_owned()], ..ExecSpec::default() };
        let probe = run_to_end(&*self.exec.engine, &self.exec.id, spec, b"", RunLimits { deadline: DEADLINE, output: 1024 }).await;
        match probe {
            Err(error @ (EngineError::NotRunning | EngineError::NoSuchContainer | EngineError::Paused | EngineError::Unavailable(_))) => {
                RunError::Transport(Box::new(error))
            }
            Ok(finished) if finished.exit_code > 128 => RunError::Transport(Box::new(EngineError::NotRunning)),
            _ => RunError::Transport(Box::new(EngineError::Other(format!("{error}; the command may have been carried out all the same")))),
        }
    }
}

fn output(answer: RunAnswer, mut body: Vec<u8>, argv: &[&str]) -> Result<Output, RunError> {
    match answer {
        RunAnswer::Ended { exit_code, stdout } => {
            if exit_code == NOT_FOUND {
                return Err(RunError::ProgramNotFound(argv.first().copied().unwrap_or_default().to_owned()));
            }
            let stderr = body.split_off(stdout.min(body.len()));
            Ok(Output { exit_code, stdout: body, stderr })
        }
        RunAnswer::NotFound => Err(RunError::ProgramNotFound(argv.first().copied().unwrap_or_default().to_owned())),
        RunAnswer::TimedOut => Err(RunError::Timeout(DEADLINE)),
        RunAnswer::Failed(reason) => Err(RunError::Transport(Box::new(EngineError::Other(reason)))),
    }
}
