//! Tells webhooks and ntfy topics when a session starts to wait, completes or fails.
//!
//! One task reads the events and asks each target's rule; each target has its own queue and its own task that delivers, so
//! a target that is slow or gone holds up nothing, neither the server nor the other targets.

mod deliver;
mod error;
mod message;
mod pattern;
mod rule;
mod target;
mod task;

#[cfg(test)]
mod tests;

pub use deliver::{Backoff, Counts};
pub use error::NotifyError;
pub use message::Message;
pub use task::Notifier;
