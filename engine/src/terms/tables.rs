//! The tables of `program.toml` and of a contract file. Each key is declared once: the loader reads by it, and the JSON Schemas
//! are made from it.

use chrono::NaiveDate;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use super::bonus::{AfterClose, Closes, Combine, Crossing, Threshold, TierScope, TrueUp};
use super::expression::Expression;
use super::model::{
    AddPer, AfterLock, AmountKind, Anchor, AtEnd, BelowMin, BelowThreshold, Choose, ConvertedAmounts, Counts,
    CountsIn, Edge, ItemsAre, Late, LevelOf, PayoutPer, RoundingPlace, Scope, Takes, Verdict, WhenUnknown,
    Windows,
};
use super::numbers::{Bound, Factor, Percent, Share, percent};
use super::read::{At, KeySpec, Named, Read, Sink, Value, span, table};
use super::refer::{OrTable, RowTable};
use super::times::Moment;
use super::values::{Currencies, Word};
use crate::calendar::{BusinessDays, CountFrom, Counting};
use crate::diagnostic::{Code, Help};
use crate::lang::Const;
use crate::money::{Allocation, Currency, Money, RoundingMode};
use crate::period::Period;
use crate::time::{Duration, Timestamp, Zone};

table! {
    /// What a program declares: `program.toml`.
    ProgramFile: "the program" {
        /// The program's id. It has at most 64 bytes: letters from `a` to `z` in either case, digits, `-`, `_` and `.`; a letter or a
        /// digit comes first.
        required id: String;
        /// Its name for people.
        required name: String;
        /// Currency of actions that name none, and of contracts that name none.
        required currency: Currency;
        /// Where its days begin, a name of the IANA database; `UTC` when left out.
        optional time_zone: Zone;
        /// The order in which contracts are tried for a partner; all files of `contracts/` by name when left out.
        optional contracts: Vec<At<String>>;
        /// Whether the items of an order add up to it (`whole`, when left out) or may be a `partial` list.
        optional items: Word<ItemsAre>;
        /// The most decimals that amounts may have, up to 12; those of their currency when left out.
        optional decimals: u32;
        /// Every event type that actions may have.
        required event_types: Named<EventTypeTable>;
        /// Typed attributes of the brand's own.
        optional attributes: Named<AttributeTable>;
        /// Typed attributes of the brand's own that partners have.
        optional partner_attributes: Named<RecordAttributeTable>;
        /// Typed attributes of the brand's own that items have.
        optional item_attributes: Named<RecordAttributeTable>;
        /// Reason codes with the text that people read.
        optional reasons: Named<String>;
        /// Named lists: SKUs, categories, countries.
        optional lists: Named<ListTable>;
        /// Named lists of holidays, by which contracts move a date to a business day.
        optional holidays: Named<Vec<At<NaiveDate>>>;
    }
}

table! {
    /// An event type.
    EventTypeTable: "an event type" {
        /// Whether its actions carry an amount; true when left out. `"signed"` allows negative amounts.
        optional amount: AmountKind;
    }
}

/// The types that an attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is the type of the rule language that it names")]
pub(super) enum AttributeKind {
    Bool,
    Integer,
    Decimal,
    Money,
    Text,
    Time,
    Date,
}

table! {
    /// An attribute of the brand's own.
    AttributeTable: "an attribute" {
        /// Its type.
        required r#type: Word<AttributeKind>;
        /// Whether every action must have it; false when left out.
        optional required: bool;
        /// The values that a text may have; any when left out.
        optional values: Vec<At<String>>;
    }
}

table! {
    /// An attribute of partners or items. It may be unknown, since not every partner is listed and not every action has items.
    RecordAttributeTable: "an attribute" {
        /// Its type.
        required r#type: Word<AttributeKind>;
        /// The values that a text may have; any when left out.
        optional values: Vec<At<String>>;
    }
}

table! {
    /// A named list: `values`, a `file`, or a column of a `table`.
    ListTable: "a list" {
        /// Its values.
        optional values: Vec<At<String>>;
        /// Its file: `.csv` with a header, or `.txt` with a value a line.
        optional file: String;
        /// A table of `tables/`, by its name.
        optional table: String;
        /// The column of a `.csv` file or of a table.
        optional column: String;
    }
}

table! {
    /// One version of a contract: a file of `contracts/`.
    ContractFile: "a contract" {
        /// The contract's name; several files may be versions of one contract.
        required contract: String;
        /// Its number, 1 or higher, rising.
        required version: u32;
        /// The first day or moment it is in force.
        required effective_from: Moment;
        /// The last day it is in force, or the moment from which it no longer is; until further notice when left out.
        optional effective_until: Moment;
        /// The day on which the contract is to be reviewed, for `accrue due`.
        optional review_on: NaiveDate;
        /// How many days before its beginning, its end and its review `accrue due` lists them; as the command says when left out.
        optional notice_days: u32;
        /// Whose moment chooses the version; `event` when left out.
        optional anchor: Word<Anchor>;
        /// What happens to an action of a period that is closed already: `hold` (when left out) or `current`.
        optional late: Word<Late>;
        /// Currency of payouts, or a list of currencies; the program's when left out. With a list, an action in one of them is paid
        /// in its own currency, and any other is converted to the first.
        optional currency: Currencies;
        /// Whose terms these are; everybody's who has no contract of their own when left out.
        optional partners: PartnersTable;
        /// Constants that rules and values of the contract read as `params.NAME`.
        optional params: Params;
        /// How an action is credited to a partner.
        optional credit: CreditTable;
        /// The commissionable amount.
        optional amount: AmountTable;
        /// Where and how payouts are rounded.
        optional rounding: RoundingTable;
        /// When awards lock; never when left out.
        optional locking: LockingTable;
        /// When payouts are paid; not stated when left out.
        optional payment: PaymentTable;
        /// Totals that rules read as `totals.NAME`.
        optional totals: Named<TotalTable>;
        /// Restrictions, all of which are evaluated.
        optional restrictions: Vec<At<RestrictionTable>>;
        /// What is paid: a default, groups, or both.
        optional payout: PayoutTable;
        /// What is paid for an event type instead, by its name.
        optional payouts: Named<PayoutTable>;
        /// Limits, all of which apply.
        optional limits: Vec<At<OrTable<LimitTable>>>;
        /// What becomes of a payout if its action is taken back.
        optional reversals: ReversalsTable;
        /// What becomes of awards that have not locked when the contract ends or the partner leaves; they are paid when left out.
        optional at_end: AtEndTable;
        /// What is paid when a period closes.
        optional bonuses: Vec<At<BonusTable>>;
    }
}

table! {
    /// A bonus, which is computed when a period closes: `tiers` with a `measure`, a `rule`, a `guarantee`, a `draw` or a `holdback`.
    /// Its expressions read the partner, the contract and the totals, such as `totals.sales.revenue.at_close`.
    BonusTable: "a bonus" {
        /// Its name, unique in the contract.
        required name: String;
        /// The calendar period at whose close it is computed.
        required period: Period;
        /// When it applies: an expression that is true or false; always when left out.
        optional when: Expression;
        /// What the tiers ask: an expression that gives an integer, a decimal or money.
        optional measure: Expression;
        /// What rates, a guarantee, a draw and a holdback apply to: an expression that gives money. For tiers the measure if it is money,
        /// or the revenue of the total that it reads, when left out.
        optional on: Expression;
        /// When a tier is reached: by a measure that is equal or above (`reaches`), or above (`exceeds`).
        optional threshold: Word<Threshold>;
        /// What a tier without a scope of its own applies to: what is past it (`marginal`) or everything (`whole`).
        optional scope: Word<TierScope>;
        /// How the action is paid that crosses a marginal tier: its amount is split (`split`, when left out), or it is all past the tier
        /// (`new`) or not at all (`old`).
        optional crossing: Word<Crossing>;
        /// Which of the tiers that are reached pay: each part of the measure is paid by the highest that applies to it (`highest`, when
        /// left out), or all of them pay (`cumulative`).
        optional combine: Word<Combine>;
        /// Whether the rate rises evenly from a tier to the next; false when left out.
        optional linear: bool;
        /// The tiers in rising order.
        optional tiers: OrTable<Vec<At<TierTable>>>;
        /// A rule file with payout verbs.
        optional rule: String;
        /// An amount: the bonus is what `on` lacks of it.
        optional guarantee: Money;
        /// An amount: the bonus is what `on` lacks of it, and what later periods have above it pays that back.
        optional draw: Money;
        /// A share of `on` that is kept back.
        optional holdback: Percent;
        /// After how many periods what was kept back is paid.
        optional release_after: u32;
        /// The most that the bonus is in one period.
        optional at_most: Money;
        /// What the bonus has paid before is taken off: in the calendar year (`year`), or ever (`lifetime`).
        optional true_up: Word<TrueUp>;
        /// The share of the next tier, such as `"80%"`, from which `accrue due` lists it as within reach; never when left out.
        optional notice_at: Share;
        /// When it is computed: when the period ends (`period_end`, when left out), or when an action of its last day locks (`lock`).
        optional closes: Word<Closes>;
        /// What becomes of it if something changes later: it stays (`keep`, when left out), or the next close pays the difference
        /// (`recompute`, `recompute_until_lock`).
        optional after_close: Word<AfterClose>;
    }
}

table! {
    /// A step of a bonus. It pays the sum of what it names.
    TierTable: "a tier" {
        /// The measure at which it begins.
        required from: Bound;
        /// What it applies to; as the bonus says when left out.
        optional scope: Word<TierScope>;
        /// A rate, such as `"2%"`.
        optional rate: Percent;
        /// Money, once, such as `"50.00"`.
        optional add: Money;
        /// Money for each one that the measure counts.
        optional each: Money;
        /// The distance after which `add` is paid once more.
        optional every: Bound;
    }
}

table! {
    /// What becomes of a payout if its action is taken back, whole or in part.
    ReversalsTable: "`[reversals]`" {
        /// What a return takes back: its part of the payout (`pro_rata`, when left out) or all of it (`whole`).
        optional takes: Word<Takes>;
        /// The share of the action, such as `"50%"`, above which a return takes the whole payout.
        optional threshold: Percent;
        /// What returns up to the threshold take: nothing (`keep`, when left out) or their part (`pro_rata`).
        optional below_threshold: Word<BelowThreshold>;
        /// The share of that which is taken, by the age of the action in days; all of it when left out.
        optional ages: Vec<At<AgeTable>>;
        /// In which period counters go down: that of the action (`original`, when left out) or that of the return (`current`).
        optional counts_in: Word<CountsIn>;
        /// Whether an award that has locked can still be adjusted: not at all (`refuse`, when left out), or as an entry of the
        /// adjustment's own period (`allow`).
        optional after_lock: Word<AfterLock>;
    }
}

table! {
    /// What becomes of awards that have not locked: they are paid (`pay`, when left out), held until a person decides (`hold`), or not
    /// paid (`forfeit`).
    AtEndTable: "`[at_end]`" {
        /// When the contract ends.
        optional contract: Word<AtEnd>;
        /// When the partner leaves.
        optional partner: Word<AtEnd>;
    }
}

table! {
    /// How much of a payout is taken back from an age on.
    AgeTable: "an age" {
        /// The days after the action, from which on the share holds.
        required from_days: u32;
        /// The share of what a return would take, such as `"50%"`.
        required share: Percent;
    }
}

table! {
    /// Whose terms a contract has, by id or by group.
    PartnersTable: "`[partners]`" {
        /// Partners by id.
        optional ids: Vec<At<String>>;
        /// Groups of partners.
        optional groups: Vec<At<String>>;
    }
}

table! {
    /// How an action is credited to partners.
    CreditTable: "`[credit]`" {
        /// Who is credited: the `last_touch` (when left out) or the `first_touch`; the `promo_code_owner` first; whom the host has
        /// `reported`; or every partner of the path: `linear`, `u_shape`, `j_shape`, by `roles`, by `positions`, with `time_decay`.
        optional policy: Word<Policy>;
        /// The longest time from a touch to the action, by kind of touch; `click = "30 days"` when left out.
        optional windows: WindowsTable;
        /// Which touches may be credited: an expression about one touch that is true or false; all when left out.
        optional when: Expression;
        /// Conditions on a touch, the most preferred first: only touches of the first one that any touch meets are credited.
        optional prefer: Vec<At<Expression>>;
        /// Whether an action of a customer who has a standing partner is that partner's; false when left out.
        optional standing: bool;
        /// The part of the payout for each role, with `policy = "roles"` or `"reported"`; together they are `"100%"`.
        optional roles: RolesTable;
        /// The weight of the first partner of the path, of the second, and so on, with `policy = "positions"`.
        optional positions: Vec<At<Percent>>;
        /// The time in which a touch loses half of its weight, with `policy = "time_decay"`.
        optional half_life: Duration;
        /// The smallest share that is paid, such as `"10%"`; any when left out.
        optional min_share: Percent;
        /// What becomes of a smaller share: it goes `to_others` (when left out), or is `unpaid`.
        optional below_min: Word<BelowMin>;
    }
}

/// The words of `policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "[`CreditPolicy`](super::model::CreditPolicy) says what each is")]
pub(super) enum Policy {
    LastTouch,
    FirstTouch,
    PromoCodeOwner,
    Reported,
    Linear,
    UShape,
    JShape,
    Roles,
    Positions,
    TimeDecay,
}

table! {
    /// The part of the payout for each role in the path. Partners of one role share its part equally.
    RolesTable: "`roles`" {
        /// For the partner of the first touch.
        optional introducer: Percent;
        /// For all partners who are neither the first nor the last.
        optional influencer: Percent;
        /// For the partner of the last touch.
        optional closer: Percent;
        /// For all partners, whatever their role.
        optional everyone: Percent;
    }
}

table! {
    /// Referral windows. A kind of touch that has none is not credited.
    WindowsTable: "`windows`" {
        /// From a click.
        optional click: Duration;
        /// From an impression.
        optional impression: Duration;
        /// From the use of a promo code.
        optional code: Duration;
    }
}

impl WindowsTable {
    /// Returns the referral windows.
    pub(super) fn windows(&self) -> Windows {
        let window = |at: &Option<At<Duration>>| at.as_ref().map(|window| window.value);
        Windows { click: window(&self.click), impression: window(&self.impression), code: window(&self.code) }
    }
}

table! {
    /// The commissionable amount, in expressions of the rule language that give money.
    AmountTable: "`[amount]`" {
        /// Of the order; `action.amount` when left out.
        optional order: Expression;
        /// Of an item; `item.amount` when left out.
        optional item: Expression;
        /// An amount of the order that is taken off the items in proportion to their amounts; nothing when left out.
        optional spread: Expression;
        /// Who gets the odd cents of `spread`; `largest_remainder` when left out.
        optional allocation: Word<Allocation>;
    }
}

table! {
    /// Where and how payouts are rounded.
    RoundingTable: "`[rounding]`" {
        /// How; `half_up` when left out.
        optional mode: Word<RoundingMode>;
        /// Each line (`item`, when left out) or the sum of them (`order`).
        optional place: Word<RoundingPlace>;
        /// Whether an amount in another currency is rounded to the `minor_unit` when it is converted (when left out) or is left
        /// `unrounded`.
        optional converted: Word<ConvertedAmounts>;
    }
}

table! {
    /// When an award locks: from then on nothing changes it.
    LockingTable: "`[locking]`" {
        /// What is counted from: the day of the `action`, or `month_end`, the last day of its month.
        required from: Word<CountFrom>;
        /// Months after the end of the month; none when left out.
        optional months: u32;
        /// Days after the action, or after the end of the month.
        required days: u32;
        /// Whether `full_days` pass after the day that is counted from (after `month_end`, when left out), or days are added to `dates`
        /// (after an action, when left out).
        optional counting: Word<Counting>;
        /// Where a date goes that is no business day: it stays (`none`, when left out), or moves to the `next` or the `previous`.
        optional business_days: Word<BusinessDays>;
        /// The holidays that are no business days, a name under `[holidays]` of the program.
        optional holidays: String;
    }
}

table! {
    /// When a payout is paid, counted from the end of the month in which its award locks.
    PaymentTable: "`[payment]`" {
        /// Months after the end of the month; none when left out.
        optional months: u32;
        /// Days after the end of the month.
        required days: u32;
        /// Whether days are added to `dates` (when left out), or `full_days` pass after the end of the month.
        optional counting: Word<Counting>;
        /// Where a date goes that is no business day: it stays (`none`, when left out), or moves to the `next` or the `previous`.
        optional business_days: Word<BusinessDays>;
        /// The holidays that are no business days, a name under `[holidays]` of the program.
        optional holidays: String;
    }
}

table! {
    /// A total that rules read as `totals.NAME`.
    TotalTable: "a total" {
        /// What it is kept by, one or more.
        required per: Vec<At<Word<Scope>>>;
        /// Its period; `lifetime` when left out.
        optional period: Period;
        /// Event types it counts; all when left out.
        optional event_types: Vec<At<String>>;
        /// Which actions it counts: an expression that is true or false; all when left out.
        optional when: Expression;
        /// Which lines it counts: an expression of the line that is true or false. Units and revenue are then those of the lines.
        optional items: Expression;
        /// The money that it sums instead of the commissionable amount, read as `measured`: an expression of the action.
        optional measure: Expression;
        /// What it counts the different values of, read as `distinct`: a part of the action such as `customer`.
        optional distinct: Word<Scope>;
        /// The first date that it counts; all when left out.
        optional from: NaiveDate;
        /// Whose total is read: an expression that gives the id of a partner; the credited partner's when left out.
        optional of: Expression;
        /// What happens to an action whose key is not known: it is held (`hold`, when left out), or the total is zero (`skip`).
        optional when_unknown: Word<WhenUnknown>;
        /// The number of actions after which it begins to count; it counts from the first when left out.
        optional after_actions: u32;
        /// Whether actions that are held count (`tracked`, when left out) or not before they are approved (`approved`).
        optional counts: Word<Counts>;
    }
}

table! {
    /// A restriction: `when`, `verdict` and `reason`, or a `rule`, or a `component`.
    RestrictionTable: "a restriction" {
        /// Its name, unique in the contract.
        required name: String;
        /// When it applies: an expression that is true or false.
        optional when: Expression;
        /// What it does.
        optional verdict: Word<Verdict>;
        /// Why: a reason code that the program declares.
        optional reason: String;
        /// How long a `hold` lasts; until a person decides when left out.
        optional release_after: Duration;
        /// A rule file with restriction verbs, instead of `when`, `verdict` and `reason`.
        optional rule: String;
        /// A component that is a restriction, instead of a rule file.
        optional component: String;
        /// Whether the action still counts for totals and limits; all but rejected ones do when left out.
        optional counts: bool;
    }
}

table! {
    /// What is paid.
    PayoutTable: "`[payout]`" {
        /// Whether groups are chosen for the whole `order` (when left out) or for each `item`.
        optional per: Word<PayoutPer>;
        /// How one of several matching groups is chosen; `first` when left out.
        optional choose: Word<Choose>;
        /// When nothing else matches; nothing is paid when left out.
        optional default: DefaultTable;
        /// Groups in their order.
        optional groups: Vec<At<OrTable<GroupTable>>>;
        /// What each partner of the path is paid who is not credited; nothing when left out.
        optional participation: ParticipationTable;
        /// What the partner's parent is paid, the parent's parent, and so on; nothing when left out.
        optional levels: Vec<At<LevelTable>>;
        /// Where and how this payout is rounded, if it is of one event type; as the contract says when left out.
        optional rounding: RoundingTable;
    }
}

table! {
    /// What a partner of the path who is not credited is paid.
    ParticipationTable: "`participation`" {
        /// Pays a rate of the commissionable amount, such as `"1%"`.
        optional rate: Percent;
        /// Pays money, such as `"2.00"`.
        optional add: Money;
    }
}

table! {
    /// What a partner is paid for the actions of the partners below.
    LevelTable: "a level" {
        /// The rate, such as `"2%"`.
        required rate: Percent;
        /// What the rate is of: the `sale` (when left out) or the `payout` of the partner who is credited.
        optional of: Word<LevelOf>;
    }
}

table! {
    /// The default payout: verbs, `bands` with `by`, a `rule`, or a `component`.
    DefaultTable: "`[payout.default]`" {
        /// Sets the rate, such as `"8%"`.
        optional rate: Percent;
        /// Adds points to the rate, such as `"1%"`.
        optional points: Percent;
        /// Scales what was given so far, such as `"1.1"`.
        optional multiply: Factor;
        /// Adds money, such as `"5.00"`.
        optional add: Money;
        /// What the money is added for; `order` when left out.
        optional add_per: Word<AddPer>;
        /// What `bands` measure: an expression that gives an integer, a decimal or money.
        optional by: Expression;
        /// Bands by rising lower bound.
        optional bands: OrTable<Vec<At<BandTable>>>;
        /// A rule file with payout verbs.
        optional rule: String;
        /// A component that is a payout rule.
        optional component: String;
        /// The most that it pays, such as `"50.00"`; any amount when left out.
        optional at_most: Money;
        /// What `at_most` is for; `order` when left out.
        optional at_most_per: Word<AddPer>;
    }
}

table! {
    /// A payout group: verbs, `bands` with `by`, a `rule`, or a `component`.
    GroupTable: "a payout group" {
        /// Its name, unique in the contract.
        required name: String;
        /// When it applies: an expression that is true or false; always when left out.
        optional when: Expression;
        /// Sets the rate, such as `"8%"`.
        optional rate: Percent;
        /// Adds points to the rate, such as `"1%"`.
        optional points: Percent;
        /// Scales what was given so far, such as `"1.1"`.
        optional multiply: Factor;
        /// Adds money, such as `"5.00"`.
        optional add: Money;
        /// What the money is added for; `order` when left out.
        optional add_per: Word<AddPer>;
        /// What `bands` measure: an expression that gives an integer, a decimal or money.
        optional by: Expression;
        /// Bands by rising lower bound.
        optional bands: OrTable<Vec<At<BandTable>>>;
        /// A rule file with payout verbs; the group matches when it gives any.
        optional rule: String;
        /// A component that is a payout rule; the group matches when it gives any verb.
        optional component: String;
        /// The most that the group pays, such as `"50.00"`; any amount when left out.
        optional at_most: Money;
        /// What `at_most` is for; `order` when left out.
        optional at_most_per: Word<AddPer>;
        /// For `choose = "most_specific"`; the number of conditions joined by `&&` when left out.
        optional specificity: u32;
    }
}

table! {
    /// A band: from its bound up to the next one's.
    BandTable: "a band" {
        /// The lowest value inside.
        required from: Bound;
        /// Sets the rate, such as `"8%"`.
        optional rate: Percent;
        /// Adds points to the rate, such as `"1%"`.
        optional points: Percent;
        /// Scales what was given so far, such as `"1.1"`.
        optional multiply: Factor;
        /// Adds money, such as `"5.00"`.
        optional add: Money;
        /// What the money is added for; `order` when left out.
        optional add_per: Word<AddPer>;
    }
}

table! {
    /// A limit: `max`, `count` or `share`.
    LimitTable: "a limit" {
        /// Its name, unique in the contract.
        required name: String;
        /// The most that is paid, money such as `"500.00"`.
        optional max: Money;
        /// The most actions that are paid.
        optional count: u32;
        /// The most that is paid, as a share of the action's commissionable amount; only with `per = ["action"]`.
        optional share: Percent;
        /// What it is kept by, one or more.
        required per: Vec<At<Word<Scope>>>;
        /// Its period; `lifetime` when left out. Not with `action` or `order`.
        optional period: Period;
        /// Event types it counts; all when left out.
        optional event_types: Vec<At<String>>;
        /// Only what this payout group pays; everything when left out.
        optional group: String;
        /// Which actions it is about: an expression that is true or false; all when left out.
        optional when: Expression;
        /// What happens to the payout that would pass it; `remainder` when left out.
        optional edge: Word<Edge>;
        /// The share of it, such as `"80%"`, from which a notice is raised; never when left out.
        optional warn_at: Share;
        /// What happens to an action whose key is not known; `hold` when left out.
        optional when_unknown: Word<WhenUnknown>;
        /// Whether a payout that is taken back makes room under the limit again; true when left out.
        optional reversal_frees: bool;
    }
}

/// The parameters of a contract. They are read before the values that may name them.
#[derive(Clone, Debug)]
pub(super) struct Params(pub(super) Named<Const>);

impl Read for Params {
    const UNDER_HEADER: bool = true;

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        sink.in_params = true;
        let named = Named::<Const>::read(value, sink);
        sink.in_params = false;
        if let DeValue::Table(table) = value.get_ref() {
            sink.params = table.iter().map(|(name, _)| (name.get_ref().to_string(), None)).collect();
        }
        for (name, at) in named.iter().flat_map(|named| &named.entries) {
            sink.params.insert(name.clone(), Some(at.value.clone()));
        }
        named.map(Self)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Named::<Const>::schema(generator)
    }
}

impl RowTable for GroupTable {
    const WHAT: &'static str = "a payout group";
    const SPECS: &'static [KeySpec] = Self::SPECS;
}

impl RowTable for BandTable {
    const WHAT: &'static str = "a band";
    const SPECS: &'static [KeySpec] = Self::SPECS;
}

impl RowTable for TierTable {
    const WHAT: &'static str = "a tier";
    const SPECS: &'static [KeySpec] = Self::SPECS;
}

impl RowTable for LimitTable {
    const WHAT: &'static str = "a limit";
    const SPECS: &'static [KeySpec] = Self::SPECS;
}

table! {
    /// A parameter with its type, one of these.
    TypedParam: "a parameter" {
        /// Money.
        optional money: Money;
        /// A decimal.
        optional decimal: Factor;
        /// A calendar date.
        optional date: NaiveDate;
        /// A moment.
        optional time: Timestamp;
        /// A duration in days.
        optional days: u32;
    }
}

/// Reads a parameter.
impl Read for Const {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(value) => Some(Self::Bool(*value)),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix()).ok();
                if read.is_none() {
                    sink.wrong(value, "a whole number of at most 18 digits", None);
                }
                read.map(Self::Integer)
            }
            DeValue::String(text) => match percent(text) {
                Some(fraction) => Some(Self::Decimal(fraction)),
                None => String::read(value, sink).map(Self::Text),
            },
            DeValue::Float(float) => {
                let number = float.as_str();
                let message = format!("`{}` is a binary float, which is not exact", sink.shown(span(value)));
                let help = format!(
                    "write `{{ decimal = \"{number}\" }}`, or `{{ money = \"{number}\" }}` for an amount"
                );
                let diagnostic = sink.at(Code::BinaryFloat, span(value), message).help(help);
                sink.push(diagnostic);
                Some(Self::Decimal(rust_decimal::Decimal::ONE))
            }
            DeValue::Datetime(_) => {
                let written = sink.shown(span(value));
                let kind = if written.len() == 10 { "date" } else { "time" };
                let help = Help::write(span(value), format!("{{ {kind} = \"{written}\" }}"));
                sink.wrong(value, "a parameter with its type", Some(help));
                None
            }
            DeValue::Array(_) => {
                let help = "lists are declared in `program.toml` under `[lists]`".into();
                sink.wrong(value, "one value", Some(help));
                None
            }
            DeValue::Table(table) => {
                let read = TypedParam::read(value, sink).and_then(|param| param.value(sink));
                read.or_else(|| stand_in(table.keys().next()?.get_ref()))
            }
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let typed = TypedParam::schema(generator);
        json_schema!({ "anyOf": [{ "type": ["string", "integer", "boolean"] }, typed] })
    }
}

/// Returns a value of the type that a faulty parameter names, so that rules that read the parameter are still checked. The error
/// keeps the program from loading.
fn stand_in(kind: &str) -> Option<Const> {
    Some(match kind {
        "money" => Const::Money(Money(rust_decimal::Decimal::ONE)),
        "decimal" => Const::Decimal(rust_decimal::Decimal::ONE),
        "date" => Const::Date(NaiveDate::default()),
        "time" => Const::Time(Timestamp::UNIX_EPOCH),
        "days" => Const::Duration(Duration::default()),
        _ => return None,
    })
}

impl TypedParam {
    fn value(self, sink: &mut Sink<'_>) -> Option<Const> {
        let mut given = Self::KEYS.iter().filter_map(|key| Some((*key, self.keys.get(key)?)));
        let Some((first, first_at)) = given.next() else {
            if self.keys.unknown {
                return None;
            }
            let message = "a parameter in braces says its type";
            let help = "write `{ money = \"500.00\" }`, `{ decimal = \"1.1\" }`, `{ date = \"2026-01-31\" }`, `{ time = \"2026-01-31T00:00:00Z\" }` or `{ days = 30 }`";
            let diagnostic = sink.at(Code::MissingKey, self.at, message).help(help);
            sink.push(diagnostic);
            return None;
        };
        if let Some((second, second_at)) = given.next() {
            let message = format!("a parameter has one type, not `{first}` and `{second}`");
            let diagnostic = sink.at(Code::ConflictingKeys, second_at, message);
            let diagnostic = diagnostic.label(sink.place(first_at), "the first type");
            sink.push(diagnostic);
            return None;
        }
        let days = |days: u32| Duration::of(i64::from(days), crate::time::DAY_SECONDS);
        let money = self.money.map(|at| Const::Money(at.value));
        let decimal = self.decimal.map(|at| Const::Decimal(at.value.0));
        let date = self.date.map(|at| Const::Date(at.value));
        let time = self.time.map(|at| Const::Time(at.value));
        let duration = self.days.and_then(|at| days(at.value)).map(Const::Duration);
        money.or(decimal).or(date).or(time).or(duration)
    }
}
