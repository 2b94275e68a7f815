//! The HTTP API without a container engine: everything that is decided before one is asked, and what happens when none answers.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod access;
mod bad_input;
mod contract;
mod events;
mod harness;
mod history;
mod metrics;
mod server;
mod sheds;
mod wire;
