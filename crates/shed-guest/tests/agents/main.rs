//! What agents tell and what their screens show, against a real tmux.

mod common;
mod hook;
mod launch;
mod mourn;
mod pipe;
