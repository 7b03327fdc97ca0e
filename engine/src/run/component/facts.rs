//! Converts the input of a rule to the facts of the components' world. Each fact is read as rules read it, so that a component
//! and a rule file see the same. The records of the world follow from the tables of [`crate::facts`].

use accrue_sandbox::wit::types as wit;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::ComponentRule;
use crate::facts::{action_records, reference_records};
use crate::lang::catalog::Field;
use crate::lang::{AttributeOf, Const, List, Phase, Record, TotalAt, TotalField, TotalSum, Value};
use crate::money::Money;
use crate::run::RuleInput;
use crate::time::{Timestamp, Zone};

/// Reads one input.
struct Reader<'c, 'a> {
    case: &'c RuleInput<'a>,
    zone: Zone,
}

/// Returns the facts of an input for a component.
pub(super) fn facts(case: &RuleInput<'_>, component: &ComponentRule) -> wit::Facts {
    let reader = Reader { case, zone: case.terms.zone };
    let about_item = component.phase == Phase::PayItem;
    wit::Facts {
        action: reader.record(None),
        item: about_item.then(|| reader.record(None)),
        customer: reader.record(None),
        partner: reader.record(None),
        touch: reader.record(None),
        creative: reader.record(None),
        follows: case.action.follows.as_ref().map(|_| reader.record(None)),
        device: reader.record(None),
        fraud: reader.record(None),
        contract: wit::Contract {
            name: reader.fact(const { Field::named(Record::Contract, "name") }, None),
            version: reader.fact(const { Field::named(Record::Contract, "version") }, None),
            started_at: reader.fact(const { Field::named(Record::Contract, "started_at") }, None),
            currency: case.version.currency.code().to_owned(),
            minor_digits: u8::try_from(case.version.currency.minor_digits()).unwrap_or(u8::MAX),
        },
        params: component.params.iter().map(|(name, value)| reader.param(name, value)).collect(),
        attributes: reader.attributes(AttributeOf::Action, None),
        totals: reader.totals(),
    }
}

/// A record of the world that is read from an input.
trait FromCase {
    /// Reads the record of the input; for a list, the record at this index.
    fn from_case(reader: &Reader<'_, '_>, at: Option<u32>) -> Self;
}

/// Makes a record of the world from the fields of a record of facts.
macro_rules! from_case {
    // Fields that are records of their own in the world, or that rules do not see.
    ($record:ident [$($taken:ident)*] customer $($rest:ident)*) => { from_case! { $record [$($taken)*] $($rest)* } };
    ($record:ident [$($taken:ident)*] device $($rest:ident)*) => { from_case! { $record [$($taken)*] $($rest)* } };
    ($record:ident [$($taken:ident)*] fraud $($rest:ident)*) => { from_case! { $record [$($taken)*] $($rest)* } };
    ($record:ident [$($taken:ident)*] follows $($rest:ident)*) => { from_case! { $record [$($taken)*] $($rest)* } };
    ($record:ident [$($taken:ident)*] credits $($rest:ident)*) => { from_case! { $record [$($taken)*] $($rest)* } };
    (Partner [$($taken:ident)*] left_at $($rest:ident)*) => { from_case! { Partner [$($taken)*] $($rest)* } };
    (Partner [$($taken:ident)*] from $($rest:ident)*) => { from_case! { Partner [$($taken)*] $($rest)* } };
    (Action [$($taken:ident)*] attributes) => { from_case! { Action [$($taken)*] } };
    // Attributes come last in a record.
    (Item [$($taken:ident)*] attributes) => { from_case! { Item [$($taken)*] AttributeOf::Item } };
    (Partner [$($taken:ident)*] attributes) => { from_case! { Partner [$($taken)*] AttributeOf::Partner } };
    // Fields of a creative: `allowed` replaces the list of partners.
    (Creative [$($taken:ident)*] partners $($rest:ident)*) => { from_case! { Creative [$($taken)* allowed] $($rest)* } };
    // The commissionable amount is beside the amount.
    (Action [$($taken:ident)*] amount $($rest:ident)*) => { from_case! { Action [$($taken)* amount base] $($rest)* } };
    (Item [$($taken:ident)*] amount $($rest:ident)*) => { from_case! { Item [$($taken)* amount base] $($rest)* } };
    ($record:ident [$($taken:ident)*] $field:ident $($rest:ident)*) => {
        from_case! { $record [$($taken)* $field] $($rest)* }
    };
    ($record:ident [$($field:ident)+] $($of:path)?) => {
        impl FromCase for wit::$record {
            fn from_case(reader: &Reader<'_, '_>, at: Option<u32>) -> Self {
                Self {
                    $($field: reader.fact(const { Field::named(Record::$record, stringify!($field)) }, at),)+
                    $(attributes: reader.attributes($of, at),)?
                }
            }
        }
    };
}

/// Makes the records of the world from a table of fields.
macro_rules! records_from_case {
    ($($(#[$meta:meta])* pub struct $record:ident {
        $($(#[$more:meta])* pub $field:ident: $ty:ident $(<$($of:ident),+>)? $(= $default:expr)?,)+
    })+) => {
        $(from_case! { $record [] $($field)+ })+
    };
}

action_records!(records_from_case);
reference_records!(records_from_case);

/// A type of the world that is made from a fact.
trait FromFact: Sized {
    /// Returns the value; `None` if the fact is not known.
    fn known(fact: Value<'_>, reader: &Reader<'_, '_>) -> Option<Self>;

    /// Returns the value that stands for an unknown fact.
    fn unknown() -> Self;
}

impl<T: FromFact> FromFact for Option<T> {
    fn known(fact: Value<'_>, reader: &Reader<'_, '_>) -> Option<Self> {
        T::known(fact, reader).map(Some)
    }

    fn unknown() -> Self {
        None
    }
}

/// Implements the types of the world: which fact becomes which value, and the value of an unknown fact.
macro_rules! from_fact {
    ($($ty:ty: $fact:pat, $reader:ident => $make:expr, else $unknown:expr;)+) => {
        $(impl FromFact for $ty {
            fn known(fact: Value<'_>, $reader: &Reader<'_, '_>) -> Option<Self> {
                match fact {
                    $fact => Some($make),
                    _ => None,
                }
            }

            fn unknown() -> Self {
                $unknown
            }
        })+
    };
}

from_fact! {
    String: Value::Text(text), _reader => text.to_owned(), else Self::new();
    bool: Value::Bool(value), _reader => value, else false;
    u32: Value::Integer(number), _reader => Self::try_from(number).unwrap_or(Self::MAX), else 0;
    wit::Decimal: Value::Decimal(value), _reader => decimal(value), else decimal(Decimal::ZERO);
    wit::Money: Value::Money(amount), _reader => money(amount), else money(Money::ZERO);
    wit::Moment: Value::Time(at), reader => reader.at(at), else Self { seconds: 0, nanoseconds: 0, offset: 0 };
    wit::TouchKind: Value::Text(word), _reader => match word {
        "impression" => Self::Impression,
        "code" => Self::Code,
        _ => Self::Click,
    }, else Self::Click;
    Vec<String>: Value::List(List::Text(texts)), _reader => texts.to_vec(), else Self::new();
    Vec<wit::PromoCode>: Value::List(List::Text(codes)), reader =>
        codes.iter().map(|code| reader.promo_code(code)).collect(), else Self::new();
    Vec<wit::Item>: Value::List(List::Items(count)), reader =>
        (0..count).map(|at| reader.record(Some(at))).collect(), else Self::new();
    Vec<wit::Touch>: Value::List(List::Touches(count)), reader =>
        (0..count).map(|at| reader.record(Some(at))).collect(), else Self::new();
}

/// Returns a decimal in the world's form, without trailing zeros: 1.50 and 1.5 are one fact, and a component that saw a
/// difference would use different fuel for the same action.
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

fn date(date: NaiveDate) -> wit::Date {
    let part = |part: u32| u8::try_from(part).unwrap_or_default();
    wit::Date { year: date.year(), month: part(date.month()), day: part(date.day()) }
}

impl Reader<'_, '_> {
    fn record<W: FromCase>(&self, at: Option<u32>) -> W {
        W::from_case(self, at)
    }

    fn fact<W: FromFact>(&self, field: Field, at: Option<u32>) -> W {
        self.value(match at {
            None => self.case.fact(field),
            Some(at) => self.case.fact_at(field, at),
        })
    }

    fn value<W: FromFact>(&self, fact: Value<'_>) -> W {
        W::known(fact, self).unwrap_or_else(W::unknown)
    }

    fn at(&self, at: Timestamp) -> wit::Moment {
        let ahead = (self.zone.local(at) - at.utc().naive_utc()).num_seconds();
        wit::Moment {
            seconds: at.seconds(),
            nanoseconds: at.nanoseconds(),
            offset: i32::try_from(ahead).unwrap_or_default(),
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

    fn param(&self, name: &str, value: &Const) -> wit::NamedValue {
        let value = match value {
            // Cannot occur: the loader reads no parameter without a value.
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

    /// Returns the attributes of a record, in the order of their declaration; `at` is the index of an item of a list.
    fn attributes(&self, of: AttributeOf, at: Option<u32>) -> Vec<wit::Attribute> {
        let value = |value: Value<'_>| match value {
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
        let declared =
            (0u16..).zip(&self.case.terms.attributes).filter(|(_, (_, declared))| declared.of == of);
        declared
            .map(|(index, (key, _))| {
                let found = match of {
                    AttributeOf::Item => self.case.item_attribute(index, at.or(self.case.item)),
                    AttributeOf::Action | AttributeOf::Partner => {
                        self.case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown)
                    }
                };
                wit::Attribute { name: of.name(key).to_owned(), value: value(found) }
            })
            .collect()
    }

    fn totals(&self) -> Vec<wit::Total> {
        let totals = (0u16..).zip(&self.case.version.totals);
        let total = |(n, total): (u16, &crate::terms::DeclaredTotal)| {
            // A sum that does not fit is passed as the sum before: the phase that adds it up fails and holds the action.
            let read = |sum, at| self.case.total(n, TotalField { sum, at }).unwrap_or(Value::Unknown);
            let count = |sum, at| match read(sum, at) {
                Value::Integer(count) => u64::try_from(count).unwrap_or_default(),
                _ => 0,
            };
            let money = |sum, at| -> wit::Money { self.value(read(sum, at)) };
            let sums = |at| wit::TotalSums {
                actions: count(TotalSum::Actions, at),
                units: count(TotalSum::Units, at),
                revenue: money(TotalSum::Revenue, at),
                payouts: money(TotalSum::Payouts, at),
                payable: money(TotalSum::Payable, at),
                distinct: count(TotalSum::Distinct, at),
            };
            let before = sums(TotalAt::Before);
            let previous = total.earlier.contains(&TotalAt::Previous).then(|| sums(TotalAt::Previous));
            wit::Total {
                name: total.name.clone(),
                actions_before: before.actions,
                actions_with_this: count(TotalSum::Actions, TotalAt::WithThis),
                units_before: before.units,
                units_with_this: count(TotalSum::Units, TotalAt::WithThis),
                revenue_before: before.revenue,
                revenue_with_this: wit::Money::known(read(TotalSum::Revenue, TotalAt::WithThis), self)
                    .unwrap_or(before.revenue),
                payouts_before: before.payouts,
                payable_before: before.payable,
                distinct_before: before.distinct,
                distinct_with_this: count(TotalSum::Distinct, TotalAt::WithThis),
                previous,
            }
        };
        totals.map(total).collect()
    }
}
