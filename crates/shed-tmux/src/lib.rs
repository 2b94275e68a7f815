//! Typed tmux commands over a [`Runner`]: argv in, output and status out.
//!
//! Only this crate knows tmux's syntax. Rules are from tmux(1) of 3.2 to 3.5 and from its source where the manual is silent.

mod agent;
mod create;
mod environment;
mod error;
mod info;
mod input;
mod keys;
mod local;
mod record;
mod report;
mod runner;
mod target;
mod tmux;
mod watch;

pub use agent::{AgentState, option as agent_option};
pub use create::NewSession;
pub use error::TmuxError;
pub use info::{Exit, SessionInfo};
pub use keys::is_known as is_known_key;
pub use local::LocalRunner;
pub use report::{Look, look_arguments, parse_look, pipe_arguments, was_written, write_arguments};
pub use runner::{Output, RunError, Runner};
pub use tmux::Tmux;
pub use watch::{Listing, Mark, WATCH_CHANNEL, parse_list, signal_arguments, socket_directory};
