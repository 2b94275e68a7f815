//! Making a session.

use shed_core::{
    SessionName, SessionRef, ShedName,
    wire::{CreateSession, MAX_CELLS, Session},
};
use shed_tmux::{NewSession, Tmux};

use super::{
    agent::AgentCommand,
    error::from_tmux,
    saved::SavedSession,
    shell::{self, WORKSPACE},
};
use crate::{Error, app::App};

/// A window that nobody looks at: wide enough that programs don't wrap their tables.
pub(super) const DEFAULT_COLS: u16 = 200;
/// See [`DEFAULT_COLS`].
pub(super) const DEFAULT_ROWS: u16 = 50;

impl App {
    /// Makes a session; tmux itself decides whether the name is free.
    ///
    /// # Errors
    /// `SESSION_ALREADY_EXISTS`, `CONVERSATION_ACTIVE`, `INVALID_SESSION_NAME`, `INVALID_REQUEST`, and those of [`App::list_sessions`].
    pub async fn create_session(&self, shed: &ShedName, request: CreateSession) -> Result<Session, Error> {
        let Plan { mut new, agent } = plan(request)?;
        let container = self.running(shed).await?;
        // What comes back from an earlier run has the older right to its name.
        self.restore_sessions(&container).await;
        if let Some(agent) = &agent {
            self.await_guest(&container).await;
            new.command = Some(self.agent_command(&container, &new.id, agent).await?);
        }
        let name = SessionRef::from(&new.name);
        let tmux = Tmux::new(self.runner(&container));
        let mut with_dir = new.clone();
        with_dir.working_dir.get_or_insert_with(|| container.working_dir.clone());
        tmux.create(&with_dir).await.map_err(|error| from_tmux(error, shed, Some(&name)))?;
        let saved = SavedSession {
            id: new.id,
            name: name.to_string(),
            command: new.command_text,
            working_dir: with_dir.working_dir,
            env: new.env,
            labels: new.labels,
            conversation: new.conversation,
            ended: None,
        };
        self.update_saved(&container, |sessions| {
            sessions.retain(|old| old.id != saved.id && old.name != saved.name);
            sessions.push(saved);
        });
        self.session_in(&container, &name).await
    }
}

/// What is to be made.
#[derive(Debug)]
struct Plan {
    new: NewSession,
    /// Its command, if that is an agent.
    agent: Option<AgentCommand>,
}

/// Every check that needs no shed.
fn plan(request: CreateSession) -> Result<Plan, Error> {
    let name = request.name.map_or_else(|| Ok(SessionName::default_session()), SessionName::new)?;
    crate::sheds::check_env(&request.env).map_err(Error::invalid)?;
    check_labels(&request.labels)?;
    if let Some(command) = &request.command
        && (command.trim().is_empty() || command.contains('\0'))
    {
        return Err(Error::invalid("the command is empty or holds a NUL byte").hint("leave `command` out for a shell"));
    }
    let agent = AgentCommand::plan(request.command.as_deref(), request.prompt, request.resume)?;
    if let Some(dir) = &request.working_dir {
        check_dir(dir)?;
    }
    let side = |given: Option<u16>, default| match given {
        Some(cells) if cells == 0 || cells > MAX_CELLS => Err(Error::invalid(format!("cols and rows must be 1 to {MAX_CELLS}"))),
        given => Ok(given.unwrap_or(default)),
    };
    let new = NewSession {
        name,
        id: uuid::Uuid::now_v7().to_string(),
        command: request.command.as_deref().map(|command| shell::login(command, false)),
        command_text: request.command,
        working_dir: request.working_dir,
        env: request.env,
        labels: request.labels,
        agent: agent.as_ref().map(|agent| agent.name().to_owned()),
        conversation: agent.as_ref().and_then(|agent| agent.resume().map(str::to_owned)),
        ended: false,
        cols: side(request.cols, DEFAULT_COLS)?,
        rows: side(request.rows, DEFAULT_ROWS)?,
    };
    Ok(Plan { new, agent })
}

/// A directory in a shed: absolute, because nothing says what it would be relative to.
pub(super) fn check_dir(dir: &str) -> Result<(), Error> {
    if dir.starts_with('/') && !dir.contains('\0') && dir.len() <= 4096 {
        Ok(())
    } else {
        Err(Error::invalid("the working directory is not an absolute path").hint(format!("for example: {WORKSPACE}")))
    }
}

/// Labels travel in a tmux option, so there is a bound on their size.
pub(super) fn check_labels(labels: &std::collections::BTreeMap<String, String>) -> Result<(), Error> {
    let fits = |(key, value): (&String, &String)| {
        !key.is_empty()
            && key.len() <= 63
            && value.len() <= 255
            && !key.contains('=')
            && !key.chars().chain(value.chars()).any(char::is_control)
    };
    if labels.len() <= 32 && labels.iter().all(fits) {
        Ok(())
    } else {
        Err(Error::invalid("labels: at most 32, keys of 1 to 63 bytes without `=`, values of at most 255 bytes, no control characters"))
    }
}
