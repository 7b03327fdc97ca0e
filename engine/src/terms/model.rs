//! A program that has been read and checked: what `decide` works from. Only the loader makes one.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::component::ComponentRule;
use crate::diagnostic::Place;
use crate::digest::Digest;
use crate::facts::{NamedList, TouchKind};
use crate::lang::catalog::Field;
use crate::lang::{AttributeType, Rule};
use crate::money::{Allocation, Currency, Money, RoundingMode};
use crate::period::Period;
use crate::time::{Duration, Interval, Timestamp, Zone};
use rust_decimal::Decimal;

/// Everything a brand has declared, checked.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The program's id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Currency of actions that name none, and of contracts that name none.
    pub currency: Currency,
    /// Where its days begin.
    pub zone: Zone,
    /// Event types and what each carries.
    pub event_types: IndexMap<String, EventType>,
    /// The brand's own attributes, by name; rules refer to them by index.
    pub attributes: IndexMap<String, AttributeType>,
    /// Reason codes and their text for people.
    pub reasons: IndexMap<String, String>,
    /// Named lists; rules refer to them by index.
    pub lists: IndexMap<String, NamedList>,
    /// Contracts, in the order in which they are tried for a partner.
    pub contracts: Vec<Contract>,
    /// What totals are kept of, for all versions of all contracts.
    pub counters: Vec<Counter>,
    /// Digest over every source file.
    pub digest: Digest,
    /// The text of every contract and rule file, for what a decision says about a place.
    pub sources: BTreeMap<String, Arc<str>>,
}

/// What an event type carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType {
    /// Whether its actions have an amount. Without one, `action.amount` is zero.
    pub amount: bool,
}

/// A contract: its partners and its versions.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Its name, unique in the program.
    pub name: String,
    /// Versions by the moment they begin; they do not overlap.
    pub versions: Vec<Version>,
}

/// Which partners a contract is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partners {
    /// By id.
    pub ids: Vec<String>,
    /// By group.
    pub groups: Vec<String>,
}

impl Partners {
    /// Whether it is for everybody who has no contract of their own.
    pub fn is_everyone(&self) -> bool {
        self.ids.is_empty() && self.groups.is_empty()
    }
}

/// The moment whose terms are in force for an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The credited touch.
    Click,
    /// When the action happened.
    #[default]
    Event,
    /// When the action was reported.
    Submission,
}

/// One version of a contract.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number, rising.
    pub number: u32,
    /// Its source file.
    pub file: String,
    /// When it is in force.
    pub effective: Interval,
    /// What happens to an action of a period that is closed.
    pub late: Late,
    /// Whose terms these are.
    pub partners: Partners,
    /// The moment that must lie in `effective`.
    pub anchor: Anchor,
    /// Currency of payouts.
    pub currency: Currency,
    /// Who takes part.
    pub credit: Credit,
    /// The commissionable amount.
    pub amount: AmountTerms,
    /// Where and how payouts are rounded.
    pub rounding: Rounding,
    /// Restrictions, all of which are evaluated.
    pub restrictions: Vec<Restriction>,
    /// What is paid.
    pub payout: Payout,
    /// Limits, all of which apply.
    pub limits: Vec<Limit>,
    /// Declared totals; rules refer to them by index.
    pub totals: Vec<DeclaredTotal>,
    /// Whether anything asks for the commissionable amounts of items. A component is handed everything.
    pub reads_item_bases: bool,
    /// Digest over this version and everything it uses: its rules and lists.
    pub digest: Digest,
}

/// What happens to an action of a period that is closed already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// It is held with the reason `PERIOD_CLOSED`, and counts in the first period that is open.
    #[default]
    Hold,
    /// It is decided like any other, and counts in the first period that is open.
    Current,
}

/// How an action is credited to a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Which touch wins.
    pub policy: CreditPolicy,
    /// Longest time from a touch to the action, per kind of touch.
    pub windows: Windows,
}

/// Referral windows: the longest time from a touch to the action. A kind of touch that has none is not credited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// After a click.
    pub click: Option<Duration>,
    /// After an impression.
    pub impression: Option<Duration>,
    /// After a promo code was used.
    pub code: Option<Duration>,
}

impl Windows {
    /// The window of a kind of touch.
    pub fn of(&self, kind: TouchKind) -> Option<Duration> {
        match kind {
            TouchKind::Click => self.click,
            TouchKind::Impression => self.impression,
            TouchKind::Code => self.code,
        }
    }
}

/// Which touch of the path wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditPolicy {
    /// The latest touch inside its referral window; of two at one moment, the later in the path.
    #[default]
    LastTouch,
}

/// How the commissionable amount is computed.
#[derive(Clone, Debug)]
pub struct AmountTerms {
    /// Of the order, money; `action.amount` when left out.
    pub order: Option<Box<Rule>>,
    /// Of an item, money; `item.amount` when left out.
    pub item: Option<Box<Rule>>,
    /// An amount of the order, money, that is taken off the items in proportion to their amounts.
    pub spread: Option<Box<Rule>>,
    /// Who gets the odd cents of what is spread.
    pub allocation: Allocation,
}

/// Where and how payouts are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Rounding {
    /// How.
    pub mode: RoundingMode,
    /// Where.
    pub place: RoundingPlace,
}

/// Where the one rounding happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingPlace {
    /// Each line of the payout.
    #[default]
    Item,
    /// The sum of the lines; what is left over is allocated to the lines by largest remainder.
    Order,
}

/// What a restriction does to an action it matches. The strictest wins, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Payable, marked for a person to see.
    Flag,
    /// Tracked and counted, unpaid.
    Zero,
    /// Not payable until released.
    Hold,
    /// Not payable, ever.
    Reject,
}

/// A restriction.
#[derive(Clone, Debug)]
pub struct Restriction {
    /// Its name, unique in the version.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// What it does.
    pub body: RestrictionBody,
    /// Whether an action that it rejects, holds or zeroes still counts for totals and limits; `None` for the
    /// verdict's own default: everything but `reject` counts.
    pub counts: Option<bool>,
}

/// How a restriction is written.
#[derive(Clone, Debug)]
pub enum RestrictionBody {
    /// A condition with a verdict.
    When {
        /// A bool.
        condition: Box<Rule>,
        /// What happens when it holds.
        verdict: Verdict,
        /// Why; a declared reason code.
        reason: String,
        /// For `hold`: how long, from when the action occurred. Until a person decides, when left out.
        release_after: Option<Duration>,
    },
    /// A rule file with restriction verbs.
    Script(Box<Rule>),
    /// A component.
    Component(ComponentRule),
}

/// What is paid.
#[derive(Clone, Debug)]
pub struct Payout {
    /// Whether groups are chosen for each item or for the whole order.
    pub per: PayoutPer,
    /// How one of several matching groups is chosen.
    pub choose: Choose,
    /// When nothing else matches; `None` pays nothing.
    pub default: Option<Group>,
    /// Groups in their order.
    pub groups: Vec<Group>,
}

/// What a payout group is chosen for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayoutPer {
    /// The whole order.
    #[default]
    Order,
    /// Each item. An action without items is one line of its whole amount, quantity 1, without an SKU.
    Item,
}

/// How one of several matching groups is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The first one listed that matches.
    #[default]
    First,
    /// The one whose computed payout is highest; the first listed of equals.
    Highest,
    /// All of them, their verbs in the order listed, after the default's.
    Stack,
    /// The one with most conditions joined by `&&`, or the highest `specificity` it states; the first listed of
    /// equals.
    MostSpecific,
}

/// A payout group, or the default payout.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name, unique in the version; `default` for the default payout.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// A bool; always, when left out.
    pub when: Option<Box<Rule>>,
    /// What it pays.
    pub pays: Pays,
    /// How specific it is, for [`Choose::MostSpecific`].
    pub specificity: u16,
}

/// What a group pays.
#[derive(Clone, Debug)]
pub enum Pays {
    /// The same verbs whenever it matches.
    Fixed(Vec<Effect>),
    /// The verbs of the band that a value falls in; below the first band nothing.
    Bands {
        /// An integer, a decimal or money.
        by: Box<Rule>,
        /// Bands by rising lower bound.
        bands: Vec<Band>,
    },
    /// What a rule file says. It matches when it gives any payout verb.
    Script(Box<Rule>),
    /// What a component says. It matches when it gives any payout verb.
    Component(ComponentRule),
}

/// A band: from its bound up to the next one's.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// The lowest value inside.
    pub from: Decimal,
    /// What it pays.
    pub effects: Vec<Effect>,
}

/// What a flat amount is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddPer {
    /// Once for the order, however many of its lines match.
    #[default]
    Order,
    /// Once for each line that matches.
    Item,
    /// For each unit of each line that matches.
    Unit,
}

/// A payout verb with its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Sets the rate: a fraction, 0.08 for 8%.
    Rate(
        #[serde(with = "crate::money::computed::fraction")]
        #[schemars(with = "crate::money::computed::Computed")]
        Decimal,
    ),
    /// Adds to the rate: a fraction.
    AddPoints(
        #[serde(with = "crate::money::computed::fraction")]
        #[schemars(with = "crate::money::computed::Computed")]
        Decimal,
    ),
    /// Scales what was given so far (rate, points and amounts) by a factor.
    Multiply(
        #[serde(with = "crate::money::computed::fraction")]
        #[schemars(with = "crate::money::computed::Computed")]
        Decimal,
    ),
    /// Adds an amount.
    Add {
        /// How much.
        #[serde(with = "crate::money::computed")]
        #[schemars(with = "crate::money::computed::Computed")]
        amount: Money,
        /// What for.
        per: AddPer,
    },
}

/// A limit.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its name, unique in the version.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The most.
    pub max: LimitMax,
    /// What it counts: an index into [`Terms::counters`]; `None` for a limit on each action alone.
    pub counter: Option<usize>,
    /// For a limit on one payout group: its name.
    pub group: Option<String>,
    /// What happens at the edge.
    pub edge: Edge,
    /// A share of the maximum from which a notice is raised, such as 0.8.
    pub warn_at: Option<Decimal>,
    /// What happens when its key is unknown, as for a limit per customer on an action without one.
    pub when_unknown: WhenUnknown,
}

/// The most that a limit lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LimitMax {
    /// Payouts, money.
    Money(Money),
    /// A share of the action's commissionable amount; only on each action alone.
    Share(Decimal),
    /// Paid actions.
    Count(u64),
}

/// What happens to the payout that would pass a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// What is left is paid.
    #[default]
    Remainder,
    /// Nothing is paid unless all fits.
    AllOrNothing,
    /// All of it is paid as long as anything is left, and nothing after.
    PayThenStop,
}

/// What a limit does with an action whose key it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenUnknown {
    /// The action is held with reason `LIMIT_KEY_UNKNOWN`.
    #[default]
    Hold,
    /// The limit does not apply.
    Skip,
}

/// One part of the key that totals are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The action itself.
    Action,
    /// The order number.
    Order,
    /// The customer.
    Customer,
    /// The credited touch, by its id.
    Click,
    /// The partner.
    Partner,
    /// The payout group that set the line.
    Group,
    /// Everything under the program.
    Program,
}

impl Scope {
    const ALL: [Self; 7] =
        [Self::Action, Self::Order, Self::Customer, Self::Click, Self::Partner, Self::Group, Self::Program];

    /// The word that contracts write.
    pub fn text(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Order => "order",
            Self::Customer => "customer",
            Self::Click => "click",
            Self::Partner => "partner",
            Self::Group => "group",
            Self::Program => "program",
        }
    }

    /// Reads a word of a contract. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.text() == text)
    }
}

/// What a counter counts. Its identity is its content, never its position: see [`CounterId`](crate::counters::CounterId).
///
/// Counters belong to the contract (or to the program, for [`Scope::Program`]), not to one version of it, so a limit whose
/// maximum or edge changes within a period counts what came before. A counter that is new counts from when it is declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// The contract it counts, by index; `None` counts every contract of the program.
    pub contract: Option<usize>,
    /// The key, sorted.
    pub per: Vec<Scope>,
    /// Its period.
    pub period: Period,
    /// Event types it counts; all, when empty.
    pub event_types: Vec<String>,
    /// Counts only what this payout group paid.
    pub group: Option<String>,
    /// The currency of the amounts it adds up. A limit on a number of actions reads the counters of every currency.
    pub currency: Currency,
}

impl Counter {
    /// Whether it counts actions of this event type.
    pub fn is_of(&self, event_type: &str) -> bool {
        self.event_types.is_empty() || self.event_types.iter().any(|listed| listed == event_type)
    }

    /// Whether it is kept from action to action. An action comes once, so nothing is used of it before.
    pub(crate) fn is_kept(&self) -> bool {
        self.per != [Scope::Action]
    }

    /// Whether it counts what single payout groups paid.
    pub(crate) fn is_by_group(&self) -> bool {
        self.group.is_some() || self.per.contains(&Scope::Group)
    }

    /// Whether both count the same, whatever the currency.
    pub(crate) fn counts_like(&self, other: &Self) -> bool {
        let Self { contract, per, period, event_types, group, currency: _ } = self;
        (contract, per, period, event_types, group)
            == (&other.contract, &other.per, &other.period, &other.event_types, &other.group)
    }
}

/// A total that rules read as `totals.NAME`.
#[derive(Clone, Debug)]
pub struct DeclaredTotal {
    /// Its name.
    pub name: String,
    /// What it counts: an index into [`Terms::counters`].
    pub counter: usize,
}

impl Version {
    /// Its rules in the order of their numbers: those of amounts, then [`Version::deciding`].
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let amount = &self.amount;
        let amounts = amount.order.iter().chain(&amount.item).chain(&amount.spread);
        amounts.map(Box::as_ref).chain(self.deciding())
    }

    /// The rules that run after the amounts are computed: of restrictions, then of payout groups.
    pub fn deciding(&self) -> impl Iterator<Item = &Rule> {
        let restrictions = self.restrictions.iter().filter_map(|restriction| restriction.body.rule());
        restrictions.chain(self.groups().flat_map(Group::rules))
    }

    /// Its components, each with the name of its restriction or its payout group.
    pub fn components(&self) -> impl Iterator<Item = (&str, &ComponentRule)> {
        let restrictions = self.restrictions.iter().filter_map(|restriction| match &restriction.body {
            RestrictionBody::Component(component) => Some((restriction.name.as_str(), component)),
            RestrictionBody::When { .. } | RestrictionBody::Script(_) => None,
        });
        let groups = self.groups().filter_map(|group| match &group.pays {
            Pays::Component(component) => Some((group.name.as_str(), component)),
            Pays::Fixed(_) | Pays::Bands { .. } | Pays::Script(_) => None,
        });
        restrictions.chain(groups)
    }

    /// Whether a component takes part. Then no module can answer for all of its rules, and they run one by one.
    pub fn has_component(&self) -> bool {
        self.components().next().is_some()
    }

    /// The payout groups, the default payout last.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.payout.groups.iter().chain(&self.payout.default)
    }

    /// A payout group by its index; the default payout's is one more than the last.
    pub(crate) fn group(&self, index: usize) -> Option<&Group> {
        match self.payout.groups.get(index) {
            Some(group) => Some(group),
            None => self.payout.default.as_ref().filter(|_| index == self.payout.groups.len()),
        }
    }

    /// Gives every rule its number, and notes what they ask for in all.
    pub(super) fn settle_rules(&mut self) {
        self.reads_item_bases = self.payout.per == PayoutPer::Item
            || self.has_component()
            || self.deciding().any(|rule| rule.reads.contains(&Field::ITEM_BASE));
        let amount = &mut self.amount;
        let restrictions =
            self.restrictions.iter_mut().filter_map(|restriction| match &mut restriction.body {
                RestrictionBody::When { condition, .. } => Some(condition),
                RestrictionBody::Script(rule) => Some(rule),
                RestrictionBody::Component(_) => None,
            });
        let groups = self.payout.groups.iter_mut().chain(&mut self.payout.default).flat_map(|group| {
            let pays = match &mut group.pays {
                Pays::Fixed(_) | Pays::Component(_) => None,
                Pays::Bands { by, .. } => Some(by),
                Pays::Script(rule) => Some(rule),
            };
            group.when.iter_mut().chain(pays)
        });
        let amounts = amount.order.iter_mut().chain(&mut amount.item).chain(&mut amount.spread);
        for (rule, number) in amounts.chain(restrictions).chain(groups).zip(0u32..) {
            rule.number = number;
        }
    }
}

impl RestrictionBody {
    /// Its rule, unless it is a component.
    pub fn rule(&self) -> Option<&Rule> {
        match self {
            Self::When { condition, .. } => Some(condition),
            Self::Script(rule) => Some(rule),
            Self::Component(_) => None,
        }
    }
}

impl Group {
    /// Its rules: the condition, and what says what it pays.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let pays = match &self.pays {
            Pays::Fixed(_) | Pays::Component(_) => None,
            Pays::Bands { by, .. } => Some(by),
            Pays::Script(rule) => Some(rule),
        };
        self.when.iter().chain(pays).map(Box::as_ref)
    }
}

impl Contract {
    /// When its first version began.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.versions.first().and_then(|version| version.effective.from)
    }
}
