//! `DockerEngine` against a real Docker daemon.

#![cfg(test)]

mod daemon;
mod endings;
mod events;
mod exec;
mod faults;
mod guest;
mod lifecycle;
mod support;
