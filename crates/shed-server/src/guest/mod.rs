//! The server's side of the guest: putting it into a shed, starting it, and talking to it.
//!
//! What a guest answers comes from a container that may be hostile. Every answer is read with limits, and says nothing about
//! any other shed.

pub mod binary;
mod client;
mod dial;
mod place;

pub(crate) use client::{GuestClient, GuestError};
pub(crate) use dial::{DialError, Link, dial};
