//! Whether the server lives, and whether it can work.

use axum::{Json, extract::State};
use shed_core::wire::Health;

use super::{ApiError, ApiState};

fn ok() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

/// The process answers.
pub(super) async fn healthz() -> Json<Health> {
    ok()
}

/// Engine and database answer.
pub(super) async fn readyz(State(state): State<ApiState>) -> Result<Json<Health>, ApiError> {
    state.app.store.ping()?;
    state.app.engine.ping().await?;
    Ok(ok())
}
