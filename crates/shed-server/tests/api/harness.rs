//! The real router over a real engine client whose socket leads nowhere.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::Value;
use shed_core::wire::SshHostKey;
use shed_server::{api, app::App, config::Config, engine::docker::DockerEngine, events::Bus, store::Store};
use tower::ServiceExt;
use uuid::Uuid;

pub const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICszlcB1p3JRaSEyRkC25uNJ+CdenPeIw6u4znRH479p ada@laptop";
pub const FINGERPRINT: &str = "SHA256:8EKwP3/tBpTQoXWUnipoZ4ddkNdAzMvW3r+v+LHzeEs";

/// An API of its own with one token.
pub struct Api {
    router: Router,
    /// What the listener of `[metrics]` serves.
    pub metrics: Router,
    pub store: Store,
    pub events: Arc<Bus>,
    pub token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Api {
    pub fn new() -> Self {
        Self::with(Config { name: Some("box".into()), ..Config::default() })
    }

    pub fn with(config: Config) -> Self {
        let store = Store::in_memory().unwrap();
        let token = store.create_token("tests").unwrap();
        let engine = DockerEngine::connect(Some("unix:///nowhere/docker.sock"), Uuid::nil()).unwrap();
        let host_key = SshHostKey { public_key: "ssh-ed25519 AAAA".into(), fingerprint: "SHA256:x".into() };
        let app = App::new(Arc::new(engine), store.clone(), config, Uuid::nil().to_string());
        let events = Arc::clone(&app.events);
        let metrics = api::metrics_router(Arc::clone(&app), host_key.clone());
        Self { router: api::router(app, host_key), metrics, store, events, token }
    }

    /// A request with a good token and host.
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        self.anonymous(method, path).header(header::AUTHORIZATION, format!("Bearer {}", self.token))
    }

    /// A request without a token.
    pub fn anonymous(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path).header(header::HOST, "127.0.0.1:8080")
    }

    /// The router, for a socket of its own.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The answer as it comes, for streams.
    pub async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub async fn call(&self, method: &str, path: &str) -> Answer {
        self.send(self.request(method, path).body(Body::empty()).unwrap()).await
    }

    pub async fn json(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        self.send(self.request(method, path).header(header::CONTENT_TYPE, "application/json").body(body.into()).unwrap()).await
    }
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The code of the envelope, after checking that it is one and that the status goes with it.
    #[track_caller]
    pub fn code(&self) -> String {
        let envelope: shed_core::ErrorEnvelope = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no envelope: {self:?}"));
        assert_eq!(self.status.as_u16(), envelope.error.code.http_status(), "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        envelope.error.code.as_str().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
