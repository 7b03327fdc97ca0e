//! Reads the adjustments of a run: all of them before the first action, since they are few, and in the order in which they happened.

use accrue::facts::{Adjustment, AdjustmentRecord, FactErrors, JsonlAdjustments, Reject};
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

/// Reads the adjustments of all inputs.
pub(crate) fn read_adjustments<'a>(
    inputs: &'a [Input],
    limits: &Limits,
    bar: &ProgressBar,
) -> Result<Adjustments<'a>, Failure> {
    let mut adjustments = Adjustments::default();
    for input in inputs {
        if input.format != FileFormat::Jsonl {
            return Err(Failure::usage(
                format!("`{}` is not a .jsonl file, and adjustments are read from JSON Lines", input.shown),
                "write one adjustment a line, such as `{\"id\": \"r1\", \"adjusts\": \"a1\", \"kind\": \"reversal\", …}`",
            ));
        }
        let mut lines = JsonlAdjustments::new(input.read(bar)?, limits);
        for line in &mut lines {
            match line {
                Ok(record) => adjustments.in_order.push(Placed { input, record }),
                Err(reject) => adjustments.rejects.push((input, reject)),
            }
        }
        if let Some(error) = lines.failure() {
            return Err(input.failed(std::io::Error::new(error.kind(), error.to_string())));
        }
    }
    adjustments.in_order.sort_by(|a, b| {
        let key = |placed: &Placed<'_>| (placed.adjustment().occurred_at, placed.adjustment().id.clone());
        key(a).cmp(&key(b))
    });
    Ok(adjustments)
}
