//! Limits on the modules and idle instances of an engine.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Idle instances that an engine keeps besides one for each module: for threads that run the same module at the same time.
pub(super) const SPARES: usize = 1_024;

/// The places for modules and idle instances of an engine.
#[derive(Debug)]
pub(super) struct Capacity {
    modules: Slots,
    spares: Slots,
}

/// A number of places, and how many are taken.
#[derive(Debug)]
struct Slots {
    most: usize,
    taken: AtomicUsize,
}

impl Slots {
    fn new(most: usize) -> Self {
        Self { most, taken: AtomicUsize::new(0) }
    }

    /// Takes a place. Returns `false` if all are taken.
    fn take(&self) -> bool {
        let more = |taken| (taken < self.most).then_some(taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::Relaxed);
    }
}

impl Capacity {
    /// Returns room for this many modules.
    pub(super) fn new(modules: usize) -> Self {
        Self { modules: Slots::new(modules), spares: Slots::new(SPARES) }
    }

    /// Returns the number of modules and of spare instances.
    #[cfg(test)]
    pub(super) fn taken(&self) -> (usize, usize) {
        (self.modules.taken.load(Ordering::Relaxed), self.spares.taken.load(Ordering::Relaxed))
    }

    /// Takes the place of a module. Returns `false` if all are taken.
    pub(super) fn take_module(&self) -> bool {
        self.modules.take()
    }

    /// Takes the place of a spare: an idle instance of a module that has another. Returns `false` if all are taken.
    pub(super) fn take_spare(&self) -> bool {
        self.spares.take()
    }

    pub(super) fn give_back_spares(&self, count: usize) {
        self.spares.give_back(count);
    }

    /// Returns the place of a module.
    pub(super) fn give_back_module(&self) {
        self.modules.give_back(1);
    }
}
