//! What a draft changes, with the bounds that were checked, ready to be shown.

use accrue::money::ArithmeticError;
use accrue_simulate::{Checked, Checks, Comparison};
use serde::Serialize;

/// A comparison with the bounds that were checked, ready to be shown.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    #[serde(flatten)]
    pub(super) comparison: &'a Comparison,
    /// Empty if nothing was to be checked.
    pub(super) checks: Vec<Checked>,
    /// How many partners are listed for people.
    #[serde(skip)]
    pub(super) rows: usize,
}

impl<'a> Report<'a> {
    /// Checks the bounds.
    pub(crate) fn new(
        comparison: &'a Comparison,
        rows: usize,
        checks: Checks,
    ) -> Result<Self, ArithmeticError> {
        Ok(Self { comparison, checks: checks.check(comparison)?, rows })
    }

    /// Returns whether the draft keeps to all bounds.
    pub(crate) fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}
