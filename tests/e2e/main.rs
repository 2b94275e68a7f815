//! End-to-end tests: real server, CLI, Docker, OpenSSH, curl and terminals. Names carry the row of the acceptance table.

#![cfg(test)]

mod api_sessions;
mod api_sheds;
mod attach;
mod console;
mod docker_gone;
mod exec;
mod faults;
mod harness;
mod lists;
mod main_job;
mod names;
mod readme;
mod restart;
mod restore;
mod schema;
mod ssh;
