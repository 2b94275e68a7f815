//! What handlers take from requests. Each extractor's failure is an envelope that says what is wrong and where.

mod json;
mod path;
mod query;

pub(super) use json::Json;
pub(super) use path::{Fingerprint, SessionPath, ShedPath};
pub(super) use query::Query;
