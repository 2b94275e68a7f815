//! The system's OpenSSH client: its arguments, its files, and what its exit code means.

pub mod command;
pub mod config_block;
pub mod keys;
pub mod known_hosts;
pub mod quote;
pub mod reconnect;

pub use command::SshCommand;
