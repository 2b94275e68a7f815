//! `/api/ssh-keys`

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shed_core::wire::{AddSshKey, SshKeyList};

use super::{ApiError, ApiState, extract};
use crate::access::keys;

pub(super) async fn list(State(state): State<ApiState>) -> Result<Json<SshKeyList>, ApiError> {
    Ok(Json(keys::list(&state.app.store)?))
}

pub(super) async fn add(
    State(state): State<ApiState>,
    extract::Json(request): extract::Json<AddSshKey>,
) -> Result<impl IntoResponse, ApiError> {
    let key = keys::add(&state.app.store, &request)?;
    let location = format!("/api/ssh-keys/{}", utf8_percent_encode(&key.fingerprint, NON_ALPHANUMERIC));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(key)))
}

pub(super) async fn remove(
    State(state): State<ApiState>,
    extract::Fingerprint(fingerprint): extract::Fingerprint,
) -> Result<StatusCode, ApiError> {
    keys::remove(&state.app.store, &fingerprint)?;
    Ok(StatusCode::NO_CONTENT)
}
