//! The connection to one server and the plumbing that every route shares.

use std::{fmt, time::Duration};

use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde::{Serialize, de::DeserializeOwned};
use shed_core::ErrorEnvelope;

use crate::{ClientError, ServerUrl, Token};

/// The longest wait for a connection. A dev-box on another continent answers in well under a second.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest wait for the whole answer of one call. The server gives up on its engine before that, so that its own
/// error arrives instead of ours.
pub const CALL_DEADLINE: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes: a screen with all its history in colour stays far below.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// A client of one server. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: ServerUrl,
    token: Option<Token>,
    deadline: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url.to_string()).field("token", &self.token).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the server at `url`; no connection is made yet.
    ///
    /// # Errors
    /// [`ClientError::Url`] for an address that can't be one, [`ClientError::Setup`] if HTTPS can't be used here.
    pub fn new(url: &str, token: Option<Token>) -> Result<Self, ClientError> {
        Self::with_connect_timeout(url, token, CONNECT_TIMEOUT)
    }

    /// Like [`Client::new`] with another limit for making a connection.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_connect_timeout(url: &str, token: Option<Token>, connect: Duration) -> Result<Self, ClientError> {
        let url = ServerUrl::new(url)?;
        // Two TLS libraries' providers may be linked; without an explicit choice rustls panics. An error means that the
        // program has chosen already, which is fine.
        let _already_chosen = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(connect)
            .tcp_nodelay(true)
            // A redirect would carry the token to an address that nobody configured.
            .redirect(Policy::none())
            .user_agent(concat!("shed/", env!("CARGO_PKG_VERSION")));
        if !url.is_https() {
            // Without this the root certificates are read from disk for nothing, and a machine without any can't use HTTP.
            builder = builder.tls_certs_only([]);
        }
        if url.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| ClientError::Setup(causes(&error)))?;
        Ok(Self { http, url, token, deadline: CALL_DEADLINE })
    }

    /// The same client with another deadline for each call.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// A request to a route, with the token and the deadline.
    pub(crate) fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let request = self.streaming(method, segments).timeout(self.deadline);
        request.header("accept", "application/json")
    }

    /// A request whose answer may go on for longer than the deadline.
    pub(crate) fn streaming(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let request = self.http.request(method, self.url.route(segments));
        match &self.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    /// Sends a request; every status of 400 and above becomes an error.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(|error| self.transport(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.read(response).await?;
        match serde_json::from_slice::<ErrorEnvelope>(&body) {
            Ok(envelope) => Err(ClientError::Api { status: status.as_u16(), body: envelope.error }),
            Err(_) => Err(self.protocol(format!("HTTP status {}", describe(status)))),
        }
    }

    /// Sends a request and reads JSON.
    pub(crate) async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.send(request).await?;
        let body = self.read(response).await?;
        serde_json::from_slice(&body).map_err(|error| self.protocol(error.to_string()))
    }

    /// Sends a request and reads text.
    pub(crate) async fn text(&self, request: RequestBuilder) -> Result<String, ClientError> {
        let response = self.send(request).await?;
        let body = self.read(response).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// Sends a request whose answer has no content.
    pub(crate) async fn empty(&self, request: RequestBuilder) -> Result<(), ClientError> {
        self.send(request).await.map(drop)
    }

    /// GET of a route that answers JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, ClientError> {
        self.json(self.request(Method::GET, segments)).await
    }

    /// POST of JSON to a route that answers JSON.
    pub(crate) async fn post<T: DeserializeOwned>(&self, segments: &[&str], body: &(impl Serialize + Sync)) -> Result<T, ClientError> {
        self.json(self.request(Method::POST, segments).json(body)).await
    }

    /// Reads a whole body of bounded size.
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, ClientError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.transport(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(self.protocol(format!("the answer is longer than {MAX_ANSWER} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// An error of the connection, in words that name the cause and not the library.
    pub(crate) fn transport(&self, error: &reqwest::Error) -> ClientError {
        let reason = if error.is_timeout() { "no answer in time".to_owned() } else { causes(error) };
        self.unreachable(reason)
    }

    /// A connection that is of no use any more.
    pub(crate) fn unreachable(&self, reason: impl Into<String>) -> ClientError {
        ClientError::Unreachable { url: self.url.to_string(), reason: reason.into() }
    }

    /// An answer that is not this API's.
    pub(crate) fn protocol(&self, reason: impl Into<String>) -> ClientError {
        ClientError::Protocol { url: self.url.to_string(), reason: reason.into() }
    }
}

/// The innermost cause: `reqwest` wraps "connection refused" in three layers that repeat the address.
fn causes(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// `502 Bad Gateway`.
fn describe(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end().to_owned()
}
