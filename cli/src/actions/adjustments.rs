//! Reads the adjustments of a run: all of them before the first action, since they are few, and in the order in which they happened.

use accrue::decide::AdjustError;
use accrue::facts::{
    Adjustment, AdjustmentRecord, CsvAdjustments, FactError, FactErrors, JsonlAdjustments, Reject,
};
use accrue::limits::Limits;
use indicatif::ProgressBar;

use super::input::{FileFormat, Input};
use crate::exit::Failure;

/// An adjustment, and the line that it was read from.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    pub(crate) input: &'a Input,
    pub(crate) record: AdjustmentRecord,
}

/// The adjustments of all inputs, and the lines that are none.
#[derive(Debug, Default)]
pub(crate) struct Adjustments<'a> {
    /// In the order of (occurred-at, id).
    pub(crate) in_order: Vec<Placed<'a>>,
    pub(crate) rejects: Vec<(&'a Input, Reject)>,
}

impl<'a> Adjustments<'a> {
    fn add(&mut self, input: &'a Input, read: &mut dyn Iterator<Item = Result<AdjustmentRecord, Reject>>) {
        for line in read {
            match line {
                Ok(record) => self.in_order.push(Placed { input, record }),
                Err(reject) => self.rejects.push((input, reject)),
            }
        }
    }
}

impl Placed<'_> {
    pub(crate) fn adjustment(&self) -> &Adjustment {
        &self.record.adjustment
    }

    /// Returns the line as a reject with these errors.
    pub(crate) fn reject(&self, errors: FactErrors) -> Reject {
        let AdjustmentRecord { adjustment, line, text, .. } = &self.record;
        let errors = errors.0.into_iter().map(|error| error.on_line(*line)).collect();
        Reject {
            first_line: *line,
            complete: true,
            id: Some(adjustment.id.clone()),
            text: text.clone().into_bytes(),
            errors: FactErrors(errors),
        }
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
    let mut adjustments = Adjustments::default();
    for input in inputs {
        match input.format {
            FileFormat::Jsonl => {
                let mut lines = JsonlAdjustments::new(input.read(bar)?, limits);
                adjustments.add(input, &mut lines);
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
                adjustments.add(input, &mut rows);
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
    adjustments.in_order.sort_by(|a, b| {
        let key = |placed: &Placed<'_>| (placed.adjustment().occurred_at, placed.adjustment().id.clone());
        key(a).cmp(&key(b))
    });
    Ok(adjustments)
}
