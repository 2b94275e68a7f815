//! News of sheds. A restarted server tells of every shed that it finds; the last state that was kept tells what is new.

use rusqlite::{Connection, OptionalExtension, params};
use shed_core::wire::{Event, EventType, GuestStatus, Shed, ShedStatus};

use super::{StoreError, rows::EventRow};

pub(super) fn changed(c: &Connection, event: &Event, name: &str) -> Result<usize, StoreError> {
    let known: Option<String> =
        c.prepare_cached("SELECT state FROM history_sheds WHERE shed = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    let at = event.at.as_millisecond();
    let row = EventRow { at, shed: name, kind: event.kind.as_str(), detail: event.reason.as_deref(), ..EventRow::default() };
    if event.kind == EventType::ShedDeleted {
        c.prepare_cached("DELETE FROM history_sheds WHERE shed = ?1")?.execute([name])?;
        return if known.is_some() { row.insert(c) } else { Ok(0) };
    }
    let Some(shed) = &event.shed else {
        // Its container went while it ran; that it is deleted is told next.
        let Some(known) = known.filter(|known| status(known) != ShedStatus::Stopped.as_str()) else { return Ok(0) };
        put(c, name, &format!("{}|{}|", container(&known), ShedStatus::Stopped.as_str()))?;
        return EventRow { from: Some(status(&known)), to: Some(ShedStatus::Stopped.as_str()), ..row }.insert(c);
    };
    let state = state(shed);
    let Some(known) = known.filter(|known| container(known) == shed.container_id) else {
        put(c, name, &state)?;
        return EventRow { kind: EventType::ShedCreated.as_str(), to: Some(shed.status.as_str()), detail: Some(&shed.image), ..row }
            .insert(c);
    };
    if known == state {
        return Ok(0);
    }
    put(c, name, &state)?;
    let from = status(&known);
    let to = shed.status.as_str();
    let kind = match shed.status {
        ShedStatus::Running if from != to => EventType::ShedStarted,
        ShedStatus::Stopped if from != to => EventType::ShedStopped,
        ShedStatus::Running | ShedStatus::Stopped | ShedStatus::Paused | ShedStatus::Restarting | ShedStatus::Unknown => {
            EventType::ShedUpdated
        }
    };
    let guest = guest(shed);
    let detail = shed.guest.as_ref().and_then(|guest| guest.reason.clone()).or((from == to).then_some(guest));
    EventRow { kind: kind.as_str(), from: Some(from), to: Some(to), detail: detail.as_deref(), ..row }.insert(c)
}

fn put(c: &Connection, name: &str, state: &str) -> Result<(), StoreError> {
    c.prepare_cached("INSERT OR REPLACE INTO history_sheds (shed, state) VALUES (?1, ?2)")?.execute(params![name, state])?;
    Ok(())
}

/// `container|status|guest`
fn state(shed: &Shed) -> String {
    let guest = shed.guest.as_ref().map_or("", |guest| match guest.status {
        // On the way to connected at every start of the server; only where it arrives is news.
        GuestStatus::Connecting => "",
        other => other.as_str(),
    });
    format!("{}|{}|{guest}", shed.container_id, shed.status.as_str())
}

fn container(state: &str) -> &str {
    state.split('|').next().unwrap_or_default()
}

fn status(state: &str) -> &str {
    state.split('|').nth(1).unwrap_or_default()
}

fn guest(shed: &Shed) -> String {
    format!("guest {}", shed.guest.as_ref().map_or("absent", |guest| guest.status.as_str()))
}
