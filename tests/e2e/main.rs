//! End-to-end tests: real server, CLI, Docker, OpenSSH, curl and terminals. Names carry the row of the acceptance table.

#![cfg(test)]

mod faults;
mod harness;
mod names;
mod restore;
