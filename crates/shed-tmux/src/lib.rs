//! Typed tmux commands over a [`Runner`]: argv in, output and status out.
//!
//! Only this crate knows tmux's syntax. Rules are from tmux(1) of 3.2 to 3.5 and from its source where the manual is silent.

mod runner;

pub use runner::{Output, RunError, Runner};
