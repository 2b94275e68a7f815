//! Commands about this machine: SSH configuration, doctor, completions, manual.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::JsonArg;

/// `shed ssh-config …`
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  shed ssh-config install --dry-run\n  shed ssh-config install\n  ssh shed-myproj hostname")]
pub enum SshConfigCommand {
    /// Write one Host entry per shed into a marked block of ~/.ssh/config
    #[command(after_help = "The block stands first in the file and is replaced as a whole; the rest of the
file is not touched. A shed whose name is on two servers is `shed-NAME.SERVER`.

Examples:
  shed ssh-config install --dry-run
  shed ssh-config install")]
    Install {
        /// Print the block, change nothing
        #[arg(long)]
        dry_run: bool,
        /// Another file than ~/.ssh/config
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Remove the block
    #[command(after_help = "Examples:\n  shed ssh-config uninstall")]
    Uninstall {
        /// Another file than ~/.ssh/config
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// `shed doctor`
#[derive(Debug, Args)]
#[command(after_help = "The exit code is 1 if something is wrong.\n\nExamples:\n  shed doctor\n  shed doctor --json")]
pub struct DoctorArgs {
    /// `--json`
    #[command(flatten)]
    pub json: JsonArg,
}

/// `shed completions`
#[derive(Debug, Args)]
#[command(after_help = "Put one of these into your shell's start-up file:
  bash  source <(shed completions bash)
  zsh   source <(shed completions zsh)
  fish  shed completions fish | source

Examples:
  shed completions bash")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: ShellArg,
}

/// A shell that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShellArg {
    /// GNU bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
}

/// `shed man`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  shed man > shed.1\n  shed man sessions kill\n  shed man --dir man1")]
pub struct Man {
    /// The command to show the page of
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub dir: Option<PathBuf>,
}
