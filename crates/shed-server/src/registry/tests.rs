use jiff::Timestamp;
use shed_core::wire::{EventType, Profile, SessionStatus};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::events::Next;

fn container(name: &str, state: ContainerState, started: i64) -> Container {
    Container {
        id: ContainerId(format!("id-of-{name}")),
        shed: ShedName::new(name).unwrap(),
        state,
        created_at: Timestamp::UNIX_EPOCH,
        started_at: Timestamp::from_second(started).ok().filter(|_| started > 0),
        image: "image".into(),
        user: String::new(),
        repo: None,
        profile: Profile::Default,
        server: None,
        adopted: false,
        working_dir: "/workspace".into(),
    }
}

fn session(id: &str, name: &str, status: &str, since: i64) -> Session {
    serde_json::from_value(serde_json::json!({
        "id": id, "name": name, "shed_name": "a", "created_at": "2026-01-25T10:00:00Z", "attached": false, "status": status,
        "status_changed_at": Timestamp::from_millisecond(since).unwrap(),
    }))
    .unwrap()
}

/// A view with its events.
struct View {
    registry: Registry,
    events: Subscription,
}

impl View {
    fn new() -> Self {
        let registry = Registry::new(Arc::default());
        let (none, events) = registry.follow(1000);
        assert!(none.is_empty());
        Self { registry, events }
    }

    /// A view of one shed that is followed through execs.
    async fn of_a() -> (Self, Container) {
        let mut view = Self::new();
        let a = container("a", ContainerState::Running, 10);
        assert_eq!(view.registry.set_all(vec![a.clone()]).len(), 1);
        view.registry.begin_run(&a, CancellationToken::new().drop_guard()).unwrap();
        view.said(2).await;
        (view, a)
    }

    fn list(&self, a: &Container, sessions: &[Session]) -> bool {
        let ticket = self.registry.ticket(a).unwrap();
        self.registry.apply(&a.shed, ticket, listing(sessions)).is_some()
    }

    /// The next events, each as its type and what it is about.
    async fn said(&mut self, count: usize) -> Vec<String> {
        let mut said = Vec::new();
        for _ in 0..count {
            let Next::Event(published) = self.events.next().await else { panic!("cut off") };
            let event = &published.event;
            let what = event.session.as_ref().map(|session| session.name.clone()).or(event.shed_name.clone()).unwrap_or_default();
            said.push(format!("{} {what}", event.kind.as_str()));
        }
        said
    }
}

fn listing(sessions: &[Session]) -> Listing {
    Listing { ids: sessions.iter().enumerate().map(|(at, s)| (format!("${at}"), s.id.clone())).collect(), sessions: sessions.to_vec() }
}

#[tokio::test]
async fn sheds_come_run_pause_stop_and_go() {
    let mut view = View::new();
    assert_eq!(view.registry.sheds(), Known::Ask, "nothing was read yet");
    view.registry.set_all(vec![container("a", ContainerState::Stopped, 0), container("b", ContainerState::Running, 5)]);
    assert_eq!(view.said(3).await, ["shed.created a", "shed.created b", "shed.started b"]);
    let b = ShedName::new("b").unwrap();
    view.registry.set_one(&b, Some(container("b", ContainerState::Paused, 5)));
    view.registry.set_one(&b, Some(container("b", ContainerState::Running, 5)));
    assert_eq!(view.said(2).await, ["shed.updated b", "shed.updated b"]);
    // Looked at again: nothing is new.
    view.registry.set_one(&b, Some(container("b", ContainerState::Running, 5)));
    view.registry.set_one(&b, Some(container("b", ContainerState::Stopped, 0)));
    view.registry.set_all(Vec::new());
    assert_eq!(view.said(3).await[..], ["shed.stopped b", "shed.updated b", "shed.deleted a"]);
    assert_eq!(view.said(1).await, ["shed.deleted b"]);
    assert_eq!(view.registry.sheds(), Known::Now(Vec::new()));
    view.registry.distrust();
    assert_eq!(view.registry.sheds(), Known::Ask);
}

#[tokio::test]
async fn events_are_the_difference_of_two_lists() {
    let (mut view, a) = View::of_a().await;
    let one = session("1", "one", "running", 1_000);
    let two = session("2", "two", "running", 1_000);
    assert!(view.list(&a, &[one.clone(), two.clone()]));
    assert_eq!(view.said(2).await, ["session.created one", "session.created two"]);
    let asks = Session { status_detail: Some("Bash".into()), ..session("1", "one", "waiting_permission", 4_500) };
    let attached = Session { attached: true, last_activity_at: Some(Timestamp::UNIX_EPOCH), ..two.clone() };
    view.list(&a, &[asks.clone(), attached.clone()]);
    let Next::Event(status) = view.events.next().await else { panic!() };
    assert_eq!((status.event.kind, status.event.previous_status), (EventType::SessionStatus, Some(SessionStatus::Running)));
    assert_eq!(status.event.duration_ms, Some(3_500));
    assert_eq!(view.said(1).await, ["session.updated two"]);
    // What is printed is no event; a name that is taken over is one session less and one more.
    let active = Session { last_activity_at: Some(Timestamp::now()), ..attached };
    view.list(&a, &[asks, active]);
    view.list(&a, &[session("3", "one", "running", 1_000)]);
    assert_eq!(view.said(3).await, ["session.closed one", "session.closed two", "session.created one"]);
}

#[tokio::test]
async fn an_older_list_is_not_taken_after_a_newer_one() {
    let (view, a) = View::of_a().await;
    let older = view.registry.ticket(&a).unwrap();
    assert!(view.list(&a, &[session("1", "one", "running", 1_000)]));
    assert_eq!(view.registry.apply(&a.shed, older, listing(&[])), None);
    // Nor one of an earlier run.
    let late = view.registry.ticket(&a).unwrap();
    view.registry.set_one(&a.shed, Some(container("a", ContainerState::Running, 99)));
    assert_eq!(view.registry.apply(&a.shed, late, listing(&[])), None);
}

#[tokio::test]
async fn another_start_is_another_run_even_if_the_stop_was_missed() {
    let (mut view, a) = View::of_a().await;
    view.list(&a, &[session("1", "one", "running", 1_000)]);
    view.said(1).await;
    view.registry.set_one(&a.shed, Some(container("a", ContainerState::Running, 20)));
    assert_eq!(view.said(3).await, ["session.closed one", "shed.stopped a", "shed.started a"]);
    assert_eq!(view.registry.set_all(vec![container("a", ContainerState::Running, 0)]).len(), 1, "nobody keeps the new run yet");
}

#[tokio::test]
async fn without_a_guest_the_shed_is_asked() {
    let (view, a) = View::of_a().await;
    view.list(&a, &[session("1", "one", "running", 1_000)]);
    assert_eq!(view.registry.sessions(&a.shed), Known::Ask);
    assert!(view.registry.guest(&a.shed, &a.id).is_none());
    let Known::Now(everything) = view.registry.everything() else { panic!() };
    assert_eq!((everything.sessions.len(), everything.ask.len()), (0, 1));
    assert_eq!(view.registry.complete_version(), None);
    view.registry.set_one(&a.shed, Some(container("a", ContainerState::Stopped, 0)));
    assert!(view.registry.complete_version().is_some(), "a stopped shed has no sessions to ask for");
}

#[tokio::test]
async fn what_was_measured_stays_until_the_next_measurement() {
    let (mut view, a) = View::of_a().await;
    let one = session("1", "one", "running", 1_000);
    view.list(&a, std::slice::from_ref(&one));
    let used = shed_core::wire::Resources { cpu_percent: 1.5, memory_bytes: 1024, processes: 2 };
    view.registry.measured(&a, &[("$0".to_owned(), used), ("$7".to_owned(), used)].into());
    view.registry.measured(&a, &[("$0".to_owned(), used)].into());
    view.list(&a, &[one]);
    let (sessions, _) = view.registry.follow(1);
    assert_eq!(sessions[0].resources, Some(used));
    assert_eq!(view.said(2).await, ["session.created one", "session.updated one"]);
    view.registry.set_all(Vec::new());
    assert_eq!(view.said(1).await, ["session.closed one"], "and nothing was told between");
}
