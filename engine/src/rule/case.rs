//! One case: the facts of one action as rules see them. What a host reported enters; a rule reads it by field.
//!
//! Everything is borrowed, and amounts are already in the contract's currency. Nothing here decides anything.

use chrono::{DateTime, NaiveDate, Timelike};

use super::catalog::Field;
use super::ir::TotalField;
use super::types::{List, Value};
use crate::facts::{Action, Creative, Partner, Reference, Touch};
use crate::money::{ArithmeticError, Currency, Money};
use crate::terms::{Contract, Terms, Version};
use crate::time::Timestamp;

/// The facts of one action, credited to a partner under a contract.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The program.
    pub terms: &'a Terms,
    /// The contract in force.
    pub contract: &'a Contract,
    /// Its version in force.
    pub version: &'a Version,
    /// The action, its amounts in the contract's currency.
    pub action: &'a Action,
    /// The currency the action came in.
    pub currency: Currency,
    /// The codes of the action in upper case.
    pub promo_codes: &'a [String],
    /// The credited partner's id.
    pub partner_id: &'a str,
    /// What the host knows of the partner.
    pub partner: Option<&'a Partner>,
    /// The credited touch.
    pub touch: &'a Touch,
    /// What the host knows of the creative that the touch names.
    pub creative: Option<&'a Creative>,
    /// Everything else the host knows.
    pub reference: &'a Reference,
    /// The brand's own attributes, in the order of their declaration.
    pub attributes: Vec<Value<'a>>,
    /// The version's declared totals, in their order.
    pub totals: Vec<TotalFacts>,
    /// The commissionable amount; zero while it is computed.
    pub base: Money,
    /// The commissionable amounts of the items; empty while they are computed, or when nothing asks for them.
    pub item_bases: Vec<Money>,
    /// The item that the rule is about, in the phases that have one; `None` there stands for the whole order.
    pub item: Option<u32>,
}

/// A declared total as rules see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TotalFacts {
    /// Actions before this one.
    pub actions: u32,
    /// Commissionable amount before this action.
    pub revenue: Money,
    /// Payouts before this action.
    pub payouts: Money,
    /// Whether the total is of this action's event type, so that *with this* is more than *before*.
    pub counts_this: bool,
}

/// The status that a partner or a creative has unless the facts say otherwise.
const ACTIVE: &str = "active";

fn known<'a, T>(value: Option<T>, make: impl FnOnce(T) -> Value<'a>) -> Value<'a> {
    value.map_or(Value::Unknown, make)
}

fn text(value: Option<&String>) -> Value<'_> {
    known(value, |text| Value::Text(text))
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

impl<'a> Case<'a> {
    /// The value of a field of a record of which there is one.
    pub fn fact(&self, field: Field) -> Value<'a> {
        let action = self.action;
        let customer = &action.customer;
        match field {
            Field::ActionId => Value::Text(&action.id),
            Field::ActionEventType => Value::Text(&action.event_type),
            Field::ActionOccurredAt => Value::Time(action.occurred_at),
            Field::ActionSubmittedAt => Value::Time(action.submitted_at.unwrap_or(action.occurred_at)),
            Field::ActionOrderId => text(action.order_id.as_ref()),
            Field::ActionCurrency => Value::Text(self.currency.code()),
            Field::ActionAmount => Value::Money(action.amount.unwrap_or_default()),
            Field::ActionBase => Value::Money(self.base),
            Field::ActionSubtotal => known(action.subtotal, Value::Money),
            Field::ActionDiscount => known(action.discount, Value::Money),
            Field::ActionTax => known(action.tax, Value::Money),
            Field::ActionShipping => known(action.shipping, Value::Money),
            Field::ActionItems => Value::List(List::Items(count(action.items.len()))),
            Field::ActionPromoCodes => Value::List(List::Text(self.promo_codes)),
            Field::ActionTouches => Value::List(List::Touches(count(action.touches.len()))),
            Field::ItemSku
            | Field::ItemCategory
            | Field::ItemQuantity
            | Field::ItemAmount
            | Field::ItemBase => {
                self.item.map_or_else(|| self.whole_order(field), |item| self.item_fact(field, item))
            }
            Field::CustomerId => text(customer.id.as_ref()),
            Field::CustomerStatus => Value::Text(customer.status.as_deref().unwrap_or("unknown")),
            Field::CustomerLifetimeValue => known(customer.lifetime_value, Value::Money),
            Field::CustomerOrderCount => known(customer.order_count, |n| Value::Integer(i64::from(n))),
            Field::CustomerSince => known(customer.since, Value::Time),
            Field::CustomerCountry => text(customer.country.as_ref()),
            Field::CustomerRegion => text(customer.region.as_ref()),
            Field::CustomerAudiences => Value::List(List::Text(&customer.audiences)),
            Field::PartnerId => Value::Text(self.partner_id),
            Field::PartnerKind => text(self.partner.and_then(|p| p.kind.as_ref())),
            Field::PartnerGroups => Value::List(List::Text(self.partner.map_or(&[], |p| &p.groups))),
            Field::PartnerStatus => {
                Value::Text(self.partner.and_then(|p| p.status.as_deref()).unwrap_or(ACTIVE))
            }
            Field::PartnerProperties => Value::List(List::Text(self.partner.map_or(&[], |p| &p.properties))),
            Field::PartnerCountry => text(self.partner.and_then(|p| p.country.as_ref())),
            Field::PartnerParent => text(self.partner.and_then(|p| p.parent.as_ref())),
            Field::TouchPartner
            | Field::TouchAt
            | Field::TouchKind
            | Field::TouchId
            | Field::TouchCreative
            | Field::TouchProperty
            | Field::TouchLandingPage
            | Field::TouchLinkUpdatedAt
            | Field::TouchSubIds => touch_fact(field, self.touch),
            Field::CreativeId => text(self.touch.creative.as_ref()),
            Field::CreativeStatus => Value::Text(match (&self.touch.creative, self.creative) {
                (None, _) => "none",
                (Some(_), None) => "unlisted",
                (Some(_), Some(creative)) => creative.status.as_deref().unwrap_or(ACTIVE),
            }),
            Field::CreativeValidFrom => known(self.creative.and_then(|c| c.valid_from), Value::Time),
            Field::CreativeValidUntil => known(self.creative.and_then(|c| c.valid_until), Value::Time),
            Field::CreativeAllowed => Value::Bool(self.creative_allowed()),
            Field::FollowsId => known(action.follows.as_ref(), |f| Value::Text(&f.id)),
            Field::FollowsEventType => known(action.follows.as_ref(), |f| Value::Text(&f.event_type)),
            Field::FollowsOccurredAt => known(action.follows.as_ref(), |f| Value::Time(f.occurred_at)),
            Field::DeviceKind => text(action.device.kind.as_ref()),
            Field::DeviceOs => text(action.device.os.as_ref()),
            Field::FraudRisk => known(action.fraud.risk, |risk| Value::Decimal(risk.0)),
            Field::FraudReasons => Value::List(List::Text(&action.fraud.reasons)),
            Field::ContractName => Value::Text(&self.contract.name),
            Field::ContractVersion => Value::Integer(i64::from(self.version.number)),
            Field::ContractStartedAt => {
                // The loader asks every version for its beginning, so the epoch is never seen.
                Value::Time(self.contract.started_at().unwrap_or(Timestamp(DateTime::UNIX_EPOCH)))
            }
        }
    }

    /// An action without items, where each item is priced: one line of its whole amount, quantity 1, without an SKU.
    pub(crate) fn whole_order(&self, field: Field) -> Value<'a> {
        match field {
            Field::ItemSku => Value::Text(""),
            Field::ItemQuantity => Value::Integer(1),
            Field::ItemAmount => Value::Money(self.action.amount.unwrap_or_default()),
            Field::ItemBase => Value::Money(self.base),
            _ => Value::Unknown,
        }
    }

    /// The value of a field of the item at this index.
    pub fn item_fact(&self, field: Field, item: u32) -> Value<'a> {
        let Some(facts) = self.action.items.get(item as usize) else { return Value::Unknown };
        match field {
            Field::ItemSku => Value::Text(&facts.sku),
            Field::ItemCategory => text(facts.category.as_ref()),
            Field::ItemQuantity => Value::Integer(i64::from(facts.quantity)),
            Field::ItemAmount => Value::Money(facts.amount),
            Field::ItemBase => Value::Money(self.item_bases.get(item as usize).copied().unwrap_or_default()),
            _ => Value::Unknown,
        }
    }

    /// The value of a field of the touch at this index.
    pub fn touch_fact(&self, field: Field, touch: u32) -> Value<'a> {
        self.action.touches.get(touch as usize).map_or(Value::Unknown, |touch| touch_fact(field, touch))
    }

    /// The value of a declared total. *With this* is *before* and this action, where the total is of its event type;
    /// an action whose key is not known has no total before it.
    pub fn total(&self, index: u16, field: TotalField) -> Result<Value<'a>, ArithmeticError> {
        let total = self.totals.get(usize::from(index)).copied().unwrap_or_default();
        Ok(match field {
            TotalField::ActionsBefore => Value::Integer(i64::from(total.actions)),
            TotalField::ActionsWithThis => {
                Value::Integer(i64::from(total.actions) + i64::from(total.counts_this))
            }
            TotalField::RevenueBefore => Value::Money(total.revenue),
            TotalField::RevenueWithThis if total.counts_this => Value::Money(total.revenue.add(self.base)?),
            TotalField::RevenueWithThis => Value::Money(total.revenue),
            TotalField::PayoutsBefore => Value::Money(total.payouts),
        })
    }

    /// Whether this partner may use the creative: no touch names one, none is listed under that id, or it is for
    /// everybody or for this partner.
    fn creative_allowed(&self) -> bool {
        self.creative.is_none_or(|c| c.partners.is_empty() || c.partners.iter().any(|p| p == self.partner_id))
    }

    /// Whether the creative may no longer be used at a moment.
    pub fn creative_expired_at(&self, at: Timestamp) -> bool {
        self.creative.and_then(|c| c.valid_until).is_some_and(|until| at >= until)
    }

    /// Whether the creative may not yet be used at a moment.
    pub fn creative_not_yet_valid_at(&self, at: Timestamp) -> bool {
        self.creative.and_then(|c| c.valid_from).is_some_and(|from| at < from)
    }

    /// The partner a promo code belongs to.
    pub fn promo_owner(&self, code: &str) -> Value<'a> {
        text(self.reference.promo_codes.get(code).and_then(|promo| promo.owner.as_ref()))
    }

    /// Whether a promo code is listed and valid at a moment.
    pub fn promo_active(&self, code: &str, at: Timestamp) -> bool {
        self.reference.promo_codes.get(code).is_some_and(|promo| promo.validity().contains(at))
    }

    /// The hour of a moment in the program's time zone.
    pub fn hour(&self, at: Timestamp) -> i64 {
        i64::from(self.terms.zone.local(at).hour())
    }

    /// The date of a moment in the program's time zone.
    pub fn date(&self, at: Timestamp) -> NaiveDate {
        self.terms.zone.date(at)
    }
}

fn touch_fact(field: Field, touch: &Touch) -> Value<'_> {
    match field {
        Field::TouchPartner => Value::Text(&touch.partner),
        Field::TouchAt => Value::Time(touch.at),
        Field::TouchKind => Value::Text(touch.kind.text()),
        Field::TouchId => text(touch.id.as_ref()),
        Field::TouchCreative => text(touch.creative.as_ref()),
        Field::TouchProperty => text(touch.property.as_ref()),
        Field::TouchLandingPage => text(touch.landing_page.as_ref()),
        Field::TouchLinkUpdatedAt => known(touch.link_updated_at, Value::Time),
        Field::TouchSubIds => Value::List(List::Text(&touch.sub_ids)),
        _ => Value::Unknown,
    }
}
