//! What happened, kept: the task that writes events down, and the questions about them.
//!
//! The queue of the task is its subscription: bounded, and when it is full the task is cut off. It then reads the list of
//! sessions again, so that no time of any session is lost, only single events.

mod prune;
mod queries;
mod recorder;

#[cfg(test)]
mod tests;

pub use recorder::{Counts, Recorder, SETTLE};

use crate::{
    Error,
    store::{Store, StoreError},
};

/// Runs a call of the store where waiting for the disk harms nobody.
async fn blocking<T: Send + 'static>(
    store: &Store,
    call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Error> {
    let store = store.clone();
    Ok(tokio::task::spawn_blocking(move || call(&store)).await.map_err(Error::internal)??)
}
