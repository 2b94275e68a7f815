//! What the daemon reports about containers.
//!
//! Events are read by a task of their own, because bollard sends the request with the first look at its stream, and a break is
//! noticed by looking only; whoever receives them may be busy with the last one for minutes.

use std::{collections::HashMap, time::Duration};

use bollard::{models::EventMessage, query_parameters::EventsOptionsBuilder};
use futures_util::{Stream, StreamExt, stream::BoxStream};
use jiff::Timestamp;
use shed_core::ShedName;
use tokio::sync::mpsc::{Sender, channel, error::SendError};
use tokio_stream::wrappers::ReceiverStream;

use super::{DockerEngine, calls, container};
use crate::engine::{EngineEvent, EngineEventKind};

/// Between two attempts to reach a daemon that is away: short enough that a restart is noticed at once, long enough to cost
/// nothing.
const RETRY: Duration = Duration::from_secs(1);

/// Events that nobody has taken yet. When it is full nothing is read from the daemon, which then keeps them in the connection;
/// none is lost.
const WAITING: usize = 256;

const RECONNECTED: EngineEvent = EngineEvent { kind: EngineEventKind::Reconnected, shed: None };
const DISCONNECTED: EngineEvent = EngineEvent { kind: EngineEventKind::Disconnected, shed: None };

impl DockerEngine {
    /// Changes of sheds' containers, without an end. Each (re)connection begins with [`EngineEventKind::Reconnected`], and
    /// every change after that follows.
    pub(super) fn event_stream(&self) -> BoxStream<'static, EngineEvent> {
        let (events, receiver) = channel(WAITING);
        let engine = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = events.closed() => {}
                // Ends for the same reason only.
                _ = engine.pump(&events) => {}
            }
        });
        ReceiverStream::new(receiver).boxed()
    }

    async fn pump(&self, events: &Sender<EngineEvent>) -> Result<(), SendError<EngineEvent>> {
        loop {
            match self.daemon_time().await {
                Some(since) => {
                    events.send(RECONNECTED).await?;
                    if let Ok(docker) = self.docker().await {
                        forward(&mut Box::pin(docker.events(Some(wanted(since).build()))), events).await?;
                    }
                    events.send(DISCONNECTED).await?;
                }
                None => tokio::time::sleep(RETRY).await,
            }
            self.client_slot().take();
        }
    }

    /// The daemon's own time, from which it is to repeat what happened; none if it does not answer.
    async fn daemon_time(&self) -> Option<Timestamp> {
        let info = self.call("info", calls::PING, |docker| async move { docker.info().await }).await.ok()?;
        info.system_time?.parse().ok()
    }
}

fn wanted(since: Timestamp) -> EventsOptionsBuilder {
    let filters = HashMap::from([
        ("type", vec!["container"]),
        ("label", vec![container::IS_SHED]),
        ("event", vec!["create", "start", "pause", "unpause", "rename", "die", "destroy"]),
    ]);
    let since = format!("{}.{:09}", since.as_second(), since.subsec_nanosecond());
    EventsOptionsBuilder::default().since(&since).filters(&filters)
}

/// Until the connection breaks.
async fn forward<S>(messages: &mut S, events: &Sender<EngineEvent>) -> Result<(), SendError<EngineEvent>>
where
    S: Stream<Item = Result<EventMessage, bollard::errors::Error>> + Send + Unpin,
{
    while let Some(Ok(message)) = messages.next().await {
        if let Some(event) = read(message) {
            events.send(event).await?;
        }
    }
    Ok(())
}

fn read(message: EventMessage) -> Option<EngineEvent> {
    let kind = match message.action?.as_str() {
        "start" => EngineEventKind::Started,
        "create" | "pause" | "unpause" | "rename" => EngineEventKind::Changed,
        "die" => EngineEventKind::Died,
        "destroy" => EngineEventKind::Removed,
        _ => return None,
    };
    let attributes = message.actor?.attributes?;
    let own_name = attributes.get("name").map(String::as_str).unwrap_or_default();
    let name = attributes.get(container::NAME).map_or_else(|| own_name.strip_prefix("shed-").unwrap_or(own_name), String::as_str);
    Some(EngineEvent { kind, shed: Some(ShedName::new(name).ok()?) })
}
