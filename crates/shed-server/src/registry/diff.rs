//! What is different between two lists of one shed, as events.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use shed_core::wire::{Event, EventType, Session};

use crate::events::blank;

/// The events that lead from `before` to `now`: what is gone first, because a name may have been taken over.
pub(super) fn changes(before: &[Session], now: &[Session]) -> Vec<Event> {
    // A hostile shed may have any number of sessions, and everybody waits while two lists are compared.
    let old: HashMap<&str, &Session> = before.iter().map(|session| (session.id.as_str(), session)).collect();
    let left: HashSet<&str> = now.iter().map(|session| session.id.as_str()).collect();
    let mut events: Vec<Event> =
        before.iter().filter(|session| !left.contains(session.id.as_str())).map(|session| closed(session.clone())).collect();
    for session in now {
        match old.get(session.id.as_str()).copied() {
            None => events.push(about(EventType::SessionCreated, session.clone())),
            Some(old) if status_differs(old, session) => events.push(Event {
                previous_status: Some(old.status),
                duration_ms: match (old.status_changed_at, session.status_changed_at) {
                    (Some(from), Some(to)) if to >= from => u64::try_from(to.duration_since(from).as_millis()).ok(),
                    _ => None,
                },
                ..about(EventType::SessionStatus, session.clone())
            }),
            Some(old) if differs(old, session) => events.push(updated(session.clone())),
            Some(_) => {}
        }
    }
    events
}

/// A session that is gone, with how long it lived.
pub(super) fn closed(session: Session) -> Event {
    let lived = Timestamp::now().duration_since(session.created_at).as_millis();
    Event { duration_ms: u64::try_from(lived).ok(), ..about(EventType::SessionClosed, session) }
}

/// A session of which something is different.
pub(super) fn updated(session: Session) -> Event {
    about(EventType::SessionUpdated, session)
}

fn about(kind: EventType, session: Session) -> Event {
    Event { shed_name: Some(session.shed_name.clone()), session: Some(Box::new(session)), ..blank(kind) }
}

fn status_differs(old: &Session, new: &Session) -> bool {
    (old.status, &old.status_detail, old.status_source, old.exit_code) != (new.status, &new.status_detail, new.status_source, new.exit_code)
}

/// Everything else but what changes with every character that is printed.
fn differs(old: &Session, new: &Session) -> bool {
    let without_activity = |session: &Session| Session { last_activity_at: None, ..session.clone() };
    without_activity(old) != without_activity(new)
}
