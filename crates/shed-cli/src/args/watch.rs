//! Commands about who waits for whom: `watch`, `next`, `notify`.

use clap::Args;

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
