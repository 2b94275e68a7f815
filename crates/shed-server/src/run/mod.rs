//! Running one command in a container to its end, and tmux through it.

mod command;
mod runner;
mod shed_runner;
mod turns;

pub(crate) use command::{Finished, RunLimits, run_to_end};
pub(crate) use runner::ExecRunner;
pub(crate) use turns::Turns;
