//! Batches of actions enter; decisions leave in the same order, made by a few threads as one alone would make them.
//!
//! A batch stays with one thread from its first line to its last byte, so that it is near that thread's processor. It is
//! read, decided, encoded and written. While one thread decides, another one encodes the batch before or reads the one
//! after: all but encoding is for one thread at a time, in the order of the batches, since a decision may depend on every
//! decision before it.

use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

use super::decider::Decider;
use crate::actions::input::Input;
use crate::actions::stream::{AsTheyCome, Batch};
use crate::exit::Failure;
use crate::output::decisions::{Output, OutputFormat, Piece};

/// More threads than this have nothing to do: deciding takes a third of the time, and is for one at a time.
const MOST_THREADS: usize = 3;

/// Decides all that is read. `false` where it was not in order: then what was decided is void.
pub(crate) fn decide_in_turns(
    reader: AsTheyCome<'_>,
    decider: &mut Decider<'_>,
    output: Option<(OutputFormat, &mut Output)>,
) -> Result<bool, Failure> {
    let (format, output) = output.unzip();
    let turns = Turns {
        reading: Mutex::new(Reading { reader, read: 0, is_over: false }),
        deciding: Stage::new(decider),
        writing: Stage::new(output),
        format,
    };
    let others = available_parallelism().map_or(1, usize::from).min(MOST_THREADS).saturating_sub(1);
    let mut failures = Vec::new();
    scope(|scope| {
        let work = || turns.work();
        // With fewer threads it only takes longer.
        let others: Vec<_> =
            (0..others).map_while(|_| Builder::new().spawn_scoped(scope, work).ok()).collect();
        failures.extend(work().err());
        for other in others {
            failures.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)).err());
        }
    });
    // The one that a single thread would have met.
    match failures.into_iter().min_by_key(|(batch, _)| *batch) {
        Some((_, failure)) => Err(failure),
        None => turns.reading.into_inner().unwrap_or_else(PoisonError::into_inner).reader.was_in_order(),
    }
}

/// What the threads share.
struct Turns<'r, 's, 'a> {
    reading: Mutex<Reading<'r>>,
    deciding: Stage<&'s mut Decider<'a>>,
    writing: Stage<Option<&'s mut Output>>,
    format: Option<OutputFormat>,
}

struct Reading<'r> {
    reader: AsTheyCome<'r>,
    /// Batches that were read: the number of the next one.
    read: u64,
    is_over: bool,
}

/// Something that batches go through one by one, in their order.
struct Stage<T> {
    state: Mutex<State<T>>,
    moved: Condvar,
}

struct State<T> {
    /// The number of the batch whose turn it is; of none after a failure.
    turn: Option<u64>,
    with: T,
}

impl<T> Stage<T> {
    fn new(with: T) -> Self {
        Self { state: Mutex::new(State { turn: Some(0), with }), moved: Condvar::new() }
    }

    /// Waits for a batch's turn and takes it. `false` when it does not come, since one before it failed.
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

    /// No batch has a turn any more.
    fn end(&self) {
        lock(&self.state).turn = None;
        self.moved.notify_all();
    }
}

/// A thread that panicked has ended all turns, so that nobody uses what it left behind.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A batch on its way. If it is let go of before it is through, by a failure or a panic, all turns end: those who wait for
/// this one would wait for ever.
struct Passage<'t, 'r, 's, 'a> {
    turns: &'t Turns<'r, 's, 'a>,
    is_through: bool,
}

impl Drop for Passage<'_, '_, '_, '_> {
    fn drop(&mut self) {
        if !self.is_through {
            lock(&self.turns.reading).is_over = true;
            self.turns.deciding.end();
            self.turns.writing.end();
        }
    }
}

impl<'r> Turns<'r, '_, '_> {
    /// Takes batches through all stages, until none is left. A failure comes with the number of its batch.
    fn work(&self) -> Result<(), (u64, Failure)> {
        let (mut batch, mut decisions) = (Batch::new(), Vec::new());
        let mut piece = self.format.map(Piece::new);
        while let Some((number, input)) = self.read(&mut batch)? {
            let mut passage = Passage { turns: self, is_through: false };
            let through = (|| {
                let decided =
                    |decider: &mut &mut Decider<'_>| decider.decide_all(input, &batch, &mut decisions);
                if !self.deciding.take_turn(number, decided)? {
                    return Ok(false);
                }
                let Some(piece) = &mut piece else { return Ok(true) };
                decisions.drain(..).try_for_each(|decision| piece.add(&decision))?;
                self.writing.take_turn(number, |output| match output {
                    Some(output) => output.write(piece),
                    None => Ok(()),
                })
            })();
            passage.is_through = matches!(through, Ok(true));
            decisions.clear();
            if !through.map_err(|failure| (number, failure))? {
                break;
            }
        }
        Ok(())
    }

    /// The next batch and its number. Those before a failure still go through.
    fn read(&self, batch: &mut Batch) -> Result<Option<(u64, &'r Input)>, (u64, Failure)> {
        let mut reading = lock(&self.reading);
        if reading.is_over {
            return Ok(None);
        }
        let number = reading.read;
        let next = reading.reader.next(batch);
        reading.read = number.saturating_add(1);
        reading.is_over = !matches!(next, Ok(Some(_)));
        match next {
            Ok(input) => Ok(input.map(|input| (number, input))),
            Err(failure) => Err((number, failure)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io;

    use super::*;

    /// Takes twelve turns in four threads and gives the batches that had theirs, in the order in which they had it.
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
    fn after_a_failure_nobody_has_a_turn_and_nobody_waits() {
        let fails = |batch| match batch {
            5 => Err(Failure::output(io::Error::other("full"))),
            _ => Ok(()),
        };
        assert_eq!(turns(fails), (0..=5).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_a_turn_that_was_ended() {
        let stage = Stage::new(());
        stage.end();
        assert!(matches!(stage.take_turn(7, |()| Ok(())), Ok(false)));
    }
}
