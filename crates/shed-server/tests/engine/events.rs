//! The stream of changes.

use std::time::Duration;

use futures_util::{StreamExt, stream::BoxStream};
use shed_core::ShedName;
use shed_server::engine::{Engine, EngineEvent, EngineEventKind};

use crate::support::{Name, Shed, engine, in_time};

/// What happens to one shed until it is removed.
async fn until_removed(events: &mut BoxStream<'static, EngineEvent>, shed: &ShedName) -> Vec<EngineEventKind> {
    let mut seen = Vec::new();
    while !seen.contains(&EngineEventKind::Removed) {
        let event = in_time("the next event", events.next()).await.unwrap();
        if event.shed.as_ref() == Some(shed) {
            seen.push(event.kind);
        }
    }
    seen
}

#[tokio::test]
async fn every_change_after_the_connection_is_told_in_order() {
    let (engine, name) = (engine(), Name::new());
    let mut events = engine.events();
    assert_eq!(in_time("a connection", events.next()).await.unwrap().kind, EngineEventKind::Reconnected);
    // Nobody looks at the stream while this happens.
    let container = engine.create(&name.spec()).await.unwrap();
    engine.stop(&container.id, Duration::from_secs(1)).await.unwrap();
    engine.start(&container.id).await.unwrap();
    engine.remove(&container, false).await.unwrap();
    use EngineEventKind::{Changed, Died, Removed, Started};
    assert_eq!(until_removed(&mut events, &name.0).await, [Changed, Started, Died, Started, Died, Removed]);
}

#[tokio::test]
async fn what_happened_before_the_connection_is_not_told() {
    let shed = Shed::create().await;
    let mut events = shed.engine.events();
    assert_eq!(in_time("a connection", events.next()).await.unwrap().kind, EngineEventKind::Reconnected);
    shed.engine.remove(&shed.container, false).await.unwrap();
    assert_eq!(until_removed(&mut events, &shed.name.0).await, [EngineEventKind::Died, EngineEventKind::Removed]);
}
