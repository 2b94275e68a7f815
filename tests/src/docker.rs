//! Docker behind shed's back: for clean-up, and for faults from outside.

use std::process::Command;

use crate::{Ended, run};

/// Runs `docker` with `args`.
pub fn docker(args: &[&str]) -> Ended {
    run(Command::new("docker").args(args))
}
