//! What agents are doing: from their hooks, and from the screen where there are none.
//!
//! | module | what |
//! |---|---|
//! | [`state`] | what an event makes of a status; no I/O |
//! | [`claude`], [`opencode`], [`codex`] | what each agent reports, read into such events |
//! | [`owner`] | which process speaks for a session, so that a nested agent does not |
//! | [`report`] | looks at the session, decides, writes |
//! | [`screen`], [`bell`], [`guess`] | what a screen shows, whether it rang, and what that makes of a status; no I/O |
//! | [`hook`] | the command that agents call |
//! | [`pipe`] | the process behind each session that reads what is printed |
//! | [`mourn`] | waits for the end of an agent in a shell |
//! | [`launch`], [`setup`] | start an agent with hooks, or put them into the user's own settings |
//! | [`settings`] | our hooks among others in Claude Code's settings; no I/O |
//! | [`tmux`], [`process`], [`files`] | what is outside: tmux, `/proc` and files |

pub mod bell;
pub mod claude;
pub mod codex;
pub mod files;
pub mod guess;
pub mod hook;
pub mod launch;
pub mod mourn;
pub mod opencode;
pub mod owner;
pub mod pipe;
pub mod process;
pub mod report;
pub mod screen;
pub mod settings;
pub mod setup;
pub mod state;
pub mod tmux;

use std::process::ExitCode;

/// What an agent said, and about which conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What happened.
    pub event: state::Event,
    /// The agent's own id of the conversation it happened in; empty if it did not say.
    pub conversation: String,
    /// Whether the conversation is on disk by now, so that it can be resumed.
    pub kept: bool,
}

/// Runs the command, if it is one of ours.
#[must_use]
pub fn main(command: &str, arguments: &[String]) -> Option<ExitCode> {
    match command {
        "agent" => return Some(launch::run(arguments)),
        "setup" => return Some(setup::run(arguments)),
        "hook" => hook::run(arguments),
        "hook-worker" => hook::work(arguments),
        "pipe" => pipe::run(arguments),
        "mourn" => mourn::run(arguments),
        // Asked to find out whether this program runs at all.
        "version" => println!("{}", env!("CARGO_PKG_VERSION")),
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
}
