//! Opening a shell, a command or a session for a person or program at the other end of a connection.

use std::collections::BTreeMap;

use shed_core::SessionRef;
use shed_tmux::Tmux;

use super::{error::from_tmux, shell};
use crate::{
    Error,
    app::App,
    engine::{Container, Exec, ExecSpec, WindowSize},
};

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Shell, command or session.
    pub what: OpeningKind,
    /// Added to the environment.
    pub env: BTreeMap<String, String>,
    /// With a terminal of this size.
    pub tty: Option<WindowSize>,
}

/// Shell, command or session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpeningKind {
    /// The user's login shell.
    Shell,
    /// A command line for a login shell, as `ssh host 'command'` sends it.
    Command(String),
    /// The session, made if it does not exist and shed could have given it its name.
    Attach(SessionRef),
}

impl App {
    /// Starts it. Standard input is always open.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND` for a name that shed does not give, and those of the engine. What goes wrong inside is told by the command's output and exit code.
    pub async fn open(&self, container: &Container, opening: Opening) -> Result<Exec, Error> {
        let tty = opening.tty.is_some();
        let argv = match &opening.what {
            OpeningKind::Shell => shell::interactive(tty),
            OpeningKind::Command(line) => shell::login(line, tty),
            OpeningKind::Attach(session) => match session.as_session_name() {
                Some(name) => {
                    shell::tmux_client(&["tmux", "-u", "new-session", "-A", "-s", name.as_str(), "-c", container.working_dir.as_str()])
                }
                // By its id: tmux would read some names as something else (`=$1` is the session with that id).
                None => {
                    let found = Tmux::new(self.runner(container)).session(session).await;
                    let found = found.map_err(|error| from_tmux(error, &container.shed, Some(session)))?;
                    shell::tmux_client(&["tmux", "-u", "attach-session", "-t", &found.tmux_id])
                }
            },
        };
        let mut env = opening.env;
        env.insert("SHED_NAME".to_owned(), container.shed.to_string());
        let spec = ExecSpec { argv, env, cwd: Some(container.working_dir.clone()), tty: opening.tty, stdin: true, ..ExecSpec::default() };
        self.engine.exec(&container.id, spec).await.map_err(|error| Error::engine(error, &container.shed))
    }
}
