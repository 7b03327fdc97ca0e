//! Converts the brand's own attributes to their declared types.

use crate::facts::Attribute;
use crate::lang::{Base, Value};
use crate::money::{Money, parse_decimal};
use crate::time::{Timestamp, parse_date};
use rust_decimal::prelude::ToPrimitive as _;

impl Attribute {
    /// Returns this value as the type that the program declares; `None` if it is not of that type. Cells of CSV are all text, so
    /// text that reads as a number or as `true` is accepted where a number or bool is declared. A number is never accepted as
    /// text, because `007` and `7` are two texts.
    pub fn value(&self, base: Base) -> Option<Value<'_>> {
        let decimal = || match self {
            Self::Number(number) => Some(number.0),
            Self::Text(text) => parse_decimal(text).ok(),
            Self::Bool(_) => None,
        };
        Some(match (base, self) {
            (Base::Bool, Self::Bool(value)) => Value::Bool(*value),
            (Base::Bool, Self::Text(text)) if text == "true" => Value::Bool(true),
            (Base::Bool, Self::Text(text)) if text == "false" => Value::Bool(false),
            (Base::Integer, _) => {
                Value::Integer(decimal().filter(|number| number.fract().is_zero())?.to_i64()?)
            }
            (Base::Decimal, _) => Value::Decimal(decimal()?),
            (Base::Money, _) => Value::Money(Money(decimal()?)),
            (Base::Text, Self::Text(text)) => Value::Text(text),
            (Base::Time, Self::Text(text)) => Value::Time(Timestamp::parse(text)?),
            (Base::Date, Self::Text(text)) => Value::Date(parse_date(text)?),
            _ => return None,
        })
    }
}
