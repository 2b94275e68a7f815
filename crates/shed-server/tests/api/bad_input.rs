//! Requests that can't be served: always the envelope, and nothing else happens.

use axum::{
    body::{Body, Bytes},
    http::header,
};
use futures_util::stream;

use crate::harness::Api;

#[tokio::test]
async fn names_in_paths_are_checked() {
    let api = Api::new();
    for name in ["..%2Fx", "a%2Fb", "a%3Bb", "$(id)", "a%0Ab", "A", "%E4%BD%A0", "%FF", "a=b", &"x".repeat(64)] {
        for path in [format!("/api/sheds/{name}"), format!("/api/sheds/{name}/sessions"), format!("/api/sheds/{name}/sessions/s/screen")] {
            assert_eq!(api.call("GET", &path).await.code(), "INVALID_SHED_NAME", "{path}");
        }
        assert_eq!(api.json("POST", &format!("/api/sheds/{name}/exec"), r#"{"argv":["true"]}"#).await.code(), "INVALID_SHED_NAME");
    }
    for session in ["a%0Ab", "a%3Ab", "a.b", "%00", "%FF"] {
        assert_eq!(api.call("GET", &format!("/api/sheds/a/sessions/{session}")).await.code(), "INVALID_SESSION_NAME", "{session}");
    }
    // Names made by hand are fine, so the engine is asked.
    for session in ["my%20session", "-x", "%C3%BCn", "a%2Fb"] {
        assert_eq!(api.call("GET", &format!("/api/sheds/a/sessions/{session}")).await.code(), "ENGINE_UNAVAILABLE", "{session}");
    }
}

#[tokio::test]
async fn bodies_are_checked_before_the_engine_is_asked() {
    let api = Api::new();
    for (path, body, code) in [
        ("/api/sheds", "", "INVALID_REQUEST"),
        ("/api/sheds", "{", "INVALID_REQUEST"),
        ("/api/sheds", "[]", "INVALID_REQUEST"),
        ("/api/sheds", "null", "INVALID_REQUEST"),
        ("/api/sheds", "{}", "INVALID_REQUEST"),
        ("/api/sheds", r#"{"name":"a","colour":1}"#, "INVALID_REQUEST"),
        ("/api/sheds", r#"{"name":"../x"}"#, "INVALID_SHED_NAME"),
        ("/api/sheds", r#"{"name":"a","image":"-v"}"#, "INVALID_REQUEST"),
        ("/api/sheds", r#"{"name":"a","repo":"--upload-pack=x"}"#, "INVALID_REQUEST"),
        ("/api/sheds", r#"{"name":"a","memory":"lots"}"#, "INVALID_REQUEST"),
        ("/api/sheds", r#"{"name":"a","cpus":-1}"#, "INVALID_REQUEST"),
        ("/api/sheds", r#"{"name":"a","env":{"A=B":"c"}}"#, "INVALID_REQUEST"),
        ("/api/sheds/a/sessions", r#"{"name":"a b"}"#, "INVALID_SESSION_NAME"),
        ("/api/sheds/a/sessions", r#"{"working_dir":"relative"}"#, "INVALID_REQUEST"),
        ("/api/sheds/a/sessions", r#"{"cols":0}"#, "INVALID_REQUEST"),
        ("/api/sheds/a/sessions/s/keys", "{}", "INVALID_REQUEST"),
        ("/api/sheds/a/exec", r#"{"argv":[]}"#, "INVALID_REQUEST"),
        ("/api/sheds/a/exec", r#"{"argv":["a\u0000"]}"#, "INVALID_REQUEST"),
        ("/api/ssh-keys", r#"{"public_key":"ssh-rsa AAAA"}"#, "INVALID_REQUEST"),
    ] {
        assert_eq!(api.json("POST", path, body).await.code(), code, "{path} {body}");
    }
    assert_eq!(api.json("PATCH", "/api/sheds/a/sessions/s", r#"{"name":"=x"}"#).await.code(), "INVALID_SESSION_NAME");
}

#[tokio::test]
async fn a_good_request_without_an_engine_is_a_503_with_a_hint() {
    let api = Api::new();
    for (method, path, body) in [
        ("GET", "/api/sheds", ""),
        ("POST", "/api/sheds", r#"{"name":"a"}"#),
        ("DELETE", "/api/sheds/a?keep_volume=true", ""),
        ("POST", "/api/sheds/a/start", ""),
        ("POST", "/api/sheds/a/stop", ""),
        ("POST", "/api/sheds/a/restart", ""),
        ("POST", "/api/sheds/a/sessions", "{}"),
        ("POST", "/api/sheds/a/exec", r#"{"argv":["true"]}"#),
        ("GET", "/api/sheds/a/sessions/s/screen?format=ansi&scrollback=10", ""),
        ("GET", "/api/sessions?status=running&shed=a&sort=activity", ""),
        ("GET", "/readyz", ""),
    ] {
        let answer = api.json(method, path, body).await;
        assert_eq!(answer.code(), "ENGINE_UNAVAILABLE", "{path}");
        assert!(answer.value()["error"]["hint"].is_string(), "{path}");
    }
    assert_eq!(api.call("GET", "/healthz").await.status, 200);
    assert!(api.store.open_creates().unwrap().is_empty(), "no creation was left open");
}

#[tokio::test]
async fn queries_are_checked() {
    let api = Api::new();
    for path in [
        "/api/sessions?status=sleeping",
        "/api/sessions?status=unknown",
        "/api/sessions?sort=size",
        "/api/sessions?colour=red",
        "/api/sessions?sort=name&sort=name",
        "/api/sheds/a/sessions/s/screen?scrollback=-1",
        "/api/sheds/a/sessions/s/screen?format=pdf",
    ] {
        assert_eq!(api.call("GET", path).await.code(), "INVALID_REQUEST", "{path}");
    }
    assert_eq!(api.call("GET", "/api/sessions?shed=A").await.code(), "INVALID_SHED_NAME");
    assert_eq!(api.call("DELETE", "/api/sheds/a?keep_volume=perhaps").await.code(), "INVALID_REQUEST");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_envelopes_too() {
    let api = Api::new();
    for path in ["/", "/api", "/api/", "/api/sheds/", "/favicon.ico", "/api/sheds/a/b/c/d/e/f"] {
        assert_eq!(api.call("GET", path).await.code(), "NOT_FOUND", "{path}");
    }
    for (method, path, allow) in [
        ("PUT", "/api/sheds", "GET, POST"),
        ("TRACE", "/healthz", "GET"),
        ("OPTIONS", "/api/sheds/a", "GET, DELETE"),
        ("GET", "/api/sheds/a/start", "POST"),
        ("BREW", "/api/sheds/a/sessions/s", "GET, PATCH, DELETE"),
    ] {
        let answer = api.call(method, path).await;
        assert_eq!(answer.code(), "METHOD_NOT_ALLOWED", "{method} {path}");
        assert_eq!(answer.header("allow"), allow);
        assert_eq!(answer.headers.get_all("allow").iter().count(), 1);
    }
}

#[tokio::test]
async fn large_bodies_are_refused_announced_or_not() {
    let api = Api::new();
    let chunk = Bytes::from(vec![b' '; 1 << 20]);
    let announced = Body::from(chunk.repeat(10));
    let streamed = Body::from_stream(stream::iter((0..10).map(move |_| Ok::<_, std::io::Error>(chunk.clone()))));
    for body in [announced, streamed] {
        assert_eq!(api.json("POST", "/api/sheds", body).await.code(), "PAYLOAD_TOO_LARGE");
    }
    let waiting = api.request("POST", "/api/sheds").header(header::CONTENT_TYPE, "application/json");
    let waiting = waiting.header(header::CONTENT_LENGTH, 10 << 20).header(header::EXPECT, "100-continue");
    let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    assert_eq!(api.send(waiting.body(body).unwrap()).await.code(), "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn only_json_is_taken() {
    let api = Api::new();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let request = api.request("POST", "/api/sheds").header(header::CONTENT_TYPE, kind).body(Body::from(r#"{"name":"a"}"#)).unwrap();
        assert_eq!(api.send(request).await.code(), "UNSUPPORTED_MEDIA_TYPE", "{kind}");
    }
    let kind = "Application/JSON; charset=utf-8";
    let request = api.request("POST", "/api/sheds").header(header::CONTENT_TYPE, kind).body(Body::from(r#"{"name":"a"}"#)).unwrap();
    assert_eq!(api.send(request).await.code(), "ENGINE_UNAVAILABLE");
}

#[tokio::test]
async fn every_answer_is_marked() {
    let api = Api::new();
    let mut ids = Vec::new();
    for path in ["/healthz", "/api/sheds", "/nope"] {
        let request = api.request("GET", path).header("x-request-id", "forged").body(Body::empty()).unwrap();
        let answer = api.send(request).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-request-id").len(), 36);
        ids.push(answer.header("x-request-id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}
