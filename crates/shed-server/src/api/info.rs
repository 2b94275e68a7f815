//! The server about itself.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use shed_core::wire::{Info, SshHostKey};

use super::{ApiError, ApiState, OPENAPI, guard::token};

/// What this server can do beyond the first version of the API; later versions add to it.
const FEATURES: &[&str] = &[];

/// Name and version for everyone. A token that is sent must be good: `shed server add` learns here whether its is.
pub(super) async fn info(State(state): State<ApiState>, headers: HeaderMap) -> Result<Json<Info>, ApiError> {
    let config = &state.app.config;
    let mut info =
        Info { name: config.server_name(), version: env!("CARGO_PKG_VERSION").to_owned(), ssh_port: None, http_port: None, features: None };
    if headers.contains_key(header::AUTHORIZATION) {
        token::caller(&state, &headers)?;
        info.ssh_port = Some(config.ssh.listen.port());
        info.http_port = Some(config.http.listen.port());
        info.features = Some(FEATURES.iter().map(|&feature| feature.to_owned()).collect());
    }
    Ok(Json(info))
}

/// What a client pins.
pub(super) async fn ssh_host_key(State(state): State<ApiState>) -> Json<SshHostKey> {
    Json(SshHostKey::clone(&state.host_key))
}

/// The contract.
pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/yaml")], OPENAPI)
}
