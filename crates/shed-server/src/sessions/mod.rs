//! Use cases of sessions.

mod agent;
mod all;
mod cache;
mod create;
mod error;
mod exec;
mod keys;
mod one;
mod open;
mod restore;
mod saved;
mod shell;
mod watch;

pub use all::{Freshness, SessionFilter, SessionSort};
pub(crate) use cache::ListCache;
pub(crate) use error::from_tmux;
pub use open::{Opening, OpeningKind};
pub(crate) use saved::Run;
