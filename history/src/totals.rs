//! The data of a summary: every sum with what it is of, in rows that a host can put into a table.

use std::borrow::Cow;
use std::fmt;

use accrue::decide::{Award, Status};
use accrue::money::{ArithmeticError, Currency, Money};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// A month of the program's time zone, written as `2026-03`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// The month, from 1 to 12.
    pub month: u32,
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Month {
    fn schema_name() -> Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A month, such as `2026-03`.", "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" })
    }
}

/// A value for each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ByStatusOf{T}")]
pub struct ByStatus<T> {
    /// Of what is payable.
    pub payable: T,
    /// Of what is held.
    pub held: T,
    /// Of what is rejected.
    pub rejected: T,
    /// Of what is tracked and not paid.
    pub zero: T,
    /// Of what is taken back.
    pub reversed: T,
}

/// The statuses in the order of columns, which is that of the fields of [`ByStatus`].
pub const STATUSES: [Status; 5] =
    [Status::Payable, Status::Held, Status::Rejected, Status::Zero, Status::Reversed];

impl<T> ByStatus<T> {
    /// Returns the value of a status.
    pub fn get(&self, status: Status) -> &T {
        match status {
            Status::Payable => &self.payable,
            Status::Held => &self.held,
            Status::Rejected => &self.rejected,
            Status::Zero => &self.zero,
            Status::Reversed => &self.reversed,
        }
    }

    /// Returns the value of a status, to be changed.
    pub fn get_mut(&mut self, status: Status) -> &mut T {
        match status {
            Status::Payable => &mut self.payable,
            Status::Held => &mut self.held,
            Status::Rejected => &mut self.rejected,
            Status::Zero => &mut self.zero,
            Status::Reversed => &mut self.reversed,
        }
    }
}

/// The number of actions and their money, in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Totals {
    /// The number of actions by status: of the partner's award in the totals of a partner, of the decision in others. An action counts once,
    /// however many awards it has there.
    pub actions: ByStatus<u64>,
    /// The commissionable amounts of awards, by the status of the award.
    pub commissionable: ByStatus<Money>,
    /// The payouts of payable awards, bonuses included.
    pub payable: Money,
    /// The payouts of held awards, bonuses included.
    pub held: Money,
}

impl Totals {
    /// Returns the number of actions of all statuses.
    pub fn all(&self) -> u64 {
        STATUSES.iter().fold(0, |sum, status| sum.saturating_add(*self.actions.get(*status)))
    }

    /// Adds other totals.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a sum does not fit.
    pub fn merge(&mut self, other: &Self) -> Result<(), ArithmeticError> {
        for status in STATUSES {
            let actions = self.actions.get_mut(status);
            *actions = actions.saturating_add(*other.actions.get(status));
            let base = self.commissionable.get_mut(status);
            *base = base.add(*other.commissionable.get(status))?;
        }
        self.payable = self.payable.add(other.payable)?;
        self.held = self.held.add(other.held)?;
        Ok(())
    }

    /// Adds the money of an award.
    pub(crate) fn add(&mut self, award: &Award) -> Result<(), ArithmeticError> {
        let base = self.commissionable.get_mut(award.status);
        *base = base.add(award.base)?;
        self.payable = self.payable.add(award.payable())?;
        self.held = self.held.add(award.held())?;
        Ok(())
    }

    /// Adds what a bonus changes.
    pub(crate) fn change(&mut self, award: &Award, change: Money) -> Result<(), ArithmeticError> {
        let sum = if award.status == Status::Held { &mut self.held } else { &mut self.payable };
        *sum = sum.add(change)?;
        Ok(())
    }
}

/// A number of actions, and money in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Tally {
    /// The number of actions.
    pub actions: u64,
    /// The commissionable amount of awards; the reported amount of actions that nobody is credited for.
    pub amount: Money,
    /// The payout on hold.
    pub held: Money,
}

/// All sums of a [`Summary`](crate::Summary).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SummaryData {
    /// The number of decided actions.
    pub actions: u64,
    /// The sums of each currency.
    pub currencies: Vec<CurrencyTotals>,
    /// The sums of each partner in each month, in the order of (currency, month, partner).
    pub partner_months: Vec<PartnerMonth>,
    /// What each payout group pays for actions, in the order of (contract, group, currency).
    pub groups: Vec<GroupTotal>,
    /// What each limit takes off, in the order of (limit, currency).
    pub limits: Vec<LimitTotal>,
    /// What each limit takes off each partner, in the order of (limit, currency, partner).
    pub partner_limits: Vec<PartnerLimitTotal>,
    /// Why actions are not simply payable, in the order of (reason, status, currency).
    pub reasons: Vec<ReasonTotal>,
    /// The partners who are reported and not credited, in the order of (partner, reason, currency).
    pub uncredited: Vec<UncreditedTotal>,
    /// What each bonus pays, in the order of (contract, bonus, currency).
    pub bonuses: Vec<BonusTotal>,
    /// The notices, in the order of their codes.
    pub notices: Vec<NoticeTotal>,
}

/// The sums of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CurrencyTotals {
    /// The currency.
    pub currency: Currency,
    /// Over all partners and months. An action that partners share is one.
    #[serde(flatten)]
    pub totals: Totals,
    /// By month, in order.
    pub months: Vec<MonthTotals>,
    /// By partner over all months, the highest payable payout first.
    pub partners: Vec<PartnerTotals>,
}

/// The sums of one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct MonthTotals {
    /// The month.
    pub month: Month,
    /// Over all partners. An action that partners share is one.
    #[serde(flatten)]
    pub totals: Totals,
}

/// The sums of one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerTotals {
    /// The partner; `None` for actions that nobody is credited for.
    pub partner: Option<String>,
    /// Over all months.
    #[serde(flatten)]
    pub totals: Totals,
}

/// The sums of one partner in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerMonth {
    /// The month.
    pub month: Month,
    /// The partner; `None` for actions that nobody is credited for.
    pub partner: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// Of the month.
    #[serde(flatten)]
    pub totals: Totals,
}

/// What one payout group pays for actions. The groups and the bonuses together pay what partners are paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct GroupTotal {
    /// The contract.
    pub contract: String,
    /// The group, as awards name it: `default` for the default payout, `participation` for the participation bonus, `level 1` for what
    /// a parent is paid.
    pub group: String,
    /// The currency.
    pub currency: Currency,
    /// The number of actions that it pays for.
    pub actions: u64,
    /// What it pays that is payable.
    pub payable: Money,
    /// What it pays that is held.
    pub held: Money,
}

/// What one limit takes off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct LimitTotal {
    /// The limit.
    pub limit: String,
    /// The currency.
    pub currency: Currency,
    /// The number of actions whose payouts it cuts.
    pub actions: u64,
    /// What it takes off.
    pub cut: Money,
}

/// What one limit takes off one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerLimitTotal {
    /// The limit.
    pub limit: String,
    /// The partner.
    pub partner: String,
    /// The currency.
    pub currency: Currency,
    /// The number of actions for which it cuts the partner's payout.
    pub actions: u64,
    /// What it takes off.
    pub cut: Money,
}

/// The sums of one reason with one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ReasonTotal {
    /// The code of the reason. [`Program::reason_text`](accrue::Program::reason_text) has its meaning.
    pub reason: String,
    /// The status of the awards, or of the action if nobody is credited.
    pub status: Status,
    /// The currency.
    pub currency: Currency,
    /// The sums.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The sums of one partner who is reported and not credited, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct UncreditedTotal {
    /// The partner that was reported.
    pub partner: String,
    /// The code of the reason.
    pub reason: String,
    /// The currency.
    pub currency: Currency,
    /// The sums.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What one bonus pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BonusTotal {
    /// The contract.
    pub contract: String,
    /// The name of the bonus.
    pub bonus: String,
    /// The currency.
    pub currency: Currency,
    /// The number of decisions.
    pub decisions: u64,
    /// What it pays, held payouts included. It is in the payouts of partners, too.
    pub payout: Money,
}

/// How often a notice is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct NoticeTotal {
    /// The code of the notice. [`Program::reason_text`](accrue::Program::reason_text) has its meaning.
    pub notice: String,
    /// The number of actions.
    pub actions: u64,
}
