//! The HTTP API: extract, call one use case, answer.
