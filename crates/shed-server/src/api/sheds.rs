//! `/api/sheds`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shed_core::wire::{CreateShed, ExecRequest, ExecResponse, Shed, ShedList};

use super::{
    ApiError, ApiState, create_stream,
    detach::detached,
    extract::{self, Query, ShedPath},
};

pub(super) async fn list(State(state): State<ApiState>) -> Result<Json<ShedList>, ApiError> {
    Ok(Json(state.app.list_sheds().await?))
}

/// 201 with the shed; with `Accept: text/event-stream` the steps as they happen.
pub(super) async fn create(
    State(state): State<ApiState>,
    headers: HeaderMap,
    extract::Json(request): extract::Json<CreateShed>,
) -> Result<Response, ApiError> {
    let new = state.app.plan_shed(request)?;
    if create_stream::is_wanted(&headers) {
        return create_stream::respond(state.app, new).await;
    }
    // Nobody listens to the progress.
    let (progress, _) = tokio::sync::mpsc::unbounded_channel();
    let shed = state.app.create_shed(new, progress).await?;
    let location = format!("/api/sheds/{}", shed.name);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(shed)).into_response())
}

pub(super) async fn get(State(state): State<ApiState>, ShedPath(name): ShedPath) -> Result<Json<Shed>, ApiError> {
    Ok(Json(state.app.shed(&name).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteQuery {
    #[serde(default)]
    keep_volume: bool,
}

pub(super) async fn delete(
    State(state): State<ApiState>,
    ShedPath(name): ShedPath,
    Query(query): Query<DeleteQuery>,
) -> Result<StatusCode, ApiError> {
    detached(async move { state.app.delete_shed(&name, query.keep_volume).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn start(State(state): State<ApiState>, ShedPath(name): ShedPath) -> Result<Json<Shed>, ApiError> {
    detached(async move { state.app.start_shed(&name).await }).await.map(Json)
}

pub(super) async fn stop(State(state): State<ApiState>, ShedPath(name): ShedPath) -> Result<Json<Shed>, ApiError> {
    detached(async move { state.app.stop_shed(&name).await }).await.map(Json)
}

pub(super) async fn restart(State(state): State<ApiState>, ShedPath(name): ShedPath) -> Result<Json<Shed>, ApiError> {
    detached(async move { state.app.restart_shed(&name).await }).await.map(Json)
}

/// Not detached: when the caller hangs up, the command ends too.
pub(super) async fn exec(
    State(state): State<ApiState>,
    ShedPath(name): ShedPath,
    extract::Json(request): extract::Json<ExecRequest>,
) -> Result<Json<ExecResponse>, ApiError> {
    Ok(Json(state.app.exec_in_shed(&name, request).await?))
}
