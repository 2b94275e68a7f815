//! The HTTP API: extract, call one use case, answer. `openapi.yaml` at the top of the repository is the contract.

mod connections;
mod create_stream;
mod detach;
mod error;
mod events;
mod extract;
mod guard;
mod health;
mod history;
mod info;
mod metrics;
mod observe;
mod routes;
mod sessions;
mod sheds;
mod ssh_keys;
mod stalled;
mod unmatched;

pub use connections::{LocalAddress, serve};
pub use error::ApiError;
pub use routes::{Operation, operations};

use std::sync::Arc;

use axum::{Router, middleware};
use shed_core::wire::SshHostKey;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;

/// The contract, as served at `/openapi.yaml`.
pub const OPENAPI: &str = include_str!("../../../../openapi.yaml");

/// What every handler can reach.
#[derive(Clone)]
pub(crate) struct ApiState {
    app: Arc<App>,
    host_key: Arc<SshHostKey>,
    streams: Arc<Semaphore>,
}

impl ApiState {
    fn new(app: Arc<App>, host_key: SshHostKey) -> Self {
        Self { app, host_key: Arc::new(host_key), streams: Arc::new(Semaphore::new(events::MAX_STREAMS)) }
    }
}

/// The whole API as one service. The ports that `/api/info` tells are those of `app.config`, so they must be the bound ones.
pub fn router(app: Arc<App>, host_key: SshHostKey) -> Router {
    let state = ApiState::new(app, host_key);
    wrap(routes::router(&state), state)
}

/// `/metrics` alone and without a token, for a listener of its own.
pub fn metrics_router(app: Arc<App>, host_key: SshHostKey) -> Router {
    let state = ApiState::new(app, host_key);
    wrap(routes::metrics(&state), state)
}

/// Puts the layers around the routes. From the outside in: id and access log, panics, Host and Origin, routes.
fn wrap(routes: Router<ApiState>, state: ApiState) -> Router {
    routes
        .layer(middleware::from_fn_with_state(state.clone(), guard::host::check))
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(middleware::from_fn(observe::observe))
        .with_state(state)
}

#[cfg(test)]
mod tests;
