use serde_json::json;

use super::*;
use crate::live::sessions_tests::{all, event, session};

fn rules(on: &[&str], from: &[&str]) -> Rules {
    let triggers = |words: &[&str]| words.iter().map(|word| word.parse().unwrap()).collect();
    Rules { on: triggers(on), from: triggers(from), cooldown: Duration::from_secs(30), mute: vec!["quiet".into()] }
}

fn is(shed: &str, status: &str) -> Session {
    session(shed, "one", &json!({"status": status}))
}

fn status(shed: &str, status: &str) -> Update {
    event(0, "session.status", shed, Some(is(shed, status)))
}

fn told(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.event.session.as_ref().unwrap().status.as_str()).collect()
}

#[test]
fn t20_what_changes_to_a_wanted_status_is_told_once() {
    let now = Instant::now();
    let mut judge = Judge::new(rules(&["waiting", "failed"], &[]));
    assert!(judge.take(&all(0, vec![is("a", "waiting_input")]), now).is_empty(), "what is so at the beginning is no news");
    for (update, expected) in [
        (status("a", "running"), None),
        (status("a", "waiting_permission"), Some("waiting_permission")),
        (status("a", "waiting_permission"), None),
        (event(0, "session.updated", "a", Some(is("a", "waiting_permission"))), None),
        (status("a", "completed"), None),
        (status("a", "failed"), Some("failed")),
        (status("quiet", "failed"), None),
        (event(0, "session.created", "b", Some(is("b", "waiting_input"))), Some("waiting_input")),
    ] {
        assert_eq!(told(&judge.take(&update, now)), Vec::from_iter(expected), "{update:?}");
    }
}

#[test]
fn what_was_before_can_be_a_condition() {
    let now = Instant::now();
    let mut judge = Judge::new(rules(&["waiting_permission"], &["running"]));
    judge.take(&all(0, vec![is("a", "waiting_input")]), now);
    assert!(judge.take(&status("a", "waiting_permission"), now).is_empty());
    judge.take(&status("a", "running"), now);
    assert_eq!(told(&judge.take(&status("a", "waiting_permission"), now)), ["waiting_permission"]);
}

#[test]
fn the_same_again_is_held_back_and_told_later_if_it_is_still_so() {
    let (begin, second) = (Instant::now(), Duration::from_secs(1));
    let mut judge = Judge::new(rules(&["waiting"], &[]));
    judge.take(&all(0, vec![is("a", "running")]), begin);
    assert_eq!(judge.take(&status("a", "waiting_input"), begin).len(), 1);
    for round in 1..=3 {
        judge.take(&status("a", "running"), begin + second * round);
        assert_eq!(judge.next_due(), None, "it is over");
        assert!(judge.take(&status("a", "waiting_input"), begin + second * round).is_empty());
    }
    assert_eq!(judge.next_due(), Some(begin + second * 30));
    assert!(judge.due(begin + second * 29).is_empty());
    assert_eq!(told(&judge.due(begin + second * 30)), ["waiting_input"]);
    assert!(judge.due(begin + second * 99).is_empty());
    // Another status is not the same.
    assert_eq!(judge.take(&status("a", "waiting_permission"), begin + second * 31).len(), 1);
}

#[test]
fn what_happened_while_a_server_was_out_of_reach_is_told_afterwards() {
    let now = Instant::now();
    let mut judge = Judge::new(rules(&["failed", "waiting"], &[]));
    let two =
        |one: &str, more: Vec<Session>| all(0, [vec![is("a", one), session("a", "same", &json!({"status": "failed"}))], more].concat());
    judge.take(&two("running", vec![]), now);
    judge.take(&Update { server: 0, what: What::Lost("refused".into()) }, now);
    let new = session("a", "new", &json!({"status": "waiting_input"}));
    let notices = judge.take(&two("failed", vec![new]), now);
    assert_eq!(told(&notices), ["failed", "waiting_input"]);
    assert_eq!(notices[0].event.previous_status, Some(SessionStatus::Running));
    // A session that is gone is forgotten.
    judge.take(&all(0, vec![]), now);
    assert!(judge.known.is_empty() && judge.told.is_empty());
}
