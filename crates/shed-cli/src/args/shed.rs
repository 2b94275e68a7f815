//! Commands about sheds, and those that go into one.

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use shed_core::wire::Profile;

use super::{JsonArg, KeyValue, OneShed, SessionOption};
use crate::complete;

/// A shed and `--json`
#[derive(Debug, Args)]
pub struct ShedWithJson {
    /// Which one.
    #[command(flatten)]
    pub shed: OneShed,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
}

/// `shed list`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shed list
  shed list --all
  shed list --json | jq -r '.sheds[].name'")]
pub struct ListSheds {
    /// Ask all servers
    #[arg(short, long)]
    pub all: bool,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
}

/// `shed create`
#[derive(Debug, Args)]
#[command(after_help = "What is not given comes from the server's configuration.

Examples:
  shed create api
  shed create worker --memory 512m --cpus 1.5 --env LOG_LEVEL=debug
  shed create webshop --repo octocat/Hello-World --keep")]
pub struct Create {
    /// The new shed's name: a-z, 0-9 and `-`, at most 63
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What to clone: owner/name (GitHub), a URL, or user@host:path
    #[arg(long, value_name = "REPO")]
    pub repo: Option<String>,
    /// The image
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// How much its processes may do
    #[arg(long, value_name = "PROFILE", value_enum)]
    pub profile: Option<ProfileArg>,
    /// Memory limit with a unit: 512m, 4g
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// CPU limit in cores: 1.5
    #[arg(long, value_name = "CORES")]
    pub cpus: Option<f64>,
    /// The most processes and threads
    #[arg(long, value_name = "COUNT")]
    pub pids: Option<i64>,
    /// Environment of every process in the shed; may be given several times
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub env: Vec<KeyValue>,
    /// Keep the shed when the clone fails
    #[arg(long)]
    pub keep: bool,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
}

/// `--profile`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    /// What a dev container needs: sudo, package installs, debuggers' basics
    Default,
    /// No capabilities, no new privileges, no sudo
    Strict,
}

impl From<ProfileArg> for Profile {
    fn from(profile: ProfileArg) -> Self {
        match profile {
            ProfileArg::Default => Self::Default,
            ProfileArg::Strict => Self::Strict,
        }
    }
}

/// `shed delete`
#[derive(Debug, Args)]
#[command(after_help = "Without a terminal --yes is needed, and the name must be complete.

Examples:
  shed delete backend --yes
  shed delete worker --keep-volume --yes")]
pub struct Delete {
    /// Which one.
    #[command(flatten)]
    pub shed: OneShed,
    /// Don't ask
    #[arg(short = 'f', long, visible_short_alias = 'y')]
    pub yes: bool,
    /// Keep the volume with /workspace; a new shed of the same name finds it again
    #[arg(long)]
    pub keep_volume: bool,
}

/// `shed attach`
#[derive(Debug, Args)]
#[command(after_help = "Ctrl-B D detaches; the session goes on. When the network drops, the command
comes back by itself. SHED may also be a part of a session's name; without SHED
all sessions of all servers are offered.

Examples:
  shed attach myproj                        # session `default`
  shed attach myproj -S debug               # made if it is not there
  shed attach myproj -S tests -- make test  # made with that command
  shed attach myproj --new -S experiment    # an error if it is there")]
pub struct Attach {
    /// Which shed.
    #[command(flatten)]
    pub shed: OneShed,
    /// The session, `default` when not given
    #[arg(short = 'S', long, value_name = "NAME", add = ArgValueCompleter::new(complete::sessions))]
    pub session: Option<String>,
    /// Make a new session; an error if there is one of that name
    #[arg(long)]
    pub new: bool,
    /// End when the connection drops, instead of coming back
    #[arg(long)]
    pub no_reconnect: bool,
    /// Start the session with this command if it is not there; one word is a shell command line
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// `shed console`
#[derive(Debug, Args)]
#[command(after_help = "The shell ends with the connection; use `shed attach` for what should go on.

Examples:
  shed console myproj")]
pub struct Console {
    /// Which shed.
    #[command(flatten)]
    pub shed: OneShed,
}

/// `shed exec`
#[derive(Debug, Args)]
#[command(after_help = "Standard input, output and error are passed through unchanged. A terminal is
used when all three are one. No shell reads the arguments; for pipes and
variables use `sh -c`.

Examples:
  shed exec myproj git status
  shed exec myproj -S debug pwd    # in that session's directory
  shed exec myproj -- sh -c 'ls | wc -l'
  echo hello | shed exec myproj cat")]
pub struct Exec {
    /// The shed, or a part of its name
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: String,
    /// Run in this session's directory and environment.
    #[command(flatten)]
    pub session: SessionOption,
    /// Use a terminal
    #[arg(short, long)]
    pub tty: bool,
    /// Don't use a terminal
    #[arg(short = 'T', long, conflicts_with = "tty")]
    pub no_tty: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub command: Vec<String>,
}
