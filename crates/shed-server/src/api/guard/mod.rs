//! What a request must pass before its handler: the right host, then a token.

pub(super) mod host;
pub(super) mod token;
