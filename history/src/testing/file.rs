//! The tests beside the rules of a program, as typed values.

use std::collections::BTreeMap;

use accrue::decide::Status;
use accrue::diagnostic::Span;
use accrue::facts::Adjustment;
use accrue::money::Money;
use accrue::testcase::CountedBefore;
use accrue::time::Timestamp;
use accrue::{Action, Reference};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

/// A file of `tests/`: what a brand expects of its program.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(title = "Tests", deny_unknown_fields)]
#[non_exhaustive]
pub struct TestFile {
    /// The path of the file inside the program folder, such as `tests/rates.toml`.
    #[schemars(skip)]
    pub path: String,
    /// Facts for all tests of this file. They replace facts of the program with the same key.
    #[schemars(flatten)]
    pub facts: Reference,
    /// The tests.
    pub tests: Vec<Test>,
}

/// One test: actions, and what is expected of them. Counters and limits add up within one test.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[non_exhaustive]
pub struct Test {
    /// What the program does, as a sentence after "it".
    pub it: String,
    /// Leave this test out; better with a reason.
    #[schemars(default)]
    pub skip: Skip,
    /// Run only this test and others that say so.
    #[schemars(default)]
    pub only: bool,
    /// What was counted before the test, or before something that happens in it.
    #[schemars(default)]
    pub counted: Vec<CountedBefore>,
    /// The actions, as in an actions file.
    #[schemars(default)]
    pub actions: Vec<Action>,
    /// What happens to the actions afterwards, as in an actions file.
    #[schemars(default)]
    pub adjustments: Vec<Adjustment>,
    /// The dates until which periods are closed, each before anything that happens on it.
    #[schemars(default, with = "Vec<String>")]
    pub close: Vec<NaiveDate>,
    /// What is expected of bonuses, after all closes.
    #[schemars(default)]
    pub bonuses: Vec<ExpectBonus>,
    /// Adjustments and closes that are refused, each by its id or date with the code of the error.
    #[schemars(default)]
    pub refused: BTreeMap<String, String>,
    /// What is expected of each action that matters, after all adjustments.
    #[schemars(default)]
    pub expect: Vec<Expect>,
    /// What each partner is paid in all, for actions and as bonuses, held payouts included.
    #[schemars(default)]
    pub payouts: BTreeMap<String, Money>,
    /// The number of errors in the text of this test and in the facts of its file. A test with errors is not run.
    #[schemars(skip)]
    pub faults: usize,
    /// The place of its name in its file.
    #[schemars(skip)]
    pub span: Span,
}

/// Whether a test is left out: `true`, or why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Skip {
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectBonus {
    /// The name of the bonus.
    pub bonus: String,
    /// The partner.
    pub partner: String,
    /// The period, such as `2026-03` or `2026-Q1`.
    pub period: String,
    /// What becomes of it.
    #[serde(default)]
    pub status: Option<Status>,
    /// What is paid; nothing if there is no such bonus.
    #[serde(default)]
    pub payout: Option<Money>,
    /// The payout of each line.
    #[serde(default)]
    pub lines: Option<Vec<Money>>,
    /// The place of the expectation in its file.
    #[serde(skip)]
    pub span: Span,
}

/// What is expected of one action. What is left out is not compared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Expect {
    /// The action's id.
    pub action: String,
    /// What becomes of it.
    #[serde(default)]
    pub status: Option<Status>,
    /// What is paid for it in all.
    #[serde(default)]
    pub payout: Option<Money>,
    /// What each partner is paid for it, held payouts included. No other partner has an award.
    #[serde(default)]
    pub awards: Option<BTreeMap<String, Money>>,
    /// The codes of its reasons, in order.
    #[serde(default)]
    pub reasons: Option<Vec<String>>,
    /// The codes of its notices, in order.
    #[serde(default)]
    pub notices: Option<Vec<String>>,
    /// The payout group of the first step of the first line.
    #[serde(default)]
    pub group: Option<String>,
    /// The payout of each line.
    #[serde(default)]
    pub lines: Option<Vec<Money>>,
    /// What each limit takes off, all awards together. No other limit takes off anything.
    #[serde(default)]
    pub limits: Option<BTreeMap<String, Money>>,
    /// When its hold ends.
    #[serde(default)]
    pub release_at: Option<Timestamp>,
    /// When its award locks.
    #[serde(default)]
    pub locks_at: Option<Timestamp>,
    /// The date on which its payout is paid.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub pays_on: Option<NaiveDate>,
    /// The place of the expectation in its file.
    #[serde(skip)]
    pub span: Span,
}
