//! Points in time as people give them: `--since 7d`, `?until=2026-01-15`.

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, DateTime},
};

/// A text that names no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no time; write it like 7d, 24h, 90m, today, 2026-01-15, `2026-01-15 10:00` or 2026-01-15T10:00:00Z", .0.escape_debug())]
pub struct InvalidTime(pub String);

/// Reads a point in time.
///
/// How long ago (`90m`, `24h`, `7d`, `2w`, `1d12h`; a day has 24 hours), `now`, `today` and `yesterday` (their midnight), a date
/// (its midnight), a date with a time of day, or RFC 3339. What names no time zone is in that of `now`.
///
/// # Errors
/// [`InvalidTime`].
pub fn parse(text: &str, now: &Zoned) -> Result<Timestamp, InvalidTime> {
    let text = text.trim();
    let midnight = |date: Date| date.to_zoned(now.time_zone().clone()).ok().map(|zoned| zoned.timestamp());
    let found = match text {
        "now" => Some(now.timestamp()),
        "today" => midnight(now.date()),
        "yesterday" => now.date().yesterday().ok().and_then(midnight),
        _ => ago(text).map(|ago| now.timestamp().checked_sub(ago).ok()).unwrap_or_else(|| absolute(text, now)),
    };
    found.ok_or_else(|| InvalidTime(text.chars().take(60).collect()))
}

/// Numbers with units, each larger unit before the smaller ones; none if the text is something else.
fn ago(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut total: i64 = 0;
    let mut last = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let mut chars = tail.chars();
        let unit = match chars.next()? {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        if unit >= last {
            return None;
        }
        last = unit;
        total = number.parse::<i64>().ok()?.checked_mul(unit)?.checked_add(total)?;
        rest = chars.as_str();
    }
    (last < i64::MAX).then(|| SignedDuration::from_secs(total))
}

fn absolute(text: &str, now: &Zoned) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    // jiff would also take `2026-01-15T10:00[Europe/Paris]` for a local time and leave the zone out.
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(['[', '+', 'Z', 'z']) {
        return None;
    }
    let time = text.parse::<DateTime>().ok()?;
    time.to_zoned(now.time_zone().clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn now() -> Zoned {
        "2026-01-15T10:30:00Z".parse::<Timestamp>().unwrap().to_zoned(TimeZone::fixed(Offset::constant(2)))
    }

    #[test]
    fn p75_times_as_people_write_them() {
        for (text, time) in [
            ("now", "2026-01-15T10:30:00Z"),
            ("90m", "2026-01-15T09:00:00Z"),
            ("24h", "2026-01-14T10:30:00Z"),
            ("7d", "2026-01-08T10:30:00Z"),
            ("2w", "2026-01-01T10:30:00Z"),
            ("1d12h", "2026-01-13T22:30:00Z"),
            ("0s", "2026-01-15T10:30:00Z"),
            ("today", "2026-01-14T22:00:00Z"),
            ("yesterday", "2026-01-13T22:00:00Z"),
            ("2026-01-10", "2026-01-09T22:00:00Z"),
            ("2026-01-10 10:00", "2026-01-10T08:00:00Z"),
            (" 2026-01-10T10:00:05 ", "2026-01-10T08:00:05Z"),
            ("2026-01-10T10:00:00Z", "2026-01-10T10:00:00Z"),
            ("2026-01-10T10:00:00.5+01:00", "2026-01-10T09:00:00.5Z"),
        ] {
            assert_eq!(parse(text, &now()).map(|time| time.to_string()), Ok(time.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_says_how_to_write_one() {
        for text in [
            "",
            "d",
            "7",
            "7x",
            "-7d",
            "1h1d",
            "1h2h",
            "7 d",
            "99999999999999999999d",
            "2026-13-01",
            "2026-01-10Z",
            "10:00",
            "P7D",
            "soon\n",
        ] {
            let error = parse(text, &now()).unwrap_err().to_string();
            assert!(error.contains("7d") && !error.contains('\n'), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in ".{0,40}") {
            let _ = parse(&text, &now());
        }

        #[test]
        fn every_time_reads_itself(seconds in -100_000_000_000_i64..200_000_000_000) {
            let time = Timestamp::from_second(seconds).unwrap();
            prop_assert_eq!(parse(&time.to_string(), &now()), Ok(time));
        }

        #[test]
        fn parts_add_up(days in 0_i64..4_000, hours in 0_i64..1_000, seconds in 0_i64..100_000) {
            let ago = SignedDuration::from_secs(days * 86_400 + hours * 3_600 + seconds);
            prop_assert_eq!(parse(&format!("{days}d{hours}h{seconds}s"), &now()), Ok(now().timestamp() - ago));
        }
    }
}
