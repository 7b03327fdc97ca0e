//! Turns: as many evaluations run at a time as there are slots in the pool of memories; more wait.
//!
//! Without this the pool would fail an evaluation when it is full, and the decision would depend on what else
//! happens to run.

use std::sync::{Condvar, Mutex, PoisonError};

/// Free slots, and those who wait for one.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A slot, taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t>(&'t Turns);

impl Turns {
    pub(crate) fn new(slots: u32) -> Self {
        Self { free: Mutex::new(slots), freed: Condvar::new() }
    }

    /// Waits for a free slot. Every holder of one ends: its fuel is bounded.
    pub(crate) fn take(&self) -> Turn<'_> {
        // Nothing panics while the lock is held, so poison cannot mean a wrong count.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
