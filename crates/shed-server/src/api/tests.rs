//! What only the inside can show: a handler that panics.

use axum::{
    body::Body,
    http::{Request, header},
    routing::get,
};
use http_body_util::BodyExt;
use shed_core::ErrorEnvelope;
use tower::ServiceExt;
use uuid::Uuid;

use super::*;
use crate::{config::Config, engine::docker::DockerEngine, store::Store};

async fn boom() -> &'static str {
    panic!("the secret is 42")
}

#[tokio::test]
async fn a_panic_is_a_500_and_nothing_else() {
    let engine = DockerEngine::connect(Some("unix:///nowhere/docker.sock"), Uuid::nil()).unwrap();
    let app = App::new(Arc::new(engine), Store::in_memory().unwrap(), Config::default(), Uuid::nil().to_string());
    let state = ApiState::new(app, SshHostKey { public_key: String::new(), fingerprint: String::new() });
    let router = wrap(routes::router(&state).route("/boom", get(boom)), state);
    let ask = |path: &str| Request::get(path).header(header::HOST, "localhost").body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(ask("/boom")).await.unwrap();
    assert_eq!(answer.status(), 500);
    assert!(answer.headers().contains_key("x-request-id"));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let envelope: ErrorEnvelope = serde_json::from_slice(&body).unwrap();
    assert_eq!(envelope.error.code.as_str(), "INTERNAL_ERROR");
    assert!(!envelope.error.message.contains("secret"));
    assert_eq!(router.oneshot(ask("/healthz")).await.unwrap().status(), 200);
}
