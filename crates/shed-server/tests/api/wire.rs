//! The JSON on the wire, byte for byte, and its fields against the document.

use std::collections::BTreeSet;

use serde::Serialize;
use shed_core::{
    ErrorCode,
    wire::{
        AddSshKey, CreateSession, CreateShed, Event, EventType, ExecRequest, ExecResponse, Guest, GuestStatus, HistoryEvent, HistoryPage,
        Info, Profile, Resources, SendKeys, Session, SessionList, SessionStatus, Shed, ShedList, ShedStatus, SshHostKey, SshKey, Stats,
        StatsBy, StatsGroup, StatsReport, StatusSource, UpdateSession, Warning,
    },
};

use crate::{contract::fields, harness::Api};

fn session() -> Session {
    Session {
        id: "019aa1b2-0000-7000-8000-000000000001".into(),
        name: "default".into(),
        shed_name: "demo".into(),
        created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        attached: true,
        attached_clients: 2,
        window_count: 1,
        status: SessionStatus::Failed,
        status_detail: Some("exit code 3".into()),
        status_changed_at: Some("2026-01-02T03:05:00Z".parse().unwrap()),
        command: Some("make test".into()),
        working_dir: Some("/workspace".into()),
        pid: Some(42),
        exit_code: Some(3),
        last_activity_at: Some("2026-01-02T03:05:00Z".parse().unwrap()),
        labels: [("team".to_owned(), "a".to_owned())].into(),
        status_source: StatusSource::Process,
        agent: Some("claude".into()),
        conversation_id: Some("0b3e0000-0000-4000-8000-000000000001".into()),
        resources: Some(Resources { cpu_percent: 12.5, memory_bytes: 64 << 20, processes: 3 }),
    }
}

fn shed() -> Shed {
    Shed {
        name: "demo".parse().unwrap(),
        status: ShedStatus::Running,
        created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        started_at: None,
        repo: Some("https://github.com/octocat/hello-world".into()),
        image: "shed-base:latest".into(),
        container_id: "0123456789ab".into(),
        profile: Profile::Default,
        adopted: false,
        guest: Some(Guest { status: GuestStatus::Unavailable, reason: Some("no such architecture".into()), version: None }),
    }
}

fn event() -> Event {
    Event {
        id: "0badcafe-7".into(),
        kind: EventType::SessionStatus,
        at: "2026-01-02T03:05:00Z".parse().unwrap(),
        shed_name: Some("demo".into()),
        shed: Some(Box::new(shed())),
        session: Some(Box::new(session())),
        previous_status: Some(SessionStatus::Running),
        duration_ms: Some(55_000),
        reason: Some("r".into()),
    }
}

fn warning() -> Warning {
    Warning { shed_name: Some("slow".into()), code: ErrorCode::Timeout, message: "shed `slow` did not answer within 5 s".into() }
}

#[test]
fn s1_session_json() {
    insta::assert_json_snapshot!(SessionList { sessions: vec![session()], warnings: vec![warning()] });
    let bare = Session { window_count: 0, ..session() };
    assert!(serde_json::to_value(bare).unwrap().get("window_count").is_none(), "omitted when 0");
}

#[test]
fn shed_json() {
    insta::assert_json_snapshot!(ShedList { sheds: vec![shed()], warnings: Vec::new() });
}

#[test]
fn s9_lists_are_never_null() {
    let none = SessionList { sessions: Vec::new(), warnings: Vec::new() };
    assert_eq!(serde_json::to_string(&none).unwrap(), r#"{"sessions":[],"warnings":[]}"#);
}

#[tokio::test]
async fn error_json() {
    let api = Api::new();
    let mut said = Vec::new();
    for (method, path) in [
        ("GET", "/nope"),
        ("PUT", "/api/sheds"),
        ("GET", "/api/sheds/A"),
        ("GET", "/api/sessions?x=1"),
        ("GET", "/api/sheds/a/sessions/%FF"),
    ] {
        said.push(api.call(method, path).await.value());
    }
    insta::assert_json_snapshot!(said);
}

/// The document has exactly the fields that a whole value of the type has.
#[track_caller]
fn same_fields(schema: &str, value: &impl Serialize) {
    let value = serde_json::to_value(value).unwrap();
    let own: BTreeSet<String> = value.as_object().unwrap().keys().cloned().collect();
    assert_eq!(own, fields(schema), "{schema}");
}

#[test]
fn types_and_document_have_the_same_fields() {
    let text = || Some("x".to_owned());
    let map = || std::collections::BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    same_fields("Session", &session());
    same_fields("SessionList", &SessionList { sessions: Vec::new(), warnings: Vec::new() });
    same_fields("Shed", &shed());
    same_fields("ShedList", &ShedList { sheds: Vec::new(), warnings: Vec::new() });
    same_fields("Event", &event());
    same_fields("Warning", &warning());
    same_fields("SshHostKey", &SshHostKey { public_key: String::new(), fingerprint: String::new() });
    same_fields(
        "Info",
        &Info { name: String::new(), version: String::new(), ssh_port: Some(1), http_port: Some(1), features: Some(Vec::new()) },
    );
    same_fields("ExecResponse", &ExecResponse { exit_code: 0, stdout: String::new(), stderr: String::new(), truncated: false });
    same_fields(
        "SshKey",
        &SshKey { fingerprint: String::new(), name: String::new(), public_key: String::new(), created_at: session().created_at },
    );
    let stats = Stats { memory_peak_bytes: Some(1), ..Stats::default() };
    let group = StatsGroup { key: String::new(), stats };
    let time = session().created_at;
    same_fields("Stats", &stats);
    same_fields("StatsGroup", &group);
    same_fields("StatsReport", &StatsReport { since: Some(time), until: time, total: stats, by: Some(StatsBy::Day), groups: vec![group] });
    same_fields(
        "HistoryEvent",
        &HistoryEvent {
            id: 1,
            at: time,
            kind: String::new(),
            shed_name: String::new(),
            session_id: text(),
            session_name: text(),
            from: text(),
            to: text(),
            detail: text(),
            duration_ms: Some(1),
            exit_code: Some(1),
            memory_bytes: Some(1),
        },
    );
    same_fields("HistoryPage", &HistoryPage { events: Vec::new(), next_cursor: text() });
    same_fields("AddSshKey", &AddSshKey { public_key: String::new(), name: text() });
    same_fields("SendKeys", &SendKeys { text: text(), keys: vec![String::new()] });
    same_fields("UpdateSession", &UpdateSession { name: text(), labels: Some(map()) });
    same_fields(
        "CreateSession",
        &CreateSession {
            name: text(),
            command: text(),
            prompt: text(),
            resume: text(),
            working_dir: text(),
            env: map(),
            labels: map(),
            cols: Some(1),
            rows: Some(1),
        },
    );
    same_fields(
        "ExecRequest",
        &ExecRequest { argv: vec![String::new()], session: text(), cwd: text(), env: map(), stdin: text(), timeout_seconds: Some(1) },
    );
    same_fields(
        "CreateShed",
        &CreateShed {
            name: String::new(),
            repo: text(),
            image: text(),
            profile: Some(Profile::Strict),
            memory: text(),
            cpus: Some(1.0),
            pids: Some(1),
            env: map(),
            keep_on_clone_failure: true,
        },
    );
}
