//! Reads the adjustments of a run: all of them before the first action, since they are few, and in the order in which they happened.

use std::sync::Arc;

use accrue::decide::AdjustError;
use accrue::facts::{
    Adjustment, AdjustmentRecord, CsvAdjustments, FactError, FactErrors, JsonlAdjustments, Reject,
};
use accrue::limits::Limits;
use accrue_history::Adjustments as InOrder;
use indicatif::ProgressBar;

use super::input::{FileFormat, Input};
use crate::exit::Failure;

/// The line that an adjustment was read from.
#[derive(Debug)]
struct Place<'a> {
    input: &'a Input,
    line: u64,
    text: String,
}

/// The adjustments of all inputs, and the lines that are none.
#[derive(Debug)]
pub(crate) struct Adjustments<'a> {
    /// In the order of (occurred-at, id).
    pub(crate) in_order: Arc<InOrder>,
    /// The place of each of them.
    places: Vec<Place<'a>>,
    pub(crate) rejects: Vec<(&'a Input, Reject)>,
}

/// The lines of the inputs, as they are read.
#[derive(Default)]
struct Lines<'a> {
    adjustments: Vec<(Adjustment, Place<'a>)>,
    rejects: Vec<(&'a Input, Reject)>,
}

impl<'a> Lines<'a> {
    fn add(&mut self, input: &'a Input, read: &mut dyn Iterator<Item = Result<AdjustmentRecord, Reject>>) {
        for line in read {
            match line {
                Ok(AdjustmentRecord { adjustment, line, text, .. }) => {
                    self.adjustments.push((adjustment, Place { input, line, text }));
                }
                Err(reject) => self.rejects.push((input, reject)),
            }
        }
    }
}

impl<'a> Adjustments<'a> {
    /// Returns the line of the adjustment with this index as a reject with these errors, and its input.
    pub(crate) fn reject(&self, index: usize, errors: FactErrors) -> Option<(&'a Input, Reject)> {
        let Place { input, line, text } = self.places.get(index)?;
        let errors = errors.0.into_iter().map(|error| error.on_line(*line)).collect();
        let reject = Reject {
            first_line: *line,
            complete: true,
            id: self.in_order.as_slice().get(index).map(|adjustment| adjustment.id.clone()),
            text: text.clone().into_bytes(),
            errors: FactErrors(errors),
        };
        Some((input, reject))
    }
}

/// Returns why an adjustment is refused, for its line; its code comes first.
pub(crate) fn refused(error: AdjustError) -> FactErrors {
    match error {
        AdjustError::Facts(errors) => errors,
        error => FactError::whole(format!("{}: {error}", error.code())).into(),
    }
}

/// Reads the adjustments of all inputs.
pub(crate) fn read_adjustments<'a>(
    inputs: &'a [Input],
    limits: &Limits,
    bar: &ProgressBar,
) -> Result<Adjustments<'a>, Failure> {
    let mut read = Lines::default();
    for input in inputs {
        match input.format {
            FileFormat::Jsonl => {
                let mut lines = JsonlAdjustments::new(input.read(bar)?, limits);
                read.add(input, &mut lines);
                input.check(lines.failure())?;
            }
            FileFormat::Csv => {
                let rows = CsvAdjustments::new(input.read(bar)?, limits);
                let mut rows = rows.map_err(|errors| {
                    let message = format!("`{}` cannot be read as adjustments: {errors}", input.shown);
                    Failure::usage(
                        message,
                        "its header names the columns `id`, `adjusts`, `kind`, `occurred_at` and others",
                    )
                })?;
                if let Some(zone) = input.zone {
                    rows = rows.in_zone(zone);
                }
                input.header.get_or_init(|| rows.header().to_owned());
                read.add(input, &mut rows);
                input.check(rows.failure())?;
            }
            FileFormat::Parquet => {
                return Err(Failure::usage(
                    format!(
                        "`{}` is a Parquet file, and adjustments are read from JSON Lines and CSV",
                        input.shown
                    ),
                    "write one adjustment a line, such as `{\"id\": \"r1\", \"adjusts\": \"a1\", \"kind\": \"reversal\", …}`",
                ));
            }
        }
    }
    let Lines { mut adjustments, rejects } = read;
    adjustments.sort_by(|(a, _), (b, _)| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
    // They are in their order already, so each keeps its index.
    let (adjustments, places): (Vec<_>, Vec<_>) = adjustments.into_iter().unzip();
    Ok(Adjustments { in_order: Arc::new(InOrder::new(adjustments)), places, rejects })
}
