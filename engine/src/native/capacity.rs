//! How many modules and idle instances an engine may have, and has.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Idle instances that an engine keeps besides one of each module: for threads that run the same module at the same time.
pub(super) const SPARES: usize = 1_024;

/// How many modules and instances an engine may have, and has.
#[derive(Debug)]
pub(super) struct Capacity {
    modules: Slots,
    spares: Slots,
}

/// So many places, and how many are taken.
#[derive(Debug)]
struct Slots {
    most: usize,
    taken: AtomicUsize,
}

impl Slots {
    fn new(most: usize) -> Self {
        Self { most, taken: AtomicUsize::new(0) }
    }

    /// Takes a place, where one is free.
    fn take(&self) -> bool {
        let more = |taken| (taken < self.most).then_some(taken + 1);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::Relaxed);
    }
}

impl Capacity {
    /// Room for this many modules.
    pub(super) fn new(modules: usize) -> Self {
        Self { modules: Slots::new(modules), spares: Slots::new(SPARES) }
    }

    /// How many modules and idle instances there are.
    #[cfg(test)]
    pub(super) fn taken(&self) -> (usize, usize) {
        (self.modules.taken.load(Ordering::Relaxed), self.spares.taken.load(Ordering::Relaxed))
    }

    /// Takes the place of a module, where one is free.
    pub(super) fn take_module(&self) -> bool {
        self.modules.take()
    }

    /// Takes the place of an idle instance of a module that has another, where one is free.
    pub(super) fn take_spare(&self) -> bool {
        self.spares.take()
    }

    pub(super) fn give_back_spares(&self, count: usize) {
        self.spares.give_back(count);
    }

    /// Gives back the place of a module.
    pub(super) fn give_back_module(&self) {
        self.modules.give_back(1);
    }
}
