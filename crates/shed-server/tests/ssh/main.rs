//! The SSH endpoint as anybody reaches it: the real OpenSSH client against a real server, container and tmux.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends with the first thing that is not as expected")]

mod access;
mod commands;
mod ending;
mod fixture;
mod forward;
mod raw;
mod terminals;
mod transfers;
