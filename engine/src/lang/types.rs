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
    /// The type of a known value.
    pub base: Base,
    /// Whether it may be unknown; it must then be given a default with `??` or guarded by `known(…)`.
    pub unknown: bool,
}

/// A type, without whether its values may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// No value: the type of verbs and statements.
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
    /// The customer who bought.
    Customer,
    /// The partner who is paid.
    Partner,
    /// A touch of the path. The fact `touch` is the credited touch.
    Touch,
    /// The creative of the credited touch.
    Creative,
    /// The action that this one follows.
    Follows,
    /// The device on which the action happened.
    Device,
    /// The signals of fraud detection.
    Fraud,
    /// The contract in force.
    Contract,
}

/// The type of a list's elements.
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
    /// Returns the type of one element.
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

    /// Returns a type whose values are always known.
    pub const fn known(base: Base) -> Self {
        Self { base, unknown: false }
    }

    /// Returns a type whose values may be unknown.
    pub const fn maybe(base: Base) -> Self {
        Self { base, unknown: true }
    }
}

impl Record {
    /// Returns the name of the record in rules.
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

/// A value while a rule runs. Text and lists are borrowed from the facts and the program, so a value is small, is copied freely,
/// and no rule can make memory grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Unit,
    /// A value that is not known.
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
    /// A record that exists once.
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
    /// The items of the action; their number.
    Items(u32),
    /// The touches of the action; their number.
    Touches(u32),
}

impl List<'_> {
    /// Returns the number of elements.
    pub fn len(self) -> usize {
        match self {
            Self::Text(list) => list.len(),
            Self::Named(list) => list.len(),
            Self::Items(count) | Self::Touches(count) => count as usize,
        }
    }

    /// Returns whether the list is empty.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// The phase in which a rule runs. It determines the facts and verbs that the rule has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A touch is looked at for credit. Amounts are not known yet, since no contract is chosen.
    Credit,
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
    /// It is asked whether an action counts for a total, and for how much.
    Count,
    /// It is asked whether an item counts for a total.
    CountItem,
    /// A period has ended, and bonuses are computed. There is no action.
    Close,
}

impl Phase {
    /// Returns whether a rule of the phase is evaluated for one item.
    pub fn is_of_item(self) -> bool {
        matches!(self, Self::ItemAmount | Self::PayItem | Self::CountItem)
    }

    /// Returns whether a rule of the phase computes a commissionable amount.
    pub(crate) fn is_amount(self) -> bool {
        matches!(self, Self::OrderAmount | Self::ItemAmount)
    }

    /// Returns whether a rule of the phase says what totals count.
    pub(crate) fn is_count(self) -> bool {
        matches!(self, Self::Count | Self::CountItem)
    }
}
