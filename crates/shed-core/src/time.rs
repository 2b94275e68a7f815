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

/// How long something lasts, in its two largest units: `45s`, `12m`, `1h 25m`, `3d 4h`.
#[must_use]
pub fn lasted(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.as_second().saturating_sub(from.as_second()).max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => format!("{minutes}m"),
        3_600..86_400 => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g10_durations_have_two_units() {
        let begin = Timestamp::from_second(1_000_000).unwrap();
        for (seconds, text) in
            [(-9, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (5_100, "1h 25m"), (86_400, "1d 0h"), (273_600, "3d 4h")]
        {
            assert_eq!(lasted(begin, Timestamp::from_second(1_000_000 + seconds).unwrap()), text);
        }
    }

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
