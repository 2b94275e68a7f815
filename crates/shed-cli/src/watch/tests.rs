use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::json;

use super::{
    keys::Effect,
    model::{Mode, Model},
    rows::{Order, Show},
};
use crate::live::{
    Update, What,
    sessions_tests::{all, event, session},
};

/// Two servers: on the first one session that works, one that waits and one that failed, on the second one that asks.
pub(super) fn model() -> Model {
    let mut model = Model::new(vec!["home".into(), "office".into()]);
    let at = |status: &str, minute: u8| json!({"status": status, "status_changed_at": format!("2026-01-25T10:{minute:02}:00Z")});
    model.apply(all(
        0,
        vec![
            session("api", "works", &json!({"status_detail": "Bash: cargo test", "status_changed_at": "2026-01-25T10:59:30Z"})),
            session("api", "waits", &at("waiting_input", 30)),
            session("web", "broken", &json!({"status": "failed", "exit_code": 2, "command": "make\u{1b}[2J test"})),
        ],
    ));
    let asks = json!({"status": "waiting_permission", "status_changed_at": "2026-01-25T09:35:00Z", "status_detail": "Bash: rm -rf target",
        "resources": {"cpu_percent": 12.4, "memory_bytes": 67_108_864, "processes": 3}});
    model.apply(all(1, vec![session("backend", "asks", &asks)]));
    model
}

pub(super) fn press(model: &mut Model, code: KeyCode) -> Effect {
    model.key(KeyEvent::new(code, KeyModifiers::NONE))
}

pub(super) fn typed(model: &mut Model, text: &str) {
    for c in text.chars() {
        assert_eq!(press(model, KeyCode::Char(c)), Effect::None);
    }
}

fn names(model: &Model) -> Vec<&str> {
    model.rows().into_iter().map(|(_, session)| session.name.as_str()).collect()
}

fn selected(model: &Model) -> String {
    model.target().map_or_else(|| "-".to_owned(), |target| target.name)
}

#[test]
fn t18_what_needs_a_person_stands_first() {
    let mut model = model();
    assert_eq!(names(&model), ["asks", "waits", "broken", "works"]);
    model.apply(event(
        0,
        "session.status",
        "api",
        Some(session("api", "works", &json!({"status": "waiting_input", "status_changed_at": "2026-01-25T09:00:00Z"}))),
    ));
    assert_eq!(names(&model), ["works", "asks", "waits", "broken"]);
}

#[test]
fn the_top_row_is_selected_until_a_key_is_pressed_and_then_the_same_session() {
    let mut model = model();
    assert_eq!(selected(&model), "asks");
    let longer = json!({"status": "waiting_input", "status_changed_at": "2026-01-25T08:00:00Z"});
    model.apply(event(0, "session.created", "api", Some(session("api", "first", &longer))));
    assert_eq!(selected(&model), "first");
    press(&mut model, KeyCode::Down);
    assert_eq!(selected(&model), "asks");
    let longest = json!({"status": "waiting_input", "status_changed_at": "2026-01-25T07:00:00Z"});
    model.apply(event(0, "session.created", "api", Some(session("api", "zero", &longest))));
    assert_eq!((selected(&model).as_str(), model.position()), ("asks", Some(2)));
    // When it goes, what is now in its place is selected.
    model.apply(event(1, "session.closed", "backend", Some(session("backend", "asks", &json!({})))));
    assert_eq!((selected(&model).as_str(), model.position()), ("waits", Some(2)));
    press(&mut model, KeyCode::End);
    assert_eq!(selected(&model), "works");
    press(&mut model, KeyCode::Home);
    assert_eq!(selected(&model), "zero");
}

#[test]
fn t19_keys_attach_kill_and_quit() {
    let mut model = model();
    for key in [KeyCode::Enter, KeyCode::Char('a')] {
        assert!(matches!(press(&mut model, key), Effect::Attach(target) if target.name == "asks" && target.key.server == 1));
    }
    for key in [KeyCode::Char('q'), KeyCode::Esc] {
        assert_eq!(press(&mut model, key), Effect::Quit);
    }
    press(&mut model, KeyCode::Char('/'));
    assert_eq!(model.key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), Effect::Quit, "from everywhere");
}

#[test]
fn a_kill_is_asked_for_and_keeps_its_target_while_the_list_moves() {
    let mut model = model();
    press(&mut model, KeyCode::Char('k'));
    assert_eq!(press(&mut model, KeyCode::Enter), Effect::None, "only y kills");
    assert_eq!((&model.mode, model.note.as_ref().unwrap().text.as_str()), (&Mode::List, "nothing was killed"));
    press(&mut model, KeyCode::Char('k'));
    let longest = json!({"status": "waiting_input", "status_changed_at": "2026-01-25T07:00:00Z"});
    model.apply(event(0, "session.created", "api", Some(session("api", "zero", &longest))));
    model.apply(event(1, "session.closed", "backend", Some(session("backend", "asks", &json!({})))));
    let Effect::Kill(target) = press(&mut model, KeyCode::Char('y')) else { panic!("{model:?}") };
    assert_eq!((target.name.as_str(), target.key.id.as_str(), target.key.server), ("asks", "id-asks", 1));
}

#[test]
fn text_is_sent_to_the_session_that_was_chosen() {
    let mut model = model();
    press(&mut model, KeyCode::Char('s'));
    typed(&mut model, "yes, qk?");
    press(&mut model, KeyCode::Backspace);
    let Effect::Send(target, text) = press(&mut model, KeyCode::Enter) else { panic!("{model:?}") };
    assert_eq!((target.name.as_str(), text.as_str()), ("asks", "yes, qk"));
    press(&mut model, KeyCode::Char('t'));
    typed(&mut model, "no");
    assert_eq!(press(&mut model, KeyCode::Esc), Effect::None);
    assert_eq!(model.mode, Mode::List);
}

#[test]
fn a_new_session_begins_with_the_selected_shed() {
    let mut model = model();
    press(&mut model, KeyCode::Char('n'));
    typed(&mut model, "debug");
    press(&mut model, KeyCode::Enter);
    typed(&mut model, "make test");
    let Effect::New(form) = press(&mut model, KeyCode::Enter) else { panic!("{model:?}") };
    assert_eq!((form.server, form.fields().map(|(_, input)| input.text.as_str())), (1, ["backend", "debug", "make test"]));
    // Without a shed there is none.
    press(&mut model, KeyCode::Char('n'));
    press(&mut model, KeyCode::Up);
    model.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
    press(&mut model, KeyCode::Right);
    for _ in 0..3 {
        assert_eq!(press(&mut model, KeyCode::Enter), Effect::None);
    }
    assert!(matches!(&model.mode, Mode::New(form) if form.server == 0 && form.field == 0), "{model:?}");
    assert!(model.note.as_ref().unwrap().bad);
}

#[test]
fn searching_filtering_and_ordering() {
    let mut model = model();
    press(&mut model, KeyCode::Char('/'));
    typed(&mut model, "API");
    assert_eq!(names(&model), ["waits", "works"]);
    typed(&mut model, " cargo");
    press(&mut model, KeyCode::Enter);
    assert_eq!((names(&model), selected(&model).as_str()), (vec!["works"], "works"));
    press(&mut model, KeyCode::Esc);
    assert_eq!(names(&model).len(), 4);
    for (show, expected) in [
        (Show::Attention, vec!["asks", "waits", "broken"]),
        (Show::Running, vec!["works"]),
        (Show::Ended, vec!["broken"]),
        (Show::All, vec!["asks", "waits", "broken", "works"]),
    ] {
        press(&mut model, KeyCode::Char('f'));
        assert_eq!((model.show, names(&model)), (show, expected));
    }
    for (order, expected) in [
        (Order::Name, ["waits", "works", "broken", "asks"]),
        (Order::Since, ["works", "waits", "broken", "asks"]),
        (Order::Cpu, ["asks", "waits", "works", "broken"]),
        (Order::Memory, ["asks", "waits", "works", "broken"]),
        (Order::Attention, ["asks", "waits", "broken", "works"]),
    ] {
        press(&mut model, KeyCode::Char('o'));
        assert_eq!((model.order, names(&model)), (order, expected.to_vec()));
    }
}

#[test]
fn nothing_is_done_to_a_session_whose_server_is_out_of_reach() {
    let mut model = model();
    model.apply(Update { server: 1, what: What::Lost("connection refused".into()) });
    assert_eq!(names(&model).len(), 4, "its rows stay");
    for key in ['a', 'k', 's'] {
        assert_eq!(press(&mut model, KeyCode::Char(key)), Effect::None);
        assert_eq!(model.mode, Mode::List);
        assert!(model.note.as_ref().unwrap().text.contains("`office` is out of reach: connection refused"));
    }
    model.apply(Update { server: 1, what: What::Back });
    assert!(matches!(press(&mut model, KeyCode::Enter), Effect::Attach(_)));
}

#[test]
fn an_empty_dashboard_takes_every_key() {
    let mut model = Model::new(vec!["home".into()]);
    for key in "aksnpfor?/".chars() {
        press(&mut model, KeyCode::Char(key));
        press(&mut model, KeyCode::Down);
        press(&mut model, KeyCode::Esc);
    }
    assert_eq!(model.position(), None);
}
