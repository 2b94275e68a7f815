//! Use cases of sheds.

mod clone;
mod create;
mod delete;
mod env;
mod lifecycle;
mod list;
mod plan;
mod recover;
mod relay;
mod repo;
mod units;

pub use create::Progress;
pub(crate) use env::check as check_env;
pub use plan::NewShed;
