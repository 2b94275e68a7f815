//! What every use case needs: engine, store, configuration, locks.

use std::sync::Arc;

use crate::{config::Config, engine::Engine};

/// The server's state, shared by all front ends. Use cases are its methods, one file each under `sheds` and `sessions`.
pub struct App {
    /// What runs containers.
    pub engine: Arc<dyn Engine>,
    /// The configuration.
    pub config: Arc<Config>,
}
