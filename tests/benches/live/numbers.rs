//! Distributions, and how they are printed.

use std::time::{Duration, Instant};

/// Times, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Measures `work` so often.
    pub fn of(rounds: usize, mut work: impl FnMut()) -> Self {
        let one = |_| {
            let start = Instant::now();
            work();
            start.elapsed()
        };
        Self::new((0..rounds).map(one).collect())
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time below which so many of a hundred are.
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    pub fn median(&self) -> Duration {
        self.percentile(50)
    }
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// `what   median   p99`
pub fn print(what: &str, times: &Times) {
    let (median, p99) = (millis(times.median()), millis(times.percentile(99)));
    println!("{what:<52} {median:>9.2} ms   p99 {p99:>9.2} ms   ({} times)", times.count());
}

/// `what   median   docker exec   how many times faster`
pub fn compare(what: &str, ours: &Times, docker: &Times) {
    let faster = docker.median().as_secs_f64() / ours.median().as_secs_f64();
    let (median, p99) = (millis(ours.median()), millis(ours.percentile(99)));
    println!("{what:<52} {median:>9.2} ms   p99 {p99:>9.2} ms   docker exec {:>9.2} ms   {faster:>8.1} times", millis(docker.median()));
}

/// `what   time   of which the loop around it is`
pub fn compare_to_nothing(what: &str, ours: Duration, nothing: Duration) {
    println!("{what:<52} {:>9.2} ms   of which the shell's loop is {:.2} ms", millis(ours), millis(nothing));
}
