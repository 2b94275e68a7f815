//! How much memory all requests together may hold: what they sent and what programs printed.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// For all requests together, in KiB: two answers of the largest size.
const TOTAL_KIB: usize = 128 * 1024;

const KIB: usize = 1024;

/// The memory that all share.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Semaphore>);

/// More than one request may hold, or than is left for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// The limit of one.
    #[error("more than {0} bytes")]
    ForOne(usize),
    /// The limit of all.
    #[error("no memory left for what other requests hold")]
    ForAll,
}

/// What one request holds, given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    most: usize,
    held: Mutex<(usize, Option<OwnedSemaphorePermit>)>,
}

impl Budget {
    /// All of it.
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(TOTAL_KIB)))
    }

    /// Nothing yet, at most `most` bytes.
    pub fn share(&self, most: usize) -> Share {
        Share { budget: self.clone(), most, held: Mutex::new((0, None)) }
    }
}

impl Share {
    /// Takes `bytes` more.
    pub fn take(&self, bytes: usize) -> Result<(), TooMuch> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (total, permit) = &mut *held;
        let after = *total + bytes;
        if after > self.most {
            return Err(TooMuch::ForOne(self.most));
        }
        let more = u32::try_from(after.div_ceil(KIB) - total.div_ceil(KIB)).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.budget.0).try_acquire_many_owned(more).map_err(|_| TooMuch::ForAll)?;
        match permit {
            Some(permit) => permit.merge(taken),
            None => *permit = Some(taken),
        }
        *total = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_gives_back_another_may_take() {
        let budget = Budget::new();
        let (one, two) = (budget.share(TOTAL_KIB * KIB), budget.share(2 * KIB));
        one.take(TOTAL_KIB * KIB - 10).unwrap();
        assert_eq!(two.take(1), Err(TooMuch::ForAll));
        one.take(10).unwrap();
        assert!(matches!(one.take(1), Err(TooMuch::ForOne(_))));
        drop(one);
        two.take(1).unwrap();
        two.take(2 * KIB - 1).unwrap();
        assert_eq!(two.take(1), Err(TooMuch::ForOne(2 * KIB)));
    }
}
