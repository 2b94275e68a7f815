//! `/metrics`, with a token and on a listener of its own.

use axum::body::Body;
use tower::ServiceExt;

use crate::harness::{Answer, Api};

#[tokio::test]
async fn figures_need_a_token_and_count_by_operation() {
    let api = Api::new();
    let anonymous = api.anonymous("GET", "/metrics").body(Body::empty()).unwrap();
    assert_eq!(api.send(anonymous).await.code(), "UNAUTHORIZED");
    api.call("GET", "/api/sheds/secret-name").await;
    let answer = api.call("GET", "/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    for line in [
        r#"shed_http_requests_total{operation="get_metrics",status="401"} 1"#,
        r#"shed_http_requests_total{operation="get_shed",status="503"} 1"#,
        r#"shed_http_request_duration_seconds_count{operation="get_shed"} 1"#,
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line}\n{}", answer.body);
    }
    assert!(!answer.body.contains("secret-name"), "no names");
}

#[tokio::test]
async fn the_listener_of_its_own_serves_nothing_else() {
    let api = Api::new();
    let get = async |path: &str, host: &str| {
        let request = axum::http::Request::get(path).header("host", host).body(Body::empty()).unwrap();
        Answer::of(api.metrics.clone().oneshot(request).await.unwrap()).await
    };
    assert!(get("/metrics", "127.0.0.1:9090").await.body.ends_with("# EOF\n"));
    assert_eq!(get("/api/info", "127.0.0.1:9090").await.code(), "NOT_FOUND");
    assert_eq!(get("/metrics", "rebound.example.org").await.code(), "FORBIDDEN");
}
