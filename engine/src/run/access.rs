//! How each field is read from a case: a field enters, a function leaves. The interpreter calls it and makes a value of what
//! it gets; what writes facts into the memory of a module looks its functions up once, when the module is made.

use chrono::DateTime;
use rust_decimal::Decimal;

use super::input::RuleInput;
use crate::facts::{Customer, Item, Touch};
use crate::lang::catalog::Field;
use crate::lang::{List, Value};
use crate::money::Money;
use crate::time::Timestamp;

/// Instead of an index: the record that is not in a list, which is the credited touch, or for an item the whole order.
pub(crate) const SELF: u32 = u32::MAX;

pub(crate) type GetText = for<'c, 'a> fn(&'c RuleInput<'a>, u32) -> Option<&'a str>;
pub(crate) type GetMoney = for<'c, 'a> fn(&'c RuleInput<'a>, u32) -> Option<&'c Money>;
pub(crate) type GetTexts = for<'c, 'a> fn(&'c RuleInput<'a>, u32) -> &'a [String];

/// A function that reads a field of a case, by what it gives. The index is that of an item or a touch, where the field is of
/// one; `None` is a value that is not known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Accessor {
    Text(GetText),
    Money(GetMoney),
    Texts(GetTexts),
    Bool(fn(&RuleInput<'_>, u32) -> bool),
    Integer(fn(&RuleInput<'_>, u32) -> Option<i64>),
    Decimal(fn(&RuleInput<'_>, u32) -> Option<Decimal>),
    Time(fn(&RuleInput<'_>, u32) -> Option<Timestamp>),
    /// Of items or touches.
    Records(fn(&RuleInput<'_>, u32) -> List<'static>),
}

impl Accessor {
    /// What it gives, as a value.
    #[inline]
    pub(crate) fn value<'a>(self, case: &RuleInput<'a>, at: u32) -> Value<'a> {
        match self {
            Self::Text(get) => get(case, at).map_or(Value::Unknown, Value::Text),
            Self::Money(get) => get(case, at).map_or(Value::Unknown, |money| Value::Money(*money)),
            Self::Texts(get) => Value::List(List::Text(get(case, at))),
            Self::Bool(get) => Value::Bool(get(case, at)),
            Self::Integer(get) => get(case, at).map_or(Value::Unknown, Value::Integer),
            Self::Decimal(get) => get(case, at).map_or(Value::Unknown, Value::Decimal),
            Self::Time(get) => get(case, at).map_or(Value::Unknown, Value::Time),
            Self::Records(get) => Value::List(get(case, at)),
        }
    }
}

/// The status that a partner or a creative has unless the facts say otherwise.
const ACTIVE: &str = "active";

/// The status of a customer of whom none is reported.
const UNKNOWN: &str = "unknown";

fn customer<'a>(case: &RuleInput<'a>) -> &'a Customer {
    &case.action.customer
}

fn item<'a>(case: &RuleInput<'a>, at: u32) -> Option<&'a Item> {
    case.action.items.get(at as usize)
}

fn touch<'a>(case: &RuleInput<'a>, at: u32) -> Option<&'a Touch> {
    if at == SELF { Some(case.touch) } else { case.action.touches.get(at as usize) }
}

fn amount<'a>(case: &RuleInput<'a>) -> &'a Money {
    case.action.amount.as_ref().unwrap_or(&Money::ZERO)
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

impl Field {
    /// The function that reads it.
    #[inline]
    pub(crate) fn accessor(self) -> Accessor {
        use Accessor::{Bool, Decimal, Integer, Money, Records, Text, Texts, Time};
        match self {
            Self::ActionId => Text(|case, _| Some(&case.action.id)),
            Self::ActionEventType => Text(|case, _| Some(&case.action.event_type)),
            Self::ActionOccurredAt => Time(|case, _| Some(case.action.occurred_at)),
            Self::ActionSubmittedAt => {
                Time(|case, _| Some(case.action.submitted_at.unwrap_or(case.action.occurred_at)))
            }
            Self::ActionOrderId => Text(|case, _| case.action.order_id.as_deref()),
            Self::ActionCurrency => Text(|case, _| Some(case.currency.code())),
            Self::ActionAmount => Money(|case, _| Some(amount(case))),
            Self::ActionBase => Money(|case, _| Some(&case.base)),
            Self::ActionSubtotal => Money(|case, _| case.action.subtotal.as_ref()),
            Self::ActionDiscount => Money(|case, _| case.action.discount.as_ref()),
            Self::ActionTax => Money(|case, _| case.action.tax.as_ref()),
            Self::ActionShipping => Money(|case, _| case.action.shipping.as_ref()),
            Self::ActionItems => Records(|case, _| List::Items(count(case.action.items.len()))),
            Self::ActionPromoCodes => Texts(|case, _| case.promo_codes),
            Self::ActionTouches => Records(|case, _| List::Touches(count(case.action.touches.len()))),
            // An action without items, where each item is priced, is one line of its whole amount: quantity 1, no SKU.
            Self::ItemSku => Text(|case, at| match at {
                SELF => Some(""),
                _ => Some(&item(case, at)?.sku),
            }),
            Self::ItemCategory => Text(|case, at| item(case, at)?.category.as_deref()),
            Self::ItemQuantity => Integer(|case, at| match at {
                SELF => Some(1),
                _ => Some(i64::from(item(case, at)?.quantity)),
            }),
            Self::ItemAmount => Money(|case, at| match at {
                SELF => Some(amount(case)),
                _ => Some(&item(case, at)?.amount),
            }),
            Self::ItemBase => Money(|case, at| match at {
                SELF => Some(&case.base),
                _ => item(case, at)
                    .map(|_| case.item_bases.get(at as usize).unwrap_or(&crate::money::Money::ZERO)),
            }),
            Self::CustomerId => Text(|case, _| customer(case).id.as_deref()),
            Self::CustomerStatus => Text(|case, _| Some(customer(case).status.as_deref().unwrap_or(UNKNOWN))),
            Self::CustomerLifetimeValue => Money(|case, _| case.action.customer.lifetime_value.as_ref()),
            Self::CustomerOrderCount => Integer(|case, _| customer(case).order_count.map(i64::from)),
            Self::CustomerSince => Time(|case, _| customer(case).since),
            Self::CustomerCountry => Text(|case, _| customer(case).country.as_deref()),
            Self::CustomerRegion => Text(|case, _| customer(case).region.as_deref()),
            Self::CustomerAudiences => Texts(|case, _| &customer(case).audiences),
            Self::PartnerId => Text(|case, _| Some(case.partner_id)),
            Self::PartnerKind => Text(|case, _| case.partner?.kind.as_deref()),
            Self::PartnerGroups => Texts(|case, _| case.partner.map_or(&[], |partner| &partner.groups)),
            Self::PartnerStatus => {
                Text(|case, _| Some(case.partner.and_then(|p| p.status.as_deref()).unwrap_or(ACTIVE)))
            }
            Self::PartnerProperties => {
                Texts(|case, _| case.partner.map_or(&[], |partner| &partner.properties))
            }
            Self::PartnerCountry => Text(|case, _| case.partner?.country.as_deref()),
            Self::PartnerParent => Text(|case, _| case.partner?.parent.as_deref()),
            Self::TouchPartner => Text(|case, at| Some(&touch(case, at)?.partner)),
            Self::TouchAt => Time(|case, at| Some(touch(case, at)?.at)),
            Self::TouchKind => Text(|case, at| Some(touch(case, at)?.kind.text())),
            Self::TouchId => Text(|case, at| touch(case, at)?.id.as_deref()),
            Self::TouchCreative => Text(|case, at| touch(case, at)?.creative.as_deref()),
            Self::TouchProperty => Text(|case, at| touch(case, at)?.property.as_deref()),
            Self::TouchLandingPage => Text(|case, at| touch(case, at)?.landing_page.as_deref()),
            Self::TouchLinkUpdatedAt => Time(|case, at| touch(case, at)?.link_updated_at),
            Self::TouchSubIds => Texts(|case, at| touch(case, at).map_or(&[], |touch| &touch.sub_ids)),
            Self::CreativeId => Text(|case, _| case.touch.creative.as_deref()),
            Self::CreativeStatus => Text(|case, _| {
                Some(match (&case.touch.creative, case.creative) {
                    (None, _) => "none",
                    (Some(_), None) => "unlisted",
                    (Some(_), Some(creative)) => creative.status.as_deref().unwrap_or(ACTIVE),
                })
            }),
            Self::CreativeValidFrom => Time(|case, _| case.creative?.valid_from),
            Self::CreativeValidUntil => Time(|case, _| case.creative?.valid_until),
            Self::CreativeAllowed => Bool(|case, _| case.creative_allowed()),
            Self::FollowsId => Text(|case, _| Some(&case.action.follows.as_ref()?.id)),
            Self::FollowsEventType => Text(|case, _| Some(&case.action.follows.as_ref()?.event_type)),
            Self::FollowsOccurredAt => Time(|case, _| Some(case.action.follows.as_ref()?.occurred_at)),
            Self::DeviceKind => Text(|case, _| case.action.device.kind.as_deref()),
            Self::DeviceOs => Text(|case, _| case.action.device.os.as_deref()),
            Self::FraudRisk => Decimal(|case, _| case.action.fraud.risk.map(|risk| risk.0)),
            Self::FraudReasons => Texts(|case, _| &case.action.fraud.reasons),
            Self::ContractName => Text(|case, _| Some(&case.contract.name)),
            Self::ContractVersion => Integer(|case, _| Some(i64::from(case.version.number))),
            // The loader asks every version for its beginning, so the epoch is never seen.
            Self::ContractStartedAt => {
                Time(|case, _| Some(case.contract.started_at().unwrap_or(Timestamp(DateTime::UNIX_EPOCH))))
            }
        }
    }
}
