//! `shed stats` and `shed history`

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use shed_core::wire::StatsBy;

use super::JsonArg;
use crate::complete;

/// `shed stats`
#[derive(Debug, Args)]
#[command(after_help = "WORKING is the time with the status `running`, WAITING the time in which a person was waited
for, both added up over sessions. TIME is how long ago (90m, 24h, 7d), `today`, `yesterday`,
a date, or a date with a time.

Examples:
  shed stats                             # everything that is kept
  shed stats --since 7d --by shed
  shed stats --since today --by agent --all
  shed stats --since 7d --by day --csv")]
pub struct StatsArgs {
    /// From then on
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Before then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Sessions of this shed alone
    #[arg(long, value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: Option<String>,
    /// Sessions of this agent alone
    #[arg(long, value_name = "AGENT")]
    pub agent: Option<String>,
    /// What to group by; days are in UTC
    #[arg(long, value_name = "KEY", value_enum)]
    pub by: Option<ByArg>,
    /// Ask all servers
    #[arg(short, long)]
    pub all: bool,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
    /// Print CSV with a heading
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// `--by`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ByArg {
    /// By shed
    Shed,
    /// By the agent in the session
    Agent,
    /// By the template that the session was made from
    Template,
    /// By day
    Day,
}

impl From<ByArg> for StatsBy {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Shed => Self::Shed,
            ByArg::Agent => Self::Agent,
            ByArg::Template => Self::Template,
            ByArg::Day => Self::Day,
        }
    }
}

/// `shed history`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shed history                           # the last 50 events, newest last
  shed history --since today --shed myproj
  shed history --type session.closed,session.status -n 200
  shed history --since 24h --json")]
pub struct HistoryArgs {
    /// From then on: 90m, 24h, 7d, today, a date, a date with a time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Before then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Events of this shed alone
    #[arg(long, value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: Option<String>,
    /// Events of the sessions of this name or id alone
    #[arg(long, value_name = "SESSION", add = ArgValueCompleter::new(complete::sessions))]
    pub session: Option<String>,
    /// Events of these types alone, such as session.status; several with commas
    #[arg(long, value_name = "TYPE")]
    pub r#type: Option<String>,
    /// The most events, from the newest on
    #[arg(short = 'n', long = "lines", value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub lines: u32,
    /// Ask all servers
    #[arg(short, long)]
    pub all: bool,
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
}
