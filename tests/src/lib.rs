//! What the end-to-end tests and the benchmark drive shed with: the real server, CLI, Docker, OpenSSH, curl and tmux.
//!
//! Nothing here is asynchronous: every part is a process, as it is for a user.

#![expect(clippy::expect_used, clippy::panic, reason = "a harness for tests: an expectation that fails ends the test with its message")]

mod agents;
mod cli;
mod curl;
mod docker;
mod events;
mod output;
mod programs;
mod pty;
mod server;
mod shed;
mod ssh;
mod wait;

pub use agents::AgentShed;
pub use cli::Cli;
pub use curl::{Answer, Curl};
pub use docker::docker;
pub use events::Events;
pub use output::{Ended, run, run_with_input};
pub use programs::{agents_image, program, test_image};
pub use pty::Pty;
pub use server::TestServer;
pub use shed::TestShed;
pub use ssh::Ssh;
pub use wait::{DEADLINE, wait_until};
