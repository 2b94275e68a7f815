//! Answers for what is not in the table of routes.

use axum::{
    extract::MatchedPath,
    http::{HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};
use shed_core::ErrorCode;

use super::{ApiError, routes};
use crate::Error;

/// The longest part of a path that is repeated in an answer, in characters.
const SHOWN: usize = 200;

/// 404 for a path that no route has.
pub(super) async fn path(uri: Uri) -> ApiError {
    let shown: String = uri.path().chars().take(SHOWN).collect();
    ApiError(Error::new(ErrorCode::NotFound, format!("there is nothing at `{shown}`")).hint("the routes are listed at /openapi.yaml"))
}

/// 405 for a path that has other methods; `Allow` tells which (RFC 9110 section 15.5.6).
pub(super) async fn method(method: Method, matched: MatchedPath) -> Response {
    let allowed = routes::methods_of(matched.as_str());
    let error = Error::new(ErrorCode::MethodNotAllowed, format!("`{method}` is not a method of `{}`", matched.as_str()))
        .hint(format!("its methods are: {allowed}"));
    let mut response = ApiError(error).into_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
