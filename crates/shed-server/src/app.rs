//! What every use case needs: engine, store, configuration, locks.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shed_core::ShedName;

use tokio::sync::RwLock;

use crate::{
    config::Config,
    engine::Engine,
    events::Bus,
    locks::Locks,
    metrics::Metrics,
    registry::Registry,
    run::Turns,
    sessions::{ListCache, Run},
    store::Store,
};

/// The server's state, shared by all front ends. Use cases are its methods, one file each under `sheds` and `sessions`.
pub struct App {
    /// What runs containers.
    pub engine: Arc<dyn Engine>,
    /// What outlives the server.
    pub store: Store,
    /// The configuration.
    pub config: Arc<Config>,
    /// This server's own id, which it writes on the sheds that it makes.
    pub server_id: String,
    /// Where changes are told.
    pub events: Arc<Bus>,
    /// What is counted.
    pub metrics: Metrics,
    /// What is where, in memory.
    pub registry: Registry,
    /// One look at a shed at a time, and none while everything is looked at.
    pub(crate) syncing: Locks,
    /// See [`App::syncing`].
    pub(crate) syncing_all: RwLock<()>,
    /// Lists that were written down as JSON.
    pub(crate) listed: ListCache,
    pub(crate) locks: Locks,
    pub(crate) turns: Turns,
    /// Creations of this process that go on right now; recovery leaves them alone.
    pub(crate) creating: Mutex<HashSet<String>>,
    /// One restoration of a shed's sessions at a time. Not [`App::locks`]: a clone holds that for minutes.
    pub(crate) restoring: Locks,
    /// Held while what is saved of sessions is read and written back.
    pub(crate) saving: Mutex<()>,
    /// Runs of containers whose saved sessions are back.
    pub(crate) restored: Mutex<HashMap<ShedName, Run>>,
}

impl App {
    /// Puts the parts together; nothing is started.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, store: Store, config: Config, server_id: String) -> Arc<Self> {
        let events = Arc::<Bus>::default();
        Arc::new(Self {
            engine,
            store,
            config: Arc::new(config),
            metrics: Metrics::default(),
            server_id,
            registry: Registry::new(Arc::clone(&events)),
            events,
            syncing: Locks::default(),
            syncing_all: RwLock::default(),
            listed: ListCache::default(),
            locks: Locks::default(),
            turns: Turns::default(),
            creating: Mutex::default(),
            restoring: Locks::default(),
            saving: Mutex::default(),
            restored: Mutex::default(),
        })
    }
}

/// Locks a mutex whose data is never left half changed, so that a panic elsewhere does not matter here.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
