//! Bonuses: what a contract pays when a period closes.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;
use crate::lang::{Rule, TotalField};
use crate::money::Money;
use crate::period::Period;

/// A bonus of a contract version.
#[derive(Clone, Debug)]
pub struct Bonus {
    /// The name of the bonus, unique in the version.
    pub name: String,
    /// Where the bonus is declared.
    pub place: Place,
    /// The calendar period at whose close the bonus is computed.
    pub period: Period,
    /// The condition, a bool; `None` for every partner.
    pub when: Option<Arc<Rule>>,
    /// What is paid.
    pub pays: BonusPays,
    /// The totals that its rules read, by their indexes in the version.
    pub totals: BTreeSet<u16>,
    /// The most that one bonus is; `None` for no bound.
    pub at_most: Option<Money>,
    /// What the bonus has paid before is taken off; `None` if each period is paid by itself.
    pub true_up: Option<TrueUp>,
    /// The share of the next tier from which it is within reach; `None` if it is never listed.
    pub notice_at: Option<Decimal>,
    /// When the bonus is computed.
    pub closes: Closes,
    /// What becomes of the bonus if something changes after it was computed.
    pub after_close: AfterClose,
    /// The counter of what the bonus has paid in each period: an index into [`Terms::counters`](super::Terms::counters).
    pub paid: usize,
    /// The counter of what the bonus has paid over all time.
    pub ever: usize,
}

/// What a bonus pays.
#[derive(Clone, Debug)]
pub enum BonusPays {
    /// By the tiers that a measure reaches.
    Tiers(Ladder),
    /// The verbs that a rule file gives.
    Script {
        /// The rule.
        rule: Arc<Rule>,
        /// The amount that rates apply to, money; `None` for zero.
        on: Option<Arc<Rule>>,
    },
    /// What is missing to an amount.
    Guarantee {
        /// The amount.
        amount: Money,
        /// What was earned, money.
        on: Arc<Rule>,
    },
    /// What is missing to an amount, as an advance that later periods pay back.
    Draw {
        /// The amount.
        amount: Money,
        /// What was earned, money.
        on: Arc<Rule>,
    },
    /// A share of what was earned is kept back, and paid some periods later.
    Holdback {
        /// The share.
        share: Decimal,
        /// After how many periods it is paid.
        periods: u32,
        /// What was earned, money.
        on: Arc<Rule>,
    },
}

/// Tiers, and what they ask.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// What the tiers ask: an integer, a decimal or money.
    pub measure: Arc<Rule>,
    /// Whether the measure is a whole number.
    pub is_count: bool,
    /// The amount that rates apply to.
    pub on: On,
    /// When a tier is reached.
    pub threshold: Threshold,
    /// Which of the tiers that are reached pay.
    pub combine: Combine,
    /// Whether a rate rises evenly from a tier to the next.
    pub linear: bool,
    /// The tiers in rising order.
    pub tiers: Vec<Tier>,
}

/// The amount that the rates of a ladder apply to.
#[derive(Clone, Debug)]
pub enum On {
    /// None: no tier has a rate.
    Nothing,
    /// An expression, money.
    Rule(Arc<Rule>),
    /// A sum of a declared total, by its index in the version.
    Total(u16, TotalField),
}

/// A step of a ladder. It pays the sum of what it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// The measure from which, or above which, the tier is reached.
    pub from: Decimal,
    /// Where the bound is written.
    pub place: Place,
    /// What the tier applies to.
    pub scope: TierScope,
    /// The rate, a fraction; `None` for none.
    pub rate: Option<Decimal>,
    /// Money that is paid once, or once more for each `every`; `None` for none.
    pub add: Option<Money>,
    /// Money for each one that the measure counts; `None` for none.
    pub each: Option<Money>,
    /// The distance after which `add` is paid once more; `None` for once.
    pub every: Option<Decimal>,
    /// The counter of the actions past the tier: an index into [`Terms::counters`](super::Terms::counters). `None` if the amount past
    /// the tier follows from the measure.
    pub past: Option<usize>,
}

/// When a tier is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// By a measure that is equal to it or above.
    Reaches,
    /// By a measure above it.
    Exceeds,
}

impl Threshold {
    /// Returns whether a measure reaches a tier.
    pub(crate) fn is_met(self, measure: Decimal, from: Decimal) -> bool {
        match self {
            Self::Reaches => measure >= from,
            Self::Exceeds => measure > from,
        }
    }

    /// Returns the word that contracts use.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Reaches => "reaches",
            Self::Exceeds => "exceeds",
        }
    }
}

/// What a tier applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierScope {
    /// What is past the tier.
    Marginal,
    /// Everything in the period.
    Whole,
}

/// Which of the tiers that are reached pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Each part of the measure is paid by the highest tier that applies to it.
    #[default]
    Highest,
    /// All of them, each as if it were alone.
    Cumulative,
}

/// At which tier the action is paid that crosses a marginal tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Crossing {
    /// Its amount is split.
    #[default]
    Split,
    /// All of it is past the tier.
    New,
    /// None of it is past the tier.
    Old,
}

/// What a bonus has paid before that is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrueUp {
    /// In the calendar year.
    Year,
    /// Ever.
    Lifetime,
}

/// When a bonus is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Closes {
    /// When its period ends.
    #[default]
    PeriodEnd,
    /// When an action of the last day of its period locks. Until then adjustments count in the period.
    Lock,
}

/// What becomes of a bonus if something of its period changes after it was computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterClose {
    /// It stays. What comes late counts in the first open period.
    #[default]
    Keep,
    /// The next close computes it again and pays the difference, for 732 days.
    Recompute,
    /// The same, until an action of the last day of its period locks.
    RecomputeUntilLock,
}

/// The actions that are past a tier of the sum of the same counter without this.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Past {
    /// The sum.
    pub of: PastSum,
    /// The tier.
    pub from: Decimal,
    /// When the tier is reached.
    pub threshold: Threshold,
    /// Whether the action that reaches the tier is past it.
    pub crosses: bool,
}

/// A sum by which actions are past a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PastSum {
    /// The number of actions.
    Actions,
    /// The number of units.
    Units,
    /// The commissionable amount, or the measure of the total.
    Revenue,
}

impl PastSum {
    const ALL: [Self; 3] = [Self::Actions, Self::Units, Self::Revenue];

    /// Returns the sum in one word, for the identity of a counter.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Units => "units",
            Self::Revenue => "revenue",
        }
    }
}

impl Past {
    /// Returns this in one word, for the identity of a counter: `actions-exceeds-10-new`.
    pub(crate) fn slug(&self) -> String {
        let Self { of, from, threshold, crosses } = self;
        let crossing = if *crosses { "new" } else { "old" };
        format!("{}-{}-{}-{crossing}", of.text(), threshold.text(), from.normalize())
    }

    /// Reads what [`Past::slug`] writes. Returns `None` for any other text.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        let mut words = slug.splitn(4, '-');
        let of = words.next()?;
        let threshold = words.next()?;
        let past = Self {
            of: PastSum::ALL.into_iter().find(|sum| sum.text() == of)?,
            threshold: [Threshold::Reaches, Threshold::Exceeds]
                .into_iter()
                .find(|of| of.text() == threshold)?,
            from: words.next()?.parse().ok()?,
            crosses: match words.next()? {
                "new" => true,
                "old" => false,
                _ => return None,
            },
        };
        (past.slug() == slug).then_some(past)
    }
}

impl Bonus {
    /// Returns the rules of the bonus.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let (first, second) = match &self.pays {
            BonusPays::Tiers(Ladder { measure, on: On::Rule(on), .. }) => (Some(measure), Some(on)),
            BonusPays::Tiers(Ladder { measure, .. }) => (Some(measure), None),
            BonusPays::Script { rule, on } => (Some(rule), on.as_ref()),
            BonusPays::Guarantee { on, .. } | BonusPays::Draw { on, .. } | BonusPays::Holdback { on, .. } => {
                (Some(on), None)
            }
        };
        self.when.iter().chain(first).chain(second).map(Arc::as_ref)
    }

    /// Returns whether a partner who has done nothing in the period may be paid.
    pub(crate) fn pays_for_nothing(&self) -> bool {
        matches!(self.pays, BonusPays::Script { .. } | BonusPays::Guarantee { .. } | BonusPays::Draw { .. })
    }
}
