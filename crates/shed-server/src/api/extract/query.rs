//! The query string.

use axum::{
    extract::{FromRequestParts, Query as AxumQuery},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{Error, api::ApiError};

/// The query as a struct; its type refuses unknown parameters with `deny_unknown_fields`.
pub(in crate::api) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let AxumQuery(query) = AxumQuery::try_from_uri(&parts.uri).map_err(|error| {
            let text = error.body_text();
            let reason = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Error::invalid(format!("the query can't be understood: {reason}")).hint("the parameters are described at /openapi.yaml")
        })?;
        Ok(Self(query))
    }
}
