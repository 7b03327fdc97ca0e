//! Decisions: who is paid how much and why, as data from which the payout can be recomputed.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::counters::{CounterId, Posting, escape};
use crate::diagnostic::Place;
use crate::digest::Digest;
use crate::facts::{AdjustmentKind, ExchangeRate};
use crate::lang::{FaultKind, Phase};
use crate::money::{Allocation, ArithmeticError, Currency, Exact, Money, RoundingMode, allocate};
pub use crate::run::Seen;
use crate::terms::{AddPer, Anchor, Edge, Effect, Rounding, Threshold, Verdict};
use crate::time::Timestamp;
use crate::why::WhyNot;

/// The version of the engine, as decisions and bundles name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The outcome of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Payable.
    Payable,
    /// Not payable until released or approved.
    Held,
    /// Not payable, ever.
    Rejected,
    /// Tracked and counted, but nothing is paid: a restriction says so, no payout group matched, a limit left nothing, or the
    /// payout is zero. A reason says which.
    Zero,
    /// Taken back by a reversal: nothing is left to pay.
    Reversed,
}

impl Status {
    /// Returns the status as it is written in files.
    pub fn text(self) -> &'static str {
        match self {
            Self::Payable => "payable",
            Self::Held => "held",
            Self::Rejected => "rejected",
            Self::Zero => "zero",
            Self::Reversed => "reversed",
        }
    }
}

impl Status {
    /// Returns the status that the strictest verdict and a payout give.
    pub(super) fn of(verdict: Option<Verdict>, payout: Money) -> Self {
        match verdict {
            Some(Verdict::Reject) => Self::Rejected,
            Some(Verdict::Hold) => Self::Held,
            Some(Verdict::Zero) => Self::Zero,
            Some(Verdict::Flag) | None if payout.is_zero() => Self::Zero,
            Some(Verdict::Flag) | None => Self::Payable,
        }
    }

    /// Returns the status of an action with these awards: payable if any award is payable, else held if any is held, else zero if
    /// any is zero, else reversed if any is reversed, else rejected. Returns `None` without awards.
    pub(super) fn of_awards(awards: impl Iterator<Item = Self>) -> Option<Self> {
        let rank = |status: &Self| match status {
            Self::Payable => 4,
            Self::Held => 3,
            Self::Zero => 2,
            Self::Reversed => 1,
            Self::Rejected => 0,
        };
        awards.max_by_key(rank)
    }
}

/// The bonus that a close has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BonusOf {
    /// The contract.
    pub contract: String,
    /// The name of the bonus.
    pub bonus: String,
    /// The period, as rules name it: `2026-03`, `2026-Q1`, or the first date.
    pub period: String,
    /// The first date of the period.
    #[schemars(with = "String")]
    pub from: NaiveDate,
    /// The first date after the period.
    #[schemars(with = "String")]
    pub until: NaiveDate,
    /// What the tiers asked; `None` for a bonus without tiers, or if it could not be computed.
    #[serde(default, with = "crate::money::computed::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<crate::money::computed::Computed>")]
    pub measure: Option<Money>,
    /// The next tier; `None` if the highest is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
}

/// A tier that a measure did not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct NextTier {
    /// The tier.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub from: Money,
    /// What the measure lacks of it.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub lacks: Money,
    /// Whether a measure equal to it reaches it.
    pub threshold: Threshold,
}

impl BonusOf {
    /// What stands in the place of the event type in the decision of a bonus.
    pub const EVENT_TYPE: &'static str = "bonus";

    /// Returns the id of the bonus of a partner: the contract, the bonus, the period and the partner, with colons between. The same
    /// bonus of the same period has the same id, however often it is computed. Characters other than letters, digits, `_`, `-` and `.`
    /// are written as `%` and two hexadecimal digits for each byte.
    pub fn id(&self, partner: &str) -> String {
        let mut id = String::new();
        for (n, part) in [&self.contract, &self.bonus, &self.period, partner].into_iter().enumerate() {
            id.push_str(if n == 0 { "" } else { ":" });
            escape(part, &mut id);
        }
        id
    }
}

/// The decision about one action: the data of the action, and an [`Award`] for each partner who is credited.
///
/// [`Program::decide`](crate::Program::decide) makes it. To record it, apply [`Decision::postings`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Decision")]
#[non_exhaustive]
pub struct Decision {
    /// The id of the action; for a bonus, the id that [`BonusOf::id`] returns.
    pub action: String,
    /// The event type of the action; `bonus` for a bonus.
    pub event_type: String,
    /// When the action occurred; for a bonus, the last second of its period.
    pub occurred_at: Timestamp,
    /// The order number of the action; `None` if it has no order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The bonus, for the decision of a close; `None` for the decision of an action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<BonusOf>,
    /// The outcome of the action: payable if any award is payable, else held if any is held, else zero if any is zero.
    pub status: Status,
    /// The award of each credited partner. Empty if nobody is credited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<Award>,
    /// Why nobody is credited. Empty if there is an award.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Every movement of counters that recording the decision makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postings: Vec<Posting>,
    /// What happened to the action since it was first decided, in order; empty for its first decision.
    /// [`Program::adjust`](crate::Program::adjust) adds to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Revision>,
    /// What was returned of the action so far, since its amounts were last reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<Returned>,
    /// What the action counts in all, over all revisions; empty for the first decision, whose postings say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<Posting>,
    /// The fuel that all awards used, and the conditions on touches.
    pub fuel: u64,
    /// The version of the engine.
    pub engine: Cow<'static, str>,
    /// Digest over the inputs, the terms and the result, postings included.
    pub receipt: Digest,
    /// Every rule that was considered and the values that its conditions saw; `None` unless
    /// [`Options::traced`](super::Options::traced) asked for it. Not part of the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

impl Decision {
    /// Returns the payout of all awards together, held payouts included. Returns `None` if awards are in different currencies or
    /// the sum does not fit.
    pub fn payout(&self) -> Option<Money> {
        let currency = self.awards.first().map(|award| award.currency);
        let same = self.awards.iter().all(|award| Some(award.currency) == currency);
        let sum = || Money::sum(self.awards.iter().map(|award| award.payout)).ok();
        if same { sum() } else { None }
    }

    /// Returns the award of a partner; `None` if that partner is not credited.
    pub fn award(&self, partner: &str) -> Option<&Award> {
        self.awards.iter().find(|award| award.partner == partner)
    }

    /// Returns what this decision changes of the payout of an award: all of it in the first decision of an action, the difference after
    /// an adjustment.
    pub fn change(&self, award: &Award) -> Money {
        let Some(last) = self.history.last() else { return award.payout };
        let mut changes = last.changes.iter();
        let of = changes.find(|change| change.partner == award.partner && change.currency == award.currency);
        of.map_or(Money::ZERO, |change| change.by)
    }

    /// Returns every reason with the award it belongs to; `None` for the reasons of the action.
    pub fn all_reasons(&self) -> impl Iterator<Item = (Option<&Award>, &Reason)> {
        let of_awards = self
            .awards
            .iter()
            .flat_map(|award| award.reasons.iter().map(move |reason| (Some(award), reason)));
        self.reasons.iter().map(|reason| (None, reason)).chain(of_awards)
    }
}

/// What one partner is awarded for an action, under one contract version.
///
/// [`Award::payout`] includes a payout that is held: [`Award::payable`] and [`Award::held`] tell the two apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Award {
    /// The id of the partner.
    pub partner: String,
    /// The parent of the partner, if the host reports one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The credited touch, by its index in the action's touches; `None` without a touch of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch: Option<u32>,
    /// The part that the partner had; `None` for a partner who is credited alone, or whom the host reports without a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The share of the payout, a fraction with at most 12 decimals, if several partners share it. The lines show the whole
    /// (`unrounded`) and the share (`earned`).
    #[serde(
        default,
        with = "crate::money::computed::optional_fraction",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<crate::money::computed::Computed>")]
    pub share: Option<Decimal>,
    /// For a parent: whose action it is paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Below>,
    /// The contract version that applies.
    pub contract: ContractRef,
    /// The outcome of the award.
    pub status: Status,
    /// What is paid: the sum of the lines less what was taken back of them, in `currency`. Zero unless the status is payable or held.
    pub payout: Money,
    /// The currency of every amount of the award.
    pub currency: Currency,
    /// The exchange rate by which the action's amounts were converted to `currency`: multiplied by a rate into it, divided by a rate
    /// from it. `None` if the action was reported in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRate>,
    /// The commissionable amount, in `currency`: the partner's share of it, so that the awards of an action sum to it. Zero for
    /// participation and for parents.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub base: Money,
    /// The names of the payout groups whose verbs took effect: `default` for the default payout, `participation` for the participation
    /// bonus, `level 1` for what a parent is paid. Steps and shares name a group by its index in this list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The payout by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// The mode by which the lines were rounded.
    pub rounding: Rounding,
    /// The number of decimals that the lines were rounded to.
    pub minor_digits: u32,
    /// Why the award is held, rejected, zero or flagged; the strictest reason first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// When the hold ends by itself; `None` if the award is not held or the hold does not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_at: Option<Timestamp>,
    /// When the award locks: the first moment of a day in the program's time zone, from which on nothing changes it. `None` if the
    /// contract has no `[locking]`, or after the year 2999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locks_at: Option<Timestamp>,
    /// The date on which the payout is paid. `None` if the contract has no `[payment]`, if nothing is paid since the award is rejected or
    /// zero, or after the year 2999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pays_on: Option<NaiveDate>,
    /// The limits that cut the payout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitCut>,
    /// Notices for the brand and the partner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Whether the award counts for totals and limits.
    pub counts: bool,
    /// What the totals with conditions or a measure count of the action; those that count nothing of it are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<TotalCount>,
    /// The fuel that this award used: its rules, its components, and settling and limiting its payout.
    pub fuel: u64,
}

impl Award {
    /// Returns the payout that may be paid now: zero unless the status is payable.
    pub fn payable(&self) -> Money {
        if self.status == Status::Payable { self.payout } else { Money::ZERO }
    }

    /// Returns the payout that is held: zero unless the status is held.
    pub fn held(&self) -> Money {
        if self.status == Status::Held { self.payout } else { Money::ZERO }
    }

    /// Returns the names of the payout groups that made a line of this award, in the order in which they took effect.
    pub fn groups_of(&self, line: &Line) -> Vec<&str> {
        let mut groups: Vec<u32> = line.steps.iter().map(|step| step.group).collect();
        // The verbs of a group stand together.
        groups.dedup();
        groups.into_iter().map(|group| self.group(group)).collect()
    }

    /// Returns what each payout group pays of a line of this award. What reversals have taken back of the line is taken off the parts
    /// above zero, in proportion to them. The parts sum to the payout of the line less what was taken back. Empty if no group pays.
    pub fn paid_by_groups(&self, line: &Line) -> Vec<GroupShare> {
        let left = |payout: Money, taken: Money| Money(payout.0.saturating_sub(taken.0));
        if line.shares.is_empty() {
            let whole = line
                .steps
                .first()
                .map(|step| GroupShare { group: step.group, payout: left(line.payout, line.taken_back) });
            return whole.into_iter().collect();
        }
        let mut shares = line.shares.clone();
        if line.taken_back.is_zero() {
            return shares;
        }
        let weights: Vec<Decimal> = shares.iter().map(|share| share.payout.0.max(Decimal::ZERO)).collect();
        let allocated = allocate(line.taken_back, &weights, self.minor_digits, Allocation::LargestRemainder);
        // Cannot fail: the parts are amounts of a decision, and what is taken back is no more than their sum.
        for (share, taken) in shares.iter_mut().zip(allocated.unwrap_or_default()) {
            share.payout = left(share.payout, taken);
        }
        shares
    }

    /// Returns the name of the payout group of a step or a share; empty if the award does not list it.
    pub fn group(&self, index: u32) -> &str {
        self.groups.get(index as usize).map_or("", String::as_str)
    }
}

/// What a total with conditions or a measure counts of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TotalCount {
    /// The counter of the total.
    pub counter: CounterId,
    /// The units of the lines that count.
    pub units: i64,
    /// The amount that is summed: the partner's share of it. `None` for the commissionable amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<crate::money::computed::Computed>")]
    pub revenue: Option<Money>,
}

/// The part that a partner had in an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The partner of the first touch.
    Introducer,
    /// A partner who is neither the first nor the last.
    Influencer,
    /// The partner of the last touch.
    Closer,
    /// A partner who took part and is not credited.
    Participant,
    /// A partner above the partner who is credited.
    Parent,
}

impl Role {
    /// Returns the role as it is written in files.
    pub fn text(self) -> &'static str {
        match self {
            Self::Introducer => "introducer",
            Self::Influencer => "influencer",
            Self::Closer => "closer",
            Self::Participant => "participant",
            Self::Parent => "parent",
        }
    }

    /// Returns whether the partner is credited, and not paid beside those who are.
    pub fn is_credited(self) -> bool {
        !matches!(self, Self::Participant | Self::Parent)
    }

    /// Returns the role that a host may report of a partner; `None` for any other word.
    pub(super) fn reported(word: &str) -> Option<Self> {
        [Self::Introducer, Self::Influencer, Self::Closer].into_iter().find(|role| role.text() == word)
    }
}

/// The partner below whose action a parent is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Below {
    /// The partner who is credited.
    pub partner: String,
    /// How far above that partner the parent is: 1 for the partner's own parent.
    pub level: u32,
}

/// The contract version that decided an award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ContractRef {
    /// The name of the contract.
    pub name: String,
    /// The number of the version.
    pub version: u32,
    /// Which moment of the action chose the version.
    pub anchor: Anchor,
    /// The moment by which the version was chosen.
    pub terms_as_of: Timestamp,
    /// Digest over the version and everything it uses.
    pub digest: Digest,
}

/// One line of a payout. [`Line::recompute`] computes its unrounded payout from its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Line {
    /// The index of the item in the action; `None` for a line of the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The SKU of the item; `None` for a line of the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The number of units, for amounts per unit.
    pub quantity: u32,
    /// The commissionable amount that rates apply to.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub base: Money,
    /// The verbs in the order in which they took effect, each with the payout group that gave it.
    pub steps: Vec<Step>,
    /// The whole payout before rounding, limits and sharing: all of it if it has at most 28 digits, else cut to the digits that fit.
    /// Payouts are compared, shared and rounded with every digit.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub unrounded: Money,
    /// The payout after rounding, before limits: the partner's share, if several share it. It is rounded once, from the exact payout;
    /// the shares of one contract sum to their exact sum, rounded.
    pub earned: Money,
    /// The payout after limits.
    pub payout: Money,
    /// What reversals have taken back of `payout` so far.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub taken_back: Money,
    /// What was returned of `base` so far.
    #[serde(default, with = "crate::money::computed", skip_serializing_if = "is_nothing")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub returned: Money,
    /// The part of `payout` that each payout group made, if more than one group made it; the parts sum to `payout`. A limit for
    /// one group, or for each group, reads these parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<GroupShare>,
}

/// One adjustment of an action, and what it changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Revision {
    /// The id of the adjustment.
    pub adjustment: String,
    /// What it was.
    pub kind: AdjustmentKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Why, as it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The partner whose award a person decided; `None` for all awards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// By partner, what the payout changed by, held payouts included. Partners whose payout stays are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// What an adjustment changed for one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Change {
    /// The partner.
    pub partner: String,
    /// The currency.
    pub currency: Currency,
    /// The payout after the adjustment, less the payout before.
    pub by: Money,
}

/// What was returned of an action at once, in the currency in which it was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Returned {
    /// The item, by its index in the action; `None` for an action without items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The units, if units were returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// The amount.
    pub amount: Money,
}

/// The part of a line's payout that one payout group made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct GroupShare {
    /// The payout group, by its index in [`Award::groups`].
    pub group: u32,
    /// What the verbs of the group changed: the payout with them, less the payout before them. May be negative.
    pub payout: Money,
}

/// One verb that took effect on a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The payout group, by its index in [`Award::groups`].
    pub group: u32,
    /// The verb and its value.
    pub effect: Effect,
}

impl Line {
    /// Returns what the steps give on the base, before rounding: rate and points times the base, plus amounts. `rate` sets the
    /// rate, `add_points` adds to it, `multiply` scales what was given so far, `add` adds money.
    ///
    /// The result is cut to 28 digits, like [`Line::unrounded`]; to round it, call [`Line::recompute_rounded`], which loses nothing.
    pub fn recompute(base: Money, quantity: u32, steps: &[Step]) -> Result<Money, ArithmeticError> {
        Self::exactly(base, quantity, steps)?.shown()
    }

    /// Returns what the steps give on the base, rounded once from the exact number to `digits` decimals.
    pub fn recompute_rounded(
        base: Money,
        quantity: u32,
        steps: &[Step],
        digits: u32,
        mode: RoundingMode,
    ) -> Result<Money, ArithmeticError> {
        Self::exactly(base, quantity, steps)?.round(digits, mode)
    }

    fn exactly(base: Money, quantity: u32, steps: &[Step]) -> Result<Exact, ArithmeticError> {
        let mut given = Given::default();
        for step in steps {
            given.apply(&step.effect, quantity)?;
        }
        given.on(base)
    }

    /// Returns the steps of this line as four numbers, each cut to 28 digits.
    ///
    /// # Errors
    ///
    /// [`ArithmeticError::Overflow`] if a number does not fit, which no line of a decision causes.
    pub fn calculation(&self) -> Result<Calculation, ArithmeticError> {
        let mut given = Given::default();
        let mut multiplier = Exact::from(Decimal::ONE);
        let mut apart = Given::default();
        // A factor that follows every rate and all points can stand apart from them.
        let mut is_apart = true;
        for Step { effect, .. } in &self.steps {
            given.apply(effect, self.quantity)?;
            match effect {
                Effect::Multiply(factor) => multiplier = multiplier.mul(*factor)?,
                Effect::Rate(_) | Effect::AddPoints(_) => {
                    is_apart &= multiplier == Decimal::ONE.into();
                    apart.apply(effect, self.quantity)?;
                }
                Effect::Add { .. } => {}
            }
        }
        if !is_apart {
            (apart, multiplier) = (given.clone(), Decimal::ONE.into());
        }
        let [Money(rate), Money(points), Money(multiplier), add] =
            [apart.rate.shown()?, apart.points.shown()?, multiplier.shown()?, given.added.shown()?];
        Ok(Calculation { rate, points, multiplier, add })
    }
}

/// What the verbs of a line give together: `base` × (`rate` + `points`) × `multiplier` + `add` is the unrounded payout.
///
/// [`Line::calculation`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calculation {
    /// The rate, as a fraction: 0.1 is 10%.
    pub rate: Decimal,
    /// The percentage points that are added to the rate, as a fraction.
    pub points: Decimal,
    /// The product of all factors; 1 if there are none, or if a rate or points follow a factor: they then have the factors in them.
    pub multiplier: Decimal,
    /// The money that is added. Factors that follow it are in it.
    pub add: Money,
}

/// What the verbs applied so far give, exactly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    rate: Exact,
    points: Exact,
    added: Exact,
}

impl Given {
    /// Applies one more verb.
    pub(crate) fn apply(&mut self, effect: &Effect, quantity: u32) -> Result<(), ArithmeticError> {
        match effect {
            Effect::Rate(value) => self.rate = Exact::from(*value),
            Effect::AddPoints(value) => self.points = self.points.add(&Exact::from(*value))?,
            Effect::Multiply(factor) => {
                self.rate = self.rate.mul(*factor)?;
                self.points = self.points.mul(*factor)?;
                self.added = self.added.mul(*factor)?;
            }
            Effect::Add { amount, per: AddPer::Unit } => {
                self.added = self.added.add(&Exact::from(*amount).mul(Decimal::from(quantity))?)?;
            }
            Effect::Add { amount, per: AddPer::Order | AddPer::Item } => {
                self.added = self.added.add(&Exact::from(*amount))?;
            }
        }
        Ok(())
    }

    /// Returns what the verbs give on a base.
    pub(crate) fn on(&self, base: Money) -> Result<Exact, ArithmeticError> {
        self.rate.add(&self.points)?.mul(base.0)?.add(&self.added)
    }
}

/// Why an action is not payable, or is flagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Reason {
    /// A declared reason code, or one of the engine's own codes (see [`crate::terms::reasons`]).
    pub code: String,
    /// What the reason does to the action.
    pub verdict: Verdict,
    /// The name of the restriction, rule or limit that gave the reason.
    pub rule: String,
    /// For `UNKNOWN_PARTNER` and `NO_CONTRACT`: the id of the partner that was reported, who is not credited. `None` for every
    /// other code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// For `RULE_ERROR`: what failed, and where. `None` for every other code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<RuleFault>,
    /// Whether the rule reads fraud signals, which a partner must not learn about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fraud: bool,
}

/// The failure of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RuleFault {
    /// The kind of failure.
    pub kind: FaultKind,
    /// Where the rule failed; `None` if the failure is not in the text of a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The source text at that place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// A limit that cut a payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LimitCut {
    /// The name of the limit.
    pub limit: String,
    /// How the limit treats an action that reaches it.
    pub edge: Edge,
    /// What was left under the limit before this action: money, or a count for a limit on counts.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub left: Money,
    /// The amount of money that the limit took off.
    pub cut: Money,
}

/// A notice: something that the brand and the partner should know about an action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Notice {
    /// `limit_warning`, or a declared reason code.
    pub code: String,
    /// The name of the rule or limit that raised the notice.
    pub rule: String,
    /// Whether the rule reads fraud signals, which a partner must not learn about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fraud: bool,
}

/// Everything that was considered for a decision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Trace {
    /// The touches that were considered for credit.
    pub credit: Vec<TouchTrace>,
    /// What was considered for each award, in the order of [`Decision::awards`].
    pub awards: Vec<AwardTrace>,
}

/// Every rule considered for an award, in the order of the phases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct AwardTrace {
    /// The rules that were considered.
    pub rules: Vec<RuleTrace>,
    /// The limits that were considered.
    pub limits: Vec<LimitTrace>,
    /// The limits that are not about the action, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedLimit>,
    /// The number of payout groups that were not tried, over all lines: groups are looked up by a fact, such as the SKU, and these ask
    /// for another value of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_tried: u64,
    /// The facts by which groups are looked up, with the values for which these were not tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_up: Vec<Seen>,
    /// The number of rules and limits that were considered and are not listed, because the trace is at its limit
    /// ([`Limits::trace_bytes`](crate::Limits::trace_bytes)).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_listed: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_nothing(amount: &Money) -> bool {
    amount.is_zero()
}

/// A touch and whether it could be credited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TouchTrace {
    /// The index of the touch in the action's touches; `None` for the owner of a promo code or a partner whom the host reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch: Option<u32>,
    /// The partner of the touch.
    pub partner: String,
    /// Whether the touch was credited.
    pub credited: bool,
    /// Why the touch was credited or not, in a few words.
    pub because: String,
    /// For a touch that does not meet a condition of its contract: which part, and what would have been enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<WhyNot>,
}

/// A rule and its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RuleTrace {
    /// The phase in which the rule ran.
    pub phase: Phase,
    /// The name of the restriction, payout group or amount that the rule belongs to.
    pub rule: String,
    /// Where the rule is written.
    pub place: Place,
    /// The index of the item for which the rule was evaluated; `None` if it was evaluated for the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The outcome of the rule.
    pub outcome: Outcome,
    /// The values that its conditions saw, in the order in which they were first read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<Seen>,
    /// Why the rule did not match, and what would have been enough; `None` if it matched or failed, or if that cannot be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<WhyNot>,
    /// The fuel that the rule used.
    pub fuel: u64,
}

/// The outcome of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A restriction matched, with this verdict and reason.
    Restricted(Verdict, String),
    /// A payout group matched and was chosen.
    Chosen,
    /// A payout group matched, but another group was chosen. Holds what the group would have paid, if that was compared.
    NotChosen(
        #[serde(with = "crate::money::computed::option")]
        #[schemars(with = "Option<crate::money::computed::Computed>")]
        Option<Money>,
    ),
    /// The rule did not match.
    NotMatched,
    /// The rule of a total let the action count, or named the partner whose total is read.
    Counted,
    /// The rule computed an amount.
    Amount(
        #[serde(with = "crate::money::computed")]
        #[schemars(with = "crate::money::computed::Computed")]
        Money,
    ),
    /// The rule failed.
    Failed(FaultKind),
}

/// A limit and what it let through: money, or paid actions for a limit on counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LimitTrace {
    /// The name of the limit.
    pub limit: String,
    /// What was used of `max` before this action.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub used: Money,
    /// The maximum.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub max: Money,
    /// What this action asked for.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub asked: Money,
    /// What the limit granted.
    #[serde(with = "crate::money::computed")]
    #[schemars(with = "crate::money::computed::Computed")]
    pub granted: Money,
}

/// A limit that did not apply to an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SkippedLimit {
    /// The name of the limit.
    pub limit: String,
    /// Why it did not apply.
    pub because: Skipped,
}

/// Why a limit did not apply to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Skipped {
    /// It is for other event types.
    EventType,
    /// The action does not meet its condition.
    Condition,
    /// It counts actions, and the partner is paid beside those who are credited.
    NotCredited,
    /// A part of its key is not known, and it is skipped then.
    KeyUnknown,
    /// Nothing that it covers is paid.
    NothingPaid,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Returns the four numbers of a line with these verbs, after checking that they give what the verbs give.
    fn calculated(effects: &[Effect]) -> [String; 4] {
        let step = |effect: &Effect| Step { group: 0, effect: *effect };
        let steps: Vec<Step> = effects.iter().map(step).collect();
        let (base, quantity) = (Money(dec("40")), 3);
        let unrounded = Line::recompute(base, quantity, &steps).unwrap();
        let (earned, payout, item, sku, shares) = (unrounded, unrounded, None, None, Vec::new());
        let (taken_back, returned) = (Money::ZERO, Money::ZERO);
        let line = Line {
            item,
            sku,
            quantity,
            base,
            steps,
            unrounded,
            earned,
            payout,
            taken_back,
            returned,
            shares,
        };
        let Calculation { rate, points, multiplier, add } = line.calculation().unwrap();
        assert_eq!(base.0 * (rate + points) * multiplier + add.0, unrounded.0);
        [rate, points, multiplier, add.0].map(|number| number.normalize().to_string())
    }

    #[test]
    fn verbs_are_four_numbers() {
        let (rate, points) = (Effect::Rate(dec("0.1")), Effect::AddPoints(dec("0.02")));
        let twice = Effect::Multiply(dec("2"));
        let add = |per| Effect::Add { amount: Money(dec("1.5")), per };
        assert_eq!(calculated(&[]), ["0", "0", "1", "0"]);
        assert_eq!(calculated(&[rate, points, add(AddPer::Order), twice]), ["0.1", "0.02", "2", "3"]);
        assert_eq!(calculated(&[rate, twice, add(AddPer::Unit)]), ["0.1", "0", "2", "4.5"]);
        // Points that follow a factor are not multiplied, so the factor cannot stand apart.
        assert_eq!(calculated(&[rate, twice, points]), ["0.2", "0.02", "1", "0"]);
    }
}
