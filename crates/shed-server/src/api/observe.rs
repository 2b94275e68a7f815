//! What every request gets: an id, a line in the access log, and headers that keep answers out of caches.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, field, info, info_span};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id is always our own: one from the caller could forge lines of the log. Neither headers nor the query are logged,
/// as both may hold credentials.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    let span = info_span!("request", id, method = %request.method(), path = request.uri().path(), token = field::Empty);
    let began = Instant::now();
    let mut response = async {
        let response = next.run(request).await;
        info!(status = response.status().as_u16(), ms = began.elapsed().as_millis(), "answered");
        response
    }
    .instrument(span)
    .await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
