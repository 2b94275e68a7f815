use proptest::prelude::*;

use super::*;

fn tool(name: &str, what: &str) -> Tool {
    Tool { name: name.to_owned(), label: format!("{name}: {what}") }
}

/// Runs events one after the other, a second apart, with or without a dialog on the screen.
fn run(events: &[(Event, bool)]) -> Vec<String> {
    let (mut known, mut seen) = (Known::default(), Vec::new());
    for (at, (event, dialog)) in (0..).step_by(1000).zip(events) {
        known.dialog = *dialog;
        if let Some(new) = after(&known, event, at) {
            seen.push(format!("{} {}", new.status.as_str(), new.detail).trim_end().to_owned());
            known = Known { status: Some(new.status), detail: new.detail, newest: Some(at), dialog: *dialog, busy: false };
        }
    }
    seen
}

#[test]
fn t10_t11_a_turn_with_a_permission() {
    let make = tool("Bash", "make");
    let events = [
        (Event::Started { prompted: false }, false),
        (Event::Prompted, false),
        (Event::ToolStarts(make.clone()), false),
        (Event::Asks(make.clone()), false),
        (Event::StillAsks("Bash".to_owned()), true),
        (Event::ToolEnds(make), false),
        (Event::Done, false),
        (Event::StillIdle, false),
        (Event::Ended, false),
        (Event::Gone { tells: true }, false),
    ];
    let expected = ["waiting_input", "running", "running Bash", "waiting_permission Bash: make", "running Bash", "waiting_input", "exited"];
    assert_eq!(run(&events), expected);
}

#[test]
fn t27_a_late_notification_counts_only_while_the_dialog_is_there() {
    let prompted = (Event::Prompted, false);
    let late = Event::StillAsks("Claude needs your permission to use Bash".to_owned());
    assert_eq!(run(&[prompted.clone(), (late.clone(), false)]), ["running"]);
    assert_eq!(run(&[prompted, (late, true)]), ["running", "waiting_permission Claude needs your permission to use Bash"]);
}

#[test]
fn t27_a_tool_at_work_beside_one_that_asks_does_not_answer_for_it() {
    let (make, read) = (tool("Bash", "make"), tool("Read", "a.rs"));
    let asks = (Event::Asks(make.clone()), false);
    let kept: [&str; 1] = ["waiting_permission Bash: make"];
    assert_eq!(run(&[asks.clone(), (Event::ToolEnds(read.clone()), true), (Event::ToolStarts(read.clone()), true)]), kept);
    assert_eq!(run(&[asks.clone(), (Event::ToolEnds(make), true)]), [kept[0], "running Bash"]);
    assert_eq!(run(&[asks, (Event::ToolStarts(read), false)]), [kept[0], "running Read"]);
}

#[test]
fn t27_a_sub_agent_that_asks_waits_in_the_agent_s_screen_until_it_is_answered() {
    let make = tool("Bash", "make");
    let asks = [(Event::DoneButHelpers, false), (Event::Asks(make.clone()), false), (Event::DoneButHelpers, false)];
    let kept = ["running sub-agent", "waiting_permission Bash: make"];
    assert_eq!(run(&asks), kept);
    let answered = [&asks[..], &[(Event::HelperToolEnds(make.clone()), false)]].concat();
    assert_eq!(run(&answered), [kept[0], kept[1], kept[0]]);
    assert_eq!(run(&[(Event::Done, false), (Event::HelperToolEnds(make), false)]), ["waiting_input"]);
}

#[test]
fn t10_compacting_goes_back_to_what_was() {
    let by_hand = [(Event::Compacts { asked: true }, false), (Event::Compacted, false)];
    assert_eq!(run(&by_hand), ["running compacting", "waiting_input"]);
    let by_itself = [(Event::Compacts { asked: false }, false), (Event::Compacted, false)];
    assert_eq!(run(&by_itself), ["running compacting, then goes on", "running"]);
}

#[test]
fn t24_an_agent_that_goes_without_a_word_has_crashed_if_it_would_tell() {
    assert_eq!(run(&[(Event::Prompted, false), (Event::Gone { tells: true }, false)]), ["running", "failed crashed"]);
    assert_eq!(run(&[(Event::Prompted, false), (Event::Gone { tells: false }, false)]), ["running", "exited"]);
}

fn any_event() -> impl Strategy<Value = Event> {
    let tools = prop_oneof![Just(tool("Bash", "make")), Just(tool("Read", "a"))];
    prop_oneof![
        any::<bool>().prop_map(|prompted| Event::Started { prompted }),
        Just(Event::Prompted),
        tools.clone().prop_map(Event::ToolStarts),
        tools.clone().prop_map(Event::ToolEnds),
        tools.clone().prop_map(Event::HelperToolEnds),
        tools.prop_map(Event::Asks),
        "[a-z]{0,3}".prop_map(Event::StillNeeds),
        "[a-z]{0,3}".prop_map(Event::StillAsks),
        Just(Event::Answered),
        "[a-z]{0,3}".prop_map(Event::Question),
        Just(Event::StillIdle),
        Just(Event::Done),
        Just(Event::DoneButHelpers),
        Just(Event::Works),
        any::<bool>().prop_map(|asked| Event::Compacts { asked }),
        Just(Event::Compacted),
        Just(Event::Ended),
        any::<bool>().prop_map(|tells| Event::Gone { tells }),
        Just(Event::Nothing),
    ]
}

proptest! {
    #[test]
    fn t12_an_older_event_never_changes_what_a_newer_one_said(event in any_event(), newest in 1_i64..1_000_000, age in 1_i64..1000, dialog: bool) {
        let known = Known { status: Some(SessionStatus::Running), detail: String::new(), newest: Some(newest), dialog, busy: dialog };
        prop_assert_eq!(after(&known, &event, newest - age), None);
    }

    #[test]
    fn t10_what_is_said_twice_changes_nothing_the_second_time(events in proptest::collection::vec((any_event(), any::<bool>()), 0..12)) {
        let twice: Vec<_> = events.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
        prop_assert_eq!(run(&events), run(&twice));
    }

    #[test]
    fn t10_each_turn_ends_with_a_status_that_its_last_event_explains(events in proptest::collection::vec((any_event(), any::<bool>()), 0..12)) {
        let mut events = events;
        events.push((Event::Done, false));
        let seen = run(&events);
        prop_assert_eq!(seen.last().map(String::as_str), Some("waiting_input"));
    }

    #[test]
    fn t10_a_clock_that_was_set_back_does_not_silence_anything(at in 0_i64..1000) {
        let known = Known { status: Some(SessionStatus::Running), newest: Some(at + CLOCK_SLACK), ..Known::default() };
        prop_assert!(after(&known, &Event::Done, at).is_some());
    }
}
