//! The client against a small server of its own: what it sends, and what it makes of every kind of answer.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{OriginalUri, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::{any, get, post},
};
use serde_json::json;
use shed_client::{Client, ClientError, SessionQuery, SessionSort, Token};
use shed_core::{
    ErrorCode,
    wire::{CreateShed, ScreenFormat, SendKeys, SessionStatus},
};
use tokio::{net::TcpListener, sync::Notify};

async fn serve(router: Router) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Client::new(&url, Some(Token::new("shed_secret"))).unwrap()
}

fn shed() -> serde_json::Value {
    json!({"name": "myproj", "status": "running", "created_at": "2026-01-25T10:00:00Z", "image": "i", "container_id": "c", "newer": 1})
}

/// Answers with what was asked, as the body of an error.
async fn echo(OriginalUri(uri): OriginalUri, request: Request) -> impl IntoResponse {
    let token = request.headers().get(header::AUTHORIZATION).map_or("none", |value| value.to_str().unwrap());
    let message = format!("{} {uri} {token}", request.method());
    (StatusCode::NOT_FOUND, Json(json!({"error": {"code": "SESSION_NOT_FOUND", "message": message, "hint": "look"}})))
}

#[tokio::test]
async fn requests_carry_the_token_and_encoded_names_and_errors_carry_everything() {
    let client = serve(Router::new().fallback(any(echo))).await;
    let error = client.session("myproj", "a b/ü").await.unwrap_err();
    let ClientError::Api { status: 404, body } = &error else { panic!("{error:?}") };
    assert_eq!(body.message, "GET /api/sheds/myproj/sessions/a%20b%2F%C3%BC Bearer shed_secret");
    assert_eq!((error.code(), error.hint()), (Some(ErrorCode::SessionNotFound), Some("look")));

    let asked = |error: ClientError| error.to_string().replace(" Bearer shed_secret", "");
    assert_eq!(asked(client.delete_shed("x", true).await.unwrap_err()), "DELETE /api/sheds/x?keep_volume=true");
    assert_eq!(asked(client.delete_shed("x", false).await.unwrap_err()), "DELETE /api/sheds/x");
    assert_eq!(asked(client.list_sessions("x").await.unwrap_err()), "GET /api/sheds/x/sessions");
    assert_eq!(asked(client.list_sessions_of("x", true).await.unwrap_err()), "GET /api/sheds/x/sessions?resources=true");
    assert_eq!(asked(client.restart_shed("x").await.unwrap_err()), "POST /api/sheds/x/restart");
    assert_eq!(asked(client.send_keys("x", "y", &SendKeys::default()).await.unwrap_err()), "POST /api/sheds/x/sessions/y/keys");
    assert_eq!(
        asked(client.screen("x", "y", ScreenFormat::Ansi, 9).await.unwrap_err()),
        "GET /api/sheds/x/sessions/y/screen?format=ansi&scrollback=9"
    );
    assert_eq!(asked(client.remove_ssh_key("SHA256:a+b/c").await.unwrap_err()), "DELETE /api/ssh-keys/SHA256%3Aa%2Bb%2Fc");
    let query =
        SessionQuery { status: Some(SessionStatus::Failed), shed: Some("x".into()), sort: Some(SessionSort::Created), resources: true };
    assert_eq!(
        asked(client.list_all_sessions(&query).await.unwrap_err()),
        "GET /api/sessions?status=failed&shed=x&sort=created&resources=true"
    );
}

#[tokio::test]
async fn answers_of_newer_servers_are_read_and_those_of_others_are_named() {
    let router = Router::new()
        .route("/api/sheds/myproj", get(async || Json(shed())))
        .route("/api/sheds/html", get(async || "<html>"))
        .route("/api/sheds/proxy", get(async || (StatusCode::BAD_GATEWAY, "bad gateway")))
        .route("/api/sheds/moved", get(async || Redirect::temporary("/api/sheds/myproj")));
    let client = serve(router).await;
    assert_eq!(client.shed("myproj").await.unwrap().name.as_str(), "myproj");
    for (name, reason) in [("html", "expected value"), ("proxy", "HTTP status 502 Bad Gateway"), ("moved", "HTTP status 307")] {
        let error = client.shed(name).await.unwrap_err();
        assert!(matches!(&error, ClientError::Protocol { reason: said, .. } if said.contains(reason)), "{error:?}");
    }
}

#[tokio::test]
async fn servers_that_do_not_answer_are_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&url, None).unwrap().healthz().await.unwrap_err();
    assert!(matches!(&error, ClientError::Unreachable { url: said, reason } if *said == url && reason.contains("refused")), "{error:?}");

    let hanging = Router::new().route("/healthz", get(std::future::pending::<()>));
    let client = serve(hanging).await.with_deadline(Duration::from_millis(50));
    let error = client.healthz().await.unwrap_err();
    assert!(matches!(&error, ClientError::Unreachable { reason, .. } if reason == "no answer in time"), "{error:?}");
}

fn stream(text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], text)
}

#[tokio::test]
async fn creation_shows_its_progress_and_its_end() {
    let done = format!(
        ": hello\n\nevent: progress\ndata: {{\"progress\":\"pulling\"}}\n\nevent: newer\ndata: ?\n\nevent: progress\ndata: {{\"progress\":\"starting\"}}\n\nevent: done\ndata: {}\n\n",
        json!({"done": shed()})
    );
    let router = Router::new().route(
        "/api/sheds",
        post(async move |request: Request| {
            assert_eq!(request.headers()[header::ACCEPT], "text/event-stream");
            ([(header::CONTENT_TYPE, "text/event-stream")], done)
        }),
    );
    let mut steps = Vec::new();
    let creation = serve(router).await.create_shed(&CreateShed::named("myproj")).await.unwrap();
    let made = creation.finish(|step| steps.push(step.to_owned())).await.unwrap();
    assert_eq!((made.name.as_str(), steps), ("myproj", vec!["pulling".to_owned(), "starting".to_owned()]));
}

#[tokio::test]
async fn creation_fails_in_every_way_there_is() {
    let failed = "event: error\ndata: {\"error\":{\"code\":\"CLONE_FAILED\",\"message\":\"no such repository\"}}\n\n";
    for (answer, expected) in [
        (failed, "no such repository"),
        ("event: progress\ndata: {\"progress\":\"a\"}\n\n", "the connection ended before the shed was there"),
        ("event: done\ndata: {}\n\n", "event `done`"),
    ] {
        let client = serve(Router::new().route("/api/sheds", post(async move || stream(answer)))).await;
        let creation = client.create_shed(&CreateShed::named("myproj")).await.unwrap();
        let error = creation.finish(|_| ()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error:?}");
    }
    let refused = Router::new().route("/api/sheds", post(echo));
    let error = serve(refused).await.create_shed(&CreateShed::named("myproj")).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::SessionNotFound), "a refusal comes before any progress");
}

#[tokio::test]
async fn progress_arrives_before_the_end() {
    let go_on = Arc::new(Notify::new());
    let wait = Arc::clone(&go_on);
    let router = Router::new().route(
        "/api/sheds",
        post(async move || {
            let first =
                futures_util::stream::once(async { Ok::<_, Infallible>("event: progress\ndata: {\"progress\":\"one\"}\n\n".to_owned()) });
            let second = futures_util::stream::once(async move {
                wait.notified().await;
                Ok(format!("event: done\ndata: {}\n\n", json!({"done": shed()})))
            });
            let body = axum::body::Body::from_stream(futures_util::StreamExt::chain(first, second));
            ([(header::CONTENT_TYPE, "text/event-stream")], body)
        }),
    );
    let creation = serve(router).await.create_shed(&CreateShed::named("myproj")).await.unwrap();
    let made = creation.finish(|_| go_on.notify_one()).await.unwrap();
    assert_eq!(made.name.as_str(), "myproj");
}

#[tokio::test]
async fn the_token_is_in_no_debug_output() {
    let client = Client::new("http://127.0.0.1:1", Some(Token::new("shed_secret"))).unwrap();
    assert!(!format!("{client:?}").contains("secret"));
    assert!(!format!("{:?}", client.healthz().await.unwrap_err()).contains("secret"));
}
