//! The `shed` program against small servers of the test's own, with an `ssh` on the path that writes down what it is asked.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

mod attach;
mod help;
mod next;
mod notify;
mod output;
mod servers;
mod support;
mod watch;
