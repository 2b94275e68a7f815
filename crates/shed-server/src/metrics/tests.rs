use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use crate::{app::App, config::Config, engine::docker::DockerEngine, events::blank, store::Store};

#[test]
fn everything_is_there_and_has_the_right_form() {
    let engine = DockerEngine::connect(Some("unix:///nowhere/docker.sock"), Uuid::nil()).unwrap();
    let app = App::new(Arc::new(engine), Store::in_memory().unwrap(), Config::default(), Uuid::nil().to_string());
    app.metrics.answered("list_sessions", 200, Duration::from_micros(300));
    app.metrics.answered("list_sessions", 404, Duration::from_secs(2));
    let now = jiff::Timestamp::now();
    let session = serde_json::json!({
        "id": "1", "name": "x", "shed_name": "demo", "created_at": now, "attached": false, "status": "waiting_input",
        "status_changed_at": now, "status_source": "hook",
    });
    let session = Some(Box::new(serde_json::from_value(session).unwrap()));
    app.events.publish(shed_core::wire::Event { session, ..blank(shed_core::wire::EventType::SessionStatus) });
    let _listener = app.events.subscribe(None, 1);
    app.metrics.notifications.sent.fetch_add(3, std::sync::atomic::Ordering::Relaxed);
    let text = app.metrics_text().unwrap();
    for line in [
        "# TYPE shed_http_request_duration_seconds histogram",
        r#"shed_http_requests_total{operation="list_sessions",status="404"} 1"#,
        r#"shed_http_request_duration_seconds_bucket{le="0.0004",operation="list_sessions"} 1"#,
        r#"shed_events_total{type="session.status"} 1"#,
        "shed_event_lag_seconds_count 1",
        "shed_event_subscribers 1",
        "shed_execs_total 0",
        "shed_execs_running 0",
        "shed_history_queue 0",
        r#"shed_notifications_total{result="sent"} 3"#,
        r#"shed_sheds{status="stopped"} 0"#,
        r#"shed_sessions{status="waiting_permission"} 0"#,
        r#"shed_guests{state="connected"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(text.contains(concat!("shed_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1")), "{text}");
}
