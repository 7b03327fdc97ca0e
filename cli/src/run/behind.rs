//! Parquet is encoded behind what decides: batches of decisions enter, and another thread encodes and writes them while the
//! next ones are decided. Few wait at a time, so that memory does not depend on how many there are.

use std::io;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use accrue_columnar::{FileError, ParquetDecisions};
use arrow_array::RecordBatch;

use super::write::Target;
use crate::exit::Failure;

/// Batches that may wait to be encoded.
const WAITING: usize = 4;

/// A Parquet file that another thread writes. Whoever lets go of it waits for that thread.
pub(crate) struct Behind {
    /// Nothing after its end.
    at_work: Option<AtWork>,
    /// What the file is called in messages.
    name: PathBuf,
}

struct AtWork {
    batches: SyncSender<RecordBatch>,
    thread: JoinHandle<Result<Target, FileError>>,
}

impl Behind {
    /// Begins a file.
    pub(crate) fn new(target: Target) -> Result<Self, Failure> {
        let name = target.name();
        let mut file =
            ParquetDecisions::new(target).map_err(|error| Failure::file("write", &name, error.into()))?;
        let (batches, waiting) = sync_channel(WAITING);
        let thread = Builder::new().spawn(move || {
            waiting.iter().try_for_each(|batch| file.write(&batch))?;
            file.finish()
        });
        let thread = thread.map_err(|error| Failure::file("write", &name, error))?;
        Ok(Self { at_work: Some(AtWork { batches, thread }), name })
    }

    /// Hands a batch over. What went wrong with one before it is told now.
    pub(crate) fn write(&mut self, batch: RecordBatch) -> Result<(), Failure> {
        match &self.at_work {
            Some(AtWork { batches, .. }) if batches.send(batch).is_ok() => Ok(()),
            _ => self.end().map(drop),
        }
    }

    /// Waits until all is written.
    pub(crate) fn finish(mut self) -> Result<Target, Failure> {
        self.end()
    }

    fn end(&mut self) -> Result<Target, Failure> {
        let ended = || Failure::output(io::Error::other("nothing more is written after a failure"));
        let AtWork { batches, thread } = self.at_work.take().ok_or_else(ended)?;
        drop(batches);
        let written = thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        written.map_err(|error| Failure::file("write", &self.name, error.into()))
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        if let Some(AtWork { batches, thread }) = self.at_work.take() {
            // So that a temporary file is gone before the command ends. What went wrong is told elsewhere by then.
            drop(batches);
            drop(thread.join());
        }
    }
}
