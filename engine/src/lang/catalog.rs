//! Every name that a rule can use: fields of facts, built-in functions and methods, verbs. Each is declared once in a table that
//! the checker, the interpreter, editors and the reference read.
//!
//! Fields come from the tables of [`crate::facts`]; only fields that rules see differently are declared here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::types::{Base, Element, Phase, Record, Type};
use crate::facts;
use crate::facts::fields::{FactField, FactRecord, Kind};

/// A field of a record of facts, as rules see it; its number is its index in [`FIELDS`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Field(u16);

/// A row of the table of fields.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// The field.
    pub field: Field,
    /// The record that the field belongs to.
    pub record: Record,
    /// The name after the point.
    pub name: &'static str,
    /// The type of its values.
    pub ty: Type,
    /// The description, for the reference and for hover texts.
    pub doc: &'static str,
    /// Whether the field is from [`OWN`], and not read as it is stored in the facts.
    pub(crate) own: bool,
}

impl FieldSpec {
    /// Returns the name as rules write it, such as `customer.status`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.record.name(), self.name)
    }
}

/// A field that rules see differently from how it is stored: computed, with a default, or not at all.
struct Own {
    record: Record,
    name: &'static str,
    /// The type that rules see; `None` if rules do not see the field.
    ty: Option<Type>,
    doc: &'static str,
}

const fn own(record: Record, name: &'static str, base: Base, doc: &'static str) -> Own {
    Own { record, name, ty: Some(Type::known(base)), doc }
}

const fn maybe(record: Record, name: &'static str, base: Base, doc: &'static str) -> Own {
    Own { record, name, ty: Some(Type::maybe(base)), doc }
}

const fn hidden(record: Record, name: &'static str) -> Own {
    Own { record, name, ty: None, doc: "" }
}

/// Every field that rules see differently. All other fields follow from the tables of [`crate::facts`]. A field that is in no
/// record of facts comes after the field before it here. `run/access.rs` has the function that reads each.
const OWN: &[Own] = {
    use Record::{Action, Contract, Creative, Customer, Item, Partner};
    &[
        own(Action, "submitted_at", Base::Time, "When it was reported."),
        own(
            Action,
            "currency",
            Base::Text,
            "The currency the action came in; amounts are already in the contract's.",
        ),
        own(
            Action,
            "amount",
            Base::Money,
            "What it is worth, in the contract's currency; zero for event types without an amount.",
        ),
        own(
            Action,
            "base",
            Base::Money,
            "The commissionable amount, as `[amount]` computes it; not there while that is computed.",
        ),
        own(Action, "items", Base::List(Element::Item), "The lines of the order."),
        own(Action, "promo_codes", Base::List(Element::Code), "Codes used on the order, in upper case."),
        own(Action, "touches", Base::List(Element::Touch), "The path of touches."),
        own(Item, "sku", Base::Text, "The product's key."),
        own(Item, "quantity", Base::Integer, "Units."),
        own(Item, "amount", Base::Money, "What the line is worth in all."),
        own(
            Item,
            "base",
            Base::Money,
            "The commissionable amount of the line; not there while that is computed.",
        ),
        own(Customer, "status", Base::Text, "`new`, `existing`, the brand's own word, or `unknown`."),
        own(Partner, "id", Base::Text, "The partner's id."),
        own(Partner, "status", Base::Text, "The partner's status; `active` unless the facts say otherwise."),
        maybe(Creative, "id", Base::Text, "The creative's id; unknown when the touch names none."),
        own(
            Creative,
            "status",
            Base::Text,
            "`none` when the touch names none, `unlisted` when the facts do not have it, else its status, `active` \
             unless the facts say otherwise.",
        ),
        hidden(Partner, "left_at"),
        hidden(Partner, "from"),
        hidden(Creative, "partners"),
        own(
            Creative,
            "allowed",
            Base::Bool,
            "Whether this partner may use it; true when the touch names none.",
        ),
        own(Contract, "name", Base::Text, "The contract's name."),
        own(Contract, "version", Base::Integer, "The version in force."),
        own(Contract, "started_at", Base::Time, "When the contract's first version began."),
    ]
};

/// Returns the type that rules see for values of a kind; `None` for a kind without values of its own.
const fn base_of(kind: Kind) -> Option<Base> {
    Some(match kind {
        Kind::Text | Kind::Word | Kind::Currency => Base::Text,
        Kind::Texts => Base::List(Element::Text),
        Kind::Money => Base::Money,
        Kind::Decimal => Base::Decimal,
        Kind::Integer => Base::Integer,
        Kind::Time => Base::Time,
        Kind::Nested => return None,
    })
}

/// The table of fields while it is built, at compile time.
#[derive(Clone, Copy)]
struct Table {
    rows: [FieldSpec; Self::MOST],
    len: usize,
}

#[allow(clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
impl Table {
    /// The most rows of the table.
    const MOST: usize = 128;

    const fn new() -> Self {
        let row = FieldSpec {
            field: Field(0),
            record: Record::Action,
            name: "",
            ty: Type::UNIT,
            doc: "",
            own: true,
        };
        Self { rows: [row; Self::MOST], len: 0 }
    }

    const fn push(
        mut self,
        record: Record,
        name: &'static str,
        ty: Type,
        doc: &'static str,
        own: bool,
    ) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "there are at most `MOST`")]
        let field = Field(self.len as u16);
        self.rows[self.len] = FieldSpec { field, record, name, ty, doc, own };
        self.len += 1;
        self
    }

    /// Adds the fields of a record of facts.
    const fn facts<R: FactRecord>(mut self, record: Record) -> Self {
        let mut at = 0;
        while at < R::FIELDS.len() {
            let FactField { name, doc, kind, required, .. } = &R::FIELDS[at];
            at += 1;
            if let Some(first) = find_own(record, name) {
                if let Some(ty) = OWN[first].ty {
                    self = self.push(record, name, ty, OWN[first].doc, true);
                }
                self = self.others::<R>(record, first + 1);
            } else if let Some(base) = base_of(*kind) {
                let list = matches!(kind, Kind::Texts);
                let ty = if *required || list { Type::known(base) } else { Type::maybe(base) };
                self = self.push(record, name, ty, doc, false);
            }
        }
        self
    }

    /// Adds the rows of [`OWN`] from this index up to the next field of the facts.
    const fn others<R: FactRecord>(mut self, record: Record, mut next: usize) -> Self {
        while next < OWN.len() && OWN[next].record as u8 == record as u8 && !has::<R>(OWN[next].name) {
            if let Some(ty) = OWN[next].ty {
                self = self.push(record, OWN[next].name, ty, OWN[next].doc, true);
            }
            next += 1;
        }
        self
    }

    /// Adds the contract, which is not a record of the facts.
    const fn contract(mut self) -> Self {
        let mut at = 0;
        while at < OWN.len() {
            if let (Record::Contract, Some(ty)) = (OWN[at].record, OWN[at].ty) {
                self = self.push(Record::Contract, OWN[at].name, ty, OWN[at].doc, true);
            }
            at += 1;
        }
        self
    }
}

#[allow(clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
const fn has<R: FactRecord>(name: &str) -> bool {
    let mut at = 0;
    while at < R::FIELDS.len() {
        if same(R::FIELDS[at].name, name) {
            return true;
        }
        at += 1;
    }
    false
}

#[allow(clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
const fn find_own(record: Record, name: &str) -> Option<usize> {
    let mut at = 0;
    while at < OWN.len() {
        if OWN[at].record as u8 == record as u8 && same(OWN[at].name, name) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Returns whether two names are equal, at compile time.
#[allow(clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

const TABLE: Table = Table::new()
    .facts::<facts::Action>(Record::Action)
    .facts::<facts::Item>(Record::Item)
    .facts::<facts::Customer>(Record::Customer)
    .facts::<facts::Partner>(Record::Partner)
    .facts::<facts::Touch>(Record::Touch)
    .facts::<facts::Creative>(Record::Creative)
    .facts::<facts::Follows>(Record::Follows)
    .facts::<facts::Device>(Record::Device)
    .facts::<facts::Fraud>(Record::Fraud)
    .contract();

#[allow(clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
static ROWS: [FieldSpec; TABLE.len] = {
    let mut rows = [TABLE.rows[0]; TABLE.len];
    let mut at = 0;
    while at < rows.len() {
        rows[at] = TABLE.rows[at];
        at += 1;
    }
    rows
};

/// Every field, in the order of the reference.
pub static FIELDS: &[FieldSpec] = &ROWS;

/// Fields that the engine itself reads by name.
impl Field {
    /// `action.event_type`.
    pub const ACTION_EVENT_TYPE: Self = Self::named(Record::Action, "event_type");
    /// `action.items`.
    pub const ACTION_ITEMS: Self = Self::named(Record::Action, "items");
    /// `action.touches`.
    pub const ACTION_TOUCHES: Self = Self::named(Record::Action, "touches");
    /// `item.base`.
    pub const ITEM_BASE: Self = Self::named(Record::Item, "base");
    /// `touch.kind`.
    pub const TOUCH_KIND: Self = Self::named(Record::Touch, "kind");
    /// `creative.allowed`.
    pub const CREATIVE_ALLOWED: Self = Self::named(Record::Creative, "allowed");
    /// `creative.valid_from`.
    pub const CREATIVE_VALID_FROM: Self = Self::named(Record::Creative, "valid_from");
    /// `creative.valid_until`.
    pub const CREATIVE_VALID_UNTIL: Self = Self::named(Record::Creative, "valid_until");
    /// `follows.id`.
    pub const FOLLOWS_ID: Self = Self::named(Record::Follows, "id");
    /// `action.occurred_at`.
    pub const ACTION_OCCURRED_AT: Self = Self::named(Record::Action, "occurred_at");
    /// `touch.at`.
    pub const TOUCH_AT: Self = Self::named(Record::Touch, "at");
    /// `follows.occurred_at`.
    pub const FOLLOWS_OCCURRED_AT: Self = Self::named(Record::Follows, "occurred_at");
    /// `follows.event_type`.
    pub const FOLLOWS_EVENT_TYPE: Self = Self::named(Record::Follows, "event_type");

    /// Returns the field with this name. In a constant, a name that no field has does not compile.
    #[allow(clippy::panic, clippy::indexing_slicing, reason = "evaluated when the engine is compiled")]
    pub(crate) const fn named(record: Record, name: &str) -> Self {
        let mut at = 0;
        while at < TABLE.len {
            if TABLE.rows[at].record as u8 == record as u8 && same(TABLE.rows[at].name, name) {
                return TABLE.rows[at].field;
            }
            at += 1;
        }
        panic!("no field has this name")
    }

    /// Returns the row of the field in the table.
    #[allow(clippy::indexing_slicing, reason = "a field is made with its row")]
    pub fn spec(self) -> &'static FieldSpec {
        &ROWS[usize::from(self.0)]
    }

    /// Returns the index of the field in [`FIELDS`].
    pub(crate) const fn number(self) -> u16 {
        self.0
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.spec().full_name())
    }
}

/// Returns the records of facts in a phase, with the type of each name. `follows` may be unknown.
pub fn facts(phase: Phase) -> Vec<(Record, Type)> {
    use Record::{Action, Contract, Creative, Customer, Device, Follows, Fraud, Item, Partner, Touch};
    if phase == Phase::Close {
        return [Partner, Contract].map(|record| (record, Type::known(Base::Record(record)))).into();
    }
    let mut facts: Vec<(Record, Type)> =
        [Action, Customer, Partner, Touch, Creative, Device, Fraud, Contract]
            .into_iter()
            .map(|record| (record, Type::known(Base::Record(record))))
            .collect();
    facts.push((Follows, Type::maybe(Base::Record(Follows))));
    if phase.is_of_item() {
        facts.push((Item, Type::known(Base::Record(Item))));
    }
    facts
}

/// A built-in function or method. A method takes its receiver as the first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// `percent(8)`: the number divided by 100.
    Percent,
    /// `days(n)`.
    Days,
    /// `hours(n)`.
    Hours,
    /// `minutes(n)`.
    Minutes,
    /// `min(a, b)` of two integers, decimals or amounts.
    Min,
    /// `max(a, b)`.
    Max,
    /// `abs(x)`.
    Abs,
    /// `floor(x)` of a decimal: the largest whole number that is not greater, still a decimal.
    Floor,
    /// `round(x, step)` of an amount: the multiple of the step that the contract's rounding mode gives.
    Round,
    /// `text.starts_with(text)`.
    StartsWith,
    /// `text.ends_with(text)`.
    EndsWith,
    /// `text.contains(text)`.
    Contains,
    /// `list.len()`.
    Len,
    /// `creative.expired_at(time)`.
    ExpiredAt,
    /// `creative.not_yet_valid_at(time)`.
    NotYetValidAt,
    /// `promo_owner(code)`, text that may be unknown.
    PromoOwner,
    /// `promo_active(code, time)`: whether the code is listed and valid at that moment.
    PromoActive,
    /// `time.date`, in the program's time zone.
    TimeDate,
    /// `time.hour`, 0 to 23, in the program's time zone.
    TimeHour,
    /// `time.minute`, 0 to 59, in the program's time zone.
    TimeMinute,
    /// `date.plus_months(n)`; of a day that the month does not have, its last day.
    PlusMonths,
    /// `date.plus_years(n)`; of 29 February, the 28th in a year that has none.
    PlusYears,
    /// `months_between(from, to)`: whole months, negative if `to` is earlier.
    MonthsBetween,
    /// `date.start_of_month()`.
    StartOfMonth,
    /// `date.end_of_month()`.
    EndOfMonth,
    /// `date.year`.
    DateYear,
    /// `date.month`, 1 to 12.
    DateMonth,
    /// `date.day`, 1 to 31.
    DateDay,
    /// `date.weekday`, 1 (Monday) to 7 (Sunday).
    DateWeekday,
    /// `duration.days`, whole days rounded down.
    DurationDays,
    /// `duration.hours`, whole hours rounded down.
    DurationHours,
}

/// How a built-in is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `name(a, b)`.
    Function,
    /// `a.name(b)`.
    Method,
    /// `a.name`.
    Property,
}

/// A row of the table of built-ins. The checker knows the types of their arguments.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinSpec {
    /// The built-in; `None` for a built-in that takes only literals and is folded by the checker.
    pub builtin: Option<Builtin>,
    /// The name of the built-in.
    pub name: &'static str,
    /// How the built-in is written.
    pub call: Call,
    /// The form of a call, for the reference and for help texts.
    pub form: &'static str,
    /// What the built-in returns.
    pub doc: &'static str,
}

/// Every built-in.
pub const BUILTINS: &[BuiltinSpec] = {
    const fn row(
        builtin: Option<Builtin>,
        name: &'static str,
        call: Call,
        form: &'static str,
        doc: &'static str,
    ) -> BuiltinSpec {
        BuiltinSpec { builtin, name, call, form, doc }
    }
    use Builtin as B;
    use Call::{Function, Method, Property};
    &[
        row(
            None,
            "money",
            Function,
            "money(\"5.00\")",
            "An amount in the contract's currency, from a literal.",
        ),
        row(None, "date", Function, "date(\"2026-01-31\")", "A calendar date, from a literal."),
        row(None, "time", Function, "time(\"2026-01-31T00:00:00Z\")", "A moment, from a literal."),
        row(None, "known", Function, "known(x)", "Whether a value that may be unknown is known."),
        row(None, "decimal", Function, "decimal(n)", "An integer as a decimal."),
        row(
            Some(B::Percent),
            "percent",
            Function,
            "percent(8)",
            "A number divided by 100: `percent(8)` is 0.08.",
        ),
        row(Some(B::Days), "days", Function, "days(n)", "A duration of n times 24 hours."),
        row(Some(B::Hours), "hours", Function, "hours(n)", "A duration of n hours."),
        row(Some(B::Minutes), "minutes", Function, "minutes(n)", "A duration of n minutes."),
        row(Some(B::Min), "min", Function, "min(a, b)", "The smaller of two numbers or amounts."),
        row(Some(B::Max), "max", Function, "max(a, b)", "The larger of two numbers or amounts."),
        row(Some(B::Abs), "abs", Function, "abs(x)", "A number or amount without its sign."),
        row(Some(B::Floor), "floor", Function, "floor(x)", "A decimal rounded down to a whole number."),
        row(
            Some(B::Round),
            "round",
            Function,
            "round(x, money(\"0.05\"))",
            "An amount rounded to a multiple of a step above zero, with the contract's rounding mode.",
        ),
        row(Some(B::StartsWith), "starts_with", Method, "text.starts_with(\"…\")", "Whether text begins so."),
        row(Some(B::EndsWith), "ends_with", Method, "text.ends_with(\"…\")", "Whether text ends so."),
        row(Some(B::Contains), "contains", Method, "text.contains(\"…\")", "Whether text has this in it."),
        row(
            Some(B::PlusMonths),
            "plus_months",
            Method,
            "date.plus_months(12)",
            "The same day some months later; the last day of a month that has no such day.",
        ),
        row(
            Some(B::PlusYears),
            "plus_years",
            Method,
            "date.plus_years(1)",
            "The same day some years later; 28 February if there is no 29th.",
        ),
        row(
            Some(B::MonthsBetween),
            "months_between",
            Function,
            "months_between(customer.since.date, action.occurred_at.date)",
            "The whole calendar months from one date to another; negative if the second is earlier.",
        ),
        row(
            Some(B::StartOfMonth),
            "start_of_month",
            Method,
            "date.start_of_month()",
            "The first day of the month.",
        ),
        row(Some(B::EndOfMonth), "end_of_month", Method, "date.end_of_month()", "The last day of the month."),
        row(Some(B::Len), "len", Method, "list.len()", "How many elements a list has."),
        row(
            Some(B::ExpiredAt),
            "expired_at",
            Method,
            "creative.expired_at(touch.at)",
            "Whether the creative may no longer be used at a moment; false when the touch names none.",
        ),
        row(
            Some(B::NotYetValidAt),
            "not_yet_valid_at",
            Method,
            "creative.not_yet_valid_at(touch.at)",
            "Whether the creative may not yet be used at a moment; false when the touch names none.",
        ),
        row(
            Some(B::PromoOwner),
            "promo_owner",
            Function,
            "promo_owner(code)",
            "The partner a promo code belongs to; unknown for a public or unlisted code.",
        ),
        row(
            Some(B::PromoActive),
            "promo_active",
            Function,
            "promo_active(code, action.occurred_at)",
            "Whether a promo code is listed and valid at a moment.",
        ),
        row(
            Some(B::TimeDate),
            "date",
            Property,
            "time.date",
            "The calendar date in the program's time zone.",
        ),
        row(
            Some(B::TimeHour),
            "hour",
            Property,
            "time.hour",
            "The hour, 0 to 23, in the program's time zone.",
        ),
        row(
            Some(B::TimeMinute),
            "minute",
            Property,
            "time.minute",
            "The minute, 0 to 59, in the program's time zone.",
        ),
        row(Some(B::DateYear), "year", Property, "date.year", "The year."),
        row(Some(B::DateMonth), "month", Property, "date.month", "The month, 1 to 12."),
        row(Some(B::DateDay), "day", Property, "date.day", "The day of the month, 1 to 31."),
        row(Some(B::DateWeekday), "weekday", Property, "date.weekday", "1 for Monday to 7 for Sunday."),
        row(Some(B::DurationDays), "days", Property, "duration.days", "Whole days, rounded down."),
        row(Some(B::DurationHours), "hours", Property, "duration.hours", "Whole hours, rounded down."),
    ]
};

/// What a rule decides. Restriction verbs and payout verbs never occur in one phase; `notice` is in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `reject("CODE")`: not payable, ever.
    Reject,
    /// `hold("CODE")` or `hold("CODE", days(30))`: not payable until released.
    Hold,
    /// `zero("CODE")`: tracked and counted, unpaid.
    Zero,
    /// `flag("CODE")`: payable, marked for a person to see.
    Flag,
    /// `rate(percent(8))`: sets the rate.
    Rate,
    /// `add_points(percent(1))`: adds to the rate.
    AddPoints,
    /// `multiply(1.1)`: scales what was given so far.
    Multiply,
    /// `add(money("5.00"))`: adds an amount once, for the order or the item that the rule is evaluated for.
    Add,
    /// `add_per_unit(money("5.00"))`: adds an amount for each unit of the item.
    AddPerUnit,
    /// `notice("CODE")`: gives the brand and the partner a notice.
    Notice,
    /// `hold_until("CODE", date)`: not payable until the day begins, in the program's time zone.
    HoldUntil,
    /// `add_per_order(money("5.00"))`: adds an amount once for the order, however many of its items the rule is evaluated for.
    AddPerOrder,
}

/// A row of the table of verbs.
#[derive(Clone, Copy, Debug)]
pub struct VerbSpec {
    /// The verb.
    pub verb: Verb,
    /// The name of the verb.
    pub name: &'static str,
    /// The form of a call.
    pub form: &'static str,
    /// The phases in which the verb is allowed.
    pub phases: &'static [Phase],
    /// What the verb does.
    pub doc: &'static str,
}

/// Every verb.
pub const VERBS: &[VerbSpec] = {
    const RESTRICT: &[Phase] = &[Phase::Restrict];
    const PAY: &[Phase] = &[Phase::PayOrder, Phase::PayItem, Phase::Close];
    const ITEM: &[Phase] = &[Phase::PayItem];
    const BOTH: &[Phase] = &[Phase::Restrict, Phase::PayOrder, Phase::PayItem, Phase::Close];
    const fn row(
        verb: Verb,
        name: &'static str,
        form: &'static str,
        phases: &'static [Phase],
        doc: &'static str,
    ) -> VerbSpec {
        VerbSpec { verb, name, form, phases, doc }
    }
    &[
        row(Verb::Reject, "reject", "reject(\"REASON\")", RESTRICT, "Not payable, ever."),
        row(
            Verb::Hold,
            "hold",
            "hold(\"REASON\", days(30))",
            RESTRICT,
            "Not payable until released; the duration may be left out.",
        ),
        row(Verb::Zero, "zero", "zero(\"REASON\")", RESTRICT, "Tracked and counted, unpaid."),
        row(Verb::Flag, "flag", "flag(\"REASON\")", RESTRICT, "Payable, marked for a person to see."),
        row(Verb::Rate, "rate", "rate(percent(8))", PAY, "Sets the rate."),
        row(
            Verb::AddPoints,
            "add_points",
            "add_points(percent(1))",
            PAY,
            "Adds to the rate, whatever it is.",
        ),
        row(Verb::Multiply, "multiply", "multiply(1.1)", PAY, "Scales all that was given so far."),
        row(
            Verb::Add,
            "add",
            "add(money(\"5.00\"))",
            PAY,
            "Adds an amount, once for the order or item the rule is about.",
        ),
        row(
            Verb::AddPerUnit,
            "add_per_unit",
            "add_per_unit(money(\"5.00\"))",
            ITEM,
            "Adds an amount for each unit of the item.",
        ),
        row(Verb::Notice, "notice", "notice(\"REASON\")", BOTH, "Tells the brand and the partner something."),
        row(
            Verb::HoldUntil,
            "hold_until",
            "hold_until(\"REASON\", date)",
            RESTRICT,
            "Not payable until the day begins, in the program's time zone.",
        ),
        row(
            Verb::AddPerOrder,
            "add_per_order",
            "add_per_order(money(\"5.00\"))",
            ITEM,
            "Adds an amount once for the order, with the first item for which the rule adds it.",
        ),
    ]
};

impl Verb {
    /// Returns the name of the verb.
    pub fn name(self) -> &'static str {
        VERBS.iter().find(|spec| spec.verb == self).map_or("", |spec| spec.name)
    }
}
