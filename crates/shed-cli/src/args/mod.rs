//! The command line, one file per group of commands.

mod history;
mod server;
mod sessions;
mod shared;
mod shed;
mod tools;
mod watch;

use clap::{Parser, Subcommand};

pub use history::{ByArg, HistoryArgs, StatsArgs};
pub use server::{AddServer, ServerCommand};
pub use sessions::{
    InfoSession, KillSession, ListSessions, NewSession, RenameSession, ScreenSession, SendSession, SessionsArgs, SessionsCommand,
    SortSessions,
};
pub use shared::{GlobalArgs, JsonArg, KeyValue, OneSession, OneShed, SessionOption};
pub use shed::{Attach, Console, Create, Delete, Exec, ListSheds, ProfileArg, ShedWithJson};
pub use tools::{Completions, DoctorArgs, Man, ShellArg, SshConfigCommand};
pub use watch::{Next, Notify, Watch};

/// `shed`
#[derive(Debug, Parser)]
#[command(name = "shed", version, about, long_about = None, max_term_width = 100, arg_required_else_help = true)]
#[command(about = "Run coding agents in tmux sessions inside per-project containers on your own servers")]
#[command(after_help = "Examples:
  shed create backend            # a container with a persistent /workspace
  shed attach myproj             # its session `default`; Ctrl-B D detaches
  shed sessions --all            # what runs where
  shed watch                     # the same as it happens: who waits for you?
  shed exec myproj git status    # one command; its exit code is ours
  shed doctor                    # what is wrong, and what to do about it

Exit codes:
  0    success
  1    failure
  2    the command line makes no sense
  255  SSH could not reach the shed
  `exec`, `attach` and `console` return the exit code of what ran in the shed.")]
pub struct Cli {
    #[command(flatten)]
    /// Options of every command.
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Attach to a session, making it if it is not there
    Attach(Attach),
    /// Open a shell in a shed, outside tmux
    Console(Console),
    /// Run one command in a shed
    Exec(Exec),
    /// List sessions, or work with one
    Sessions(SessionsArgs),
    /// Watch all sessions of all servers, attach to them and answer them
    Watch(Watch),
    /// Attach to the session that has waited for you longest
    Next(Next),
    /// Tell on this machine when a session begins to wait, completes or fails
    Notify(Notify),
    /// Make a shed
    Create(Create),
    /// List sheds
    #[command(visible_alias = "ls")]
    List(ListSheds),
    /// Show a shed
    #[command(after_help = "Examples:\n  shed info myproj\n  shed info myproj --json")]
    Info(ShedWithJson),
    /// Start a stopped shed
    #[command(after_help = "Examples:\n  shed start myproj")]
    Start(ShedWithJson),
    /// Stop a shed; its files stay, and its sessions come back with the next start
    #[command(after_help = "Examples:\n  shed stop myproj")]
    Stop(ShedWithJson),
    /// Stop and start a shed
    #[command(after_help = "Examples:\n  shed restart myproj")]
    Restart(ShedWithJson),
    /// Delete a shed and its /workspace
    #[command(visible_alias = "rm")]
    Delete(Delete),
    /// Show how long sessions worked and waited, and how many failed
    Stats(StatsArgs),
    /// Show what happened to sheds and sessions
    History(HistoryArgs),
    /// Manage the servers that this command knows
    #[command(subcommand)]
    Server(ServerCommand),
    /// Make sheds known to ssh, scp, rsync, git and editors as `shed-NAME`
    #[command(subcommand)]
    SshConfig(SshConfigCommand),
    /// Check the configuration, the servers and SSH
    Doctor(DoctorArgs),
    /// Print the script that completes commands, shed and session names in your shell
    Completions(Completions),
    /// Print the manual page
    Man(Man),
}
