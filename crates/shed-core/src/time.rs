//! Times as people read them.

use jiff::Timestamp;

/// How long ago `then` was, in the largest whole unit: `just now`, `5m ago`, `2h ago`, `3d ago`.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second());
    match seconds {
        i64::MIN..5 => "just now".to_owned(),
        5..60 => format!("{seconds}s ago"),
        60..3_600 => format!("{}m ago", seconds / 60),
        3_600..86_400 => format!("{}h ago", seconds / 3_600),
        _ => format!("{}d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s29_ages_are_short() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        for (age, text) in
            [(-9, "just now"), (0, "just now"), (5, "5s ago"), (60, "1m ago"), (7_199, "1h ago"), (7_200, "2h ago"), (172_800, "2d ago")]
        {
            assert_eq!(ago(Timestamp::from_second(1_000_000 - age).unwrap(), now), text);
        }
    }
}
