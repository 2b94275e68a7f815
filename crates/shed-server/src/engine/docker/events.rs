//! What the daemon reports about containers.

use std::{collections::HashMap, time::Duration};

use bollard::{models::EventMessage, query_parameters::EventsOptionsBuilder};
use futures_util::{StreamExt, stream, stream::BoxStream};
use shed_core::ShedName;

use super::{DockerEngine, container};
use crate::engine::{EngineEvent, EngineEventKind};

/// Between two attempts to reach a daemon that is away: short enough that a restart is noticed at once, long enough to cost
/// nothing.
const RETRY: Duration = Duration::from_secs(1);

type Events = BoxStream<'static, Result<EventMessage, bollard::errors::Error>>;

impl DockerEngine {
    /// Changes of sheds' containers, without an end. Each (re)connection begins with [`EngineEventKind::Reconnected`].
    pub(super) fn event_stream(&self) -> BoxStream<'static, EngineEvent> {
        let engine = self.clone();
        let events = stream::unfold((engine, None::<Events>), |(engine, connection)| async move {
            let Some(mut events) = connection else {
                let events = engine.subscribe().await;
                return Some((Some(EngineEvent { kind: EngineEventKind::Reconnected, shed: None }), (engine, Some(events))));
            };
            match events.next().await {
                Some(Ok(message)) => Some((read(message), (engine, Some(events)))),
                Some(Err(_)) | None => {
                    engine.client_slot().take();
                    Some((None, (engine, None)))
                }
            }
        });
        events.filter_map(std::future::ready).boxed()
    }

    /// Tries until the daemon answers.
    async fn subscribe(&self) -> Events {
        loop {
            if let Ok(docker) = self.docker().await
                && docker.ping().await.is_ok()
            {
                let filters = HashMap::from([
                    ("type", vec!["container"]),
                    ("label", vec![container::IS_SHED]),
                    ("event", vec!["start", "unpause", "die", "destroy"]),
                ]);
                return docker.events(Some(EventsOptionsBuilder::default().filters(&filters).build())).boxed();
            }
            self.client_slot().take();
            tokio::time::sleep(RETRY).await;
        }
    }
}

fn read(message: EventMessage) -> Option<EngineEvent> {
    let kind = match message.action?.as_str() {
        "start" | "unpause" => EngineEventKind::Started,
        "die" => EngineEventKind::Died,
        "destroy" => EngineEventKind::Removed,
        _ => return None,
    };
    let attributes = message.actor?.attributes?;
    let own_name = attributes.get("name").map(String::as_str).unwrap_or_default();
    let name = attributes.get(container::NAME).map_or_else(|| own_name.strip_prefix("shed-").unwrap_or(own_name), String::as_str);
    Some(EngineEvent { kind, shed: Some(ShedName::new(name).ok()?) })
}
