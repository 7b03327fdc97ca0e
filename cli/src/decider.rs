//! Decides actions and records the decisions. No other file of the command line changes the totals.

use accrue::facts::{FactError, FactErrors};
use accrue::{Action, Decision, Program, Reference, Totals};

/// Decides actions, which must come in the order of (occurred-at, id).
pub(crate) struct Decider<'a> {
    program: &'a Program,
    reference: &'a Reference,
    totals: Totals,
}

impl<'a> Decider<'a> {
    /// Returns a decider with nothing recorded.
    pub(crate) fn new(program: &'a Program, reference: &'a Reference) -> Self {
        Self { program, reference, totals: program.totals() }
    }

    /// Decides an action and records the decision. With `trace`, the decision has the values that every rule saw.
    ///
    /// # Errors
    ///
    /// The action is not valid for this program, or it comes before the last one.
    pub(crate) fn decide(&mut self, action: &Action, trace: bool) -> Result<Decision, FactErrors> {
        let decision = if trace {
            self.program.explain(action, self.reference, &self.totals)?
        } else {
            self.program.decide(action, self.reference, &self.totals)?
        };
        match self.program.record(&mut self.totals, action, &decision) {
            Ok(()) => Ok(decision),
            Err(error) => Err(FactError::field("occurred_at", error.to_string()).into()),
        }
    }
}
