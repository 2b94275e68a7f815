//! What happened: figures and events.

mod events;
mod stats;

pub use events::history;
pub use stats::stats;

use jiff::Zoned;
use shed_core::when;

use crate::Failure;

/// A time as the server takes it. Days and dates are those of this machine, which the server can't know.
fn time(option: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    let read = |text: &str| when::parse(text, &Zoned::now()).map_err(|error| Failure::usage(format!("{option}: {error}")));
    Ok(text.map(read).transpose()?.map(|time| time.to_string()))
}

/// Seconds for people, in at most two units: `0s`, `4m 10s`, `3h 5m`, `2d 1h`.
fn span(seconds: f64) -> String {
    // Floats saturate, so what is no sensible length stays harmless.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let seconds = seconds.round().max(0.0) as u64;
    let (large, small, units) = match seconds {
        0..60 => return format!("{seconds}s"),
        60..3_600 => (seconds / 60, seconds % 60, ["m", "s"]),
        3_600..86_400 => (seconds / 3_600, seconds % 3_600 / 60, ["h", "m"]),
        _ => (seconds / 86_400, seconds % 86_400 / 3_600, ["d", "h"]),
    };
    let [first, second] = units;
    if small == 0 { format!("{large}{first}") } else { format!("{large}{first} {small}{second}") }
}

/// Bytes for people, in the largest unit that leaves a whole number: `512 MB` means 2^20 bytes, as `docker stats` counts.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        1_048_576..10_737_418_240 => format!("{} MB", bytes >> 20),
        _ => format!("{} GB", bytes >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p73_lengths_and_sizes_are_short() {
        let spans = [0.2, 59.7, 250.0, 3_600.0, 11_100.0, 176_400.0, -5.0, f64::NAN].map(span);
        assert_eq!(spans, ["0s", "1m", "4m 10s", "1h", "3h 5m", "2d 1h", "0s", "0s"]);
        assert_eq!([100, 5 << 20, 20 << 30].map(size), ["1 KB", "5 MB", "20 GB"]);
    }

    #[test]
    fn a_time_that_makes_no_sense_is_a_wrong_command_line() {
        let failure = time("--since", Some("soon")).unwrap_err();
        assert_eq!(failure.code, crate::failure::USAGE);
        assert!(failure.message.starts_with("--since: `soon` is no time"), "{}", failure.message);
        assert_eq!(time("--since", Some("2026-01-01T00:00:00Z")), Ok(Some("2026-01-01T00:00:00Z".to_owned())));
    }
}
