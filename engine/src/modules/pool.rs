//! A module and its idle instances.

use std::sync::{Arc, Mutex, PoisonError};

use super::capacity::Capacity;
use super::loaded::LoadedModule;
use super::worker::InstanceWorker;

/// A compiled module and its idle instances. All programs with this module share it, because a call passes everything that the
/// module reads.
#[derive(Debug)]
pub(crate) struct ModulePool {
    pub(super) loaded: LoadedModule,
    /// Boxed, because each call takes an instance out and puts it back, and moving a pointer is faster.
    #[allow(clippy::vec_box, reason = "see above")]
    idle: Mutex<Vec<Box<InstanceWorker>>>,
    room: Arc<Capacity>,
}

impl ModulePool {
    /// Returns the pool of a module whose place was taken from `room`.
    pub(super) fn new(loaded: LoadedModule, room: &Arc<Capacity>) -> Self {
        Self { loaded, idle: Mutex::new(Vec::new()), room: Arc::clone(room) }
    }

    /// Returns an idle instance, or a new one. Returns `None` if no instance can be made.
    pub(super) fn take(&self) -> Option<Box<InstanceWorker>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let runner = idle.pop();
        if runner.is_some() && !idle.is_empty() {
            self.room.give_back_spares(1);
        }
        drop(idle);
        runner.or_else(|| InstanceWorker::new(&self.loaded).map(Box::new))
    }

    pub(super) fn give_back(&self, runner: Box<InstanceWorker>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.is_empty() || self.room.take_spare() {
            idle.push(runner);
        }
    }
}

impl Drop for ModulePool {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.room.give_back_spares(idle.len().saturating_sub(1));
        self.room.give_back_module();
    }
}
