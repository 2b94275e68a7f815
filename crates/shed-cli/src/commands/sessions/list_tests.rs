use super::*;

fn rows() -> Vec<Row> {
    let row = |server: &str, shed: &str, name: &str, more: serde_json::Value| {
        let mut session = serde_json::json!({
            "id": "1", "name": name, "shed_name": shed, "created_at": "2026-01-25T10:00:00Z", "attached": false, "status": "running",
            "window_count": 1,
        });
        session.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Row { server: server.into(), session: serde_json::from_value(session).unwrap() }
    };
    vec![
        row("home", "myproj", "default", serde_json::json!({"attached": true, "attached_clients": 2})),
        row("home", "myproj", "odd\u{1b}[31m ü漢", serde_json::json!({"created_at": "2026-01-25T11:30:00Z", "window_count": 2})),
        row(
            "office",
            "backend",
            "tests",
            serde_json::json!({"status": "failed", "exit_code": 2, "command": "make test", "working_dir": "/workspace",
                "status_changed_at": "2026-01-25T10:35:00Z", "status_detail": "exit code 2",
                "resources": {"cpu_percent": 0.4, "memory_bytes": 2_097_152, "processes": 1},
                "created_at": "2026-01-24T10:00:00Z", "last_activity_at": "2026-01-25T11:59:00Z"}),
        ),
    ]
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn now() -> Timestamp {
    "2026-01-25T12:00:00Z".parse().unwrap()
}

#[test]
fn s29_the_table() {
    insta::assert_snapshot!(plain(&table(&rows(), false, Columns::Few, now())));
}

#[test]
fn s30_all_servers_and_everything() {
    insta::assert_snapshot!(plain(&table(&rows(), true, Columns::All, now())));
}

#[test]
fn g16_orders() {
    let order = |by| {
        let mut rows = rows();
        sort(&mut rows, by);
        rows.iter().map(|row| row.session.shed_name.clone() + "/" + &row.session.name[..3]).collect::<Vec<_>>()
    };
    assert_eq!(order(SortSessions::Name), ["myproj/def", "myproj/odd", "backend/tes"]);
    assert_eq!(order(SortSessions::Created), ["myproj/odd", "myproj/def", "backend/tes"]);
    assert_eq!(order(SortSessions::Activity), ["backend/tes", "myproj/def", "myproj/odd"]);
    assert_eq!(order(SortSessions::Duration), ["backend/tes", "myproj/def", "myproj/odd"]);
    assert_eq!(order(SortSessions::Task), ["myproj/def", "myproj/odd", "backend/tes"]);
    assert_eq!(order(SortSessions::Status), ["backend/tes", "myproj/def", "myproj/odd"]);
}

#[test]
fn csv_is_complete() {
    insta::assert_snapshot!(String::from_utf8(csv(&rows()).unwrap()).unwrap());
}

#[test]
fn s27_json_has_the_server_and_the_session() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&rows()[2]).unwrap());
}

#[test]
fn what_waits_is_said_with_the_next_step() {
    assert_eq!(waiting_line(0, None), None);
    assert_eq!(waiting_line(1, Some("home")).unwrap(), "1 session waits for you; go to it with: shed next -s home");
    assert_eq!(waiting_line(2, None).unwrap(), "2 sessions wait for you; go to the first with: shed next");
}
