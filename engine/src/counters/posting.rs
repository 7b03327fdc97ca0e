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
    /// The sum of commissionable amounts in the counter's currency, to [`COUNTED_DECIMALS`](super::COUNTED_DECIMALS) decimals.
    pub revenue: Money,
    /// The sum of payouts after limits in the counter's currency. Includes held payouts.
    pub payouts: Money,
}

impl Sums {
    /// Returns the sum of these sums and others.
    pub(crate) fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        let add = |a: i64, b: i64| a.checked_add(b).ok_or(ArithmeticError::Overflow);
        Ok(Self {
            actions: add(self.actions, other.actions)?,
            paid_actions: add(self.paid_actions, other.paid_actions)?,
            revenue: self.revenue.add(other.revenue)?,
            payouts: self.payouts.add(other.payouts)?,
        })
    }

    /// Returns these sums, zero in place of each that is negative.
    #[must_use]
    pub(crate) fn or_zero(self) -> Self {
        Self {
            actions: self.actions.max(0),
            paid_actions: self.paid_actions.max(0),
            revenue: self.revenue.max(Money::ZERO),
            payouts: self.payouts.max(Money::ZERO),
        }
    }

    /// Returns these sums with the opposite sign.
    #[must_use]
    pub(crate) fn negated(self) -> Self {
        Self {
            actions: self.actions.saturating_neg(),
            paid_actions: self.paid_actions.saturating_neg(),
            revenue: Money(-self.revenue.0),
            payouts: Money(-self.payouts.0),
        }
    }
}

/// What one counter has counted under one key at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CounterEntry {
    /// The counter.
    pub counter: CounterId,
    /// The key.
    pub key: CounterKey,
    /// The calendar period; in a counter over rolling days, the moment.
    pub at: CountedAt,
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
}
