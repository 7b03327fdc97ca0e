//! What is decided about an action: who is paid what, or why not, as data that recomputes to the payout.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::counters::Posting;
use crate::diagnostic::Place;
use crate::digest::Digest;
use crate::lang::{FaultKind, Phase};
use crate::money::{ArithmeticError, Currency, Money, RoundingMode, checked};
pub use crate::run::Seen;
use crate::terms::{AddPer, Anchor, Edge, Effect, Rounding, Verdict};
use crate::time::Timestamp;

/// The engine's version, as decisions and bundles name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What becomes of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Payable.
    Payable,
    /// Not payable until released or approved.
    Held,
    /// Not payable, ever.
    Rejected,
    /// Tracked and counted, with nothing to pay: a restriction says so (then there is a reason), a limit left
    /// nothing, or the terms pay nothing for it.
    Zero,
}

impl Status {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Payable => "payable",
            Self::Held => "held",
            Self::Rejected => "rejected",
            Self::Zero => "zero",
        }
    }
}

impl Status {
    /// The status that the strictest verdict and a payout give.
    pub(super) fn of(verdict: Option<Verdict>, payout: Money) -> Self {
        match verdict {
            Some(Verdict::Reject) => Self::Rejected,
            Some(Verdict::Hold) => Self::Held,
            Some(Verdict::Zero) => Self::Zero,
            Some(Verdict::Flag) | None if payout.is_zero() => Self::Zero,
            Some(Verdict::Flag) | None => Self::Payable,
        }
    }

    /// The status of an action with these awards: payable when one of them is, else held when one is, else zero when one is.
    /// Returns `None` without awards.
    pub(super) fn of_awards(awards: impl Iterator<Item = Self>) -> Option<Self> {
        let rank = |status: &Self| match status {
            Self::Payable => 3,
            Self::Held => 2,
            Self::Zero => 1,
            Self::Rejected => 0,
        };
        awards.max_by_key(rank)
    }
}

/// The decision about one action: what belongs to the action, and an [`Award`] for each partner who is credited.
///
/// [`Program::decide`](crate::Program::decide) makes it. It holds all that recording needs: [`Decision::postings`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Decision")]
#[non_exhaustive]
pub struct Decision {
    /// The action's id.
    pub action: String,
    /// The action's event type.
    pub event_type: String,
    /// When the action happened.
    pub occurred_at: Timestamp,
    /// The action's order number; `None` when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// What becomes of the action: payable when one of its awards is, else held when one is, else zero when one is.
    pub status: Status,
    /// What each credited partner is awarded. Empty when nobody is credited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<Award>,
    /// Why nobody is credited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The movements of counters that recording the decision makes, and all that it makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postings: Vec<Posting>,
    /// Fuel that the rules of all awards used.
    pub fuel: u64,
    /// Version of the engine.
    pub engine: String,
    /// Digest over inputs, terms and result, postings included.
    pub receipt: Digest,
    /// Every rule considered and what its conditions saw, when asked for. Not part of the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

impl Decision {
    /// What is paid for the action in all. Zero unless it is payable or held. Returns `None` when awards are in different
    /// currencies.
    pub fn payout(&self) -> Option<Money> {
        let currency = self.awards.first().map(|award| award.currency);
        let same = self.awards.iter().all(|award| Some(award.currency) == currency);
        let sum = || Money::sum(self.awards.iter().map(|award| award.payout)).ok();
        if same { sum() } else { None }
    }

    /// The award of a partner; `None` when that partner is not credited.
    pub fn award(&self, partner: &str) -> Option<&Award> {
        self.awards.iter().find(|award| award.partner == partner)
    }

    /// Every reason with the award it belongs to; `None` for those of the action.
    pub fn all_reasons(&self) -> impl Iterator<Item = (Option<&Award>, &Reason)> {
        let of_awards = self
            .awards
            .iter()
            .flat_map(|award| award.reasons.iter().map(move |reason| (Some(award), reason)));
        self.reasons.iter().map(|reason| (None, reason)).chain(of_awards)
    }
}

/// What one partner is awarded for an action, by the terms of one contract version.
///
/// A payout that is held is in [`Award::payout`] too: [`Award::payable`] and [`Award::held`] tell them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Award {
    /// The partner.
    pub partner: String,
    /// The credited touch, by its index in the action's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch: Option<u32>,
    /// The terms it was decided by.
    pub contract: ContractRef,
    /// What becomes of it.
    pub status: Status,
    /// What is paid: the sum of the lines, in `currency`. Zero unless payable or held.
    pub payout: Money,
    /// Currency of every amount of the award.
    pub currency: Currency,
    /// The commissionable amount.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub base: Money,
    /// The payout by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// How the lines were rounded.
    pub rounding: Rounding,
    /// Decimals rounded to.
    pub minor_digits: u32,
    /// Why it is held, rejected, zero or flagged; the strictest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// When a hold ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_at: Option<Timestamp>,
    /// Limits that cut the payout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitCut>,
    /// What the brand and the partner should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Whether it counts for totals and limits.
    pub counts: bool,
    /// Fuel that its rules used.
    pub fuel: u64,
}

impl Award {
    /// What may be paid now.
    pub fn payable(&self) -> Money {
        if self.status == Status::Payable { self.payout } else { Money::ZERO }
    }

    /// What is paid once a hold has ended.
    pub fn held(&self) -> Money {
        if self.status == Status::Held { self.payout } else { Money::ZERO }
    }
}

/// The contract version that an award was decided by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ContractRef {
    /// The contract's name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// Which moment chose the version.
    pub anchor: Anchor,
    /// That moment.
    pub terms_as_of: Timestamp,
    /// Digest over the version and all it uses.
    pub digest: Digest,
}

/// One line of a payout. [`Line::unrounded`] recomputes what it pays before rounding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Line {
    /// The item's index in the action; `None` for the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The item's SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Units, for amounts per unit.
    pub quantity: u32,
    /// The commissionable amount that rates apply to.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub base: Money,
    /// Verbs in the order they took effect, each with the group that said it.
    pub steps: Vec<Step>,
    /// Before rounding and limits.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub unrounded: Money,
    /// Rounded, before limits.
    pub earned: Money,
    /// After limits: what is paid.
    pub payout: Money,
    /// What each payout group has of `payout`, when more than one group made it; they sum to it. A limit on one
    /// group, or for each group, goes by these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<GroupShare>,
}

/// What one payout group has of a line that several groups made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct GroupShare {
    /// The payout group, or `default`.
    pub group: String,
    /// What its verbs changed: what the line pays with them, less what it paid before them. May be negative.
    pub payout: Money,
}

/// One verb that took effect on a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The payout group, or `default`.
    pub group: String,
    /// The verb and its value.
    pub effect: Effect,
}

impl Line {
    /// What the steps give on the base, before rounding: rate and points times the base, plus amounts. `rate` sets
    /// the rate, `add_points` adds to it, `multiply` scales what was given so far, `add` adds money.
    pub fn recompute(base: Money, quantity: u32, steps: &[Step]) -> Result<Money, ArithmeticError> {
        let mut given = Given::default();
        for step in steps {
            given.apply(&step.effect, quantity)?;
        }
        given.on(base)
    }
}

/// What verbs have given so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    rate: Decimal,
    points: Decimal,
    added: Decimal,
}

impl Given {
    /// With one more verb.
    pub(super) fn apply(&mut self, effect: &Effect, quantity: u32) -> Result<(), ArithmeticError> {
        match effect {
            Effect::Rate(value) => self.rate = *value,
            Effect::AddPoints(value) => self.points = checked::add(self.points, *value)?,
            Effect::Multiply(factor) => {
                self.rate = checked::mul(self.rate, *factor)?;
                self.points = checked::mul(self.points, *factor)?;
                self.added = checked::mul(self.added, *factor)?;
            }
            Effect::Add { amount, per: AddPer::Unit } => {
                self.added = checked::add(self.added, checked::mul(amount.0, Decimal::from(quantity))?)?;
            }
            Effect::Add { amount, per: AddPer::Order | AddPer::Item } => {
                self.added = checked::add(self.added, amount.0)?;
            }
        }
        Ok(())
    }

    /// What that is on a base.
    pub(super) fn on(&self, base: Money) -> Result<Money, ArithmeticError> {
        let rated = checked::mul(base.0, checked::add(self.rate, self.points)?)?;
        checked::add(rated, self.added).map(Money)
    }
}

/// Why an action is not simply payable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Reason {
    /// A declared reason code, or one of the engine's own (see [`crate::terms::reasons`]).
    pub code: String,
    /// What it does to the action.
    pub verdict: Verdict,
    /// The restriction, rule or limit that says so.
    pub rule: String,
    /// For `RULE_ERROR`: what failed, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<RuleFault>,
    /// Whether the rule reads fraud signals, which a partner must not learn about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fraud: bool,
}

/// A rule that failed while it ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RuleFault {
    /// Why.
    pub kind: FaultKind,
    /// Where, when it was in a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The text at that place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// A limit that cut a payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LimitCut {
    /// The limit.
    pub limit: String,
    /// What it did at its edge.
    pub edge: Edge,
    /// What was left under it before this action: money, or a count for a limit on counts.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub left: Money,
    /// What it took off, money.
    pub cut: Money,
}

/// Something to know about an action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Notice {
    /// `limit_warning`, or a declared reason code.
    pub code: String,
    /// The rule or the limit that raised it.
    pub rule: String,
    /// Whether the rule reads fraud signals, which a partner must not learn about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fraud: bool,
}

/// Everything that was considered for a decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Trace {
    /// Touches considered for credit.
    pub credit: Vec<TouchTrace>,
    /// What was considered for each award, in the order of [`Decision::awards`].
    pub awards: Vec<AwardTrace>,
}

/// Every rule considered for an award, in the order of the phases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct AwardTrace {
    /// Rules.
    pub rules: Vec<RuleTrace>,
    /// Limits.
    pub limits: Vec<LimitTrace>,
}

/// A touch and whether it could be credited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TouchTrace {
    /// Its index in the path.
    pub touch: u32,
    /// Its partner.
    pub partner: String,
    /// Whether it won.
    pub credited: bool,
    /// Why, or why not, in a few words.
    pub because: String,
}

/// A rule and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RuleTrace {
    /// When it ran.
    pub phase: Phase,
    /// The restriction, group or amount it belongs to.
    pub rule: String,
    /// Where it is written.
    pub place: Place,
    /// The item it was evaluated for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
    /// Values its conditions saw, in the order they were first read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<Seen>,
    /// Fuel it used.
    pub fuel: u64,
}

/// What came of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A restriction matched, with this verdict and reason.
    Restricted(Verdict, String),
    /// A payout group matched and was chosen.
    Chosen,
    /// A payout group matched, and another one was chosen. What it would have paid, where that was compared.
    NotChosen(
        #[serde(with = "crate::money::computed::option")]
        #[schemars(with = "Option<crate::money::computed::Computed>")]
        Option<Money>,
    ),
    /// It did not match.
    NotMatched,
    /// An amount was computed.
    Amount(
        #[serde(with = "crate::money::computed")]
        #[schemars(with = "crate::money::computed::Computed")]
        Money,
    ),
    /// It failed.
    Failed(FaultKind),
}

/// A limit and what it let through: money, or paid actions for a limit on counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LimitTrace {
    /// The limit.
    pub limit: String,
    /// Used before this action, of `max`.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub used: Money,
    /// The most.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub max: Money,
    /// What this action asked for.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub asked: Money,
    /// What it was given.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub granted: Money,
}

/// A rounding mode's name for people.
pub(crate) fn rounding_text(mode: RoundingMode) -> &'static str {
    match mode {
        RoundingMode::HalfUp => "half up",
        RoundingMode::HalfEven => "half even",
        RoundingMode::Up => "up",
        RoundingMode::Down => "down",
    }
}
