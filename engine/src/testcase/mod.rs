//! A test of a decision: the facts, the action and what happened to it, the sums that were counted before, and what is expected.
//!
//! `make` finds what a decision read and checks that the test decides the same; `expect` says what is expected of a decision. This
//! module knows how a test is written, and not how tests are run.

mod expect;
mod make;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::counters::{CountedAt, CounterId, CounterKey, Counters, Posting, Sums};
use crate::decide::{AdjustError, CloseError, Status};
use crate::facts::{Action, Adjustment, Reference};
use crate::money::Money;
use crate::time::Timestamp;
pub(crate) use make::make;

/// Something that happened to the subject of a test, with the counters as they were before it.
#[derive(Clone, Copy, Debug)]
pub struct Happened<'a> {
    /// What happened.
    pub event: Event<'a>,
    /// The counters before it.
    pub before: &'a Counters,
}

/// What happens in a test.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The action is decided.
    Action(&'a Action),
    /// The action is adjusted.
    Adjustment(&'a Adjustment),
    /// The periods that end until this date are closed.
    Close(NaiveDate),
}

/// Why there is no test of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TestCaseError {
    /// No decision about the subject was made.
    #[error("nothing that happened decides `{0}`")]
    NoDecision(String),
    /// An adjustment is refused.
    #[error(transparent)]
    Adjust(#[from] AdjustError),
    /// A close fails.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// The decision cannot be made again from what it read.
    #[error("`{0}` is decided otherwise with only what it read, so there is no test of it")]
    Differs(String),
    /// The test cannot be written as TOML.
    #[error("the test cannot be written: {0}")]
    Unwritten(String),
}

/// A file of tests with one test, as [`TestCase::to_toml`] writes it. [`Program::test_case`](crate::Program::test_case) makes it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TestCase {
    /// The facts that the decision read: the partners, creatives, codes and standing partners that the action names, exchange rates
    /// and pauses.
    #[serde(flatten)]
    pub facts: TestFacts,
    /// The test.
    pub tests: [OneTest; 1],
}

/// The facts of a file of tests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TestFacts {
    /// The partners that the action names, and their parents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<crate::facts::Partner>,
    /// The creatives of its touches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creatives: Vec<crate::facts::Creative>,
    /// Its promo codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promo_codes: Vec<crate::facts::PromoCode>,
    /// The standing partners of its customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub standing_partners: Vec<crate::facts::StandingPartner>,
    /// The exchange rates that it was converted by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<crate::facts::ExchangeRate>,
    /// The pauses of these partners and of everything that is no partner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<crate::facts::Pause>,
}

/// A test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct OneTest {
    /// The name of the test.
    pub it: String,
    /// The dates until which periods are closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub close: Vec<NaiveDate>,
    /// What was counted before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<CountedBefore>,
    /// The action; none for a bonus.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// What happened to the action afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What is expected of the action.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<ExpectAction>,
    /// What is expected of the bonus.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bonuses: Vec<ExpectBonus>,
}

/// What is expected of an action.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ExpectAction {
    /// The id of the action.
    pub action: String,
    /// The outcome.
    pub status: Option<Status>,
    /// What is paid in all; `None` if awards are in several currencies.
    pub payout: Option<Money>,
    /// The payout group of the first award that took effect first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The codes of the reasons.
    pub reasons: Vec<String>,
    /// The codes of the notices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// The payout of each line, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Money>,
    /// When the hold ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_at: Option<Timestamp>,
    /// When the award locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locks_at: Option<Timestamp>,
    /// The date on which the payout is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pays_on: Option<NaiveDate>,
    /// What each limit takes off, all awards together.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Money>,
    /// What each partner is paid, if there are several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub awards: BTreeMap<String, Money>,
}

/// What is expected of a bonus.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ExpectBonus {
    /// The name of the bonus.
    pub bonus: String,
    /// The partner.
    pub partner: String,
    /// The period, such as `2026-Q1`.
    pub period: String,
    /// The outcome.
    pub status: Status,
    /// What is paid.
    pub payout: Money,
    /// The payout of each line.
    pub lines: Vec<Money>,
}

/// What a counter has counted before a test, or before something that happens in it: one entry of
/// [`Counters::entries`](crate::Counters::entries). Sums that are left out are zero.
///
/// ```
/// use accrue::testcase::CountedBefore;
///
/// let counted: CountedBefore = serde_json::from_str(
///     r#"{"counter": "shop contract=a per=partner period=month currency=EUR", "key": ["acme"], "period": "2026-03-01",
///         "actions": 3, "payouts": "17.40"}"#,
/// )?;
/// assert_eq!(counted.posting().sums.actions, 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CountedBefore {
    /// The id of the action or adjustment, or the date of the close, before which this was counted; before everything when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The counter.
    pub counter: CounterId,
    /// The parts of the key, in the order of the counter's `per`.
    pub key: CounterKey,
    /// The first date of the calendar period in which it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub period: Option<NaiveDate>,
    /// The moment at which it was counted, in a counter over rolling days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The value that the actions have in common, in a counter of distinct values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<String>,
    /// The number of actions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub actions: i64,
    /// The number of actions with a payout.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub paid_actions: i64,
    /// The number of units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub units: i64,
    /// The sum of commissionable amounts, or of the measure.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub revenue: Money,
    /// The sum of payouts, held payouts included.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub payouts: Money,
    /// The part of the payouts that was payable.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub payable: Money,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_nothing(amount: &Money) -> bool {
    amount.is_zero()
}

impl CountedBefore {
    fn new(before: Option<String>, posting: Posting) -> Self {
        let Posting { counter, key, at, distinct, sums } = posting;
        let Sums { actions, paid_actions, units, revenue, payouts, payable } = sums;
        let (period, at) = match at {
            CountedAt::Period(from) => (Some(from), None),
            CountedAt::Moment(at) => (None, Some(at)),
            CountedAt::Always => (None, None),
        };
        Self {
            before,
            counter,
            key,
            period,
            at,
            distinct,
            actions,
            paid_actions,
            units,
            revenue,
            payouts,
            payable,
        }
    }

    /// Returns the entry as a movement of its counter.
    pub fn posting(&self) -> Posting {
        let at = match (self.period, self.at) {
            (Some(from), _) => CountedAt::Period(from),
            (None, Some(at)) => CountedAt::Moment(at),
            (None, None) => CountedAt::Always,
        };
        let Self { counter, key, distinct, actions, paid_actions, units, revenue, payouts, payable, .. } =
            self;
        let sums = Sums {
            actions: *actions,
            paid_actions: *paid_actions,
            units: *units,
            revenue: *revenue,
            payouts: *payouts,
            payable: *payable,
        };
        Posting { counter: counter.clone(), key: key.clone(), at, distinct: distinct.clone(), sums }
    }
}

impl TestCase {
    /// Returns the test as a file of `tests/`.
    ///
    /// # Errors
    ///
    /// [`TestCaseError::Unwritten`] when a value has no form in TOML.
    pub fn to_toml(&self) -> Result<String, TestCaseError> {
        toml::to_string(self).map_err(|error| TestCaseError::Unwritten(error.to_string()))
    }

    /// Returns the facts of the file.
    pub(crate) fn facts_of(reference: &Reference, keep: impl Fn(&crate::facts::Fact) -> bool) -> TestFacts {
        use crate::facts::Fact;
        let mut facts = TestFacts::default();
        for fact in reference.facts().filter(keep) {
            match fact {
                Fact::Partner(partner) => facts.partners.push(partner),
                Fact::Creative(creative) => facts.creatives.push(creative),
                Fact::PromoCode(code) => facts.promo_codes.push(code),
                Fact::StandingPartner(standing) => facts.standing_partners.push(standing),
                Fact::Rate(rate) => facts.rates.push(rate),
                Fact::Pause(pause) => facts.pauses.push(pause),
            }
        }
        facts
    }
}
