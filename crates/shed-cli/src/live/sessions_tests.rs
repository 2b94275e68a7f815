use serde_json::{Value, json};

use super::*;

/// A session as JSON has it, with more or other fields.
pub fn session(shed: &str, name: &str, more: &Value) -> Session {
    let mut session = json!({
        "id": format!("id-{name}"), "name": name, "shed_name": shed, "created_at": "2026-01-25T10:00:00Z", "attached": false,
        "status": "running", "window_count": 1,
    });
    session.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(session).unwrap()
}

pub fn all(server: usize, sessions: Vec<Session>) -> Update {
    Update { server, what: What::All(SessionList { sessions, warnings: Vec::new() }) }
}

pub fn event(server: usize, kind: &str, shed: &str, session: Option<Session>) -> Update {
    let mut event = json!({"id": "x-1", "type": kind, "at": "2026-01-25T10:00:00Z", "shed_name": shed});
    if let Some(session) = session {
        event["session"] = serde_json::to_value(session).unwrap();
    }
    Update { server, what: What::Event(serde_json::from_value(event).unwrap()) }
}

fn names(sessions: &Sessions) -> Vec<String> {
    sessions.iter().map(|(key, session)| format!("{} {}/{}", key.server, key.shed, session.name)).collect()
}

#[test]
fn lists_and_events_make_the_picture() {
    let mut sessions = Sessions::default();
    assert!(!sessions.heard(0));
    let none = json!({});
    assert!(sessions.apply(all(0, vec![session("a", "one", &none), session("b", "two", &none)])));
    assert!(sessions.apply(all(1, vec![session("a", "one", &none)])));
    assert!(!sessions.apply(all(1, vec![session("a", "one", &none)])), "nothing is different");
    assert!(sessions.apply(event(0, "session.created", "a", Some(session("a", "three", &none)))));
    assert!(!sessions.apply(event(0, "session.updated", "a", Some(session("a", "three", &none)))));
    assert!(sessions.apply(event(0, "session.updated", "a", Some(session("a", "renamed", &json!({"id": "id-three"}))))));
    assert_eq!(names(&sessions), ["0 a/one", "0 a/renamed", "0 b/two", "1 a/one"]);
    assert!(sessions.apply(event(0, "session.closed", "a", Some(session("a", "one", &none)))));
    assert!(sessions.apply(event(0, "shed.stopped", "b", None)));
    assert_eq!(names(&sessions), ["0 a/renamed", "1 a/one"]);
}

#[test]
fn a_lost_server_keeps_its_sessions_and_says_why() {
    let mut sessions = Sessions::default();
    sessions.apply(all(0, vec![session("a", "one", &json!({}))]));
    assert!(sessions.apply(Update { server: 0, what: What::Lost("refused".into()) }));
    assert!(!sessions.apply(Update { server: 0, what: What::Lost("refused".into()) }));
    assert_eq!((sessions.lost(0), names(&sessions).len()), (Some("refused"), 1));
    assert!(sessions.apply(Update { server: 0, what: What::Back }));
    assert_eq!(sessions.lost(0), None);
}

#[test]
fn what_is_used_survives_changes() {
    let mut sessions = Sessions::default();
    let used = json!({"resources": {"cpu_percent": 1.0, "memory_bytes": 2, "processes": 3}});
    sessions.apply(all(0, vec![session("a", "one", &json!({}))]));
    sessions.resources(0, &SessionList { sessions: vec![session("a", "one", &used), session("a", "gone", &used)], warnings: vec![] });
    sessions.apply(event(0, "session.status", "a", Some(session("a", "one", &json!({"status": "failed"})))));
    sessions.apply(all(0, vec![session("a", "one", &json!({}))]));
    assert_eq!(sessions.iter().next().unwrap().1.resources.unwrap().processes, 3);
}
