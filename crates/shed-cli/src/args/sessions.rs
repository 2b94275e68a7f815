//! `shed sessions …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;

use super::{JsonArg, KeyValue, OneSession};
use crate::{complete, filter::Filter};

/// `shed sessions`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  shed sessions                          # of the default server
  shed sessions myproj                   # of one shed
  shed sessions --all                    # of all servers
  shed sessions --filter detached --sort activity
  shed sessions --all --filter waiting   # what waits for you
  shed sessions --watch                  # as it changes, until Ctrl-C
  shed sessions new myproj debug
  shed sessions send myproj debug 'make test' --enter
  shed sessions screen myproj debug")]
pub struct SessionsArgs {
    /// What to do; list when not given.
    #[command(subcommand)]
    pub command: Option<SessionsCommand>,
    /// Options of the list.
    #[command(flatten)]
    pub list: ListSessions,
}

/// `shed sessions …`
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List sessions
    #[command(visible_alias = "ls", after_help = "Examples:\n  shed sessions list myproj\n  shed sessions list --all --json")]
    List(ListSessions),
    /// Make a session without attaching to it
    New(NewSession),
    /// Show a session
    #[command(after_help = "Examples:\n  shed sessions info myproj debug\n  shed sessions info myproj debug --json")]
    Info(InfoSession),
    /// Rename a session
    Rename(RenameSession),
    /// End a session and everything in it
    #[command(after_help = "Examples:\n  shed sessions kill myproj debug")]
    Kill(KillSession),
    /// Type into a session
    Send(SendSession),
    /// Print what a session shows
    Screen(ScreenSession),
}

/// `shed sessions list`
#[derive(Debug, Clone, Args)]
pub struct ListSessions {
    /// The shed, or a part of its name
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: Option<String>,
    /// Ask all servers
    #[arg(short, long, conflicts_with = "shed")]
    pub all: bool,
    /// attached, detached, running, waiting, waiting_input, waiting_permission, completed, failed, exited, label=KEY or label=KEY=VALUE; commas mean "or", several filters "and"
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<Filter>,
    /// The order
    #[arg(long, value_name = "KEY", value_enum, default_value_t)]
    pub sort: SortSessions,
    /// More columns: what the agent or command does and since when, what it uses, last activity, clients, directory, command
    #[arg(short, long)]
    pub verbose: bool,
    /// Go on and show what changes; on a terminal in place, elsewhere a line for each change
    #[arg(short, long, conflicts_with = "csv")]
    pub watch: bool,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
    /// Print CSV with a heading
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// `--sort`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SortSessions {
    /// By server, shed and name
    #[default]
    Name,
    /// Newest first
    Created,
    /// Last active first
    Activity,
    /// Those that wait first, then failed, completed, exited and running
    Status,
    /// Those that are there longest first
    Duration,
    /// By the session's name, whatever shed it is in
    Task,
}

/// `shed sessions new`
#[derive(Debug, Args)]
#[command(after_help = "A session with a command keeps its last screen when the command ends.
`claude`, `opencode` and `codex` are agents: they tell what they are doing, take
a prompt and can go on with a conversation.

Examples:
  shed sessions new myproj debug
  shed sessions new myproj tests --label kind=ci -- make test
  shed sessions new myproj logs --dir /tmp -- 'tail -f *.log | grep error'
  shed sessions new myproj fix --prompt 'make the tests pass' -- claude
  printf 'step 1\\nstep 2' | shed sessions new myproj plan --prompt - -- claude
  shed sessions new myproj fix --resume 0a1b2c3d -- claude")]
pub struct NewSession {
    /// The shed, or a part of its name
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: String,
    /// The new session's name, `default` when not given
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Directory to start in, /workspace when not given
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Environment of the session; may be given several times
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub env: Vec<KeyValue>,
    /// Label for `--filter label=…`; may be given several times
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub label: Vec<KeyValue>,
    /// What the agent is to do; `-` reads standard input
    #[arg(long, value_name = "TEXT", requires = "command", allow_hyphen_values = true)]
    pub prompt: Option<String>,
    /// The conversation that the agent goes on with, by its id
    #[arg(long, value_name = "ID", requires = "command", add = ArgValueCompleter::new(complete::conversations))]
    pub resume: Option<String>,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
    /// The command, a shell when not given; one word is a shell command line
    #[arg(last = true, value_name = "COMMAND", add = ArgValueCompleter::new(complete::agents))]
    pub command: Vec<String>,
}

/// `shed sessions info`
#[derive(Debug, Args)]
pub struct InfoSession {
    /// Which one.
    #[command(flatten)]
    pub session: OneSession,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
}

/// `shed sessions kill`
#[derive(Debug, Args)]
pub struct KillSession {
    /// Which one.
    #[command(flatten)]
    pub session: OneSession,
}

/// `shed sessions rename`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  shed sessions rename myproj debug debug-old")]
pub struct RenameSession {
    /// The shed, or a part of its name
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: String,
    /// The session, or a part of its name
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(complete::sessions))]
    pub session: String,
    /// Its new name
    #[arg(value_name = "NEW")]
    pub new: String,
}

/// `shed sessions send`
#[derive(Debug, Args)]
#[command(after_help = "Keys are named as in tmux(1): Enter, Escape, C-c, Up, F1. Several lines arrive
as one paste.

Examples:
  shed sessions send myproj debug 'make test' --enter
  shed sessions send myproj debug --key C-c
  printf 'line 1\\nline 2' | shed sessions send myproj debug -")]
pub struct SendSession {
    /// The shed, or a part of its name
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: String,
    /// The session, or a part of its name
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(complete::sessions))]
    pub session: String,
    /// What to type; `-` reads standard input
    #[arg(value_name = "TEXT", required_unless_present_any = ["key", "enter"])]
    pub text: Option<String>,
    /// A key to press after the text; may be given several times
    #[arg(short, long, value_name = "KEY")]
    pub key: Vec<String>,
    /// Press Enter at the end
    #[arg(short, long)]
    pub enter: bool,
}

/// `shed sessions screen`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shed sessions screen myproj debug
  shed sessions screen myproj debug --scrollback 200 --ansi | less -R")]
pub struct ScreenSession {
    /// Which one.
    #[command(flatten)]
    pub session: OneSession,
    /// Lines of history before the screen
    #[arg(long, value_name = "LINES", default_value_t)]
    pub scrollback: u32,
    /// Keep colours and attributes
    #[arg(long)]
    pub ansi: bool,
}
