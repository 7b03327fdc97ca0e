//! A thread that moves the clock of deadlines, for hosts that do not call [`Sandbox::tick`] themselves.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Sandbox;

/// The length of a tick: long enough to cost nothing, and a hundredth of the default deadline.
pub const TICK: Duration = Duration::from_millis(10);

/// A thread that ticks until this value is dropped. [`Sandbox::start_ticker`] starts it.
#[derive(Debug)]
pub struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(sandbox: Sandbox) -> Self {
        let (stop, stopped) = channel();
        let tick = move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                sandbox.tick();
            }
        };
        // If the thread cannot be started there is no deadline, but fuel still ends every evaluation.
        let thread = std::thread::Builder::new().name("accrue-ticker".to_owned()).spawn(tick).ok();
        Self { stop: Some(stop), thread }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
