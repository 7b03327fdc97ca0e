//! Limits the evaluations that run at a time to the slots in the pool of memories; the others wait.
//!
//! Without this limit a full pool would fail an evaluation, and the decision would depend on what else is running.

use std::sync::{Condvar, Mutex, PoisonError};

/// The free slots, and the threads that wait for a slot.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A slot, taken until this value is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t>(&'t Turns);

impl Turns {
    pub(crate) fn new(slots: u32) -> Self {
        Self { free: Mutex::new(slots), freed: Condvar::new() }
    }

    /// Waits for a free slot. The wait ends, because the fuel of every running evaluation is bounded.
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
