//! The guest: the small program that the server puts into every shed.
//!
//! `shed-guest serve` is the server's arm in the container; `shed-guest hook` is what agents call when something happens.

pub mod agent;
pub mod serve;
