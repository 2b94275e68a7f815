//! One lock per shed name, so that start, stop, delete and create of one shed never overlap.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use shed_core::ShedName;
use tokio::sync::OwnedMutexGuard;

/// Locks by name; a name that nobody holds or waits for takes no memory for long.
#[derive(Default)]
pub(crate) struct Locks {
    by_name: Mutex<HashMap<ShedName, Weak<tokio::sync::Mutex<()>>>>,
}

impl Locks {
    /// Waits for the name's lock. Fair: tokio's mutex is first in, first out.
    pub(crate) async fn lock(&self, name: &ShedName) -> OwnedMutexGuard<()> {
        self.of(name).lock_owned().await
    }

    fn of(&self, name: &ShedName) -> Arc<tokio::sync::Mutex<()>> {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = by_name.get(name).and_then(Weak::upgrade) {
            return lock;
        }
        by_name.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        by_name.insert(name.clone(), Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_name_excludes_itself_alone() {
        let (locks, a, b) = (Locks::default(), ShedName::new("a").unwrap(), ShedName::new("b").unwrap());
        let held = locks.lock(&a).await;
        let _other = locks.lock(&b).await;
        assert!(locks.of(&a).try_lock().is_err());
        drop(held);
        assert!(locks.of(&a).try_lock().is_ok());
    }

    #[tokio::test]
    async fn released_names_are_forgotten() {
        let locks = Locks::default();
        for i in 0..100 {
            drop(locks.lock(&ShedName::new(format!("s{i}")).unwrap()).await);
        }
        assert!(locks.by_name.lock().unwrap().len() <= 2);
    }
}
