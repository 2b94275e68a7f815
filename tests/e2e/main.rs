//! End-to-end tests: real server, CLI, Docker, OpenSSH, curl and terminals. Names carry the row of the acceptance table.

#![cfg(test)]

mod agents;
mod api_guide;
mod api_sessions;
mod api_sheds;
mod attach;
mod base_image;
mod console;
mod cut;
mod dashboard;
mod deletion;
mod docker_gone;
mod exec;
mod faults;
mod harness;
mod help_examples;
mod history;
mod hung;
mod lists;
mod live;
mod live_faults;
mod main_job;
mod names;
mod picker;
mod readme;
mod restart;
mod restore;
mod rows;
mod schema;
mod sessions;
mod ssh;
