//! `shed watch`: the dashboard over all servers.
//!
//! [`model`] is what is known and chosen, [`keys`] what each key does to it, [`view`] how it is drawn; none of these touches
//! a terminal or a server. [`run`] ties them to both.

mod form;
mod keys;
mod model;
mod rows;
mod run;
mod screen;
mod view;
mod work;

pub use self::{run::run, view::Look};

#[cfg(test)]
mod tests;
