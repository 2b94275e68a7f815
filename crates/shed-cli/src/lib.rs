//! The `shed` command line: everything behind the thin `main`, so that tests can drive it.

pub mod args;
mod attention;
pub mod commands;
pub mod complete;
pub mod config;
mod context;
mod failure;
mod filter;
mod live;
mod locate;
mod notify;
pub mod output;
mod pattern;
mod picker;
pub mod ssh;
mod watch;

use std::{io, process::ExitCode};

use clap::{CommandFactory, Parser};

pub use context::Context;
pub use failure::Failure;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // Does nothing unless a shell asks for completions through the environment variable COMPLETE.
    clap_complete::CompleteEnv::with_factory(args::Cli::command).complete();
    let cli = args::Cli::parse();
    cli.global.color.apply();
    let result = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(commands::run(cli)));
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.print(&mut anstream::stderr());
            ExitCode::from(failure.code)
        }
    }
}

/// Whether a person sits at the keyboard and sees what we ask: standard input and standard error are terminals.
#[must_use]
pub fn is_interactive() -> bool {
    use io::IsTerminal;
    io::stdin().is_terminal() && io::stderr().is_terminal()
}
