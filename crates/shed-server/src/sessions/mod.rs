//! Use cases of sessions.

mod all;
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

pub use all::{SessionFilter, SessionSort};
pub use open::{Opening, OpeningKind};
pub(crate) use saved::Run;
