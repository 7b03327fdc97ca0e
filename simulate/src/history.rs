//! What all programs of a simulation decide besides the actions, and from where they begin.

use accrue::facts::Adjustment;
use accrue::time::Timestamp;
use accrue::{Counters, Program, Reference};
use chrono::NaiveDate;

/// Everything that a simulation decides by besides the actions: the same for all programs, and in the same order as `accrue run`.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// The reference facts.
    pub reference: &'a Reference,
    /// The counters before the first action. `None` begins from nothing.
    pub counters: Option<&'a Counters>,
    /// What happened to the actions afterwards, in the order of (occurred-at, id).
    pub adjustments: &'a [Adjustment],
    /// Whether periods of bonuses are closed on the way, each before the first action after it.
    pub close: bool,
    /// The date at whose end the simulation stops: holds that end until then are released, and with `close` periods closed.
    pub as_of: Option<NaiveDate>,
}

impl<'a> History<'a> {
    /// Returns a history of actions alone, which begins from nothing.
    pub fn new(reference: &'a Reference) -> Self {
        Self { reference, counters: None, adjustments: &[], close: false, as_of: None }
    }

    /// Returns the moment at which the simulation stops, if that was asked for.
    pub(crate) fn until(&self, program: &Program) -> Option<Timestamp> {
        self.as_of.and_then(|date| date.succ_opt()).map(|next| program.zone().start_of(next))
    }
}
