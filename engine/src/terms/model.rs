//! A checked program: the terms that `decide` reads. Only the loader makes them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::NaiveDate;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bonus::{Bonus, Past};
use super::component::ComponentRule;
use super::table::TablePlaces;
use crate::calendar::{DateRule, Holidays};
use crate::diagnostic::Place;
use crate::digest::Digest;
use crate::facts::{NamedList, TouchKind};
use crate::lang::catalog::Field;
use crate::lang::{AttributeType, FactRef, Rule, TotalAt, TotalField};
use crate::limits::Spent;
use crate::money::{Allocation, Currency, Money, RoundingMode};
use crate::period::Period;
use crate::time::{Duration, Interval, Timestamp, Zone};

/// Everything that a brand has declared, checked.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The program's id.
    pub id: String,
    /// The program's name, for people.
    pub name: String,
    /// Currency of actions that name none, and of contracts that name none.
    pub currency: Currency,
    /// The time zone in which its days begin.
    pub zone: Zone,
    /// Whether the items of an order add up to it.
    pub items: ItemsAre,
    /// The most decimals of an amount; those of its currency if `None`.
    pub decimals: Option<u32>,
    /// Event types, and what the actions of each have.
    pub event_types: IndexMap<String, EventType>,
    /// The brand's own attributes, by name; rules refer to them by index.
    pub attributes: IndexMap<String, AttributeType>,
    /// Reason codes, and their text for people.
    pub reasons: IndexMap<String, String>,
    /// Named lists; rules refer to them by index.
    pub lists: IndexMap<String, NamedList>,
    /// Named lists of holidays.
    pub holidays: IndexMap<String, Holidays>,
    /// Contracts, in the order in which they are tried for a partner.
    pub contracts: Vec<Contract>,
    /// The counters that limits and totals need, for all versions of all contracts.
    pub counters: Vec<Counter>,
    /// Digest over every source file.
    pub digest: Digest,
    /// The text of every contract and rule file, for a decision that quotes a place.
    pub sources: BTreeMap<String, Arc<str>>,
    /// The tables, in whose texts the places of some rules are.
    pub tables: TablePlaces,
    /// What reading the program took of each limit.
    pub spent: Vec<Spent>,
}

/// What the actions of an event type have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType {
    /// Whether its actions have an amount, and which. Without one, `action.amount` is zero.
    pub amount: AmountKind,
}

/// Which amounts the actions of an event type have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmountKind {
    /// None.
    None,
    /// Zero or more. What is taken back is an adjustment of the action that it refers to.
    #[default]
    Unsigned,
    /// Also negative amounts, which are decided like any other.
    Signed,
}

/// Whether the items of an order are all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemsAre {
    /// They add up to the order.
    #[default]
    Whole,
    /// They may be a part of the order.
    Partial,
}

/// A contract: its partners and its versions.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The contract's name, unique in the program.
    pub name: String,
    /// The versions in the order in which they begin. They do not overlap.
    pub versions: Vec<Version>,
}

/// Which partners a contract is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partners {
    /// The ids of partners.
    pub ids: Vec<String>,
    /// The groups of partners.
    pub groups: Vec<String>,
    /// Where each of them stands in the contract: the ids, then the groups.
    pub places: Vec<Place>,
}

impl Partners {
    /// Returns whether the contract is for everybody without a contract of their own.
    pub fn is_everyone(&self) -> bool {
        self.ids.is_empty() && self.groups.is_empty()
    }
}

/// The actions that a version is for. A contract file with payouts by event type, or with several currencies, becomes a version for
/// each, all with one number and no action in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Event types; empty for all.
    pub event_types: Vec<String>,
    /// The currencies in which actions came in; empty for all.
    pub currencies: Vec<Currency>,
    /// The currencies of which actions have a version of their own.
    pub not_in: Vec<Currency>,
}

impl Actions {
    /// Returns whether an action of this event type that came in this currency is one of them.
    pub fn contain(&self, event_type: &str, currency: Currency) -> bool {
        (self.event_types.is_empty() || self.event_types.iter().any(|listed| listed == event_type))
            && (self.currencies.is_empty() || self.currencies.contains(&currency))
            && !self.not_in.contains(&currency)
    }
}

/// The moment whose terms are in force for an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The moment of the credited touch.
    Click,
    /// The moment when the action occurred.
    #[default]
    Event,
    /// The moment when the action was reported.
    Submission,
}

/// One version of a contract.
#[derive(Clone, Debug)]
pub struct Version {
    /// The number of the version, rising.
    pub number: u32,
    /// The source file.
    pub file: String,
    /// The interval in which the version is in force.
    pub effective: Interval,
    /// The day on which the version is to be reviewed.
    pub review_on: Option<NaiveDate>,
    /// How many days ahead its dates are due; as the caller says if `None`.
    pub notice_days: Option<u32>,
    /// What happens to an action that occurred in a closed period.
    pub late: Late,
    /// The partners that the version is for.
    pub partners: Partners,
    /// The actions that the version is for.
    pub actions: Actions,
    /// The moment of an action that must lie in `effective`.
    pub anchor: Anchor,
    /// The currency of payouts.
    pub currency: Currency,
    /// How an action is credited.
    pub credit: Credit,
    /// How the commissionable amount is computed.
    pub amount: AmountTerms,
    /// Where and how payouts are rounded.
    pub rounding: Rounding,
    /// When awards lock and are paid.
    pub dates: Dates,
    /// Restrictions, all of which are evaluated.
    pub restrictions: Vec<Restriction>,
    /// What is paid.
    pub payout: Payout,
    /// Limits, all of which apply.
    pub limits: Vec<Limit>,
    /// What becomes of a payout if its action is taken back.
    pub reversals: Reversals,
    /// What becomes of awards that have not locked when the contract ends or the partner leaves.
    pub at_end: AtEnds,
    /// Declared totals; rules refer to them by index.
    pub totals: Vec<DeclaredTotal>,
    /// What is paid when a period closes.
    pub bonuses: Vec<Bonus>,
    /// Whether a rule reads the commissionable amounts of items. A component receives everything.
    pub reads_item_bases: bool,
    /// Digest over this version and everything it uses: its rules and lists.
    pub digest: Digest,
}

/// What becomes of awards that have not locked when the contract ends, and when the partner leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AtEnds {
    /// When the contract ends.
    pub contract: AtEnd,
    /// When the partner leaves.
    pub partner: AtEnd,
}

/// What becomes of an award that has not locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AtEnd {
    /// It is paid.
    #[default]
    Pay,
    /// It is held until a person decides.
    Hold,
    /// It is not paid.
    Forfeit,
}

/// When awards lock and are paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// When an award locks, counted from the day of its action; `None` if the contract does not say.
    pub locking: Option<DateRule>,
    /// When a payout is paid, counted from the day on which its award locks; `None` if the contract does not say.
    pub payment: Option<DateRule>,
}

/// Which actions a total counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Those that are held too.
    #[default]
    Tracked,
    /// Those that are held only once they are approved.
    Approved,
}

/// What happens to an action that occurred in a closed period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// The action is held with the reason `PERIOD_CLOSED`, and counts in the first open period.
    #[default]
    Hold,
    /// The action is decided like any other, and counts in the first open period.
    Current,
}

/// How an action is credited to partners.
#[derive(Clone, Debug)]
pub struct Credit {
    /// Who is credited, and with which share.
    pub policy: CreditPolicy,
    /// The longest time from a touch to the action, for each kind of touch.
    pub windows: Windows,
    /// The condition on a touch, a bool: a touch that does not meet it is not credited. `None` for every touch.
    pub when: Option<Arc<Rule>>,
    /// Conditions on a touch, bools, from the most preferred on. Of several touches only those of the first condition that any of them
    /// meets are credited; a touch that meets none comes last.
    pub prefer: Vec<Arc<Rule>>,
    /// Whether a customer's standing partner is credited, before any touch.
    pub standing: bool,
    /// The smallest share that is paid; zero for any.
    pub min_share: Decimal,
    /// What becomes of a share below `min_share`.
    pub below_min: BelowMin,
}

/// Referral windows: the longest time from a touch to the action. A kind of touch without a window is not credited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// The window after a click.
    pub click: Option<Duration>,
    /// The window after an impression.
    pub impression: Option<Duration>,
    /// The window after a promo code was used.
    pub code: Option<Duration>,
}

impl Windows {
    /// Returns the window of a kind of touch; `None` if the kind is not credited.
    pub fn of(&self, kind: TouchKind) -> Option<Duration> {
        match kind {
            TouchKind::Click => self.click,
            TouchKind::Impression => self.impression,
            TouchKind::Code => self.code,
        }
    }
}

/// Who is credited, and with which share of the payout.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CreditPolicy {
    /// The latest touch inside its referral window; of two touches at one moment, the later in the path.
    #[default]
    LastTouch,
    /// The earliest touch inside its referral window; of two touches at one moment, the earlier in the path.
    FirstTouch,
    /// The owner of a promo code of the action that was valid; the last touch if no code has an owner.
    PromoCodeOwner,
    /// The partners whom the host reports, with the weights it reports or these. The path of touches is not looked at.
    Reported(Option<RoleWeights>),
    /// Every partner of the path, by the role in it.
    Roles(RoleWeights),
    /// The partners of the path by their first touches: the first has the first of these weights, and so on. A partner without a weight
    /// has no share.
    Positions(Vec<Decimal>),
    /// Every partner of the path; a touch weighs half as much for each half-life between it and the action.
    TimeDecay {
        /// The half-life.
        half_life: Duration,
    },
}

/// The parts of the payout that go to the roles of a path. Partners of one role share its part equally. Parts of roles that nobody has
/// go to the others in proportion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleWeights {
    /// The part of the partner of the first touch.
    pub introducer: Decimal,
    /// The part of the partners who are neither the first nor the last.
    pub influencer: Decimal,
    /// The part of the partner of the last touch.
    pub closer: Decimal,
    /// The part that all partners share, whatever their role.
    pub everyone: Decimal,
}

/// What becomes of a share that is smaller than the smallest that is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BelowMin {
    /// It goes to the other partners in proportion to their shares.
    #[default]
    ToOthers,
    /// Nobody is paid it.
    Unpaid,
}

/// How the commissionable amount is computed.
#[derive(Clone, Debug)]
pub struct AmountTerms {
    /// The amount of the order, money; `None` for `action.amount`.
    pub order: Option<Arc<Rule>>,
    /// The amount of an item, money; `None` for `item.amount`.
    pub item: Option<Arc<Rule>>,
    /// An amount of the order, money, that is taken off the items in proportion to their amounts.
    pub spread: Option<Arc<Rule>>,
    /// Which items get the minor units left over from `spread`.
    pub allocation: Allocation,
}

/// Where and how payouts are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Rounding {
    /// The rounding mode.
    pub mode: RoundingMode,
    /// What is rounded.
    pub place: RoundingPlace,
    /// Whether amounts that came in another currency are rounded when they are converted.
    #[serde(default)]
    pub converted: ConvertedAmounts,
}

/// What becomes of an amount that is converted to the contract's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConvertedAmounts {
    /// It is rounded to the minor unit.
    #[default]
    MinorUnit,
    /// It keeps its decimals.
    Unrounded,
}

/// What is rounded, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingPlace {
    /// Each line of the payout.
    #[default]
    Item,
    /// The sum of the lines; the difference is allocated to the lines by largest remainder.
    Order,
}

/// What a restriction does to an action that it matches, in rising order: the strictest wins.
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
    /// The name of the restriction, unique in the version.
    pub name: String,
    /// Where the restriction is declared.
    pub place: Place,
    /// The condition, rule file or component.
    pub body: RestrictionBody,
    /// Whether an action that the restriction rejects, holds or zeroes still counts for totals and limits. `None` for the default
    /// of the verdict: an action counts unless it is rejected.
    pub counts: Option<bool>,
}

/// How a restriction is written.
#[derive(Clone, Debug)]
pub enum RestrictionBody {
    /// A condition with a verdict.
    When {
        /// The condition, a bool.
        condition: Arc<Rule>,
        /// The verdict if the condition holds.
        verdict: Verdict,
        /// The reason: a declared reason code.
        reason: String,
        /// For `hold`: how long the hold lasts after the action occurred; `None` until a person decides.
        release_after: Option<Duration>,
    },
    /// A rule file with restriction verbs.
    Script(Arc<Rule>),
    /// A component.
    Component(ComponentRule),
}

/// The payouts of a version.
#[derive(Clone, Debug, Default)]
pub struct Payout {
    /// Whether groups are chosen for each item or for the whole order.
    pub per: PayoutPer,
    /// How one of several matching payout groups is chosen.
    pub choose: Choose,
    /// The payout if no group matches; `None` pays nothing.
    pub default: Option<Group>,
    /// The payout groups in their order.
    pub groups: Vec<Group>,
    /// What a partner of the path who is not credited is paid; always the same verbs. `None` pays nothing.
    pub participation: Option<Group>,
    /// What the partner's parent is paid, the parent's parent, and so on.
    pub levels: Vec<Level>,
    /// The most that single payout groups pay, as limits on each action alone. They apply before the limits of the contract.
    pub at_most: Vec<Limit>,
}

/// What a partner is paid for the action of a partner below.
#[derive(Clone, Debug)]
pub struct Level {
    /// The name of the level in decisions and limits: `level 1` for the parent.
    pub name: String,
    /// Where the level is declared.
    pub place: Place,
    /// The rate, a fraction.
    pub rate: Decimal,
    /// What the rate applies to.
    pub of: LevelOf,
}

/// What the rate of a level applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelOf {
    /// The commissionable amount.
    #[default]
    Sale,
    /// The payout of the partner who is credited, after limits.
    Payout,
}

/// A payout for actions of some event types.
#[derive(Clone, Debug)]
pub(super) struct EventPayout {
    pub(super) event_types: Vec<String>,
    pub(super) payout: Payout,
    pub(super) rounding: Rounding,
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

/// How one of several matching payout groups is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The first matching group listed.
    #[default]
    First,
    /// The group with the highest computed payout; of equals the first listed.
    Highest,
    /// All groups; their verbs apply in the order listed, after the verbs of the default payout.
    Stack,
    /// The group with most conditions joined by `&&`, or with the highest `specificity` that it states; of equals the first
    /// listed.
    MostSpecific,
}

/// A payout group, or the default payout.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name of the group, unique in the version; `default` for the default payout.
    pub name: String,
    /// Where the group is declared.
    pub place: Place,
    /// The condition, a bool; `None` if the group always matches.
    pub when: Option<Arc<Rule>>,
    /// What the group pays.
    pub pays: Pays,
    /// How specific the group is, for [`Choose::MostSpecific`].
    pub specificity: u16,
}

/// What a payout group pays.
#[derive(Clone, Debug)]
pub enum Pays {
    /// The same verbs whenever the group matches.
    Fixed(Vec<Effect>),
    /// The verbs of the band that a value falls in; nothing below the first band.
    Bands {
        /// The value: an integer, a decimal or money.
        by: Arc<Rule>,
        /// The bands by rising lower bound.
        bands: Vec<Band>,
    },
    /// The verbs that a rule file gives. The group matches if it gives any payout verb.
    Script(Arc<Rule>),
    /// The verbs that a component gives. The group matches if it gives any payout verb.
    Component(ComponentRule),
}

/// A band: from its bound up to the bound of the next band.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// The lowest value inside.
    pub from: Decimal,
    /// Where the bound is written.
    pub place: Place,
    /// The verbs of the band.
    pub effects: Vec<Effect>,
}

/// How often a flat amount is paid.
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
    /// Sets the rate: a fraction, such as 0.08 for 8%.
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
        /// The amount.
        #[serde(with = "crate::money::computed")]
        #[schemars(with = "crate::money::computed::Computed")]
        amount: Money,
        /// How often the amount is added.
        per: AddPer,
    },
}

/// What becomes of a payout if its action is taken back, whole or in part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reversals {
    /// What a return takes.
    pub takes: Takes,
    /// The share of the action above which a return takes the whole payout; `None` for no threshold.
    pub threshold: Option<ReturnThreshold>,
    /// What returns up to the threshold take.
    pub below_threshold: BelowThreshold,
    /// The share of what would be taken, by the age of the action, in rising order; empty for all of it. The first begins with day 0.
    pub ages: Vec<Age>,
    /// In which period counters go down.
    pub counts_in: CountsIn,
    /// Whether an award that has locked can still be adjusted.
    pub after_lock: AfterLock,
}

/// The share of the action above which a return takes the whole payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnThreshold {
    /// The share.
    pub share: Decimal,
    /// Where the threshold is written.
    pub place: Place,
}

/// Whether an award that has locked can still be adjusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterLock {
    /// It cannot.
    #[default]
    Refuse,
    /// It can, and counts in the period of the adjustment.
    Allow,
}

/// How much of a payout is taken back from an age on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Age {
    /// The days after the action.
    pub from_days: u32,
    /// Where the age is written.
    pub place: Place,
    /// The share of what a return would take.
    pub share: Decimal,
}

/// What a return takes of a payout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// The part of what is returned.
    #[default]
    ProRata,
    /// All of it, whatever is returned.
    Whole,
}

/// What returns up to the threshold take of a payout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BelowThreshold {
    /// Nothing.
    #[default]
    Keep,
    /// The part of what is returned.
    ProRata,
}

/// In which period counters go down if an action is taken back or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountsIn {
    /// In the period of the action; in the first open period if it is closed.
    #[default]
    Original,
    /// In the period of the adjustment.
    Current,
}

/// A limit.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The name of the limit, unique in the version.
    pub name: String,
    /// Where the limit is declared.
    pub place: Place,
    /// The maximum.
    pub max: LimitMax,
    /// The counter that holds what was used: an index into [`Terms::counters`]; `None` for a limit on each action alone.
    pub counter: Option<usize>,
    /// The payout group that the limit covers; `None` for all.
    pub group: Option<String>,
    /// What happens to an action that reaches the limit.
    pub edge: Edge,
    /// The share of the maximum at which a notice is raised, such as 0.8; `None` for no notice.
    pub warn_at: Option<Decimal>,
    /// What happens if a part of the key is unknown, as in a limit for each customer on an action without a customer.
    pub when_unknown: WhenUnknown,
}

/// The most that a limit lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LimitMax {
    /// The payouts, money.
    Money(Money),
    /// A share of the action's commissionable amount; only for a limit on each action alone.
    Share(Decimal),
    /// The number of paid actions.
    Count(u64),
    /// What a payout group pays for each line, or for each of its units.
    Line {
        /// The most.
        most: Money,
        /// For each what.
        per: AddPer,
    },
}

/// What happens to a payout that would exceed a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The remainder is paid.
    #[default]
    Remainder,
    /// Nothing is paid unless the whole payout fits.
    AllOrNothing,
    /// The whole payout is paid as long as anything is left under the limit, and nothing afterwards.
    PayThenStop,
    /// The action is held with the reason `LIMIT_REACHED`: a person decides.
    Hold,
    /// The whole payout is paid, with the notice `limit_passed`.
    Alert,
}

/// What a limit or a total does with an action if a part of its key is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenUnknown {
    /// The action is held with reason `LIMIT_KEY_UNKNOWN` or `TOTAL_KEY_UNKNOWN`.
    #[default]
    Hold,
    /// The limit does not apply; the total is zero.
    Skip,
}

/// One part of the key by which a counter counts.
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
    /// The parent of the partner, as the reference facts have it.
    Parent,
    /// The payout group that set the line.
    Group,
    /// No key: one sum for the whole program.
    Program,
}

impl Scope {
    const ALL: [Self; 8] = [
        Self::Action,
        Self::Order,
        Self::Customer,
        Self::Click,
        Self::Partner,
        Self::Parent,
        Self::Group,
        Self::Program,
    ];

    /// Returns the word that contracts use.
    pub fn text(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Order => "order",
            Self::Customer => "customer",
            Self::Click => "click",
            Self::Partner => "partner",
            Self::Parent => "parent",
            Self::Group => "group",
            Self::Program => "program",
        }
    }

    /// Reads a word of a contract. Returns `None` for any other text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.text() == text)
    }
}

/// What a counter counts. Its identity is its content and not its position: see [`CounterId`](crate::counters::CounterId).
///
/// A counter belongs to a contract (or to the program, for [`Scope::Program`]) and not to one version, so a limit whose maximum
/// or edge changes within a period still sees what was counted before. A new counter counts from the moment it is declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// The index of the contract that is counted; `None` counts every contract of the program.
    pub contract: Option<usize>,
    /// The parts of the key, sorted.
    pub per: Vec<Scope>,
    /// The period.
    pub period: Period,
    /// The event types that are counted; empty for all.
    pub event_types: Vec<String>,
    /// The payout group whose payouts are counted; `None` for all.
    pub group: Option<String>,
    /// The condition under which an action is counted; `None` for all actions.
    pub when: Option<CountingRule>,
    /// The condition under which a line is counted: an action then counts if a line does, with the units and the commissionable
    /// amounts of the lines that count. `None` for whole actions.
    pub items: Option<CountingRule>,
    /// The money that is summed instead of the commissionable amount.
    pub measure: Option<CountingRule>,
    /// The part of an action whose different values are counted; `None` if none are.
    pub distinct: Option<Scope>,
    /// The date from which actions are counted; `None` for all.
    pub from: Option<NaiveDate>,
    /// The tier past which actions are counted; `None` for all.
    pub past: Option<Past>,
    /// Whether actions that are held are left out until they are approved.
    pub only_approved: bool,
    /// The bonus whose payments are counted, and no action is; `None` for actions.
    pub bonus: Option<String>,
    /// The currency of the amounts that are summed. A limit on a number of actions reads the counters of every currency.
    pub currency: Currency,
    /// Whether the counter goes down if an action is taken back. It does not for a limit that stays used.
    pub goes_down: bool,
}

impl Counter {
    /// Returns whether actions of this event type are counted.
    pub fn is_of(&self, event_type: &str) -> bool {
        self.event_types.is_empty() || self.event_types.iter().any(|listed| listed == event_type)
    }

    /// Returns whether it is asked of each action what the counter counts of it.
    pub(crate) fn asks(&self) -> bool {
        self.past.is_some() || self.rules().next().is_some()
    }

    /// Returns the rules that say what is counted.
    pub fn rules(&self) -> impl Iterator<Item = &CountingRule> {
        [&self.when, &self.items, &self.measure].into_iter().flatten()
    }

    /// Returns whether the commissionable amounts of items are read to count.
    pub(super) fn reads_items(&self) -> bool {
        self.items.is_some() || self.rules().any(|counting| counting.rule.reads.contains(&Field::ITEM_BASE))
    }

    /// Returns whether actions move sums that are kept from action to action. A key of the action alone needs no sums, because an
    /// action comes once.
    pub(crate) fn is_moved(&self) -> bool {
        self.per != [Scope::Action] && self.bonus.is_none()
    }

    /// Returns whether the credited partners of an action may have sums of their own.
    pub(crate) fn is_of_each_partner(&self) -> bool {
        self.per.iter().any(|scope| matches!(scope, Scope::Partner | Scope::Click | Scope::Parent))
    }

    /// Returns whether the payouts of single payout groups are counted.
    pub(crate) fn is_by_group(&self) -> bool {
        self.group.is_some() || self.per.contains(&Scope::Group)
    }

    /// Returns the counter without a currency: counters that count the same in several currencies are equal then.
    pub(crate) fn in_no_currency(&self) -> Self {
        Self { currency: Currency::NONE, ..self.clone() }
    }
}

/// A rule that says what a counter counts. Rules of one digest are equal.
#[derive(Clone, Debug)]
pub struct CountingRule {
    /// 32 hexadecimal digits of a digest over the words of the rule and of the functions that it calls, and the parameters that it
    /// reads.
    pub digest: String,
    /// The rule as the contract writes it.
    pub text: String,
    /// The checked rule.
    pub rule: Arc<Rule>,
}

impl PartialEq for CountingRule {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for CountingRule {}

impl Hash for CountingRule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

/// A total that rules read as `totals.NAME`.
#[derive(Clone, Debug)]
pub struct DeclaredTotal {
    /// The name of the total.
    pub name: String,
    /// The counter that the total reads: an index into [`Terms::counters`].
    pub counter: usize,
    /// What happens to an action whose key is not known.
    pub when_unknown: WhenUnknown,
    /// The id of the partner whose total is read, a text; `None` for the credited partner.
    pub of: Option<Arc<Rule>>,
    /// The periods that rules read besides the period of the action.
    pub earlier: BTreeSet<TotalAt>,
    /// The periods that the rules of bonuses read besides the period that closes.
    pub at_close: BTreeSet<TotalAt>,
}

impl DeclaredTotal {
    /// Returns a field of the total as rules write it.
    pub(crate) fn written(&self, field: TotalField, terms: &Terms) -> String {
        let period = terms.counters.get(self.counter).map_or(Period::Lifetime, |counter| counter.period);
        format!("totals.{}.{}", self.name, field.text(period))
    }
}

impl FactRef {
    /// Returns the fact as the rules of a version write it.
    #[must_use]
    pub fn name(self, terms: &Terms, version: &Version) -> String {
        match self {
            Self::Field(field) => field.spec().full_name(),
            Self::Attribute(index) | Self::ItemAttribute(index) => {
                let declared = terms.attributes.get_index(usize::from(index));
                declared.map_or_else(String::new, |(key, declared)| declared.of.written(key))
            }
            Self::Total(index, field) => {
                let total = version.totals.get(usize::from(index));
                total.map_or_else(String::new, |total| total.written(field, terms))
            }
        }
    }
}

impl Terms {
    /// Returns the text of a reason or notice code: the program's own or the engine's.
    pub(crate) fn reason_text(&self, code: &str) -> Option<&str> {
        self.reasons.get(code).map(String::as_str).or_else(|| super::reasons::text(code))
    }
}

impl Version {
    /// Returns the rules: those of credit, then [`Version::computing`]. A rule file that is named several times comes as often.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.credit.rules().chain(self.computing())
    }

    /// Returns the rules that run once a partner is credited: those of amounts, then [`Version::deciding`].
    pub fn computing(&self) -> impl Iterator<Item = &Rule> {
        let amount = &self.amount;
        let amounts = amount.order.iter().chain(&amount.item).chain(&amount.spread);
        amounts.map(Arc::as_ref).chain(self.deciding())
    }

    /// Returns the rules that run after the amounts are computed: of restrictions, then of payout groups.
    pub fn deciding(&self) -> impl Iterator<Item = &Rule> {
        let restrictions = self.restrictions.iter().filter_map(|restriction| restriction.body.rule());
        restrictions.chain(self.groups().flat_map(Group::rules))
    }

    /// Returns the rules that say whose totals are read.
    pub fn total_rules(&self) -> impl Iterator<Item = &Rule> {
        self.totals.iter().filter_map(|total| total.of.as_deref())
    }

    /// Returns the components, each with the name of its restriction or payout group.
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

    /// Returns whether the version contains a component. Then no module can answer for all rules, and the rules run one by one.
    pub fn has_component(&self) -> bool {
        self.components().next().is_some()
    }

    /// Returns the payout groups, the default payout last.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.payout.groups.iter().chain(&self.payout.default)
    }

    /// Returns a payout group by its index; the index of the default payout is one more than the last.
    pub(crate) fn group(&self, index: usize) -> Option<&Group> {
        match self.payout.groups.get(index) {
            Some(group) => Some(group),
            None => self.payout.default.as_ref().filter(|_| index == self.payout.groups.len()),
        }
    }

    /// Returns the index under which decisions have the participation bonus: one more than that of the default payout.
    pub(crate) fn participation_index(&self) -> usize {
        self.payout.groups.len() + 1
    }

    /// Returns the index under which decisions have a level: levels follow the participation bonus.
    pub(crate) fn level_index(&self, level: usize) -> usize {
        self.participation_index() + 1 + level
    }

    /// Returns the name of what pays under an index: of a payout group, the default payout, the participation bonus or a level.
    pub(crate) fn payer(&self, index: usize) -> Option<&str> {
        if let Some(group) = self.group(index) {
            return Some(&group.name);
        }
        if index == self.participation_index() {
            return self.payout.participation.as_ref().map(|group| group.name.as_str());
        }
        let level = index.checked_sub(self.level_index(0))?;
        self.payout.levels.get(level).map(|level| level.name.as_str())
    }

    /// Returns where is declared what pays under an index.
    pub(crate) fn payer_place(&self, index: usize) -> Option<&Place> {
        if let Some(group) = self.group(index) {
            return Some(&group.place);
        }
        if index == self.participation_index() {
            return self.payout.participation.as_ref().map(|group| &group.place);
        }
        let level = index.checked_sub(self.level_index(0))?;
        self.payout.levels.get(level).map(|level| &level.place)
    }

    /// Returns the names of everything that pays, each with its index.
    pub(crate) fn payers(&self) -> impl Iterator<Item = (usize, &str)> {
        let groups = self.groups().enumerate().map(|(index, group)| (index, group.name.as_str()));
        let participation = self.payout.participation.iter();
        let participation = participation.map(|group| (self.participation_index(), group.name.as_str()));
        let levels = self.payout.levels.iter().enumerate();
        let levels = levels.map(|(n, level)| (self.level_index(n), level.name.as_str()));
        groups.chain(participation).chain(levels)
    }

    /// Returns the version as it is for actions with this payout.
    pub(super) fn with_payout(&self, of: &EventPayout) -> Self {
        let mut version = self.clone();
        version.payout = of.payout.clone();
        version.limits.splice(0..0, of.payout.at_most.iter().cloned());
        version.rounding = of.rounding;
        version.actions.event_types.clone_from(&of.event_types);
        version
    }

    /// Sets what depends on all rules.
    pub(super) fn settle_rules(&mut self) {
        self.reads_item_bases = self.payout.per == PayoutPer::Item
            || self.has_component()
            || self.deciding().any(|rule| rule.reads.contains(&Field::ITEM_BASE));
    }
}

impl Credit {
    /// Returns the conditions on touches.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.when.iter().chain(&self.prefer).map(Arc::as_ref)
    }
}

impl RestrictionBody {
    /// Returns the rule; `None` for a component.
    pub fn rule(&self) -> Option<&Rule> {
        match self {
            Self::When { condition, .. } => Some(condition),
            Self::Script(rule) => Some(rule),
            Self::Component(_) => None,
        }
    }
}

impl Group {
    /// Returns the rules of the group: its condition, and the rule that says what it pays.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let pays = match &self.pays {
            Pays::Fixed(_) | Pays::Component(_) => None,
            Pays::Bands { by, .. } => Some(by),
            Pays::Script(rule) => Some(rule),
        };
        self.when.iter().chain(pays).map(Arc::as_ref)
    }

    /// Returns the steps that the group is of a decision if it matches with this band, besides the verbs that a rule file or a
    /// component gives.
    pub(crate) fn steps(&self, band: usize) -> usize {
        match &self.pays {
            Pays::Fixed(effects) => effects.len(),
            Pays::Bands { bands, .. } => bands.get(band).map_or(0, |band| band.effects.len()),
            Pays::Script(_) | Pays::Component(_) => 0,
        }
    }
}

impl Contract {
    /// Returns the version with this number that decides actions of an event type and pays in a currency.
    pub fn version(&self, number: u32, event_type: &str, currency: Currency) -> Option<&Version> {
        self.versions.iter().find(|version| {
            let of = &version.actions.event_types;
            version.number == number
                && version.currency == currency
                && (of.is_empty() || of.iter().any(|listed| listed == event_type))
        })
    }

    /// Returns when the last version ends; `None` if one has no end.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let ends = self.versions.iter().map(|version| version.effective.until);
        ends.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Returns when the first version began.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.versions.first().and_then(|version| version.effective.from)
    }
}
