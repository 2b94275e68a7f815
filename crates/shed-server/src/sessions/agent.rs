//! Agents as the commands of sessions: `claude`, `opencode`, `codex`, each also with further arguments.
//!
//! The guest's launcher starts them with their hooks; without a guest they start as they are.

use std::time::Duration;

use shed_core::{
    guest::{DIRECTORY, PROGRAM},
    wire::GuestStatus,
};

use super::{
    restore::{WRITE_FILE, WRITE_LIMITS},
    shell,
};
use crate::{
    Error,
    app::App,
    engine::{Container, ExecSpec},
    run::run_to_end,
};

/// The longest prompt, in bytes. Linux takes 128 KiB for one argument (`MAX_ARG_STRLEN`).
const PROMPT_MAX: usize = 64 * 1024;

/// A prompt up to this many bytes goes with the tmux command, whose arguments all share 16 KiB; a longer one goes through a file.
const INLINE_MAX: usize = 2048;

/// How long an agent's start waits for a guest that is on its way, as right after the shed was made: without it there are no hooks.
const GUEST_PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether it is there.
const GUEST_LOOK: Duration = Duration::from_millis(25);

/// The agents that are started with hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Agent {
    Claude,
    OpenCode,
    Codex,
}

impl Agent {
    const ALL: [Self; 3] = [Self::Claude, Self::OpenCode, Self::Codex];

    const fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::OpenCode => "opencode",
            Self::Codex => "codex",
        }
    }

    /// The arguments that go on with a conversation.
    fn resume(self, id: &str) -> Vec<String> {
        let flag = match self {
            Self::Claude => "--resume",
            Self::OpenCode => "--session",
            Self::Codex => "resume",
        };
        vec![flag.to_owned(), id.to_owned()]
    }

    /// What goes before the prompt: as an argument of its own, and in the same argument. Either keeps a prompt that begins with
    /// `-` from being an option.
    const fn before_prompt(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Claude | Self::Codex => (Some("--"), ""),
            Self::OpenCode => (None, "--prompt="),
        }
    }
}

/// An agent with what it is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AgentCommand {
    agent: Agent,
    /// The rest of the command, as the user wrote it for a shell.
    rest: String,
    prompt: Option<String>,
    resume: Option<String>,
}

impl AgentCommand {
    /// Reads the command of a request; none if it is no agent's.
    pub(super) fn plan(command: Option<&str>, prompt: Option<String>, resume: Option<String>) -> Result<Option<Self>, Error> {
        let asked = prompt.is_some() || resume.is_some();
        let Some(mut agent) = command.and_then(Self::read) else {
            return if asked { Err(no_agent()) } else { Ok(None) };
        };
        if let Some(prompt) = &prompt
            && (prompt.is_empty() || prompt.len() > PROMPT_MAX || prompt.contains('\0'))
        {
            return Err(Error::invalid(format!("a prompt has 1 to {PROMPT_MAX} bytes, none of them NUL"))
                .hint("put a longer text into a file in the shed, and name the file in the prompt"));
        }
        if resume.as_deref().is_some_and(|id| !is_conversation(id)) {
            return Err(Error::invalid("the conversation's id is not valid: it has 1 to 100 of a-z, A-Z, 0-9, `_` and `-`")
                .hint("`conversation_id` of a session is one"));
        }
        if asked && !is_one_command(&agent.rest) {
            return Err(Error::invalid("with `prompt` or `resume` the command must be one agent and its arguments")
                .hint("leave out `;`, `&`, `|` and redirections, or quote them"));
        }
        (agent.prompt, agent.resume) = (prompt, resume);
        Ok(Some(agent))
    }

    /// The agent of a session that comes back: it goes on where it was.
    pub(super) fn again(command: Option<&str>, conversation: Option<&str>) -> Option<Self> {
        let agent = Self::read(command?)?;
        let resume = conversation.filter(|id| is_conversation(id) && is_one_command(&agent.rest)).map(str::to_owned);
        Some(Self { resume, ..agent })
    }

    fn read(command: &str) -> Option<Self> {
        let command = command.trim_start();
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let agent = Agent::ALL.into_iter().find(|agent| agent.name() == word)?;
        Some(Self { agent, rest: rest.trim().to_owned(), prompt: None, resume: None })
    }

    pub(super) fn name(&self) -> &'static str {
        self.agent.name()
    }

    pub(super) fn resume(&self) -> Option<&str> {
        self.resume.as_deref()
    }

    /// The argv that starts it. A prompt must not be too long for that.
    pub(super) fn argv(&self) -> Vec<String> {
        let (before, joined) = self.agent.before_prompt();
        let mut arguments = self.arguments(before);
        arguments.extend(self.prompt.as_ref().map(|prompt| format!("{joined}{prompt}")));
        self.lines(&arguments, "", "")
    }

    /// The argv that starts it with the prompt from a file in the shed, which is gone then.
    fn argv_with_file(&self, file: &str) -> Vec<String> {
        let (before, joined) = self.agent.before_prompt();
        self.lines(&self.arguments(before), file, joined)
    }

    fn arguments(&self, before_prompt: Option<&str>) -> Vec<String> {
        let mut arguments = self.resume.as_deref().map(|id| self.agent.resume(id)).unwrap_or_default();
        arguments.extend(before_prompt.filter(|_| self.prompt.is_some()).map(str::to_owned));
        arguments
    }

    fn lines(&self, arguments: &[String], file: &str, before: &str) -> Vec<String> {
        let Self { rest, prompt, .. } = self;
        let name = self.name();
        let prompted = if prompt.is_some() { " --prompted" } else { "" };
        let with_guest = format!("{DIRECTORY}/{PROGRAM} agent {name}{prompted} -- {rest}");
        let without = format!("{name} {rest}");
        // Only where there are any: what follows a `;` in the rest must not get them.
        let all = if arguments.is_empty() && file.is_empty() { "" } else { r#" "$@""# };
        shell::agent(&format!("{with_guest}{all}"), &format!("{without}{all}"), file, before, arguments)
    }
}

fn no_agent() -> Error {
    Error::invalid("`prompt` and `resume` need an agent as the command").hint("an agent is one of claude, opencode, codex")
}

fn is_conversation(id: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    id.len() <= 100 && id.bytes().all(good) && id.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

/// Whether a shell would read the text as arguments alone, so that more can follow: no operator outside of quotes, no quote left
/// open, no comment.
fn is_one_command(text: &str) -> bool {
    let (mut quote, mut escaped, mut begins) = (None, false, true);
    for c in text.chars() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\n') => return false,
            (None, '#') if begins => return false,
            _ => {}
        }
        begins = quote.is_none() && !escaped && c.is_whitespace();
    }
    quote.is_none() && !escaped
}

impl App {
    /// The command of a new session with this id.
    pub(super) async fn agent_command(&self, container: &Container, id: &str, agent: &AgentCommand) -> Result<Vec<String>, Error> {
        let Some(prompt) = agent.prompt.as_ref().filter(|prompt| prompt.len() > INLINE_MAX) else { return Ok(agent.argv()) };
        let file = format!("/tmp/.shed-prompt-{id}");
        let argv = ["sh", "-c", WRITE_FILE, "shed", &file].map(str::to_owned).to_vec();
        let spec = ExecSpec { argv, ..ExecSpec::default() };
        let written = run_to_end(&*self.engine, &container.id, spec, prompt.as_bytes(), WRITE_LIMITS).await;
        match written.map_err(|error| Error::engine(error, &container.shed))? {
            finished if finished.exit_code == 0 => Ok(agent.argv_with_file(&file)),
            finished => Err(Error::internal(std::io::Error::other(format!(
                "the prompt could not be written: {}",
                String::from_utf8_lossy(&finished.stderr).trim()
            )))),
        }
    }

    /// Waits for a guest that is on its way, and no longer than it is worth.
    pub(super) async fn await_guest(&self, container: &Container) {
        let on_its_way = || {
            let guest = self.registry.guest_state(&container.shed, &container.id);
            guest.is_some_and(|guest| guest.status == GuestStatus::Connecting)
        };
        let wait = async {
            while on_its_way() {
                tokio::time::sleep(GUEST_LOOK).await;
            }
        };
        let _ = tokio::time::timeout(GUEST_PATIENCE, wait).await;
    }
}

#[cfg(test)]
#[path = "agent_tests.rs"]
mod tests;
