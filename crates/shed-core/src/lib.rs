//! The words that every part of shed shares: validated names, the JSON that goes over the wire, error codes.
//!
//! Nothing here does I/O, so the server, the CLI and other people's programs can all depend on it.

pub mod error;
pub mod guest;
pub mod names;
pub mod time;
pub mod when;
pub mod wire;

pub use error::{ErrorBody, ErrorCode, ErrorEnvelope};
pub use names::{InvalidName, ServerName, SessionName, SessionRef, ShedName};
