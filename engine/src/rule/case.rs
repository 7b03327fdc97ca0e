//! One case: the facts of one action as rules see them. What a host reported enters; a rule reads it by field.
//!
//! Everything is borrowed, and amounts are already in the contract's currency. Nothing here decides anything.

use chrono::{DateTime, NaiveDate, Timelike};
use rust_decimal::Decimal;

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

/// Where a field's value goes: into a value, or into the memory of a module.
pub(crate) trait Sink<'a>: Sized {
    /// What it gives back.
    type Out;
    fn unknown(self) -> Self::Out;
    fn boolean(self, value: bool) -> Self::Out;
    fn integer(self, value: i64) -> Self::Out;
    fn decimal(self, value: Decimal) -> Self::Out;
    fn money(self, value: Money) -> Self::Out;
    fn text(self, value: &'a str) -> Self::Out;
    fn time(self, value: Timestamp) -> Self::Out;
    fn list(self, value: List<'a>) -> Self::Out;
}

struct AsValue;

impl<'a> Sink<'a> for AsValue {
    type Out = Value<'a>;

    fn unknown(self) -> Value<'a> {
        Value::Unknown
    }

    fn boolean(self, value: bool) -> Value<'a> {
        Value::Bool(value)
    }

    fn integer(self, value: i64) -> Value<'a> {
        Value::Integer(value)
    }

    fn decimal(self, value: Decimal) -> Value<'a> {
        Value::Decimal(value)
    }

    fn money(self, value: Money) -> Value<'a> {
        Value::Money(value)
    }

    fn text(self, value: &'a str) -> Value<'a> {
        Value::Text(value)
    }

    fn time(self, value: Timestamp) -> Value<'a> {
        Value::Time(value)
    }

    fn list(self, value: List<'a>) -> Value<'a> {
        Value::List(value)
    }
}

#[inline]
fn or_unknown<'a, T, S: Sink<'a>>(value: Option<T>, sink: S, give: impl FnOnce(S, T) -> S::Out) -> S::Out {
    match value {
        Some(value) => give(sink, value),
        None => sink.unknown(),
    }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

impl<'a> Case<'a> {
    /// Gives the value of a field of a record of which there is one.
    #[inline]
    pub(crate) fn give<S: Sink<'a>>(&self, field: Field, sink: S) -> S::Out {
        let action = self.action;
        let customer = &action.customer;
        match field {
            Field::ActionId => sink.text(&action.id),
            Field::ActionEventType => sink.text(&action.event_type),
            Field::ActionOccurredAt => sink.time(action.occurred_at),
            Field::ActionSubmittedAt => sink.time(action.submitted_at.unwrap_or(action.occurred_at)),
            Field::ActionOrderId => or_unknown(action.order_id.as_deref(), sink, S::text),
            Field::ActionCurrency => sink.text(self.currency.code()),
            Field::ActionAmount => sink.money(action.amount.unwrap_or_default()),
            Field::ActionBase => sink.money(self.base),
            Field::ActionSubtotal => or_unknown(action.subtotal, sink, S::money),
            Field::ActionDiscount => or_unknown(action.discount, sink, S::money),
            Field::ActionTax => or_unknown(action.tax, sink, S::money),
            Field::ActionShipping => or_unknown(action.shipping, sink, S::money),
            Field::ActionItems => sink.list(List::Items(count(action.items.len()))),
            Field::ActionPromoCodes => sink.list(List::Text(self.promo_codes)),
            Field::ActionTouches => sink.list(List::Touches(count(action.touches.len()))),
            Field::ItemSku
            | Field::ItemCategory
            | Field::ItemQuantity
            | Field::ItemAmount
            | Field::ItemBase => match self.item {
                Some(item) => self.give_item(field, item, sink),
                None => self.give_whole_order(field, sink),
            },
            Field::CustomerId => or_unknown(customer.id.as_deref(), sink, S::text),
            Field::CustomerStatus => sink.text(customer.status.as_deref().unwrap_or("unknown")),
            Field::CustomerLifetimeValue => or_unknown(customer.lifetime_value, sink, S::money),
            Field::CustomerOrderCount => or_unknown(customer.order_count.map(i64::from), sink, S::integer),
            Field::CustomerSince => or_unknown(customer.since, sink, S::time),
            Field::CustomerCountry => or_unknown(customer.country.as_deref(), sink, S::text),
            Field::CustomerRegion => or_unknown(customer.region.as_deref(), sink, S::text),
            Field::CustomerAudiences => sink.list(List::Text(&customer.audiences)),
            Field::PartnerId => sink.text(self.partner_id),
            Field::PartnerKind => {
                or_unknown(self.partner.and_then(|p| p.kind.as_ref()).map(String::as_str), sink, S::text)
            }
            Field::PartnerGroups => sink.list(List::Text(self.partner.map_or(&[], |p| &p.groups))),
            Field::PartnerStatus => {
                sink.text(self.partner.and_then(|p| p.status.as_deref()).unwrap_or(ACTIVE))
            }
            Field::PartnerProperties => sink.list(List::Text(self.partner.map_or(&[], |p| &p.properties))),
            Field::PartnerCountry => {
                or_unknown(self.partner.and_then(|p| p.country.as_ref()).map(String::as_str), sink, S::text)
            }
            Field::PartnerParent => {
                or_unknown(self.partner.and_then(|p| p.parent.as_ref()).map(String::as_str), sink, S::text)
            }
            Field::TouchPartner
            | Field::TouchAt
            | Field::TouchKind
            | Field::TouchId
            | Field::TouchCreative
            | Field::TouchProperty
            | Field::TouchLandingPage
            | Field::TouchLinkUpdatedAt
            | Field::TouchSubIds => give_touch(field, self.touch, sink),
            Field::CreativeId => or_unknown(self.touch.creative.as_deref(), sink, S::text),
            Field::CreativeStatus => sink.text(match (&self.touch.creative, self.creative) {
                (None, _) => "none",
                (Some(_), None) => "unlisted",
                (Some(_), Some(creative)) => creative.status.as_deref().unwrap_or(ACTIVE),
            }),
            Field::CreativeValidFrom => or_unknown(self.creative.and_then(|c| c.valid_from), sink, S::time),
            Field::CreativeValidUntil => or_unknown(self.creative.and_then(|c| c.valid_until), sink, S::time),
            Field::CreativeAllowed => sink.boolean(self.creative_allowed()),
            Field::FollowsId => or_unknown(action.follows.as_ref().map(|f| f.id.as_str()), sink, S::text),
            Field::FollowsEventType => {
                or_unknown(action.follows.as_ref().map(|f| f.event_type.as_str()), sink, S::text)
            }
            Field::FollowsOccurredAt => {
                or_unknown(action.follows.as_ref().map(|f| f.occurred_at), sink, S::time)
            }
            Field::DeviceKind => or_unknown(action.device.kind.as_deref(), sink, S::text),
            Field::DeviceOs => or_unknown(action.device.os.as_deref(), sink, S::text),
            Field::FraudRisk => or_unknown(action.fraud.risk.map(|risk| risk.0), sink, S::decimal),
            Field::FraudReasons => sink.list(List::Text(&action.fraud.reasons)),
            Field::ContractName => sink.text(&self.contract.name),
            Field::ContractVersion => sink.integer(i64::from(self.version.number)),
            Field::ContractStartedAt => {
                // The loader asks every version for its beginning, so the epoch is never seen.
                sink.time(self.contract.started_at().unwrap_or(Timestamp(DateTime::UNIX_EPOCH)))
            }
        }
    }

    /// An action without items, where each item is priced: one line of its whole amount, quantity 1, without an SKU.
    #[inline]
    pub(crate) fn give_whole_order<S: Sink<'a>>(&self, field: Field, sink: S) -> S::Out {
        match field {
            Field::ItemSku => sink.text(""),
            Field::ItemQuantity => sink.integer(1),
            Field::ItemAmount => sink.money(self.action.amount.unwrap_or_default()),
            Field::ItemBase => sink.money(self.base),
            _ => sink.unknown(),
        }
    }

    /// The value of a field of the item at this index.
    #[inline]
    pub(crate) fn give_item<S: Sink<'a>>(&self, field: Field, item: u32, sink: S) -> S::Out {
        let Some(facts) = self.action.items.get(item as usize) else { return sink.unknown() };
        match field {
            Field::ItemSku => sink.text(&facts.sku),
            Field::ItemCategory => or_unknown(facts.category.as_deref(), sink, S::text),
            Field::ItemQuantity => sink.integer(i64::from(facts.quantity)),
            Field::ItemAmount => sink.money(facts.amount),
            Field::ItemBase => sink.money(self.item_bases.get(item as usize).copied().unwrap_or_default()),
            _ => sink.unknown(),
        }
    }

    /// The value of a field of the touch at this index.
    #[inline]
    pub(crate) fn give_touch<S: Sink<'a>>(&self, field: Field, touch: u32, sink: S) -> S::Out {
        match self.action.touches.get(touch as usize) {
            Some(touch) => give_touch(field, touch, sink),
            None => sink.unknown(),
        }
    }

    /// The value of a field of a record of which there is one.
    #[inline]
    pub fn fact(&self, field: Field) -> Value<'a> {
        self.give(field, AsValue)
    }

    /// The value of a field of the item at this index.
    pub fn item_fact(&self, field: Field, item: u32) -> Value<'a> {
        self.give_item(field, item, AsValue)
    }

    /// The value of a field of the touch at this index.
    pub fn touch_fact(&self, field: Field, touch: u32) -> Value<'a> {
        self.give_touch(field, touch, AsValue)
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
        let owner = self.reference.promo_codes.get(code).and_then(|promo| promo.owner.as_deref());
        owner.map_or(Value::Unknown, Value::Text)
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

#[inline]
fn give_touch<'a, S: Sink<'a>>(field: Field, touch: &'a Touch, sink: S) -> S::Out {
    match field {
        Field::TouchPartner => sink.text(&touch.partner),
        Field::TouchAt => sink.time(touch.at),
        Field::TouchKind => sink.text(touch.kind.text()),
        Field::TouchId => or_unknown(touch.id.as_deref(), sink, S::text),
        Field::TouchCreative => or_unknown(touch.creative.as_deref(), sink, S::text),
        Field::TouchProperty => or_unknown(touch.property.as_deref(), sink, S::text),
        Field::TouchLandingPage => or_unknown(touch.landing_page.as_deref(), sink, S::text),
        Field::TouchLinkUpdatedAt => or_unknown(touch.link_updated_at, sink, S::time),
        Field::TouchSubIds => sink.list(List::Text(&touch.sub_ids)),
        _ => sink.unknown(),
    }
}
