//! `/api/sheds/{name}/sessions` and `/api/sessions`

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use shed_core::{
    ShedName,
    wire::{CreateSession, ScreenFormat, SendKeys, Session, SessionList, SessionStatus, UpdateSession},
};

use super::{
    ApiError, ApiState,
    detach::detached,
    extract::{self, Query, SessionPath, ShedPath},
};
use crate::{
    Error,
    sessions::{Freshness, SessionFilter, SessionSort},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HowQuery {
    #[serde(default)]
    fresh: bool,
    #[serde(default)]
    resources: bool,
}

pub(super) async fn list(
    State(state): State<ApiState>,
    ShedPath(shed): ShedPath,
    Query(query): Query<HowQuery>,
) -> Result<Json<SessionList>, ApiError> {
    let how = Freshness { fresh: query.fresh, resources: query.resources };
    Ok(Json(state.app.list_sessions(&shed, how).await?))
}

pub(super) async fn create(
    State(state): State<ApiState>,
    ShedPath(shed): ShedPath,
    extract::Json(request): extract::Json<CreateSession>,
) -> Result<impl IntoResponse, ApiError> {
    let session = detached(async move { state.app.create_session(&shed, request).await }).await?;
    let location = format!("/api/sheds/{}/sessions/{}", session.shed_name, session.name);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(session)))
}

pub(super) async fn get(State(state): State<ApiState>, SessionPath(shed, session): SessionPath) -> Result<Json<Session>, ApiError> {
    Ok(Json(state.app.session(&shed, &session).await?))
}

pub(super) async fn update(
    State(state): State<ApiState>,
    SessionPath(shed, session): SessionPath,
    extract::Json(request): extract::Json<UpdateSession>,
) -> Result<Json<Session>, ApiError> {
    detached(async move { state.app.update_session(&shed, &session, request).await }).await.map(Json)
}

pub(super) async fn kill(State(state): State<ApiState>, SessionPath(shed, session): SessionPath) -> Result<StatusCode, ApiError> {
    detached(async move { state.app.kill_session(&shed, &session).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn send_keys(
    State(state): State<ApiState>,
    SessionPath(shed, session): SessionPath,
    extract::Json(keys): extract::Json<SendKeys>,
) -> Result<StatusCode, ApiError> {
    detached(async move { state.app.send_keys(&shed, &session, keys).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScreenQuery {
    #[serde(default)]
    format: ScreenFormat,
    #[serde(default)]
    scrollback: u32,
}

pub(super) async fn screen(
    State(state): State<ApiState>,
    SessionPath(shed, session): SessionPath,
    Query(query): Query<ScreenQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let text = state.app.screen(&shed, &session, query.format, query.scrollback).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    status: Option<SessionStatus>,
    shed: Option<String>,
    #[serde(default)]
    sort: SessionSort,
    #[serde(default)]
    fresh: bool,
    #[serde(default)]
    resources: bool,
}

pub(super) async fn list_all(State(state): State<ApiState>, Query(query): Query<ListQuery>) -> Result<impl IntoResponse, ApiError> {
    let shed = query.shed.map(ShedName::new).transpose()?;
    // A status of a newer client is no status here; an empty list would look like an answer.
    if query.status == Some(SessionStatus::Unknown) {
        return Err(Error::invalid("the status to list is not known")
            .hint("it is one of running, waiting_input, waiting_permission, completed, failed, exited")
            .into());
    }
    let filter = SessionFilter { status: query.status, shed, sort: query.sort };
    let how = Freshness { fresh: query.fresh, resources: query.resources };
    let json = state.app.list_all_sessions_json(&filter, how).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json))
}
