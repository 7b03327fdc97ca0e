//! The answer of a rule: verdicts, or payout verbs.

use rust_decimal::Decimal;

use crate::{Duration, Facts, Fault, Money};

/// A verdict, or a notice, with its reason code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the methods of `Verdicts` say what each does")]
pub enum Verdict {
    Reject(String),
    Hold(String, Option<Duration>),
    Zero(String),
    Flag(String),
    Notice(String),
}

/// The answer of a restriction. Reasons are codes that the program declares under `[reasons]`. All verdicts count and the
/// strictest wins; without a verdict the action passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts(pub Vec<Verdict>);

impl Verdicts {
    /// Rejects the action: it is never payable.
    pub fn reject(&mut self, reason: &str) {
        self.0.push(Verdict::Reject(reason.to_owned()));
    }

    /// Holds the action until a person decides.
    pub fn hold(&mut self, reason: &str) {
        self.0.push(Verdict::Hold(reason.to_owned(), None));
    }

    /// Holds the action until `duration` after it occurred.
    pub fn hold_for(&mut self, reason: &str, duration: Duration) {
        self.0.push(Verdict::Hold(reason.to_owned(), Some(duration)));
    }

    /// Tracks and counts the action, but pays nothing.
    pub fn zero(&mut self, reason: &str) {
        self.0.push(Verdict::Zero(reason.to_owned()));
    }

    /// Lets the action be payable, and marks it for a person.
    pub fn flag(&mut self, reason: &str) {
        self.0.push(Verdict::Flag(reason.to_owned()));
    }

    /// Gives the brand and the partner a notice.
    pub fn notice(&mut self, reason: &str) {
        self.0.push(Verdict::Notice(reason.to_owned()));
    }
}

/// A payout verb with its value, or a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the methods of `Payout` say what each does")]
pub enum Verb {
    Rate(Decimal),
    AddPoints(Decimal),
    Multiply(Decimal),
    Add(Money),
    AddPerUnit(Money),
    Notice(String),
}

/// The answer of a payout rule. Verbs take effect in their order; without a verb the payout group does not match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payout(pub Vec<Verb>);

impl Payout {
    /// Sets the rate: a fraction from 0 to 1, 0.08 for 8%.
    pub fn rate(&mut self, rate: Decimal) {
        self.0.push(Verb::Rate(rate));
    }

    /// Adds to the rate: a fraction from -1 to 1.
    pub fn add_points(&mut self, points: Decimal) {
        self.0.push(Verb::AddPoints(points));
    }

    /// Scales what was given so far by a factor from 0 to 1,000.
    pub fn multiply(&mut self, factor: Decimal) {
        self.0.push(Verb::Multiply(factor));
    }

    /// Adds an amount once, for the order or the item that the rule is evaluated for.
    pub fn add(&mut self, amount: Money) {
        self.0.push(Verb::Add(amount));
    }

    /// Adds an amount for each unit of the item.
    pub fn add_per_unit(&mut self, amount: Money) {
        self.0.push(Verb::AddPerUnit(amount));
    }

    /// Gives the brand and the partner a notice.
    pub fn notice(&mut self, reason: &str) {
        self.0.push(Verb::Notice(reason.to_owned()));
    }

    /// Returns what the verbs give on the facts, before rounding and limits and without other groups: for tests.
    ///
    /// # Errors
    ///
    /// [`Fault::Overflow`] when the result is too large.
    pub fn total(&self, facts: &Facts) -> Result<Money, Fault> {
        let (mut rate, mut points, mut added) = (Decimal::ZERO, Decimal::ZERO, Money::ZERO);
        let base = facts.item.as_ref().map_or(facts.action.base, |item| item.base);
        let units = facts.item.as_ref().map_or(1, |item| item.quantity);
        for verb in &self.0 {
            match verb {
                Verb::Rate(value) => rate = *value,
                Verb::AddPoints(value) => points = points.checked_add(*value).ok_or(Fault::Overflow)?,
                Verb::Multiply(factor) => {
                    rate = rate.checked_mul(*factor).ok_or(Fault::Overflow)?;
                    points = points.checked_mul(*factor).ok_or(Fault::Overflow)?;
                    added = added.times(*factor)?;
                }
                Verb::Add(amount) => added = added.plus(*amount)?,
                Verb::AddPerUnit(amount) => added = added.plus(amount.times(Decimal::from(units))?)?,
                Verb::Notice(_) => {}
            }
        }
        base.times(rate.checked_add(points).ok_or(Fault::Overflow)?)?.plus(added)
    }
}

impl Facts {
    /// Runs a payout rule on these facts and returns its answer: for tests.
    ///
    /// # Errors
    ///
    /// The fault that the rule returns.
    pub fn priced_by(
        &self,
        rule: impl FnOnce(&Self, &mut Payout) -> Result<(), Fault>,
    ) -> Result<Payout, Fault> {
        let mut payout = Payout::default();
        rule(self, &mut payout).map(|()| payout)
    }

    /// Runs a restriction on these facts and returns its answer: for tests.
    ///
    /// # Errors
    ///
    /// The fault that the rule returns.
    pub fn judged_by(
        &self,
        rule: impl FnOnce(&Self, &mut Verdicts) -> Result<(), Fault>,
    ) -> Result<Verdicts, Fault> {
        let mut verdicts = Verdicts::default();
        rule(self, &mut verdicts).map(|()| verdicts)
    }
}
