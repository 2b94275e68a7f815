//! Names in paths, percent-decoded and checked.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use shed_core::{ErrorCode, SessionRef, ShedName};

use crate::{Error, api::ApiError};

/// `{name}` of a route under `/api/sheds`.
pub(in crate::api) struct ShedPath(pub ShedName);

/// `{name}` and `{session}`.
pub(in crate::api) struct SessionPath(pub ShedName, pub SessionRef);

/// `{fingerprint}`
pub(in crate::api) struct Fingerprint(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ShedPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let name = parameter(parts, state, "name").await?;
        Ok(Self(ShedName::new(name)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ShedPath(shed) = ShedPath::from_request_parts(parts, state).await?;
        let session = parameter(parts, state, "session").await?;
        Ok(Self(shed, SessionRef::new(session)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fingerprint {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        parameter(parts, state, "fingerprint").await.map(Self)
    }
}

/// One parameter. The router decodes all of a path together, so what is refused may be another one than `key`.
async fn parameter<S: Send + Sync>(parts: &mut Parts, state: &S, key: &str) -> Result<String, ApiError> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|error| {
        let text = error.to_string();
        let (code, what) = match text.split('`').nth(1) {
            Some("name") => (ErrorCode::InvalidShedName, "the shed's name"),
            Some("session") => (ErrorCode::InvalidSessionName, "the session's name"),
            _ => (ErrorCode::InvalidRequest, "a part"),
        };
        Error::new(code, format!("{what} in the path is not UTF-8"))
            .hint("write other characters than ASCII as the %XX of their UTF-8 bytes")
    })?;
    let value = parameters.iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_owned());
    Ok(value.ok_or_else(|| Error::internal(format!("the route has no parameter `{key}`")))?)
}
