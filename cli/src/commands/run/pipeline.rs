//! Decides batches of actions on a few threads, with the same result as on one thread.
//!
//! A batch stays with one thread while it is read, decided, encoded and written, so that it stays in the cache of that
//! thread's processor. While one thread decides a batch, another thread encodes the batch before or reads the one after.
//! Reading, deciding and writing are done by one thread at a time and in the order of the batches, since a decision may
//! depend on every decision before it.

use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

use super::processor::Processor;
use crate::actions::batch::Batch;

use crate::actions::stream::ActionStream;
use crate::exit::Failure;
use crate::output::decisions::{DecisionWriter, Encoder, Encoding};

/// The most threads. More would be idle: deciding takes a third of the time, and is done by one thread at a time.
const MOST_THREADS: usize = 3;

/// Decides all batches of a stream. Returns whether they were in order; if not, the decisions are void.
pub(super) fn decide_all(
    stream: ActionStream<'_>,
    processor: &mut Processor<'_>,
    mut writer: Option<&mut DecisionWriter>,
) -> Result<bool, Failure> {
    let encoding = writer.as_ref().map(|writer| writer.encoding());
    let pipeline = Pipeline {
        reading: Mutex::new(Reading { stream, read: 0, is_over: false }),
        deciding: Stage::new(&mut *processor),
        encoding,
        writing: Stage::new(writer.as_deref_mut()),
    };
    let others = available_parallelism().map_or(1, usize::from).min(MOST_THREADS).saturating_sub(1);
    let mut failures = Vec::new();
    scope(|scope| {
        let work = || pipeline.work();
        // If a thread cannot be started, the others do its work.
        let others: Vec<_> =
            (0..others).map_while(|_| Builder::new().spawn_scoped(scope, work).ok()).collect();
        failures.extend(work().err());
        for other in others {
            failures.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)).err());
        }
    });
    // The failure of the first batch is the one that a single thread would have met.
    if let Some((_, failure)) = failures.into_iter().min_by_key(|(batch, _)| *batch) {
        return Err(failure);
    }
    let stream = pipeline.reading.into_inner().unwrap_or_else(PoisonError::into_inner).stream;
    if !stream.was_in_order()? {
        return Ok(false);
    }
    let mut decisions = Vec::new();
    processor.conclude(&mut decisions)?;
    if let Some((writer, encoding)) = writer.zip(encoding) {
        let mut encoder = Encoder::new(encoding);
        decisions.into_iter().try_for_each(|decision| encoder.add(decision))?;
        writer.write(&mut encoder)?;
    }
    Ok(true)
}

/// The stages, which the threads share.
struct Pipeline<'r, 's, 'a> {
    reading: Mutex<Reading<'r>>,
    deciding: Stage<&'s mut Processor<'a>>,
    /// `None` if decisions are not written.
    encoding: Option<Encoding>,
    writing: Stage<Option<&'s mut DecisionWriter>>,
}

struct Reading<'r> {
    stream: ActionStream<'r>,
    /// The number of batches that were read, which is the number of the next batch.
    read: u64,
    is_over: bool,
}

/// A step that batches take one at a time, in their order.
struct Stage<T> {
    state: Mutex<State<T>>,
    moved: Condvar,
}

struct State<T> {
    /// The number of the batch whose turn it is. `None` after a failure.
    turn: Option<u64>,
    with: T,
}

impl<T> Stage<T> {
    fn new(with: T) -> Self {
        Self { state: Mutex::new(State { turn: Some(0), with }), moved: Condvar::new() }
    }

    /// Waits for the turn of a batch and does its work. Returns `false` if the turn never comes, because an earlier batch
    /// failed.
    fn take_turn(
        &self,
        batch: u64,
        work: impl FnOnce(&mut T) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let others = |state: &mut State<T>| state.turn.is_some_and(|turn| turn != batch);
        let mut state =
            self.moved.wait_while(lock(&self.state), others).unwrap_or_else(PoisonError::into_inner);
        if state.turn.is_none() {
            return Ok(false);
        }
        let worked = work(&mut state.with);
        state.turn = worked.is_ok().then(|| batch.saturating_add(1));
        drop(state);
        self.moved.notify_all();
        worked.map(|()| true)
    }

    /// Ends the stage: no batch has a turn any more.
    fn end(&self) {
        lock(&self.state).turn = None;
        self.moved.notify_all();
    }
}

/// Locks a mutex, even if a thread panicked while it held the lock. That thread has ended all stages, so that no other
/// thread uses what it left behind.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Guards a batch in flight. If it is dropped before the batch is through all stages (failure or panic), it ends all stages,
/// so that threads waiting for their turn do not deadlock.
struct BatchGuard<'p, 'r, 's, 'a> {
    pipeline: &'p Pipeline<'r, 's, 'a>,
    is_through: bool,
}

impl Drop for BatchGuard<'_, '_, '_, '_> {
    fn drop(&mut self) {
        if !self.is_through {
            lock(&self.pipeline.reading).is_over = true;
            self.pipeline.deciding.end();
            self.pipeline.writing.end();
        }
    }
}

impl<'r> Pipeline<'r, '_, '_> {
    /// Takes batches through all stages until none is left. A failure comes with the number of its batch.
    fn work(&self) -> Result<(), (u64, Failure)> {
        let (mut batch, mut decisions) = (Batch::new(), Vec::new());
        let mut encoder = self.encoding.map(Encoder::new);
        while let Some(number) = self.read(&mut batch)? {
            let mut guard = BatchGuard { pipeline: self, is_through: false };
            let through = (|| {
                let decide = |processor: &mut &mut Processor<'_>| processor.decide(&batch, &mut decisions);
                if !self.deciding.take_turn(number, decide)? {
                    return Ok(false);
                }
                let Some(encoder) = &mut encoder else { return Ok(true) };
                decisions.drain(..).try_for_each(|decision| encoder.add(decision))?;
                self.writing.take_turn(number, |writer| match writer {
                    Some(writer) => writer.write(encoder),
                    None => Ok(()),
                })
            })();
            guard.is_through = matches!(through, Ok(true));
            decisions.clear();
            if !through.map_err(|failure| (number, failure))? {
                break;
            }
        }
        Ok(())
    }

    /// Reads the next batch and returns its number, or `None` at the end. Batches before a failure still go through.
    fn read(&self, batch: &mut Batch<'r>) -> Result<Option<u64>, (u64, Failure)> {
        let mut reading = lock(&self.reading);
        if reading.is_over {
            return Ok(None);
        }
        let number = reading.read;
        let next = reading.stream.next(batch);
        reading.read = number.saturating_add(1);
        reading.is_over = !matches!(next, Ok(true));
        match next {
            Ok(any) => Ok(any.then_some(number)),
            Err(failure) => Err((number, failure)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io;

    use super::*;

    /// Takes twelve turns on four threads. Returns the batches that had a turn, in the order of the turns.
    fn turns(work: impl Fn(u64) -> Result<(), Failure> + Sync) -> Vec<u64> {
        let stage = Stage::new(Vec::new());
        scope(|scope| {
            for thread in (0..4u64).rev() {
                let (stage, work) = (&stage, &work);
                scope.spawn(move || {
                    for batch in (thread..12).step_by(4) {
                        let took = stage.take_turn(batch, |had| {
                            had.push(batch);
                            work(batch)
                        });
                        if !matches!(took, Ok(true)) {
                            break;
                        }
                    }
                });
            }
        });
        stage.state.into_inner().unwrap().with
    }

    #[test]
    fn batches_have_their_turns_in_order() {
        assert_eq!(turns(|_| Ok(())), (0..12).collect::<Vec<_>>());
    }

    #[test]
    fn after_a_failure_no_batch_has_a_turn_and_no_thread_waits() {
        let fails = |batch| match batch {
            5 => Err(Failure::output(io::Error::other("full"))),
            _ => Ok(()),
        };
        assert_eq!(turns(fails), (0..=5).collect::<Vec<_>>());
    }

    #[test]
    fn no_thread_waits_for_a_stage_that_has_ended() {
        let stage = Stage::new(());
        stage.end();
        assert!(matches!(stage.take_turn(7, |()| Ok(())), Ok(false)));
    }
}
