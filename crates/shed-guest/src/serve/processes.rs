//! `/processes`: what the programs in every session use, from tmux's panes and `/proc`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use hyper::StatusCode;
use shed_core::guest::{Processes, SessionProcesses};
use shed_tmux::{Tmux, TmuxError};
use tokio::sync::Semaphore;

use super::{
    budget::Budget,
    proc::{self, Process},
    process::Local,
    reply::{self, Reply},
};

/// How long is measured if the request does not say.
const SAMPLE: Duration = Duration::from_millis(200);

/// The longest that is measured.
const SAMPLE_MAX: Duration = Duration::from_secs(5);

/// How long tmux may take to list panes; it needs milliseconds.
const PANES_DEADLINE: Duration = Duration::from_secs(10);

/// Most measurements at once: each reads all of `/proc` twice. More wait.
const AT_ONCE: usize = 2;

/// Measures.
pub struct Meter {
    tmux: Tmux<Local>,
    slots: Semaphore,
}

impl Meter {
    pub fn new(budget: &Budget) -> Self {
        Self { tmux: Tmux::new(Local::new(budget, Some(PANES_DEADLINE))), slots: Semaphore::new(AT_ONCE) }
    }

    /// Measures for that many milliseconds.
    pub async fn answer(&self, sample_ms: Option<u64>) -> Reply {
        let sample = sample_ms.map_or(SAMPLE, Duration::from_millis);
        if sample > SAMPLE_MAX {
            return reply::refusal(StatusCode::BAD_REQUEST, &format!("`sample_ms` must be at most {}", SAMPLE_MAX.as_millis()));
        }
        let Ok(_slot) = self.slots.acquire().await else { return reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "the guest ends") };
        match self.measure(sample).await {
            Ok(sessions) => reply::json(&Processes { sessions }),
            Err(TmuxError::NotAvailable) => reply::json(&Processes::default()),
            Err(error) => reply::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        }
    }

    async fn measure(&self, sample: Duration) -> Result<Vec<SessionProcesses>, TmuxError> {
        if self.tmux.pane_processes().await?.is_empty() {
            return Ok(Vec::new());
        }
        let before = table().await;
        tokio::time::sleep(sample).await;
        // After the wait, so that the panes and the second look belong together.
        let panes = self.tmux.pane_processes().await?;
        Ok(summed(panes, &before, &table().await))
    }
}

/// All processes at one moment.
struct Table {
    at: Instant,
    processes: HashMap<u32, Process>,
}

/// Reads `/proc` in a thread: a shed with thousands of processes must not hold up other requests.
async fn table() -> Table {
    tokio::task::spawn_blocking(|| Table { at: Instant::now(), processes: proc::all() })
        .await
        .unwrap_or_else(|_| Table { at: Instant::now(), processes: HashMap::new() })
}

fn summed(panes: Vec<(String, u32)>, before: &Table, after: &Table) -> Vec<SessionProcesses> {
    let mut of_sessions: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (session, pane) in panes {
        of_sessions.entry(session).or_default().extend(proc::tree(&after.processes, pane));
    }
    let seconds = after.at.duration_since(before.at).as_secs_f64();
    let used = |pid: &u32| {
        let now = after.processes.get(pid)?;
        // A process that is new, also under a number that another one had, has used all of its time since.
        let then = before.processes.get(pid).filter(|then| then.started == now.started).map_or(0, |then| then.ticks);
        Some((now.ticks.saturating_sub(then), now.memory_bytes))
    };
    let sum = |(tmux_id, pids): (String, BTreeSet<u32>)| {
        let used: Vec<(u64, u64)> = pids.iter().filter_map(used).collect();
        let ticks: u64 = used.iter().map(|(ticks, _)| ticks).sum();
        #[expect(clippy::cast_precision_loss, reason = "ticks of seconds are small")]
        let cpu_percent = if seconds > 0.0 { 100.0 * ticks as f64 / proc::ticks_per_second() as f64 / seconds } else { 0.0 };
        SessionProcesses {
            tmux_id,
            cpu_percent,
            memory_bytes: used.iter().map(|(_, memory)| memory).sum(),
            processes: u32::try_from(used.len()).unwrap_or(u32::MAX),
        }
    };
    of_sessions.into_iter().map(sum).collect()
}
