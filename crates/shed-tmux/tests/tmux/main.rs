//! Everything against a real tmux on this machine, each test with a server of its own.

mod common;
mod conversation;
mod create;
mod input;
mod sessions;
