//! Use cases of sessions.
