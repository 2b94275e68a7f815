//! `/metrics`

use axum::{extract::State, http::header, response::IntoResponse};

use super::{ApiError, ApiState};
use crate::{Error, metrics::CONTENT_TYPE};

pub(super) async fn metrics(State(state): State<ApiState>) -> Result<impl IntoResponse, ApiError> {
    let text = state.app.metrics_text().map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}
