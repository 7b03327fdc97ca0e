//! The input of a rule: the facts of one action, which rules read by field.
//!
//! Everything is borrowed, and amounts are already in the contract's currency. This module must not decide anything.

use chrono::{NaiveDate, Timelike};

use crate::facts::{Action, Creative, Partner, Reference, Touch};
use crate::lang::{AttributeOf, Base, TotalAt, TotalField, TotalSum, Value};
use crate::money::{ArithmeticError, Currency, Money};
use crate::terms::{Contract, Terms, Version};
use crate::time::Timestamp;

/// The facts of one action, credited to a partner under a contract.
#[derive(Clone, Debug)]
pub struct RuleInput<'a> {
    /// The program.
    pub terms: &'a Terms,
    /// The contract that applies.
    pub contract: &'a Contract,
    /// The version of the contract that applies.
    pub version: &'a Version,
    /// The action, with amounts in the contract's currency.
    pub action: &'a Action,
    /// The currency in which the action was reported.
    pub currency: Currency,
    /// The codes of the action in upper case.
    pub promo_codes: &'a [String],
    /// The credited partner's id.
    pub partner_id: &'a str,
    /// What the host knows of the partner; `None` if the host does not list the partner.
    pub partner: Option<&'a Partner>,
    /// The credited touch.
    pub touch: &'a Touch,
    /// What the host knows of the creative that the touch names; `None` if nothing.
    pub creative: Option<&'a Creative>,
    /// All reference facts.
    pub reference: &'a Reference,
    /// The brand's own attributes, in the order of their declaration.
    pub attributes: Vec<Value<'a>>,
    /// The version's declared totals, in their order.
    pub totals: Vec<TotalFacts>,
    /// The commissionable amount; zero until it is computed.
    pub base: Money,
    /// The commissionable amounts of the items; empty until they are computed, or if no rule reads them.
    pub item_bases: Vec<Money>,
    /// The item that the rule is evaluated for; `None` for the whole order.
    pub item: Option<u32>,
}

/// A declared total as rules see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TotalFacts {
    /// What was counted in the period of this action, before this action; at a close, in the period that closes.
    pub before: TotalSums,
    /// What this action adds; `None` if the total does not count it.
    pub this: Option<TotalAdds>,
    /// What was counted in other periods that rules read.
    pub earlier: Vec<(TotalAt, TotalSums)>,
}

/// The sums of a declared total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TotalSums {
    /// Actions.
    pub actions: i64,
    /// Units.
    pub units: i64,
    /// Commissionable amount, or the measure that the total declares.
    pub revenue: Money,
    /// Payouts.
    pub payouts: Money,
    /// Payouts that were payable.
    pub payable: Money,
    /// Different values.
    pub distinct: i64,
}

/// What an action adds to a declared total that counts it, besides one action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TotalAdds {
    /// Units.
    pub units: i64,
    /// The amount that is summed; `None` for the commissionable amount of the action.
    pub revenue: Option<Money>,
    /// 1 if the action has a value that was not counted before, else 0.
    pub distinct: i64,
}

impl TotalFacts {
    /// Returns the sums at a time, without this action.
    fn sums(&self, at: TotalAt) -> TotalSums {
        match at {
            TotalAt::Before | TotalAt::WithThis | TotalAt::AtClose => self.before,
            earlier => {
                let found = self.earlier.iter().find(|(at, _)| *at == earlier);
                found.map(|(_, sums)| *sums).unwrap_or_default()
            }
        }
    }
}

impl<'a> RuleInput<'a> {
    /// Returns an action as a contract version sees it when it is credited to one of its touches: amounts and promo codes as
    /// reported, the commissionable amounts are the amounts themselves, and nothing was counted before. A host that knows more
    /// sets the fields.
    #[cfg(any(test, feature = "internals"))]
    #[must_use]
    pub fn new(
        terms: &'a Terms,
        contract: &'a Contract,
        version: &'a Version,
        action: &'a Action,
        touch: &'a Touch,
        reference: &'a Reference,
    ) -> Self {
        let partner = reference.partner(&touch.partner, action.occurred_at);
        Self {
            terms,
            contract,
            version,
            action,
            currency: action.currency.unwrap_or(terms.currency),
            promo_codes: &action.promo_codes,
            partner_id: &touch.partner,
            partner,
            touch,
            creative: touch.creative.as_ref().and_then(|id| reference.creative(id)),
            reference,
            attributes: attributes(terms, action, partner).collect(),
            totals: vec![TotalFacts::default(); version.totals.len()],
            base: action.amount.unwrap_or_default(),
            item_bases: action.items.iter().map(|item| item.amount).collect(),
            item: None,
        }
    }

    /// Returns the value of a declared total. *With this* is *before* plus this action, if the total counts it. If the key of the
    /// total is not known, *before* is zero.
    pub fn total(&self, index: u16, field: TotalField) -> Result<Value<'a>, ArithmeticError> {
        let Some(total) = self.totals.get(usize::from(index)) else {
            return Ok(if field.sum.base() == Base::Money {
                Value::Money(Money::ZERO)
            } else {
                Value::Integer(0)
            });
        };
        let sums = total.sums(field.at);
        let this = total.this.filter(|_| field.at == TotalAt::WithThis);
        let plus = |count: i64, more: fn(TotalAdds) -> i64| {
            Value::Integer(count.saturating_add(this.map_or(0, more)))
        };
        Ok(match field.sum {
            TotalSum::Actions => plus(sums.actions, |_| 1),
            TotalSum::Units => plus(sums.units, |this| this.units),
            TotalSum::Distinct => plus(sums.distinct, |this| this.distinct),
            TotalSum::Revenue | TotalSum::Measured => Value::Money(match this {
                Some(this) => sums.revenue.add(this.revenue.unwrap_or(self.base))?,
                None => sums.revenue,
            }),
            TotalSum::Payouts => Value::Money(sums.payouts),
            TotalSum::Payable => Value::Money(sums.payable),
        })
    }

    /// Returns an attribute of the item at this index; unknown for the line of an action without items.
    pub fn item_attribute(&self, index: u16, item: Option<u32>) -> Value<'a> {
        let declared = self.terms.attributes.get_index(usize::from(index));
        let item = item.and_then(|item| self.action.items.get(item as usize));
        declared
            .zip(item)
            .and_then(|((key, declared), item)| {
                item.attributes.get(declared.of.name(key))?.value(declared.ty.base)
            })
            .unwrap_or(Value::Unknown)
    }

    /// Returns whether the partner may use the creative: the touch names none, none is listed under the id, or the creative is
    /// for everybody or for this partner. The partners of a listed creative are in order.
    pub(super) fn creative_allowed(&self) -> bool {
        let is_this = |partner: &String| partner.as_str().cmp(self.partner_id);
        self.creative.is_none_or(|c| c.partners.is_empty() || c.partners.binary_search_by(is_this).is_ok())
    }

    /// Returns whether the creative may no longer be used at a moment.
    pub fn creative_expired_at(&self, at: Timestamp) -> bool {
        self.creative.and_then(|c| c.valid_until).is_some_and(|until| at >= until)
    }

    /// Returns whether the creative may not yet be used at a moment.
    pub fn creative_not_yet_valid_at(&self, at: Timestamp) -> bool {
        self.creative.and_then(|c| c.valid_from).is_some_and(|from| at < from)
    }

    /// Returns the partner that a promo code belongs to; unknown if it belongs to none.
    pub fn promo_owner(&self, code: &str) -> Value<'a> {
        let owner = self.reference.promo_codes.get(code).and_then(|promo| promo.owner.as_deref());
        owner.map_or(Value::Unknown, Value::Text)
    }

    /// Returns whether a promo code is listed and valid at a moment.
    pub fn promo_active(&self, code: &str, at: Timestamp) -> bool {
        self.reference.promo_codes.get(code).is_some_and(|promo| promo.validity().contains(at))
    }

    /// Returns the hour of a moment in the program's time zone, 0 to 23.
    pub fn hour(&self, at: Timestamp) -> i64 {
        i64::from(self.terms.zone.local(at).hour())
    }

    /// Returns the minute of a moment in the program's time zone, 0 to 59.
    pub fn minute(&self, at: Timestamp) -> i64 {
        i64::from(self.terms.zone.local(at).minute())
    }

    /// Returns the date of a moment in the program's time zone.
    pub fn date(&self, at: Timestamp) -> NaiveDate {
        self.terms.zone.date(at)
    }
}

/// Returns the brand's own attributes of the action and the partner in the order of their declaration. A missing attribute is
/// unknown, and so is one of another type, which validation refuses; here also those of items, which
/// [`RuleInput::item_attribute`] returns.
pub(crate) fn attributes<'a>(
    terms: &'a Terms,
    action: &'a Action,
    partner: Option<&'a Partner>,
) -> impl Iterator<Item = Value<'a>> {
    terms.attributes.iter().map(move |(key, declared)| {
        let reported = match declared.of {
            AttributeOf::Action => Some(&action.attributes),
            AttributeOf::Partner => partner.map(|partner| &partner.attributes),
            AttributeOf::Item => None,
        };
        let value = reported.and_then(|reported| reported.get(declared.of.name(key)));
        value.and_then(|value| value.value(declared.ty.base)).unwrap_or(Value::Unknown)
    })
}
