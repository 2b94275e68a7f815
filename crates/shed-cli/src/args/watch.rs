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
