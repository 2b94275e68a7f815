//! The server's arm in the container: HTTP/2 over standard input and output, as `shed_core::guest` describes it.
