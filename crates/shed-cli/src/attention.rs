//! Which sessions want a person, in which order: the same for the dashboard, `shed next` and the lists.

use jiff::Timestamp;
use shed_core::wire::{Session, SessionStatus};

/// Since when the session has its status.
#[must_use]
pub fn since(session: &Session) -> Timestamp {
    session.status_changed_at.unwrap_or(session.created_at)
}

/// What comes first wants attention first: sessions that wait, the longest wait first, whatever they wait for; then those that
/// failed, the latest first; then what runs, then what has ended well.
#[must_use]
pub fn order(session: &Session) -> (u8, i128) {
    let since = since(session).as_nanosecond();
    match session.status {
        SessionStatus::WaitingPermission | SessionStatus::WaitingInput => (0, since),
        SessionStatus::Failed => (1, -since),
        SessionStatus::Running => (2, 0),
        SessionStatus::Unknown => (3, 0),
        SessionStatus::Completed => (4, -since),
        SessionStatus::Exited => (5, -since),
    }
}

/// One character that says the status without colour.
#[must_use]
pub const fn marker(status: SessionStatus) -> &'static str {
    match status {
        SessionStatus::WaitingPermission => "!",
        SessionStatus::WaitingInput => "?",
        SessionStatus::Failed => "x",
        SessionStatus::Running => "●",
        SessionStatus::Completed => "+",
        SessionStatus::Exited => "-",
        SessionStatus::Unknown => " ",
    }
}

/// `failed (2)`
#[must_use]
pub fn status(session: &Session) -> String {
    let code = session.exit_code.filter(|code| *code != 0).map_or_else(String::new, |code| format!(" ({code})"));
    format!("{}{code}", session.status.as_str())
}

/// Bytes in the largest unit that leaves a number of at most three digits before the point: `512K`, `64M`, `1.5G`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
    let unit = UNITS.into_iter().find(|(size, _)| count >= *size);
    match unit {
        None => format!("{count}B"),
        // Only whole and tenths are shown, so integers do.
        Some((size, name)) if count < 10 * size => format!("{}.{}{name}", count / size, count % size * 10 / size),
        Some((size, name)) => format!("{}{name}", count / size),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::live::sessions_tests::session;

    #[test]
    fn t18_what_waits_longest_comes_first() {
        let at = |name: &str, status: &str, minute: u8| {
            session("a", name, &json!({"status": status, "status_changed_at": format!("2026-01-25T10:{minute:02}:00Z")}))
        };
        let mut sessions = [
            at("done", "completed", 1),
            at("works", "running", 1),
            at("failed-first", "failed", 1),
            at("failed-last", "failed", 2),
            at("asks", "waiting_permission", 7),
            at("waits", "waiting_input", 5),
        ];
        sessions.sort_by_key(order);
        let names: Vec<&str> = sessions.iter().map(|session| session.name.as_str()).collect();
        assert_eq!(names, ["waits", "asks", "failed-last", "failed-first", "works", "done"]);
    }

    #[test]
    fn sizes_are_short() {
        for (count, text) in [(0, "0B"), (1023, "1023B"), (1536, "1.5K"), (64 << 20, "64M"), (1 << 30, "1.0G"), (200 << 30, "200G")] {
            assert_eq!(bytes(count), text);
        }
    }
}
