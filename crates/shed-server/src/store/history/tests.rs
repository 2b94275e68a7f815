//! Figures and events against a plain model, however often and in whatever order things are told.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::Index};
use shed_core::wire::{GuestStatus, Resources, SessionStatus, Shed, ShedStatus, Stats, StatsBy};

use super::*;
use crate::events::blank;

/// Milliseconds after the beginning of these tests' time, a midnight in UTC.
fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_767_225_600_000 + ms).unwrap()
}

fn session(id: &str, status: SessionStatus, since: i64) -> Session {
    let value = serde_json::json!({
        "id": id, "name": id, "shed_name": "demo", "created_at": at(0), "attached": false, "agent": "claude",
        "status": status, "status_changed_at": at(since),
    });
    serde_json::from_value(value).unwrap()
}

fn event(kind: EventType, ms: i64, session: Session) -> Event {
    Event { at: at(ms), shed_name: Some(session.shed_name.clone()), session: Some(Box::new(session)), ..blank(kind) }
}

fn stats(store: &Store, since: i64, until: i64) -> Stats {
    query(store, since, until, None).total
}

fn query(store: &Store, since: i64, until: i64, by: Option<StatsBy>) -> shed_core::wire::StatsReport {
    store.stats(&StatsQuery { since: Some(at(since)), until: at(until), shed: None, agent: None, by }).unwrap()
}

fn events(store: &Store) -> Vec<String> {
    let mut events = store.history_page(&HistoryQuery { limit: 1000, ..HistoryQuery::default() }).unwrap().events;
    events.reverse();
    let text = |text: Option<String>| text.unwrap_or_default();
    let line = |event: shed_core::wire::HistoryEvent| {
        let name = event.session_name.unwrap_or(event.shed_name);
        let duration = event.duration_ms.map(|ms| format!(" {ms} ms")).unwrap_or_default();
        format!("{} {name} {}>{} {}{duration}", event.kind, text(event.from), text(event.to), text(event.detail))
    };
    events.into_iter().map(line).collect()
}

use SessionStatus::{Completed, Failed, Running, WaitingInput, WaitingPermission};

#[test]
fn p73_p77_a_life_is_counted_to_the_millisecond() {
    let store = Store::in_memory().unwrap();
    let mut failed = session("a", Failed, 9_500);
    failed.exit_code = Some(2);
    let life = [
        event(EventType::SessionCreated, 1_000, session("a", Running, 1_000)),
        event(EventType::SessionStatus, 4_001, session("a", WaitingPermission, 4_000)),
        event(EventType::SessionStatus, 6_001, session("a", WaitingInput, 6_000)),
        event(EventType::SessionStatus, 9_001, session("a", Running, 9_000)),
        event(EventType::SessionStatus, 9_501, failed.clone()),
        event(EventType::SessionClosed, 20_000, failed),
    ];
    assert_eq!(store.record_events(&life).unwrap(), 6);
    let figures = Stats {
        sessions_started: 1,
        sessions_ended: 1,
        sessions_failed: 1,
        working_seconds: 3.5,
        waiting_seconds: 5.0,
        longest_wait_seconds: 5.0,
        memory_peak_bytes: None,
    };
    assert_eq!(stats(&store, 0, 30_000), figures);
    assert_eq!(stats(&store, 5_000, 9_100).waiting_seconds, 4.0, "the window cuts both ends");
    assert_eq!(stats(&store, 5_000, 9_100).working_seconds, 0.1);
    assert_eq!(store.record_events(&life).unwrap(), 0, "told again");
    assert_eq!(stats(&store, 0, 30_000), figures);
    insta::assert_snapshot!(events(&store).join("\n"), @r"
    session.created a >running 
    session.status a running>waiting_permission  3000 ms
    session.status a waiting_permission>waiting_input  2000 ms
    session.status a waiting_input>running  3000 ms
    session.status a running>failed  500 ms
    session.closed a failed>  20000 ms
    ");
}

#[test]
fn p75_days_are_cut_at_midnight() {
    let store = Store::in_memory().unwrap();
    let day = 86_400_000;
    store
        .record_events(&[
            event(EventType::SessionCreated, day - 2_000, session("a", WaitingInput, day - 2_000)),
            event(EventType::SessionStatus, day + 3_000, session("a", Completed, day + 3_000)),
        ])
        .unwrap();
    let report = query(&store, 0, 2 * day, Some(StatsBy::Day));
    let days: BTreeMap<_, _> = report.groups.iter().map(|group| (group.key.as_str(), group.stats)).collect();
    assert_eq!(days["2026-01-01"].waiting_seconds, 2.0);
    assert_eq!((days["2026-01-02"].waiting_seconds, days["2026-01-02"].sessions_ended), (3.0, 1));
    assert_eq!((report.total.waiting_seconds, report.total.longest_wait_seconds), (5.0, 5.0));
}

#[test]
fn p77_an_end_that_is_known_to_the_second_comes_after_what_it_ended() {
    let store = Store::in_memory().unwrap();
    let failed = session("a", Failed, 10_000);
    store
        .record_events(&[
            event(EventType::SessionCreated, 1_000, session("a", WaitingInput, 1_000)),
            event(EventType::SessionStatus, 10_410, session("a", Running, 10_400)),
            event(EventType::SessionStatus, 10_910, failed.clone()),
        ])
        .unwrap();
    assert_eq!((stats(&store, 0, 20_000).working_seconds, stats(&store, 0, 20_000).sessions_failed), (0.51, 1));
    // Found again after a restart, when nothing tells the millisecond any more.
    store.reconcile_history(at(60_000), &[failed]).unwrap();
    assert_eq!(stats(&store, 0, 70_000).working_seconds, 0.51);
    assert_eq!(events(&store).len(), 3, "{:?}", events(&store));
}

#[test]
fn p78_peaks_of_memory_and_time_of_processor_stay() {
    let store = Store::in_memory().unwrap();
    let using = |memory_bytes, cpu_percent| Session {
        resources: Some(Resources { cpu_percent, memory_bytes, processes: 1 }),
        ..session("a", Running, 0)
    };
    for (ms, memory, cpu) in [(0, 10, 100.0), (60_000, 30, 50.0), (120_000, 20, 200.0)] {
        store.record_events(&[event(EventType::SessionUpdated, ms, using(memory, cpu))]).unwrap();
    }
    assert_eq!(stats(&store, 0, 200_000).memory_peak_bytes, Some(30));
    let cpu = with(&store.reader, |c| Ok(c.query_row("SELECT cpu_ms FROM history_sessions", [], |row| row.get::<_, i64>(0))?)).unwrap();
    assert_eq!(cpu, 30_000 + 120_000);
    assert_eq!(events(&store), ["session.created a >running "], "samples are no events of their own");
}

#[test]
fn p76_a_restarted_server_tells_nothing_twice_and_closes_what_is_gone() {
    let store = Store::in_memory().unwrap();
    let life = ["a", "b"].map(|id| event(EventType::SessionCreated, 1_000, session(id, Running, 1_000)));
    store.record_events(&life).unwrap();
    store.note_history_alive(at(5_000)).unwrap();
    // A restart: `a` is gone, `b` waits since before it, `c` is new.
    let there = [session("b", WaitingInput, 4_000), session("c", Running, 8_000)];
    let missing = store.reconcile_history(at(10_000), &there).unwrap();
    assert_eq!(missing.iter().collect::<Vec<_>>(), ["a"]);
    store.close_lost(at(10_000), store.history_alive_at().unwrap().unwrap(), &missing).unwrap();
    store.record_events(&there.map(|session| event(EventType::SessionCreated, 10_001, session))).unwrap();
    assert!(store.reconcile_history(at(10_002), &[session("b", WaitingInput, 4_000), session("c", Running, 8_000)]).unwrap().is_empty());
    insta::assert_snapshot!(events(&store).join("\n"), @r"
    session.created a >running 
    session.created b >running 
    session.status b running>waiting_input  3000 ms
    session.created c >running 
    session.closed a running> it ended while the server did not look; when is not known
    ");
    // `a` until the server was last seen alive, `b` until it waited, `c` since it runs.
    assert_eq!(stats(&store, 0, 10_000).working_seconds, 4.0 + 3.0 + 2.0);
    assert_eq!(stats(&store, 0, 10_000).waiting_seconds, 6.0);
    assert_eq!((stats(&store, 0, 10_001).sessions_started, stats(&store, 0, 10_001).sessions_ended), (3, 1));
}

#[test]
fn a_session_that_comes_back_with_its_shed_is_the_same_one() {
    let store = Store::in_memory().unwrap();
    store
        .record_events(&[
            event(EventType::SessionCreated, 1_000, session("a", Running, 1_000)),
            event(EventType::SessionClosed, 2_000, session("a", Running, 1_000)),
            event(EventType::SessionCreated, 5_000, session("a", Running, 4_000)),
            // Late news of the first life.
            event(EventType::SessionClosed, 2_000, session("a", Running, 1_000)),
        ])
        .unwrap();
    let all = stats(&store, 0, 10_000);
    assert_eq!((all.sessions_started, all.sessions_ended, all.working_seconds), (1, 0, 1.0 + 6.0));
    // Closed by mistake: its status is from before, so it never ended.
    store.close_lost(at(7_000), at(6_000), &["a".to_owned()].into()).unwrap();
    assert_eq!(stats(&store, 0, 10_000).working_seconds, 1.0 + 2.0);
    store.reconcile_history(at(9_000), &[session("a", Running, 4_000)]).unwrap();
    assert_eq!(stats(&store, 0, 10_000).working_seconds, 1.0 + 6.0);
}

#[test]
fn p76_renames_and_attached_people_are_told_and_late_ones_are_not() {
    let store = Store::in_memory().unwrap();
    let renamed = Session { name: "new".into(), attached: true, ..session("a", Running, 0) };
    store
        .record_events(&[
            event(EventType::SessionCreated, 0, session("a", Running, 0)),
            event(EventType::SessionUpdated, 10, renamed),
            event(EventType::SessionUpdated, 5, session("a", Running, 0)),
        ])
        .unwrap();
    insta::assert_snapshot!(events(&store).join("\n"), @r"
    session.created a >running 
    session.updated new > renamed from `a`
    session.updated new > attached
    ");
}

#[test]
fn p76_sheds_are_told_once() {
    let store = Store::in_memory().unwrap();
    let shed = |status: ShedStatus, guest: Option<GuestStatus>| -> Shed {
        let value = serde_json::json!({
            "name": "demo", "status": status, "created_at": at(0), "image": "shed-base:latest", "container_id": "1",
            "guest": guest.map(|status| serde_json::json!({ "status": status })),
        });
        serde_json::from_value(value).unwrap()
    };
    let told = |kind, shed: Option<Shed>| Event { shed_name: Some("demo".into()), shed: shed.map(Box::new), ..blank(kind) };
    let connected = shed(ShedStatus::Running, Some(GuestStatus::Connected));
    let life = [
        told(EventType::ShedCreated, Some(shed(ShedStatus::Running, Some(GuestStatus::Connecting)))),
        told(EventType::ShedUpdated, Some(connected.clone())),
        told(EventType::ShedCreated, Some(connected)),
        told(EventType::ShedCreated, Some(shed(ShedStatus::Stopped, None))),
        told(EventType::ShedStarted, Some(shed(ShedStatus::Running, Some(GuestStatus::Unavailable)))),
        told(EventType::ShedStopped, None),
        told(EventType::ShedDeleted, None),
        told(EventType::ShedDeleted, None),
    ];
    store.record_events(&life).unwrap();
    insta::assert_snapshot!(events(&store).join("\n"), @r"
    shed.created demo >running shed-base:latest
    shed.updated demo running>running guest connected
    shed.stopped demo running>stopped 
    shed.started demo stopped>running 
    shed.stopped demo running>stopped 
    shed.deleted demo >
    ");
}

#[test]
fn pages_follow_one_another_and_filters_hold() {
    let store = Store::in_memory().unwrap();
    let all: Vec<Event> = (0..25).map(|n| event(EventType::SessionCreated, n / 3, session(&format!("s{n}"), Running, 0))).collect();
    store.record_events(&all).unwrap();
    let mut query = HistoryQuery { limit: 10, ..HistoryQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.history_page(&query).unwrap();
        seen.extend(page.events.into_iter().map(|event| event.id));
        let Some(cursor) = page.next_cursor else { break };
        query.cursor = cursor.split_once('-').map(|(at, id)| (at.parse().unwrap(), id.parse().unwrap()));
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
    let count = |query: HistoryQuery| store.history_page(&HistoryQuery { limit: 100, ..query }).unwrap().events.len();
    assert_eq!(count(HistoryQuery { session: Some("s7".into()), ..HistoryQuery::default() }), 1);
    assert_eq!(count(HistoryQuery { shed: Some("other".into()), ..HistoryQuery::default() }), 0);
    assert_eq!(count(HistoryQuery { types: vec!["session.closed"], ..HistoryQuery::default() }), 0);
    assert_eq!(count(HistoryQuery { since: Some(at(8)), until: Some(at(9)), ..HistoryQuery::default() }), 1);
}

#[test]
fn old_and_surplus_history_is_forgotten_and_what_lives_is_not() {
    let store = Store::in_memory().unwrap();
    let mut all = Vec::new();
    for n in 0..30 {
        let id = format!("s{n}");
        all.push(event(EventType::SessionCreated, n, session(&id, Running, n)));
        if n > 0 {
            all.push(event(EventType::SessionClosed, n + 1, session(&id, Running, n)));
        }
    }
    store.record_events(&all).unwrap();
    while store.prune_history(Keep { since: at(11), most: 1_000 }).unwrap() {}
    assert_eq!(stats(&store, 0, 100).sessions_started, 1 + 20, "s0 lives");
    while store.prune_history(Keep { since: at(0), most: 5 }).unwrap() {}
    assert_eq!(events(&store).len(), 5);
    assert_eq!(stats(&store, 0, 100).sessions_started, 1 + 5);
    while store.prune_history(Keep { since: at(1_000), most: 5 }).unwrap() {}
    assert_eq!((events(&store).len(), stats(&store, 0, 100).sessions_started), (0, 1));
    assert_eq!(stats(&store, 0, 100).working_seconds, 0.1, "the open span stays");
}

/// Changes at rising times, in milliseconds.
fn life() -> impl Strategy<Value = Vec<(i64, SessionStatus)>> {
    let status = prop::sample::select(vec![Running, WaitingInput, WaitingPermission, Completed, Failed]);
    // Whole seconds are for ends that tmux tells; see below.
    let time = (1_i64..5_000).prop_map(|ms| if ms % 1000 == 0 { ms + 1 } else { ms });
    prop::collection::btree_map(time, status, 1..12).prop_map(|life| life.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn p77_order_and_repetition_change_nothing(
        life in life(),
        told in prop::collection::vec(any::<Index>(), 0..20),
        restarts in prop::collection::vec(any::<bool>(), 40),
        window in (0_i64..6_000, 0_i64..6_000),
        close in prop::option::of(5_000_i64..6_000),
    ) {
        let store = Store::in_memory().unwrap();
        // Everything at least once, in an order of chance.
        let order = told.iter().map(|index| index.index(life.len())).chain((0..life.len()).rev());
        for (number, index) in order.enumerate() {
            let (since, status) = life[index];
            let session = session("a", status, since);
            if restarts[number] {
                store.reconcile_history(at(5_000), &[session]).unwrap();
            } else {
                store.record_events(&[event(EventType::SessionStatus, 5_000, session)]).unwrap();
            }
        }
        let (last_since, last) = *life.last().unwrap();
        if let Some(close) = close {
            store.record_events(&[event(EventType::SessionClosed, close, session("a", last, last_since))]).unwrap();
        }
        let (since, until) = (window.0.min(window.1), window.0.max(window.1));
        let (mut working, mut waiting, mut wait, mut longest) = (0, 0, 0, 0);
        for ms in since..until {
            let now = life.iter().rev().find(|(from, _)| *from <= ms).filter(|_| close.is_none_or(|close| ms < close));
            let now = now.map(|(_, status)| *status);
            working += i32::from(now == Some(Running));
            let waits = now.is_some_and(SessionStatus::is_waiting);
            waiting += i32::from(waits);
            wait = if waits { wait + 1 } else { 0 };
            longest = longest.max(wait);
        }
        let seconds = |ms: i32| f64::from(ms) / 1000.0;
        let stats = stats(&store, since, until);
        prop_assert_eq!(stats.working_seconds, seconds(working));
        prop_assert_eq!(stats.waiting_seconds, seconds(waiting));
        prop_assert_eq!(stats.longest_wait_seconds, seconds(longest));
        let sum: f64 = query(&store, since, until, Some(StatsBy::Agent)).groups.iter().map(|group| group.stats.working_seconds).sum();
        prop_assert_eq!(sum, seconds(working));
    }
}
