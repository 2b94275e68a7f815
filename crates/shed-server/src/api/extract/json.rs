//! JSON bodies.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use shed_core::ErrorCode;

use crate::{Error, api::ApiError};

/// The longest body, in bytes. The largest thing that anyone sends is the standard input of `exec`.
const MAX_BODY: usize = 1024 * 1024;

/// A body that is not whole by then comes from a line that is too slow, or from someone who wants to hold a connection.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

/// How much of a body that is too long is read and thrown away. Closing a connection with unread input makes the kernel
/// send a reset, which can destroy the answer on its way.
const DRAINED: usize = 64 * 1024 * 1024;

/// A JSON object as a struct; its type refuses unknown fields with `deny_unknown_fields`.
pub(in crate::api) struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Error::new(ErrorCode::UnsupportedMediaType, "the body must be JSON")
                .hint("send the header `Content-Type: application/json`")
                .into());
        }
        let late = |_| Error::new(ErrorCode::Timeout, format!("the body was not there after {} s", BODY_DEADLINE.as_secs()));
        let bytes = tokio::time::timeout(BODY_DEADLINE, read(&parts.headers, body)).await.map_err(late)??;
        Ok(Self(parse(&bytes)?))
    }
}

/// `application/json`, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Error> {
    let too_large = || {
        Error::new(ErrorCode::PayloadTooLarge, format!("the body is larger than {MAX_BODY} bytes"))
            .hint("send large data over SSH, for example with scp")
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        // Who waits for `100 Continue` has not begun to send, and reading would ask for it.
        if !headers.contains_key(header::EXPECT) {
            drain(body.into_data_stream()).await;
        }
        return Err(too_large());
    }
    let mut data = body.into_data_stream();
    let mut bytes = BytesMut::new();
    while let Some(chunk) = data.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| Error::invalid("the body ended too early").because(error))?);
        if bytes.len() > MAX_BODY {
            drain(data).await;
            return Err(too_large());
        }
    }
    Ok(bytes.freeze())
}

async fn drain(mut data: BodyDataStream) {
    let mut read = 0;
    while let Some(Ok(chunk)) = data.next().await {
        read += chunk.len();
        if read > DRAINED {
            return;
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    const HINT: &str = "the fields are described at /openapi.yaml";
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => return Err(Error::invalid("the body is empty, and must be a JSON object").hint(HINT)),
        Some(b'{') => {}
        // serde would take an array for a struct, field by field.
        Some(_) => return Err(Error::invalid("the body is not a JSON object").hint(HINT)),
    }
    serde_json::from_slice(bytes).map_err(|error| Error::invalid(format!("the body can't be understood: {error}")).hint(HINT))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shed_core::wire::{CreateSession, CreateShed, ExecRequest};

    use super::*;

    #[test]
    fn errors_say_where() {
        let said = |text: &str| parse::<CreateShed>(text.as_bytes()).unwrap_err().message;
        insta::assert_snapshot!([
            said(""), said("[\"a\"]"), said("\"a\""), said("{\"name\":\n  }"), said("{\"name\":\"a\",\n\"colour\":1}"), said("{}"),
            said("{\"name\":1}"), said("{\"name\":\"a\",\"name\":\"b\"}"), said("{\"name\":\"a\"} x"), said("{\"name\":\"\\ud800\"}"),
        ].join("\n"), @r#"
        the body is empty, and must be a JSON object
        the body is not a JSON object
        the body is not a JSON object
        the body can't be understood: expected value at line 2 column 3
        the body can't be understood: unknown field `colour`, expected one of `name`, `repo`, `image`, `profile`, `memory`, `cpus`, `pids`, `env`, `keep_on_clone_failure` at line 2 column 8
        the body can't be understood: missing field `name` at line 1 column 2
        the body can't be understood: invalid type: integer `1`, expected a string at line 1 column 9
        the body can't be understood: duplicate field `name` at line 1 column 18
        the body can't be understood: trailing characters at line 1 column 14
        the body can't be understood: unexpected end of hex escape at line 1 column 16
        "#);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse::<CreateShed>(&bytes);
            let _ = parse::<ExecRequest>(&bytes);
        }

        #[test]
        fn only_objects_are_taken(text in "[\\[\\]\"0-9a-z,]{0,20}") {
            prop_assert!(parse::<CreateSession>(text.as_bytes()).is_err());
        }
    }
}
