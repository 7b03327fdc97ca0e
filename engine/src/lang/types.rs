//! The types of the rule language, and the values that rules compute with.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::NamedList;
use crate::money::Money;
use crate::time::{Duration, Timestamp};

/// A type, and whether the value may be unknown (`T?`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// What it is when it is known.
    pub base: Base,
    /// Whether it may be unknown; it must then be given a default with `??` or guarded by `known(…)`.
    pub unknown: bool,
}

/// A type without the question whether it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// No value: what verbs and statements give.
    Unit,
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Integer,
    /// An exact decimal.
    Decimal,
    /// An amount in the contract's currency.
    Money,
    /// Text.
    Text,
    /// A promo code: text in upper case.
    Code,
    /// A moment.
    Time,
    /// A calendar date.
    Date,
    /// A length of time.
    Duration,
    /// A record of facts.
    Record(Record),
    /// A list.
    List(Element),
}

/// The records of facts a rule can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Record {
    /// The action being decided.
    Action,
    /// A line of the order.
    Item,
    /// Who bought.
    Customer,
    /// The partner being paid.
    Partner,
    /// A touch of the path; as the fact `touch`, the credited one.
    Touch,
    /// The creative of the credited touch.
    Creative,
    /// The action that this one follows.
    Follows,
    /// What it happened on.
    Device,
    /// What fraud detection says.
    Fraud,
    /// The contract in force.
    Contract,
}

/// What a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// Text.
    Text,
    /// Promo codes.
    Code,
    /// Lines of the order.
    Item,
    /// Touches of the path.
    Touch,
}

impl Element {
    /// The type of one element.
    pub fn ty(self) -> Type {
        Type::known(match self {
            Self::Text => Base::Text,
            Self::Code => Base::Code,
            Self::Item => Base::Record(Record::Item),
            Self::Touch => Base::Record(Record::Touch),
        })
    }
}

impl Type {
    /// No value.
    pub const UNIT: Self = Self::known(Base::Unit);
    /// `true` or `false`.
    pub const BOOL: Self = Self::known(Base::Bool);

    /// A type whose value is always known.
    pub const fn known(base: Base) -> Self {
        Self { base, unknown: false }
    }

    /// A type whose value may be unknown.
    pub const fn maybe(base: Base) -> Self {
        Self { base, unknown: true }
    }
}

impl Record {
    /// The name of the fact in rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Item => "item",
            Self::Customer => "customer",
            Self::Partner => "partner",
            Self::Touch => "touch",
            Self::Creative => "creative",
            Self::Follows => "follows",
            Self::Device => "device",
            Self::Fraud => "fraud",
            Self::Contract => "contract",
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.base {
            Base::Unit => f.write_str("nothing")?,
            Base::Bool => f.write_str("bool")?,
            Base::Integer => f.write_str("integer")?,
            Base::Decimal => f.write_str("decimal")?,
            Base::Money => f.write_str("money")?,
            Base::Text => f.write_str("text")?,
            Base::Code => f.write_str("promo code")?,
            Base::Time => f.write_str("time")?,
            Base::Date => f.write_str("date")?,
            Base::Duration => f.write_str("duration")?,
            Base::Record(record) => f.write_str(record.name())?,
            Base::List(Element::Text) => f.write_str("list of text")?,
            Base::List(Element::Code) => f.write_str("list of promo codes")?,
            Base::List(Element::Item) => f.write_str("list of items")?,
            Base::List(Element::Touch) => f.write_str("list of touches")?,
        }
        f.write_str(if self.unknown { "?" } else { "" })
    }
}

/// A value while a rule runs. Text and lists are borrowed from the facts and the program, so a value is small and
/// is copied freely, and no rule can make memory grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Unit,
    /// Not known.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// An amount.
    Money(Money),
    /// Text or a promo code.
    Text(&'a str),
    /// A moment.
    Time(Timestamp),
    /// A calendar date.
    Date(NaiveDate),
    /// A length of time.
    Duration(Duration),
    /// A record of which there is one.
    Record(Record),
    /// The item at this index of the action.
    Item(u32),
    /// The touch at this index of the action.
    Touch(u32),
    /// A list.
    List(List<'a>),
}

/// A list while a rule runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum List<'a> {
    /// Text of the facts.
    Text(&'a [String]),
    /// A named list of the program.
    Named(&'a NamedList),
    /// The action's items, this many.
    Items(u32),
    /// The action's touches, this many.
    Touches(u32),
}

impl List<'_> {
    /// How many elements it has.
    pub fn len(self) -> usize {
        match self {
            Self::Text(list) => list.len(),
            Self::Named(list) => list.len(),
            Self::Items(count) | Self::Touches(count) => count as usize,
        }
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// When a rule runs, which decides the facts and verbs it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The commissionable amount of an order is computed.
    OrderAmount,
    /// The commissionable amount of an item is computed.
    ItemAmount,
    /// Restrictions are evaluated.
    Restrict,
    /// Payout groups are evaluated for a whole order.
    PayOrder,
    /// Payout groups are evaluated for one item.
    PayItem,
}
