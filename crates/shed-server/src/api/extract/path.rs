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
        let name = parameter(parts, state, "name", ErrorCode::InvalidShedName).await?;
        Ok(Self(ShedName::new(name)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ShedPath(shed) = ShedPath::from_request_parts(parts, state).await?;
        let session = parameter(parts, state, "session", ErrorCode::InvalidSessionName).await?;
        Ok(Self(shed, SessionRef::new(session)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fingerprint {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        parameter(parts, state, "fingerprint", ErrorCode::InvalidRequest).await.map(Self)
    }
}

/// One parameter. The router has decoded all of them together; `code` is for one that is not UTF-8 then.
async fn parameter<S: Send + Sync>(parts: &mut Parts, state: &S, key: &str, code: ErrorCode) -> Result<String, ApiError> {
    let undecodable = |what: String| Error::new(code, what).hint("write it in UTF-8, with %XX for bytes that a path can't hold");
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|error| undecodable(error.to_string()))?;
    let value = parameters.iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_owned());
    Ok(value.ok_or_else(|| Error::internal(format!("the route has no parameter `{key}`")))?)
}
