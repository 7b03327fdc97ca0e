//! The facts of a case, as the world of components has them. Each is read as rules read it, field by field, so that a
//! component and a rule file see the same.

use accrue_sandbox::wit::types as wit;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::ComponentRule;
use crate::facts::TouchKind;
use crate::lang::catalog::Field;
use crate::lang::{Const, List, Phase, TotalField, Value};
use crate::money::Money;
use crate::run::RuleInput;
use crate::time::{Timestamp, Zone};

/// Reads one case.
struct Reader<'c, 'a> {
    case: &'c RuleInput<'a>,
    zone: Zone,
}

/// The facts of a case for a component.
pub(super) fn facts(case: &RuleInput<'_>, component: &ComponentRule) -> wit::Facts {
    let reader = Reader { case, zone: case.terms.zone };
    let about_item = component.phase == Phase::PayItem;
    wit::Facts {
        action: reader.action(),
        item: about_item.then(|| reader.item(|field| case.fact(field))),
        customer: reader.customer(),
        partner: reader.partner(),
        touch: reader.touch(|field| case.fact(field), case.touch.kind),
        creative: reader.creative(),
        follows: case.action.follows.as_ref().map(|_| wit::Follows {
            id: reader.text(Field::FollowsId),
            event_type: reader.text(Field::FollowsEventType),
            occurred_at: reader.moment(Field::FollowsOccurredAt),
        }),
        device: wit::Device {
            kind: reader.maybe_text(Field::DeviceKind),
            os: reader.maybe_text(Field::DeviceOs),
        },
        fraud: wit::Fraud {
            risk: match case.fact(Field::FraudRisk) {
                Value::Decimal(risk) => Some(decimal(risk)),
                _ => None,
            },
            reasons: texts(case.fact(Field::FraudReasons)),
        },
        contract: wit::Contract {
            name: reader.text(Field::ContractName),
            version: case.version.number,
            started_at: reader.moment(Field::ContractStartedAt),
            currency: case.version.currency.code().to_owned(),
            minor_digits: u8::try_from(case.version.currency.minor_digits()).unwrap_or(u8::MAX),
        },
        params: component.params.iter().map(|(name, value)| reader.param(name, value)).collect(),
        attributes: reader.attributes(),
        totals: reader.totals(),
    }
}

/// A decimal in the world's form, without trailing zeros: 1.50 and 1.5 are one fact, and a component that told them apart
/// would use other fuel for the same action.
pub(super) fn decimal(value: Decimal) -> wit::Decimal {
    let value = value.normalize();
    let digits = value.mantissa();
    let bytes = digits.to_le_bytes();
    let half = |at: usize| bytes.get(at..at + 8).and_then(|half| half.try_into().ok()).unwrap_or([0; 8]);
    wit::Decimal {
        low: u64::from_le_bytes(half(0)),
        high: i64::from_le_bytes(half(8)),
        scale: u8::try_from(value.scale()).unwrap_or(u8::MAX),
    }
}

fn money(value: Money) -> wit::Money {
    wit::Money { amount: decimal(value.0) }
}

fn maybe_text(value: Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_owned()),
        _ => None,
    }
}

fn text(value: Value<'_>) -> String {
    maybe_text(value).unwrap_or_default()
}

fn maybe_amount(value: Value<'_>) -> Option<wit::Money> {
    match value {
        Value::Money(amount) => Some(money(amount)),
        _ => None,
    }
}

fn amount(value: Value<'_>) -> wit::Money {
    maybe_amount(value).unwrap_or_else(|| money(Money::ZERO))
}

fn texts(value: Value<'_>) -> Vec<String> {
    match value {
        Value::List(List::Text(texts)) => texts.to_vec(),
        _ => Vec::new(),
    }
}

fn date(date: NaiveDate) -> wit::Date {
    let part = |part: u32| u8::try_from(part).unwrap_or_default();
    wit::Date { year: date.year(), month: part(date.month()), day: part(date.day()) }
}

impl Reader<'_, '_> {
    fn text(&self, field: Field) -> String {
        text(self.case.fact(field))
    }

    fn maybe_text(&self, field: Field) -> Option<String> {
        maybe_text(self.case.fact(field))
    }

    fn amount(&self, field: Field) -> wit::Money {
        amount(self.case.fact(field))
    }

    fn maybe_amount(&self, field: Field) -> Option<wit::Money> {
        maybe_amount(self.case.fact(field))
    }

    fn at(&self, at: Timestamp) -> wit::Moment {
        let ahead = (self.zone.local(at) - at.0.naive_utc()).num_seconds();
        wit::Moment {
            seconds: at.seconds(),
            nanoseconds: at.0.timestamp_subsec_nanos(),
            offset: i32::try_from(ahead).unwrap_or_default(),
        }
    }

    fn maybe_at(&self, value: Value<'_>) -> Option<wit::Moment> {
        match value {
            Value::Time(at) => Some(self.at(at)),
            _ => None,
        }
    }

    fn maybe_moment(&self, field: Field) -> Option<wit::Moment> {
        self.maybe_at(self.case.fact(field))
    }

    fn moment(&self, field: Field) -> wit::Moment {
        self.maybe_moment(field).unwrap_or(wit::Moment { seconds: 0, nanoseconds: 0, offset: 0 })
    }

    fn action(&self) -> wit::Action {
        let case = self.case;
        let items = (0u32..).zip(&case.action.items).map(|(n, _)| self.item(|field| case.fact_at(field, n)));
        let touches = (0u32..)
            .zip(&case.action.touches)
            .map(|(n, touch)| self.touch(|field| case.fact_at(field, n), touch.kind));
        wit::Action {
            id: self.text(Field::ActionId),
            event_type: self.text(Field::ActionEventType),
            occurred_at: self.moment(Field::ActionOccurredAt),
            submitted_at: self.moment(Field::ActionSubmittedAt),
            order_id: self.maybe_text(Field::ActionOrderId),
            currency: self.text(Field::ActionCurrency),
            amount: self.amount(Field::ActionAmount),
            base: self.amount(Field::ActionBase),
            subtotal: self.maybe_amount(Field::ActionSubtotal),
            discount: self.maybe_amount(Field::ActionDiscount),
            tax: self.maybe_amount(Field::ActionTax),
            shipping: self.maybe_amount(Field::ActionShipping),
            items: items.collect(),
            promo_codes: case.promo_codes.iter().map(|code| self.promo_code(code)).collect(),
            touches: touches.collect(),
        }
    }

    fn item<'v>(&self, fact: impl Fn(Field) -> Value<'v>) -> wit::Item {
        wit::Item {
            sku: text(fact(Field::ItemSku)),
            category: maybe_text(fact(Field::ItemCategory)),
            quantity: match fact(Field::ItemQuantity) {
                Value::Integer(quantity) => u32::try_from(quantity).unwrap_or(u32::MAX),
                _ => 0,
            },
            amount: amount(fact(Field::ItemAmount)),
            base: amount(fact(Field::ItemBase)),
        }
    }

    fn promo_code(&self, code: &str) -> wit::PromoCode {
        let promo = self.case.reference.promo_codes.get(code);
        let validity = promo.map(|promo| promo.validity()).unwrap_or_default();
        wit::PromoCode {
            code: code.to_owned(),
            listed: promo.is_some(),
            owner: promo.and_then(|promo| promo.owner.clone()),
            valid_from: validity.from.map(|at| self.at(at)),
            valid_until: validity.until.map(|at| self.at(at)),
        }
    }

    fn touch<'v>(&self, fact: impl Fn(Field) -> Value<'v>, kind: TouchKind) -> wit::Touch {
        let at = self.maybe_at(fact(Field::TouchAt));
        wit::Touch {
            partner: text(fact(Field::TouchPartner)),
            at: at.unwrap_or(wit::Moment { seconds: 0, nanoseconds: 0, offset: 0 }),
            kind: match kind {
                TouchKind::Click => wit::TouchKind::Click,
                TouchKind::Impression => wit::TouchKind::Impression,
                TouchKind::Code => wit::TouchKind::Code,
            },
            id: maybe_text(fact(Field::TouchId)),
            creative: maybe_text(fact(Field::TouchCreative)),
            property: maybe_text(fact(Field::TouchProperty)),
            landing_page: maybe_text(fact(Field::TouchLandingPage)),
            link_updated_at: self.maybe_at(fact(Field::TouchLinkUpdatedAt)),
            sub_ids: texts(fact(Field::TouchSubIds)),
        }
    }

    fn customer(&self) -> wit::Customer {
        wit::Customer {
            id: self.maybe_text(Field::CustomerId),
            status: self.text(Field::CustomerStatus),
            lifetime_value: self.maybe_amount(Field::CustomerLifetimeValue),
            order_count: self.case.action.customer.order_count,
            since: self.maybe_moment(Field::CustomerSince),
            country: self.maybe_text(Field::CustomerCountry),
            region: self.maybe_text(Field::CustomerRegion),
            audiences: texts(self.case.fact(Field::CustomerAudiences)),
        }
    }

    fn partner(&self) -> wit::Partner {
        wit::Partner {
            id: self.text(Field::PartnerId),
            kind: self.maybe_text(Field::PartnerKind),
            groups: texts(self.case.fact(Field::PartnerGroups)),
            status: self.text(Field::PartnerStatus),
            properties: texts(self.case.fact(Field::PartnerProperties)),
            country: self.maybe_text(Field::PartnerCountry),
            parent: self.maybe_text(Field::PartnerParent),
        }
    }

    fn creative(&self) -> wit::Creative {
        wit::Creative {
            id: self.maybe_text(Field::CreativeId),
            status: self.text(Field::CreativeStatus),
            valid_from: self.maybe_moment(Field::CreativeValidFrom),
            valid_until: self.maybe_moment(Field::CreativeValidUntil),
            allowed: self.case.fact(Field::CreativeAllowed) == Value::Bool(true),
        }
    }

    fn param(&self, name: &str, value: &Const) -> wit::NamedValue {
        let value = match value {
            // The loader reads no parameter without a value.
            Const::Unit => wit::Value::Bool(false),
            Const::Bool(value) => wit::Value::Bool(*value),
            Const::Integer(value) => wit::Value::Integer(*value),
            Const::Decimal(value) => wit::Value::Decimal(decimal(*value)),
            Const::Money(value) => wit::Value::Money(money(*value)),
            Const::Text(value) => wit::Value::Text(value.clone()),
            Const::Time(value) => wit::Value::Time(self.at(*value)),
            Const::Date(value) => wit::Value::Date(date(*value)),
            Const::Duration(value) => wit::Value::Duration(wit::Duration { seconds: value.seconds }),
        };
        wit::NamedValue { name: name.to_owned(), value }
    }

    fn attributes(&self) -> Vec<wit::Attribute> {
        let declared = self.case.terms.attributes.keys().zip(&self.case.attributes);
        let value = |value: &Value<'_>| match *value {
            Value::Bool(value) => Some(wit::Value::Bool(value)),
            Value::Integer(value) => Some(wit::Value::Integer(value)),
            Value::Decimal(value) => Some(wit::Value::Decimal(decimal(value))),
            Value::Money(value) => Some(wit::Value::Money(money(value))),
            Value::Text(value) => Some(wit::Value::Text(value.to_owned())),
            Value::Time(value) => Some(wit::Value::Time(self.at(value))),
            Value::Date(value) => Some(wit::Value::Date(date(value))),
            Value::Duration(value) => Some(wit::Value::Duration(wit::Duration { seconds: value.seconds })),
            Value::Unit
            | Value::Unknown
            | Value::Record(_)
            | Value::Item(_)
            | Value::Touch(_)
            | Value::List(_) => None,
        };
        declared.map(|(name, found)| wit::Attribute { name: name.clone(), value: value(found) }).collect()
    }

    fn totals(&self) -> Vec<wit::Total> {
        let totals = (0u16..).zip(&self.case.version.totals);
        let total = |(n, total): (u16, &crate::terms::DeclaredTotal)| {
            // A sum that does not fit is the sum before: the phase that adds it up fails and holds the action.
            let read = |field| self.case.total(n, field).unwrap_or(Value::Unknown);
            let count = |field| match read(field) {
                Value::Integer(count) => u64::try_from(count).unwrap_or_default(),
                _ => 0,
            };
            let revenue_before = amount(read(TotalField::RevenueBefore));
            wit::Total {
                name: total.name.clone(),
                actions_before: count(TotalField::ActionsBefore),
                actions_with_this: count(TotalField::ActionsWithThis),
                revenue_before,
                revenue_with_this: maybe_amount(read(TotalField::RevenueWithThis)).unwrap_or(revenue_before),
                payouts_before: amount(read(TotalField::PayoutsBefore)),
            }
        };
        totals.map(total).collect()
    }
}
