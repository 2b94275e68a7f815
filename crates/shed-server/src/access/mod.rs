//! Who may do what: tokens for HTTP, public keys for SSH.

pub mod keys;
mod public_key;
pub mod tokens;
