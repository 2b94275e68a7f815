//! Who gets in.

use axum::{body::Body, http::header};
use shed_server::config::{Config, Http};

use crate::harness::{Answer, Api, FINGERPRINT, KEY};

/// Every route but these needs a token; the list of routes is the code's own.
const OPEN: &[&str] = &["/healthz", "/readyz", "/openapi.yaml", "/api/info"];

#[tokio::test]
async fn every_other_route_needs_a_token() {
    let api = Api::new();
    for operation in shed_server::api::operations() {
        let path = operation.path.replace(['{', '}'], "");
        for authorization in [None, Some("Bearer wrong"), Some("Basic dTpw"), Some(&*api.token)] {
            let request = api.anonymous(operation.method, &path).header(header::CONTENT_TYPE, "application/json");
            let request = authorization.iter().fold(request, |request, value| request.header(header::AUTHORIZATION, *value));
            let answer = api.send(request.body(Body::from("{}")).unwrap()).await;
            let is_open = OPEN.contains(&operation.path) && (authorization.is_none() || operation.path != "/api/info");
            assert_eq!(answer.status == 401, !is_open, "{operation:?} {answer:?}");
            if !is_open {
                assert_eq!(answer.code(), "UNAUTHORIZED");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
        }
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let api = Api::new();
    assert_eq!(api.call("GET", "/api/ssh-keys").await.status, 200);
    api.store.revoke_token("tests").unwrap();
    assert_eq!(api.call("GET", "/api/ssh-keys").await.code(), "UNAUTHORIZED");
}

#[tokio::test]
async fn strangers_learn_name_and_version_only() {
    let api = Api::new();
    let answer = api.send(api.anonymous("GET", "/api/info").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.value(), serde_json::json!({"name": "box", "version": env!("CARGO_PKG_VERSION")}));
    let known = api.call("GET", "/api/info").await.value();
    assert_eq!((&known["ssh_port"], &known["http_port"]), (&2222.into(), &8080.into()));
    assert!(known["features"].is_array());
}

/// The answer to a health check with these headers.
async fn knock(api: &Api, headers: &[(&str, &str)]) -> Answer {
    let request = axum::http::Request::get("/healthz");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    api.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn only_the_servers_own_names_are_answered() {
    let http = Http { listen: "10.1.2.3:80".parse().unwrap(), allowed_hosts: vec!["Shed.example.org".into(), "fd00::1".into()] };
    let api = Api::with(Config { http, ..Config::default() });
    let good = [
        "localhost",
        "LOCALHOST:1",
        "localhost.",
        "127.0.0.1",
        "127.9.9.9:80",
        "[::1]",
        "[::1]:8080",
        "10.1.2.3",
        "10.1.2.3:80",
        "shed.example.org",
        "shed.example.org:443",
        "[fd00::1]:80",
        "[::ffff:127.0.0.1]",
    ];
    for host in good {
        assert_eq!(knock(&api, &[("host", host)]).await.status, 200, "{host}");
    }
    let bad =
        ["evil.example", "localhost.evil.example", "10.1.2.4", "0.0.0.0", "", "127.0.0.1@evil.example", "a b", "shed.example.org.evil"];
    for host in bad {
        let answer = knock(&api, &[("host", host)]).await;
        assert_eq!(answer.code(), "FORBIDDEN", "{host}");
        assert!(answer.value()["error"]["hint"].as_str().unwrap().contains("allowed_hosts"));
    }
    assert_eq!(knock(&api, &[]).await.code(), "FORBIDDEN");
    assert_eq!(knock(&api, &[("host", "localhost"), ("host", "evil.example")]).await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn foreign_web_pages_are_refused() {
    let api = Api::new();
    for origin in ["http://localhost:3000", "http://127.0.0.1:8080", "https://[::1]"] {
        assert_eq!(knock(&api, &[("host", "localhost"), ("origin", origin)]).await.status, 200, "{origin}");
    }
    for origin in ["null", "https://evil.example", "localhost", "", "http://127.0.0.1.evil.example"] {
        assert_eq!(knock(&api, &[("host", "localhost"), ("origin", origin)]).await.code(), "FORBIDDEN", "{origin}");
    }
    // Before the token: who comes from elsewhere can't even try one.
    let request = api.request("GET", "/api/sheds").header("origin", "https://evil.example").body(Body::empty()).unwrap();
    assert_eq!(api.send(request).await.code(), "FORBIDDEN");
}

#[tokio::test]
async fn keys_are_registered_listed_and_removed() {
    let api = Api::new();
    let body = serde_json::json!({"public_key": KEY}).to_string();
    let added = api.json("POST", "/api/ssh-keys", body.clone()).await;
    assert_eq!(added.status, 201);
    assert_eq!(added.value()["fingerprint"], FINGERPRINT);
    assert_eq!(added.value()["name"], "ada@laptop");
    let location = added.header("location").to_owned();
    assert_eq!(api.json("POST", "/api/ssh-keys", body).await.status, 201, "again is no error");
    let list = api.call("GET", "/api/ssh-keys").await.value();
    assert_eq!(list["ssh_keys"].as_array().unwrap().len(), 1);
    assert_eq!(api.call("DELETE", &location).await.status, 204);
    assert_eq!(api.call("DELETE", &location).await.code(), "NOT_FOUND");
    assert_eq!(api.call("GET", "/api/ssh-keys").await.value(), serde_json::json!({"ssh_keys": []}));
}
