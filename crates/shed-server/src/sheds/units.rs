//! Amounts as people write them.

/// Less than this, in bytes, and a shell with tmux is ended for want of memory as soon as it starts. Docker itself takes 6 MiB.
const LEAST_MEMORY: i64 = 64 * 1024 * 1024;

/// Less than this, in cores, and starting a shell takes seconds. Docker itself takes 0.01.
const LEAST_CPUS: f64 = 0.1;

/// The container's own programs, tmux, a shell and what it starts. With less a shed can't even run its first command.
const LEAST_PIDS: i64 = 16;

/// Reads `512m`, `4g`, `1.5g` or plain bytes, with binary units and an optional final `b`, as `docker run --memory` does.
///
/// # Errors
/// Text for the user.
pub(super) fn memory(text: &str) -> Result<i64, String> {
    let wrong = || format!("memory `{text}` is not an amount such as `512m` or `4g` (at least 64m)");
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (digits, factor) = match lower.char_indices().last() {
        Some((at, 'k')) => (lower.get(..at), 1_u64 << 10),
        Some((at, 'm')) => (lower.get(..at), 1 << 20),
        Some((at, 'g')) => (lower.get(..at), 1 << 30),
        Some((at, 't')) => (lower.get(..at), 1 << 40),
        _ => (Some(lower), 1),
    };
    let amount: f64 = digits.unwrap_or_default().parse().map_err(|_| wrong())?;
    let bytes = amount * factor as f64;
    // 2^53: beyond it an f64 no longer holds every integer, and no machine has that much memory.
    if !bytes.is_finite() || bytes < LEAST_MEMORY as f64 || bytes > 9_007_199_254_740_992.0 {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked against both ends above")]
    Ok(bytes as i64)
}

/// Billionths of a core, the unit of Docker's API, from cores.
///
/// # Errors
/// Text for the user.
pub(super) fn nano_cpus(cores: f64) -> Result<i64, String> {
    if !cores.is_finite() || !(LEAST_CPUS..=4096.0).contains(&cores) {
        return Err(format!("cpus `{cores}` is not a number of cores such as `0.5` or `4` (at least {LEAST_CPUS})"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked against both ends above")]
    Ok((cores * 1e9) as i64)
}

/// Checks a limit of processes and threads.
///
/// # Errors
/// Text for the user.
pub(super) fn pids(count: i64) -> Result<i64, String> {
    if count < LEAST_PIDS { Err(format!("pids `{count}` is too few: at least {LEAST_PIDS}")) } else { Ok(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_reads_dockers_units() {
        for (text, bytes) in [("512m", 512 << 20), ("4g", 4 << 30), ("1.5G", 3 << 29), ("134217728", 128 << 20), ("100mb", 100 << 20)] {
            assert_eq!(memory(text), Ok(bytes));
        }
        for bad in ["", "m", "63m", "-4g", "4x", "1e400g", "nan", "inf", "99999999t", "4 g g", "ä"] {
            assert!(memory(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn cpus_are_cores() {
        assert_eq!(nano_cpus(1.5), Ok(1_500_000_000));
        for bad in [0.0, 0.05, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(nano_cpus(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn a_shed_has_room_for_its_own_programs() {
        assert_eq!(pids(16), Ok(16));
        assert!(pids(15).is_err());
    }
}
