//! `DockerEngine` against a real Docker daemon.

#![cfg(test)]

mod endings;
mod exec;
mod lifecycle;
mod support;
