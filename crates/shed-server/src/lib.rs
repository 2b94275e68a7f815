//! The shed server: engine, store, use cases, and the HTTP and SSH front ends that translate to them.

pub mod access;
pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod engine;
pub mod error;
pub mod events;
pub mod guest;
pub mod history;
mod locks;
mod log;
pub mod metrics;
pub mod notify;
pub mod registry;
mod run;
pub mod serve;
pub mod sessions;
pub mod sheds;
pub mod ssh;
pub mod store;

pub use error::Error;
