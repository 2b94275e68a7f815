//! Forgetting what is too old or too much.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::blocking;
use crate::{
    config::History,
    store::{Keep, Store},
};

/// Between two looks. A day is kept for at most ten minutes longer than asked for.
const INTERVAL: Duration = Duration::from_mins(10);

/// Between two steps, so that other writers get their turn.
const PAUSE: Duration = Duration::from_millis(50);

/// Prunes until `shutdown`.
pub(super) async fn prune(store: Store, config: History, shutdown: CancellationToken) {
    let work = async {
        loop {
            match step(&store, &config).await {
                Ok(true) => tokio::time::sleep(PAUSE).await,
                Ok(false) => tokio::time::sleep(INTERVAL).await,
                Err(error) => {
                    tracing::warn!(%error, "old history could not be removed");
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(work).await;
}

async fn step(store: &Store, config: &History) -> Result<bool, crate::Error> {
    let days = SignedDuration::from_hours(24 * i64::from(config.keep_days));
    let since = Timestamp::now().checked_sub(days).unwrap_or(Timestamp::MIN);
    let keep = Keep { since, most: i64::from(config.max_events) };
    blocking(store, move |store| store.prune_history(keep)).await
}
