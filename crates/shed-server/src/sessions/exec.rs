//! One command in a shed, run to its end, if wanted in a session's place.

use std::time::Duration;

use shed_core::{
    ErrorCode, SessionRef, ShedName,
    wire::{ExecRequest, ExecResponse},
};
use shed_tmux::Tmux;

use super::{create::check_dir, error::from_tmux};
use crate::{
    Error,
    app::App,
    engine::{EngineError, ExecSpec},
    run::{RunLimits, run_to_end},
};

/// Without a deadline of its own a command gets this long; what takes longer belongs into a session.
const DEFAULT_SECONDS: u64 = 10 * 60;

/// The longest deadline that can be asked for.
const MAX_SECONDS: u64 = 24 * 60 * 60;

/// Of each stream this much is answered; `truncated` says that there was more.
const OUTPUT: usize = 8 * 1024 * 1024;

/// What a shell exits with when the program does not exist (POSIX, 2.8.2).
const NOT_FOUND: i64 = 127;

impl App {
    /// Runs the command and waits for it.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, `SESSION_NOT_FOUND`, `TIMEOUT`, and those of [`App::list_sessions`]. A command that fails, even one
    /// that does not exist (127), is no error.
    pub async fn exec_in_shed(&self, shed: &ShedName, request: ExecRequest) -> Result<ExecResponse, Error> {
        let program = request.argv.first().filter(|program| !program.is_empty()).cloned();
        let Some(program) = program else { return Err(Error::invalid("argv is empty").hint(r#"for example: {"argv":["git","status"]}"#)) };
        if request.argv.iter().any(|arg| arg.contains('\0')) {
            return Err(Error::invalid("an argument holds a NUL byte"));
        }
        crate::sheds::check_env(&request.env).map_err(Error::invalid)?;
        if let Some(cwd) = &request.cwd {
            check_dir(cwd)?;
        }
        let session = request.session.map(SessionRef::new).transpose()?;
        let seconds = request.timeout_seconds.unwrap_or(DEFAULT_SECONDS);
        if seconds == 0 || seconds > MAX_SECONDS {
            return Err(Error::invalid(format!("timeout_seconds must be 1 to {MAX_SECONDS}")));
        }

        let container = self.with_sessions(shed).await?;
        let mut spec = ExecSpec { argv: request.argv, cwd: Some(container.working_dir.clone()), ..ExecSpec::default() };
        if let Some(session) = &session {
            let tmux = Tmux::new(self.runner(&container));
            let info = tmux.session(session).await.map_err(|error| from_tmux(error, shed, Some(session)))?;
            spec.env = tmux.environment(session).await.map_err(|error| from_tmux(error, shed, Some(session)))?;
            spec.cwd = info.working_dir.or(spec.cwd);
        }
        spec.cwd = request.cwd.or(spec.cwd);
        spec.env.extend(request.env);

        let limits = RunLimits { deadline: Duration::from_secs(seconds), output: OUTPUT };
        let stdin = request.stdin.unwrap_or_default();
        let finished = run_to_end(&*self.engine, &container.id, spec, stdin.as_bytes(), limits).await;
        self.refresh(shed).await;
        match finished {
            Ok(finished) => Ok(ExecResponse {
                exit_code: finished.exit_code,
                stdout: String::from_utf8_lossy(&finished.stdout).into_owned(),
                stderr: String::from_utf8_lossy(&finished.stderr).into_owned(),
                truncated: finished.truncated,
            }),
            Err(EngineError::CannotRun(reason)) => {
                tracing::debug!(reason, program, "a command could not be run");
                Ok(ExecResponse {
                    exit_code: NOT_FOUND,
                    stdout: String::new(),
                    stderr: format!("shed: `{program}` can't be run: {reason}\n"),
                    truncated: false,
                })
            }
            Err(EngineError::Timeout(_)) => {
                Err(Error::new(ErrorCode::Timeout, format!("`{program}` ran longer than {seconds} s and was ended"))
                    .hint("give a larger `timeout_seconds`, or run it in a session"))
            }
            Err(error) => Err(Error::engine(error, shed)),
        }
    }
}
