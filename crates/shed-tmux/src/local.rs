//! A [`Runner`] for programs on this machine.

use std::{ffi::OsString, io, os::unix::process::ExitStatusExt, process::Stdio, time::Duration};

use tokio::io::AsyncWriteExt;

use crate::{Output, RunError, Runner};

/// The longest that a command may take. tmux answers in milliseconds; a paste of 1 MB into a slow program needs seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// Runs programs as children of this process, killed when the future is dropped.
///
/// `TMUX` is always taken out of their environment: inside tmux it would choose the socket.
#[derive(Debug, Clone, Default)]
pub struct LocalRunner {
    env: Vec<(OsString, OsString)>,
}

impl LocalRunner {
    /// Runs programs with the environment of this process.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable for every program: `TMUX_TMPDIR` for sockets apart from the user's, `PATH` for another tmux.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }
}

impl Runner for LocalRunner {
    async fn run(&self, argv: &[&str], stdin: &[u8]) -> Result<Output, RunError> {
        let Some((program, arguments)) = argv.split_first() else { return Err(RunError::ProgramNotFound(String::new())) };
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).envs(self.env.iter().map(|(k, v)| (k, v))).env_remove("TMUX");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RunError::ProgramNotFound((*program).to_owned()),
            _ => transport(error),
        })?;
        let pipe = child.stdin.take();
        let feed = async {
            if let Some(mut pipe) = pipe {
                // A program that ends without reading all of it is no fault: its exit code says what happened.
                let _ = pipe.write_all(stdin).await;
            }
        };
        let both = async { tokio::join!(child.wait_with_output(), feed).0 };
        let output = tokio::time::timeout(DEADLINE, both).await.map_err(|_| RunError::Timeout(DEADLINE))?.map_err(transport)?;
        let signal = output.status.signal().map(|signal| 128 + signal);
        let exit_code = i64::from(output.status.code().or(signal).unwrap_or(-1));
        Ok(Output { exit_code, stdout: output.stdout, stderr: output.stderr })
    }
}

fn transport(error: io::Error) -> RunError {
    RunError::Transport(Box::new(error))
}
