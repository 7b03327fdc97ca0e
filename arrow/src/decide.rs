//! Decides the rows of a record batch.

use accrue::counters::CounterError;
use accrue::facts::FactErrors;
use accrue::{Counters, Decision, Program, Reference};
use arrow_array::RecordBatch;
use thiserror::Error;

use crate::actions::{ActionColumns, Rows};

/// Why no row of a batch can be decided.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The columns cannot be used.
    #[error(transparent)]
    Columns(#[from] FactErrors),
    /// The counters belong to another program.
    #[error(transparent)]
    Counters(#[from] CounterError),
}

/// Decides the actions of a record batch on the same counters, each row as [`Program::decide_batch`] decides an action. The
/// decisions are in the order of the rows. A row that is not a valid action of the program has an error of its own.
///
/// # Errors
///
/// [`BatchError::Columns`] when the columns cannot be used, [`BatchError::Counters`] when the counters belong to another program.
///
/// A host that has many batches of one schema, or that records each action before the next, finds the columns once with
/// [`ActionColumns`] and reuses [`Rows`].
///
/// ```
/// use std::sync::Arc;
/// use accrue::{Engine, Reference, Source};
/// use accrue_arrow::{DecisionColumns, decide_batch};
/// use arrow_array::{ArrayRef, Decimal128Array, RecordBatch, StringArray};
///
/// let source = Source::from_files([
///     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
///     ("contracts/standard.toml", r#"
///         contract = "standard"
///         version = 1
///         effective_from = 2026-01-01
///
///         [payout.default]
///         rate = "8%"
///     "#),
/// ]);
/// let program = Engine::default().load(&source)?;
///
/// let text = |texts: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from_iter_values(texts)) };
/// let cents = Decimal128Array::from(vec![11_700, 5_000]).with_precision_and_scale(18, 2)?;
/// let batch = RecordBatch::try_from_iter([
///     ("id", text(["a1", "a2"])),
///     ("event_type", text(["sale", "sale"])),
///     ("occurred_at", text(["2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z"])),
///     ("amount", Arc::new(cents)),
/// ])?;
///
/// let decisions = decide_batch(&program, &batch, &Reference::default(), &program.counters())?;
///
/// let mut columns = DecisionColumns::new();
/// for decision in decisions {
///     columns.push(&decision?)?;
/// }
/// let decided: RecordBatch = columns.finish()?;
/// assert_eq!(decided.num_rows(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide_batch(
    program: &Program,
    batch: &RecordBatch,
    reference: &Reference,
    counters: &Counters,
) -> Result<Vec<Result<Decision, FactErrors>>, BatchError> {
    let mut rows = Rows::default();
    ActionColumns::of(&batch.schema(), program.limits())?.read(batch, &mut rows);
    let (actions, faults) = rows.into_actions();
    let mut decisions = program.decide_batch(&actions, reference, counters)?.into_iter();
    let mut faults = faults.into_iter().peekable();
    let answers =
        (0..batch.num_rows()).filter_map(|row| match faults.next_if(|(faulty, _)| *faulty == row) {
            Some((_, errors)) => Some(Err(errors)),
            None => decisions.next(),
        });
    Ok(answers.collect())
}
