//! Postings: the signed movements of counters that recording a decision makes.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::{CounterId, CounterKey};
use crate::money::{ArithmeticError, Money};
use crate::time::Timestamp;

/// One signed movement of one counter.
///
/// A decision lists the postings that recording it makes ([`Decision::postings`](crate::decide::Decision::postings)).
/// [`Counters::apply`](super::Counters::apply) records that list and needs neither the action nor the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Posting {
    /// The counter that changes.
    pub counter: CounterId,
    /// The key under which it counts.
    pub key: CounterKey,
    /// The period or moment at which it counts.
    pub at: CountedAt,
    /// What the actions of this posting are told apart by, such as the id of the customer, in a counter of distinct values. `None`
    /// in other counters, and if the action does not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<String>,
    /// The signed amounts and numbers of actions to add.
    #[serde(flatten)]
    pub sums: Sums,
}

impl Posting {
    /// Returns the posting that takes this posting back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { sums: self.sums.negated(), ..self.clone() }
    }
}

/// When a movement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedAt {
    /// In the calendar period that begins on this date.
    Period(#[schemars(with = "String")] NaiveDate),
    /// At this moment, in a counter over rolling days.
    Moment(Timestamp),
    /// In a counter over the life of a contract or over all time.
    Always,
}

/// What a counter has counted, or one movement of a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sums {
    /// The number of actions that count.
    pub actions: i64,
    /// The number of actions with a payout above zero.
    pub paid_actions: i64,
    /// The number of units: the quantities of the lines that count. An action without items is one unit.
    pub units: i64,
    /// The sum of commissionable amounts in the counter's currency, to [`COUNTED_DECIMALS`](super::COUNTED_DECIMALS) decimals. In
    /// the counter of a total with a `measure`, the sum of the measure instead.
    pub revenue: Money,
    /// The sum of payouts after limits in the counter's currency. Includes held payouts.
    pub payouts: Money,
    /// The part of `payouts` that was payable, and not held, when it was decided.
    pub payable: Money,
}

impl Sums {
    /// Returns the sum of these sums and others.
    pub(crate) fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        let add = |a: i64, b: i64| a.checked_add(b).ok_or(ArithmeticError::Overflow);
        Ok(Self {
            actions: add(self.actions, other.actions)?,
            paid_actions: add(self.paid_actions, other.paid_actions)?,
            units: add(self.units, other.units)?,
            revenue: self.revenue.add(other.revenue)?,
            payouts: self.payouts.add(other.payouts)?,
            payable: self.payable.add(other.payable)?,
        })
    }

    /// Returns these sums, zero in place of each that is negative.
    #[must_use]
    pub(crate) fn or_zero(self) -> Self {
        Self {
            actions: self.actions.max(0),
            paid_actions: self.paid_actions.max(0),
            units: self.units.max(0),
            revenue: self.revenue.max(Money::ZERO),
            payouts: self.payouts.max(Money::ZERO),
            payable: self.payable.max(Money::ZERO),
        }
    }

    /// Returns these sums with the opposite sign.
    #[must_use]
    pub(crate) fn negated(self) -> Self {
        let Self { actions, paid_actions, units, revenue, payouts, payable } = self;
        Self {
            actions: actions.saturating_neg(),
            paid_actions: paid_actions.saturating_neg(),
            units: units.saturating_neg(),
            revenue: Money(-revenue.0),
            payouts: Money(-payouts.0),
            payable: Money(-payable.0),
        }
    }
}

/// What one counter has counted under one key at one time. In a counter of distinct values, the entries of one key and time add up
/// to what was counted: one for each value, with its actions, and one for all else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CounterEntry {
    /// The counter.
    pub counter: CounterId,
    /// The key.
    pub key: CounterKey,
    /// The calendar period; in a counter over rolling days, the moment.
    pub at: CountedAt,
    /// The value that the actions of this entry have in common, in a counter of distinct values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<String>,
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
}
