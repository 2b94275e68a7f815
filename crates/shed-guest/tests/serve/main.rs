//! The guest over its pipes, as the server talks to it, with a real tmux.

mod common;
mod life;
mod processes;
mod relay;
mod run;
mod watch;
