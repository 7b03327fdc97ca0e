//! The types of the rule language as Rhai types of their own, with arithmetic of their own.

use std::sync::Arc;

use accrue::internals::lang::{Const, Record};
use accrue::internals::time::Duration;
use accrue::money::{Money, RoundingMode};
use accrue::time::Timestamp;
use chrono::{DateTime, NaiveDate, Utc};
use num_bigint::BigInt;
use rhai::{Dynamic, EvalAltResult, Position};
use rust_decimal::Decimal;

/// A result in Rhai's sense.
pub type Rhai<T> = Result<T, Box<EvalAltResult>>;

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Cash(pub Decimal);

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Moment(pub DateTime<Utc>);

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Day(pub NaiveDate);

/// A length of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Span(pub i64);

/// A record of facts; for an item or a touch of a list, which one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its kind.
    pub record: Record,
    /// Its index in the action's list; `None` for the record of which there is one.
    pub index: Option<usize>,
}

/// A list.
#[derive(Clone, Debug)]
pub enum List {
    /// Of text.
    Text(Arc<Vec<String>>),
    /// Of the action's items or touches, this many.
    Rows(Record, usize),
}

/// A name space, `params` or `totals.NAME.actions` and what stands between.
#[derive(Clone, Debug)]
pub struct Space(pub String);

impl List {
    /// A list of these texts.
    pub fn text(values: &[String]) -> Self {
        Self::Text(Arc::new(values.to_vec()))
    }

    /// How many elements it has.
    pub fn count(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Rows(_, count) => *count,
        }
    }

    /// The element at an index.
    pub fn element(&self, index: usize) -> Dynamic {
        match self {
            Self::Text(values) => values.get(index).cloned().unwrap_or_default().into(),
            Self::Rows(record, _) => Dynamic::from(Row { record: *record, index: Some(index) }),
        }
    }
}

impl IntoIterator for List {
    type Item = Dynamic;
    type IntoIter = Box<dyn Iterator<Item = Dynamic>>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new((0..self.count()).map(move |index| self.element(index)))
    }
}

/// An arithmetic error as Rhai reports its own.
pub fn arithmetic(message: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorArithmetic(message.into(), Position::NONE).into()
}

/// The message of a step of `round` that is not above zero.
pub const ROUNDING_STEP: &str = "the step is not above zero";

/// The multiple of a step that is nearest to an amount in this mode: by whole numbers of any size.
pub fn round(amount: Decimal, step: Decimal, mode: RoundingMode) -> Rhai<Decimal> {
    if step <= Decimal::ZERO {
        return Err(arithmetic(ROUNDING_STEP));
    }
    let scale = amount.scale().max(step.scale());
    let whole =
        |number: Decimal| BigInt::from(number.mantissa()) * BigInt::from(10).pow(scale - number.scale());
    let (number, unit) = (whole(amount), whole(step));
    let (zero, two) = (BigInt::ZERO, BigInt::from(2));
    let towards_zero = &number / &unit;
    let away = if number < zero { &towards_zero - 1 } else { &towards_zero + 1 };
    let rest = &number - &towards_zero * &unit;
    let twice = &rest * if rest < zero { -2 } else { 2 };
    let steps = match mode {
        _ if rest == zero => towards_zero,
        RoundingMode::Down => towards_zero,
        RoundingMode::Up => away,
        _ if twice != unit => {
            if twice < unit {
                towards_zero
            } else {
                away
            }
        }
        RoundingMode::HalfUp => away,
        RoundingMode::HalfEven => {
            if &towards_zero % &two == zero {
                towards_zero
            } else {
                away
            }
        }
    };
    // Trailing zeros behind the point may make room.
    let (mut rounded, mut scale) = (steps * unit, scale);
    while scale > 0 && &rounded % 10 == zero {
        rounded /= 10;
        scale -= 1;
    }
    let digits = i128::try_from(rounded).ok();
    fits(digits.and_then(|digits| Decimal::try_from_i128_with_scale(digits, scale).ok()))
}

/// The value, or an overflow.
pub fn fits<T>(value: Option<T>) -> Rhai<T> {
    value.ok_or_else(|| arithmetic("overflow"))
}

/// `a ÷ b`.
pub fn divide(a: Decimal, b: Decimal) -> Rhai<Decimal> {
    if b.is_zero() { Err(arithmetic("Division by zero")) } else { fits(a.checked_div(b)) }
}

/// A text that may be unknown.
pub fn maybe_text(text: Option<&String>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| text.clone().into())
}

/// An amount that may be unknown.
pub fn maybe_cash(amount: Option<Money>) -> Dynamic {
    amount.map_or(Dynamic::UNIT, cash)
}

/// A moment that may be unknown.
pub fn maybe_moment(at: Option<Timestamp>) -> Dynamic {
    at.map_or(Dynamic::UNIT, moment)
}

/// An amount.
pub fn cash(amount: Money) -> Dynamic {
    Dynamic::from(Cash(amount.0))
}

/// A moment.
pub fn moment(at: Timestamp) -> Dynamic {
    Dynamic::from(Moment(at.utc()))
}

/// A constant as a value of Rhai.
pub fn from_const(value: &Const) -> Dynamic {
    match value {
        Const::Unit => Dynamic::UNIT,
        Const::Bool(value) => (*value).into(),
        Const::Integer(value) => (*value).into(),
        Const::Decimal(value) => (*value).into(),
        Const::Money(value) => cash(*value),
        Const::Text(value) => value.clone().into(),
        Const::Time(value) => moment(*value),
        Const::Date(value) => Dynamic::from(Day(*value)),
        Const::Duration(value) => Dynamic::from(Span(value.seconds)),
    }
}

/// A value of Rhai as a constant; `None` for records and lists.
pub fn to_const(value: &Dynamic) -> Option<Const> {
    if value.is_unit() {
        return Some(Const::Unit);
    }
    if value.is_string() {
        return value.clone().into_string().ok().map(Const::Text);
    }
    None.or_else(|| value.as_bool().ok().map(Const::Bool))
        .or_else(|| value.as_int().ok().map(Const::Integer))
        .or_else(|| value.as_decimal().ok().map(Const::Decimal))
        .or_else(|| value.clone().try_cast::<Cash>().map(|cash| Const::Money(Money(cash.0))))
        .or_else(|| {
            let at = value.clone().try_cast::<Moment>()?.0;
            accrue::internals::time::moment(at.timestamp(), at.timestamp_subsec_nanos()).map(Const::Time)
        })
        .or_else(|| value.clone().try_cast::<Day>().map(|day| Const::Date(day.0)))
        .or_else(|| {
            value.clone().try_cast::<Span>().map(|span| Const::Duration(Duration { seconds: span.0 }))
        })
}
