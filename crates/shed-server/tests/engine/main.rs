//! `DockerEngine` against a real Docker daemon.

mod endings;
mod exec;
mod lifecycle;
mod support;
