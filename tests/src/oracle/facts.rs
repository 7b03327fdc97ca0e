//! What one rule can see while it is evaluated, as plain data.

use std::collections::BTreeMap;

use accrue::facts::{Action, Attribute, Creative, Item, Partner, Reference, Touch};
use accrue::internals::lang::Const;
use accrue::money::{Money, RoundingMode};
use accrue::time::Timestamp;

/// The facts of one evaluation.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The action. Its amounts are already in the contract's currency.
    pub action: Action,
    /// What is known besides.
    pub reference: Reference,
    /// The credited touch, as an index into the action's.
    pub touch: usize,
    /// The commissionable amount of the order.
    pub base: Money,
    /// The commissionable amounts of the items.
    pub item_bases: Vec<Money>,
    /// The item that the rule is about, in the phases of items.
    pub item: Option<usize>,
    /// The contract's name.
    pub contract: String,
    /// The version in force.
    pub version: u32,
    /// The mode of `round`.
    pub rounding: RoundingMode,
    /// When the contract's first version began.
    pub started_at: Option<Timestamp>,
    /// The program's time zone.
    pub zone: chrono_tz::Tz,
    /// Parameters by name.
    pub params: BTreeMap<String, Const>,
    /// Named lists.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Declared totals.
    pub totals: BTreeMap<String, TotalValues>,
    /// Declared attributes: the type each has, as its contract file names it.
    pub attributes: BTreeMap<String, String>,
}

/// A declared total's values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TotalValues {
    /// Before this action.
    pub before: SumValues,
    /// With this action.
    pub with_this: SumValues,
    /// In every earlier period.
    pub earlier: SumValues,
}

/// The sums of a declared total at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SumValues {
    /// Actions.
    pub actions: i64,
    /// Units.
    pub units: i64,
    /// Commissionable amount, or the measure.
    pub revenue: Money,
    /// Payouts.
    pub payouts: Money,
    /// Payouts that were payable.
    pub payable: Money,
    /// Different values.
    pub distinct: i64,
}

impl Facts {
    pub(super) fn credited(&self) -> Option<&Touch> {
        self.action.touches.get(self.touch)
    }

    pub(super) fn partner(&self) -> Option<&Partner> {
        self.reference.partner(&self.credited()?.partner, self.action.occurred_at)
    }

    /// The creative that the credited touch names, if it names one that is listed.
    pub(super) fn creative(&self) -> Option<&Creative> {
        self.reference.creative(self.credited()?.creative.as_ref()?)
    }

    pub(super) fn item(&self, index: Option<usize>) -> Option<(&Item, Money)> {
        let index = index.or(self.item)?;
        let base = self.item_bases.get(index).copied().unwrap_or_default();
        self.action.items.get(index).map(|item| (item, base))
    }

    /// The value of an attribute of some record as a constant, by its key among all that are declared; `None` when the record does
    /// not have it.
    pub(super) fn attribute(&self, of: Option<&BTreeMap<String, Attribute>>, key: &str) -> Option<Const> {
        let declared = self.attributes.get(key)?;
        let name = key.rsplit('.').next()?;
        Some(match (of?.get(name)?, declared.as_str()) {
            (Attribute::Bool(value), _) => Const::Bool(*value),
            (Attribute::Number(value), "integer") => Const::Integer(value.0.try_into().ok()?),
            (Attribute::Number(value), "money") => Const::Money(Money(value.0)),
            (Attribute::Number(value), _) => Const::Decimal(value.0),
            (Attribute::Text(text), "money") => Const::Money(text.parse().ok()?),
            (Attribute::Text(text), "decimal") => Const::Decimal(text.parse().ok()?),
            (Attribute::Text(text), "integer") => Const::Integer(text.parse().ok()?),
            (Attribute::Text(text), "date") => Const::Date(text.parse().ok()?),
            (Attribute::Text(text), "time") => Const::Time(Timestamp::parse(text)?),
            (Attribute::Text(text), _) => Const::Text(text.clone()),
        })
    }
}
