//! Bringing sessions back after their container stopped and started.

use shed_core::{SessionName, SessionRef, wire::MAX_CELLS};
use shed_tmux::{NewSession, Tmux, TmuxError};

use super::{
    agent::AgentCommand,
    create::{DEFAULT_COLS, DEFAULT_ROWS},
    saved::{Run, SavedEnd, SavedSession},
    shell,
};
use crate::{
    app::{App, locked},
    engine::{Container, EngineError, ExecSpec},
    run::{RunLimits, run_to_end},
};

const _: () = assert!(DEFAULT_COLS <= MAX_CELLS && DEFAULT_ROWS <= MAX_CELLS);

/// Takes standard input to a file in the shed; its name is `$1`.
pub(super) const WRITE_FILE: &str = r#"umask 077; cat >"$1""#;

/// Writing a few kilobytes.
pub(super) const WRITE_LIMITS: RunLimits = RunLimits { deadline: std::time::Duration::from_secs(10), output: 4096 };

/// How often is looked whether a restored screen is there; it takes a third of a second.
const END_LOOKS: u32 = 20;

/// Between two looks.
const END_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

impl App {
    /// Makes sure that the sessions of the container's last run are there: under the same id, name, directory, environment
    /// and labels. Commands run anew; what had ended comes back as its last screen and exit code. Once per run.
    pub(crate) async fn restore_sessions(&self, container: &Container) {
        if !self.looks_after(container) || self.is_restored(container) {
            return;
        }
        let _lock = self.restoring.lock(&container.shed).await;
        // The one that held the lock may have done it; and a container from a list does not know its start.
        let Ok(container) = self.engine.inspect(&container.shed).await else { return };
        let Some(run) = Run::of(&container) else { return };
        if self.is_restored(&container) {
            return;
        }
        if let Some((key, sessions)) = self.load_saved(&container.shed)
            && key != run.key()
        {
            for session in &sessions {
                if let Err(error) = self.restore_one(&container, session).await {
                    if matches!(error, TmuxError::Run(_)) {
                        // The shed does not answer. Nothing is marked as done, so the next caller tries again.
                        tracing::warn!(%error, shed = %container.shed, "sessions could not be restored yet");
                        return;
                    }
                    tracing::warn!(%error, shed = %container.shed, session = session.name, "a session could not be restored");
                }
            }
            self.wait_for_ends(&container, &sessions).await;
            self.store_saved(&container.shed, &run, &sessions);
        }
        locked(&self.restored).insert(container.shed.clone(), run);
    }

    /// What had ended is seen as ended from the first list on, so nobody is told of its end a second time.
    async fn wait_for_ends(&self, container: &Container, saved: &[SavedSession]) {
        let ended: Vec<&str> = saved.iter().filter(|session| session.ended.is_some()).map(|session| session.id.as_str()).collect();
        let tmux = Tmux::new(self.runner(container));
        for _ in 0..END_LOOKS {
            let Ok(listed) = tmux.list().await else { return };
            let waits = |id: &&str| listed.iter().any(|info| info.id.as_deref() == Some(*id) && info.dead.is_none());
            if !ended.iter().any(waits) {
                return;
            }
            tokio::time::sleep(END_PAUSE).await;
        }
    }

    fn is_restored(&self, container: &Container) -> bool {
        let restored = locked(&self.restored);
        let Some(known) = restored.get(&container.shed) else { return false };
        match Run::of(container) {
            Some(run) => *known == run,
            // From a list: the watch forgets a run when it hears that the container died.
            None => known.container == container.id.0,
        }
    }

    async fn restore_one(&self, container: &Container, saved: &SavedSession) -> Result<(), TmuxError> {
        let Ok(wanted) = SessionRef::new(saved.name.clone()) else { return Ok(()) };
        let tmux = Tmux::new(self.runner(container));
        // One that was made by hand may have a name that shed does not give: it is made under another and renamed.
        let own_name = wanted.as_session_name();
        if own_name.is_none() && tmux.has(&wanted).await? {
            return Ok(());
        }
        let Ok(name) = own_name.clone().map_or_else(|| SessionName::new(format!("restored-{}", uuid::Uuid::new_v4().simple())), Ok) else {
            return Ok(());
        };
        // An agent goes on with its conversation; its first prompt is not given again.
        let agent = AgentCommand::again(saved.command.as_deref(), saved.conversation.as_deref());
        let command = match (&saved.ended, &agent) {
            (Some(end), _) => Some(self.screen_command(container, saved, end).await),
            (None, Some(agent)) => Some(agent.argv()),
            (None, None) => saved.command.as_deref().map(|command| shell::login(command, false)),
        };
        let mut new = NewSession {
            name,
            id: saved.id.clone(),
            command,
            command_text: saved.command.clone(),
            working_dir: saved.working_dir.clone(),
            env: saved.env.clone(),
            labels: saved.labels.clone(),
            agent: agent.as_ref().map(|agent| agent.name().to_owned()),
            conversation: agent.as_ref().and_then(|agent| agent.resume().map(str::to_owned)),
            ended: saved.ended.is_some(),
            cols: DEFAULT_COLS,
            rows: DEFAULT_ROWS,
        };
        let mut made = tmux.create(&new).await;
        if matches!(made, Err(TmuxError::BadDirectory(_))) {
            // The directory may be gone; a session elsewhere is better than none.
            new.working_dir = None;
            made = tmux.create(&new).await;
        }
        match made {
            // Made by an earlier try, or by a user who was faster.
            Err(TmuxError::AlreadyExists) => Ok(()),
            Ok(()) if own_name.is_none() => tmux.rename(&SessionRef::from(&new.name), &wanted).await,
            made => made,
        }
    }

    /// The command that shows the saved screen. The screen goes through a file, because tmux takes at most 16 KiB of
    /// arguments (`MAX_IMSGSIZE`).
    async fn screen_command(&self, container: &Container, saved: &SavedSession, end: &SavedEnd) -> Vec<String> {
        let file = format!("/tmp/.shed-screen-{}", saved.id);
        let argv = ["sh", "-c", WRITE_FILE, "shed", &file].map(str::to_owned).to_vec();
        let spec = ExecSpec { argv, ..ExecSpec::default() };
        let written: Result<_, EngineError> = run_to_end(&*self.engine, &container.id, spec, end.screen.as_bytes(), WRITE_LIMITS).await;
        if let Err(error) = written {
            tracing::warn!(%error, shed = %container.shed, session = saved.name, "the last screen could not be restored");
        }
        shell::last_screen(&file, end.exit_code)
    }
}
