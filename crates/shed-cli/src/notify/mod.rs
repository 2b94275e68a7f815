//! `shed notify`: tells a person, on this machine, that a session wants them.
//!
//! [`rules`] decide what is worth telling; [`run`] follows the servers and tells it through the desktop, a command and
//! standard output.

mod desktop;
mod hook;
mod rules;
mod run;
mod words;

pub use self::{
    rules::Rules,
    run::{Plan, run},
    words::{Cooldown, Trigger},
};
