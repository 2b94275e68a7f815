use super::*;

fn shed_event(name: &str) -> Event {
    Event { shed_name: Some(name.to_owned()), ..blank(EventType::ShedUpdated) }
}

async fn names(subscription: &mut Subscription, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..count {
        match subscription.next().await {
            Next::Event(published) => {
                names.push(published.event.shed_name.clone().unwrap_or_else(|| published.event.kind.as_str().to_owned()))
            }
            Next::CutOff => names.push("cut off".to_owned()),
        }
    }
    names
}

#[tokio::test]
async fn a_listener_goes_on_where_it_was() {
    let bus = Bus::default();
    let first = bus.publish(shed_event("a")).event.id.clone();
    bus.publish(shed_event("b"));
    let mut again = bus.subscribe(Some(&first), 8);
    bus.publish(shed_event("c"));
    assert_eq!(names(&mut again, 2).await, ["b", "c"]);
    let mut fresh = bus.subscribe(Some(&bus.last_id()), 8);
    bus.publish(shed_event("d"));
    assert_eq!(names(&mut fresh, 1).await, ["d"]);
}

#[tokio::test]
async fn what_is_not_remembered_is_a_reset() {
    let bus = Bus::remembering(2);
    let first = bus.publish(shed_event("a")).event.id.clone();
    for name in ["b", "c"] {
        bus.publish(shed_event(name));
    }
    assert_eq!(names(&mut bus.subscribe(Some(&first), 8), 2).await, ["b", "c"], "just remembered");
    bus.publish(shed_event("d"));
    for id in [first.as_str(), "", "another-1", &format!("{}9", bus.last_id()), "-1"] {
        let mut subscription = bus.subscribe(Some(id), 8);
        let Next::Event(reset) = subscription.next().await else { panic!("{id}") };
        assert_eq!((reset.event.kind, &reset.event.id), (EventType::Reset, &bus.last_id()), "{id}");
    }
}

#[tokio::test]
async fn a_slow_listener_is_cut_off_and_the_others_are_not() {
    let bus = Bus::default();
    let (mut slow, mut quick) = (bus.subscribe(None, 2), bus.subscribe(None, 8));
    for name in ["a", "b", "c"] {
        bus.publish(shed_event(name));
    }
    assert_eq!(names(&mut slow, 3).await, ["a", "b", "cut off"]);
    assert_eq!(names(&mut quick, 3).await, ["a", "b", "c"]);
    assert_eq!(locked(&bus.inner).listeners.len(), 1);
}
