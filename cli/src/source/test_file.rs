//! The tests beside the rules of a program, as typed values.

use std::collections::BTreeMap;

use accrue::decide::Status;
use accrue::facts::Adjustment;
use accrue::money::Money;
use accrue::testcase::CountedBefore;
use accrue::time::Timestamp;
use accrue::{Action, Reference};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

/// A file of `tests/`: what a brand expects of its program.
#[derive(Debug, Default, JsonSchema)]
#[schemars(title = "Tests", deny_unknown_fields)]
pub(crate) struct TestFile {
    /// Facts for all tests of this file. They replace facts of the program with the same key.
    #[schemars(flatten)]
    pub(crate) facts: Reference,
    /// The tests.
    pub(crate) tests: Vec<Test>,
}

/// One test: actions, and what is expected of them. Counters and limits add up within one test.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Test {
    /// What the program does, as a sentence after "it".
    pub(crate) it: String,
    /// Leave this test out; better with a reason.
    #[schemars(default)]
    pub(crate) skip: Skip,
    /// Run only this test and others that say so.
    #[schemars(default)]
    pub(crate) only: bool,
    /// What was counted before the test, or before something that happens in it.
    #[schemars(default)]
    pub(crate) counted: Vec<CountedBefore>,
    /// The actions, as in an actions file.
    #[schemars(default)]
    pub(crate) actions: Vec<Action>,
    /// What happens to the actions afterwards, as in an actions file.
    #[schemars(default)]
    pub(crate) adjustments: Vec<Adjustment>,
    /// The dates until which periods are closed, each before anything that happens on it.
    #[schemars(default, with = "Vec<String>")]
    pub(crate) close: Vec<NaiveDate>,
    /// What is expected of bonuses, after all closes.
    #[schemars(default)]
    pub(crate) bonuses: Vec<ExpectBonus>,
    /// Adjustments and closes that are refused, each by its id or date with the code of the error.
    #[schemars(default)]
    pub(crate) refused: BTreeMap<String, String>,
    /// What is expected of each action that matters, after all adjustments.
    #[schemars(default)]
    pub(crate) expect: Vec<Expect>,
    /// What each partner is paid in all, for actions and as bonuses, held payouts included.
    #[schemars(default)]
    pub(crate) payouts: BTreeMap<String, Money>,
    /// The number of errors in the text of this test and in the facts of its file. A test with errors is not run.
    #[schemars(skip)]
    pub(crate) faults: usize,
}

/// Whether a test is left out: `true`, or why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Skip {
    /// Whether it is.
    Whether(bool),
    /// It is, and this is why.
    Because(String),
}

impl Default for Skip {
    fn default() -> Self {
        Self::Whether(false)
    }
}

/// What is expected of the bonus of one partner. What is left out is not compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectBonus {
    /// The name of the bonus.
    pub(crate) bonus: String,
    /// The partner.
    pub(crate) partner: String,
    /// The period, such as `2026-03` or `2026-Q1`.
    pub(crate) period: String,
    /// What becomes of it.
    #[serde(default)]
    pub(crate) status: Option<Status>,
    /// What is paid; nothing if there is no such bonus.
    #[serde(default)]
    pub(crate) payout: Option<Money>,
    /// The payout of each line.
    #[serde(default)]
    pub(crate) lines: Option<Vec<Money>>,
}

/// What is expected of one action. What is left out is not compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// The action's id.
    pub(crate) action: String,
    /// What becomes of it.
    #[serde(default)]
    pub(crate) status: Option<Status>,
    /// What is paid for it in all.
    #[serde(default)]
    pub(crate) payout: Option<Money>,
    /// What each partner is paid for it, held payouts included. No other partner has an award.
    #[serde(default)]
    pub(crate) awards: Option<BTreeMap<String, Money>>,
    /// The codes of its reasons, in order.
    #[serde(default)]
    pub(crate) reasons: Option<Vec<String>>,
    /// The codes of its notices, in order.
    #[serde(default)]
    pub(crate) notices: Option<Vec<String>>,
    /// The payout group of the first step of the first line.
    #[serde(default)]
    pub(crate) group: Option<String>,
    /// The payout of each line.
    #[serde(default)]
    pub(crate) lines: Option<Vec<Money>>,
    /// What each limit takes off, all awards together. No other limit takes off anything.
    #[serde(default)]
    pub(crate) limits: Option<BTreeMap<String, Money>>,
    /// When its hold ends.
    #[serde(default)]
    pub(crate) release_at: Option<Timestamp>,
    /// When its award locks.
    #[serde(default)]
    pub(crate) locks_at: Option<Timestamp>,
    /// The date on which its payout is paid.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) pays_on: Option<NaiveDate>,
}
