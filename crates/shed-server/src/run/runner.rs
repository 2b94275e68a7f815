//! The [`Runner`] that needs nothing in the container: one exec per command.

use std::{sync::Arc, time::Duration};

use shed_tmux::{Output, RunError, Runner};

use super::{Finished, RunLimits, Turns, run_to_end};
use crate::{
    app::App,
    engine::{ContainerId, Engine, EngineError, ExecSpec},
};

/// tmux answers in milliseconds and an exec in less than a tenth of a second; a container that needs longer than this is
/// hung, and a list must not hang with it.
const DEADLINE: Duration = Duration::from_secs(10);

/// Enough for a screen with 50,000 lines of scrollback.
const OUTPUT: usize = 64 * 1024 * 1024;

/// What a shell, and the engine's launcher, exit with when there is no such program (POSIX, 2.8.2).
const NOT_FOUND: i64 = 127;

/// Runs tmux in one container as the container's user.
pub(crate) struct ExecRunner<'a> {
    pub(super) engine: Arc<dyn Engine>,
    turns: &'a Turns,
    pub(super) id: ContainerId,
}

impl App {
    /// A runner that needs no guest.
    pub(crate) fn exec_runner(&self, id: &ContainerId) -> ExecRunner<'_> {
        ExecRunner { engine: Arc::clone(&self.engine), turns: &self.turns, id: id.clone() }
    }
}

impl Runner for ExecRunner<'_> {
    async fn run(&self, argv: &[&str], stdin: &[u8]) -> Result<Output, RunError> {
        let program = argv.first().copied().unwrap_or_default();
        let spec = ExecSpec { argv: argv.iter().map(ToString::to_string).collect(), ..ExecSpec::default() };
        let _turn = self.turns.take(&self.id).await;
        let finished = run_to_end(&*self.engine, &self.id, spec, stdin, RunLimits { deadline: DEADLINE, output: OUTPUT }).await;
        match finished {
            Ok(finished) if finished.exit_code == NOT_FOUND => Err(RunError::ProgramNotFound(program.to_owned())),
            Ok(finished) if cut_short(&finished) => Err(RunError::Transport(Box::new(EngineError::NotRunning))),
            Ok(finished) => Ok(Output { exit_code: finished.exit_code, stdout: finished.stdout, stderr: finished.stderr }),
            Err(EngineError::CannotRun(_)) => Err(RunError::ProgramNotFound(program.to_owned())),
            Err(EngineError::Timeout(_)) => Err(RunError::Timeout(DEADLINE)),
            Err(error) => Err(RunError::Transport(Box::new(error))),
        }
    }
}

/// Whether the container stopped under the command: a signal ended it before it said anything, or Docker found no processes
/// to join. tmux itself ends with 0 or 1.
fn cut_short(finished: &Finished) -> bool {
    match finished.exit_code {
        129 | 137 | 143 => finished.stdout.is_empty() && finished.stderr.is_empty(),
        0 => false,
        _ => [&finished.stderr, &finished.stdout].into_iter().any(|said| {
            let said = String::from_utf8_lossy(said);
            let no_task = said.starts_with("task ") && said.contains(" not found");
            no_task || said.starts_with("OCI runtime exec failed") || said.starts_with("cannot exec in a ")
        }),
    }
}
