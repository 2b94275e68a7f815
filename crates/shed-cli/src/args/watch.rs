//! Commands about who waits for whom: `watch`, `next`, `notify`.

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::{
    complete,
    notify::{Cooldown, Trigger},
};

/// `shed watch`
#[derive(Debug, Args)]
#[command(after_help = "What waits for you stands first, the longest wait on top. Enter attaches, Ctrl-B D
comes back; ? shows all keys.

Examples:
  shed watch
  shed watch -s home")]
pub struct Watch {}

/// `shed next`
#[derive(Debug, Args)]
#[command(after_help = "Of all sessions that wait for a person, on all servers (with -s on one), it is the one
that has waited longest. Those that somebody is attached to come last. The exit code
is 1 when none waits.

Examples:
  shed next --print   # home myproj default
  shed next")]
pub struct Next {
    /// Print server, shed and session instead of attaching
    #[arg(short, long)]
    pub print: bool,
}

/// `shed notify`
#[derive(Debug, Args)]
#[command(after_help = "Runs until Ctrl-C and follows all servers (with -s one). Defaults can be set under
[notify] in the configuration file. The command gets the event as JSON on its
standard input: server, session, previous_status.

Examples:
  shed notify --print
  shed notify --print --on waiting_permission,failed --from running
  shed notify --no-desktop --command 'jq -r .session.name >> waiting.log'")]
pub struct Notify {
    /// Tell of these statuses: waiting (both kinds), waiting_input, waiting_permission, completed, failed, exited, running;
    /// waiting, completed and failed when not given
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub on: Vec<Trigger>,
    /// Only when the session had one of these statuses before
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub from: Vec<Trigger>,
    /// Don't tell the same status of the same session again within this time, 30s when not given
    #[arg(long, value_name = "TIME")]
    pub cooldown: Option<Cooldown>,
    /// Tell nothing of this shed; may be given several times
    #[arg(long, value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub mute: Vec<String>,
    /// Run this in a shell for each notice, with the event as JSON on its standard input
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// Show no desktop notifications
    #[arg(long)]
    pub no_desktop: bool,
    /// Print a line for each notice
    #[arg(long)]
    pub print: bool,
}
