//! A module and its idle instances.

use std::sync::{Arc, Mutex, PoisonError};

use super::capacity::Capacity;
use super::host::NativeModule;
use super::worker::InstanceWorker;

/// A module and its idle instances, for every program that has it: a module is handed all that it reads in each call, and
/// reads nothing else.
#[derive(Debug)]
pub(crate) struct ModulePool {
    pub(super) loaded: NativeModule,
    /// Each call takes one out and puts it back, and a pointer is moved faster than an instance.
    #[allow(clippy::vec_box, reason = "see above")]
    idle: Mutex<Vec<Box<InstanceWorker>>>,
    room: Arc<Capacity>,
}

impl ModulePool {
    /// A module for which room was taken.
    pub(super) fn new(loaded: NativeModule, room: &Arc<Capacity>) -> Self {
        Self { loaded, idle: Mutex::new(Vec::new()), room: Arc::clone(room) }
    }

    /// An idle instance, or a new one.
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
