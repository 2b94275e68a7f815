//! Creating with events, as far as it goes without an engine.

use axum::{body::Body, http::header};

use crate::harness::{Answer, Api};

async fn create(api: &Api, accept: &str, body: &'static str) -> Answer {
    let request = api.request("POST", "/api/sheds").header(header::CONTENT_TYPE, "application/json").header(header::ACCEPT, accept);
    api.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn what_fails_before_the_first_step_has_its_own_status() {
    let api = Api::new();
    for accept in ["text/event-stream", "application/json;q=0.5, TEXT/event-stream;q=0.9"] {
        assert_eq!(create(&api, accept, r#"{"name":"A"}"#).await.code(), "INVALID_SHED_NAME");
        assert_eq!(create(&api, accept, r#"{"name":"a","colour":1}"#).await.code(), "INVALID_REQUEST");
        assert_eq!(create(&api, accept, r#"{"name":"a"}"#).await.code(), "ENGINE_UNAVAILABLE");
    }
    let anonymous = api.anonymous("POST", "/api/sheds").header(header::ACCEPT, "text/event-stream").body(Body::empty()).unwrap();
    assert_eq!(api.send(anonymous).await.code(), "UNAUTHORIZED");
}
