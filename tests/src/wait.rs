//! Waiting for conditions; no test sleeps a fixed time.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before the test fails. Generous: it only costs time when something is broken, and a
/// machine that also compiles can be ten times slower than an idle one.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The same where an agent is waited for: OpenCode takes 8 s of processor time to start, and was seen to take 50 s beside
/// five compilers.
pub(crate) const AGENT_DEADLINE: Duration = Duration::from_secs(180);

/// Between two looks. Short beside a Docker exec (60 ms), long enough not to load the machine.
const POLL: Duration = Duration::from_millis(50);

/// Looks until `condition` gives something, and returns it.
///
/// # Panics
///
/// After [`DEADLINE`], naming `what` was waited for.
pub fn wait_until<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    wait_until_within(DEADLINE, || what.to_owned(), condition)
}

/// The same with another deadline, and with a name that is made when the time is up.
pub(crate) fn wait_until_within<T>(deadline: Duration, what: impl Fn() -> String, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(start.elapsed() < deadline, "waited {} s in vain for: {}", deadline.as_secs(), what());
        thread::sleep(POLL);
    }
}
