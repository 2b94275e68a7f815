//! How a failure goes over the wire: the envelope, and for faults of the server a line in the log.

use std::{any::Any, error::Error as StdError, fmt::Write as _};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shed_core::{ErrorCode, ErrorEnvelope};

use crate::Error;

/// The error type of all handlers.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(error) = self;
        log(&error);
        let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ErrorEnvelope { error: error.body() })).into_response();
        if error.code == ErrorCode::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Faults of the server and the engine are logged with their cause; what the caller did wrong is in the access log.
pub(super) fn log(error: &Error) {
    let mut cause = String::new();
    let mut source = StdError::source(error);
    while let Some(inner) = source {
        let _ = write!(cause, "{}{inner}", if cause.is_empty() { "" } else { ": " });
        source = inner.source();
    }
    match error.code {
        ErrorCode::InternalError | ErrorCode::EngineError => tracing::error!(code = error.code.as_str(), cause, "{error}"),
        code if code.http_status() >= 500 => tracing::warn!(code = code.as_str(), cause, "{error}"),
        _ => {}
    }
}

/// The answer for a handler that panicked. The panic itself, with its place, is already on stderr.
pub(super) fn from_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError(Error::internal(format!("a handler panicked: {}", text.unwrap_or("without a text")))).into_response()
}
