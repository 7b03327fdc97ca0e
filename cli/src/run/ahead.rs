//! Reading ahead: a thread reads and checks actions while another decides those before them. What one side puts into a
//! [`Sink`] comes out of the other in the same order.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use accrue::facts::{FactErrors, Record, Reject};
use accrue_columnar::Rows;

use super::input::Input;
use super::stream::Sink;
use crate::exit::Failure;

/// Actions handed over at once: enough that handing over is not felt.
const BATCH_ACTIONS: usize = 64;
/// Bytes of text handed over at once. A batch of the longest lines still has only a few of them.
const BATCH_BYTES: usize = 1 << 20;
/// Batches that wait, so that neither side waits for a hiccup of the other.
const BATCHES: usize = 4;

/// What was read, in its order.
enum Read {
    Action(Record),
    Reject(Reject),
    Unreadable(FactErrors),
}

/// What was read of one input, by its number.
enum Batch {
    Reads(usize, Option<Arc<str>>, Vec<Read>),
    /// Rows of columns, and the number of the first.
    Rows(usize, u64, Rows),
}

/// Runs `produce` on a thread of its own, and gives what it puts into its sink to `sink` here. Returns what `produce`
/// returns, or why the sink failed.
pub(super) fn ahead<S: Sink, T: Send>(
    inputs: &[Input],
    sink: &mut S,
    produce: impl FnOnce(&mut Sender<'_>) -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    let (to, from) = sync_channel(BATCHES);
    // As many as there can be under way.
    let (back, spare) = sync_channel(BATCHES + 2);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut sender =
                Sender { inputs, to, spare, batch: Vec::new(), bytes: 0, input: 0, header: None };
            let produced = produce(&mut sender)?;
            sender.flush();
            Ok(produced)
        });
        let taken = take(inputs, sink, &from, &back);
        // A reader that is still at work finds nobody to read for, and ends.
        drop(from);
        let read = match reader.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        taken?;
        read
    })
}

fn take<S: Sink>(
    inputs: &[Input],
    sink: &mut S,
    from: &Receiver<Batch>,
    back: &SyncSender<Rows>,
) -> Result<(), Failure> {
    for batch in from {
        match batch {
            Batch::Reads(number, header, reads) => {
                let Some(input) = inputs.get(number) else { continue };
                let header = header.as_deref();
                for read in reads {
                    match read {
                        Read::Action(record) => {
                            if !sink.action(input, header, record)? {
                                return Ok(());
                            }
                        }
                        Read::Reject(reject) => sink.reject(input, header, reject)?,
                        Read::Unreadable(errors) => sink.unreadable(input, errors)?,
                    }
                }
            }
            Batch::Rows(number, first, rows) => {
                let Some(input) = inputs.get(number) else { continue };
                if !sink.rows(input, first, &rows)? {
                    return Ok(());
                }
                // Where there are spare rows enough, or nobody reads any more, these are dropped.
                let _ = back.try_send(rows);
            }
        }
    }
    Ok(())
}

/// The side that reads.
pub(super) struct Sender<'a> {
    inputs: &'a [Input],
    to: SyncSender<Batch>,
    spare: Receiver<Rows>,
    batch: Vec<Read>,
    bytes: usize,
    input: usize,
    header: Option<Arc<str>>,
}

impl Sender<'_> {
    /// Rows that were taken before, to be used again.
    pub(super) fn spare(&self) -> Rows {
        self.spare.try_recv().unwrap_or_default()
    }

    /// Puts rows of columns, the first of which has this number. `false` when nobody takes any more.
    pub(super) fn put_rows(&mut self, input: &Input, first: u64, rows: Rows) -> bool {
        if !self.flush() {
            return false;
        }
        let number = self.inputs.iter().position(|other| std::ptr::eq(other, input)).unwrap_or(0);
        self.to.send(Batch::Rows(number, first, rows)).is_ok()
    }

    /// `false` when nobody takes any more.
    fn put(&mut self, input: &Input, header: Option<&str>, bytes: usize, read: Read) -> bool {
        let same = self.inputs.get(self.input).is_some_and(|current| std::ptr::eq(current, input));
        if !same || self.header.as_deref() != header {
            if !self.flush() {
                return false;
            }
            self.input = self.inputs.iter().position(|other| std::ptr::eq(other, input)).unwrap_or(0);
            self.header = header.map(Arc::from);
        }
        self.bytes = self.bytes.saturating_add(bytes);
        self.batch.push(read);
        if self.batch.len() >= BATCH_ACTIONS || self.bytes >= BATCH_BYTES { self.flush() } else { true }
    }

    fn flush(&mut self) -> bool {
        if self.batch.is_empty() {
            return true;
        }
        let reads = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH_ACTIONS));
        self.bytes = 0;
        self.to.send(Batch::Reads(self.input, self.header.clone(), reads)).is_ok()
    }
}

impl Sink for Sender<'_> {
    fn action(&mut self, input: &Input, header: Option<&str>, record: Record) -> Result<bool, Failure> {
        let bytes = record.text.len();
        Ok(self.put(input, header, bytes, Read::Action(record)))
    }

    fn reject(&mut self, input: &Input, header: Option<&str>, reject: Reject) -> Result<(), Failure> {
        // Where nobody takes rejects any more, the next action ends the stream.
        self.put(input, header, reject.text.len(), Read::Reject(reject));
        Ok(())
    }

    fn unreadable(&mut self, input: &Input, errors: FactErrors) -> Result<(), Failure> {
        self.put(input, None, 0, Read::Unreadable(errors));
        Ok(())
    }
}
