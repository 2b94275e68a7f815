//! `Authorization: Bearer`.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Span;

use crate::{
    access::tokens,
    api::{ApiError, ApiState},
    store::TokenInfo,
};

/// Lets a request through that has a known token.
pub(in crate::api) async fn check(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    match caller(&state, request.headers()) {
        Ok(_) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Who calls. The access log names the token, never its text.
pub(in crate::api) fn caller(state: &ApiState, headers: &HeaderMap) -> Result<TokenInfo, ApiError> {
    let token = tokens::authorize(&state.app.store, headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()))?;
    Span::current().record("token", &token.name);
    Ok(token)
}
