//! Built-in functions and methods of the interpreter.

use std::cmp::Ordering;

use chrono::Datelike;
use rust_decimal::Decimal;

use super::{Ran, Run, exactly, fault, fits, unchecked};
use crate::diagnostic::Span;
use crate::lang::catalog::{Builtin, Field};
use crate::lang::{Expr, FaultKind, Value};
use crate::money::{Money, checked, rounded_to};
use crate::time::{self, DAY_SECONDS, Duration, HOUR_SECONDS, MINUTE_SECONDS};

impl<'a, const TRACE: bool> Run<'_, 'a, TRACE> {
    pub(super) fn builtin(&mut self, builtin: Builtin, args: &'a [Expr], expr: &'a Expr) -> Ran<Value<'a>> {
        let span = expr.span;
        let (Some(first), Some(last)) = (args.first(), args.last()) else { return unchecked(expr) };
        Ok(match builtin {
            Builtin::Percent => {
                let whole = match self.eval(first)? {
                    Value::Integer(whole) => Decimal::from(whole),
                    Value::Decimal(number) => number,
                    _ => return unchecked(first),
                };
                Value::Decimal(exactly(checked::mul(whole, Decimal::new(1, 2)), span)?)
            }
            Builtin::Days => self.length(first, DAY_SECONDS, span)?,
            Builtin::Hours => self.length(first, HOUR_SECONDS, span)?,
            Builtin::Minutes => self.length(first, MINUTE_SECONDS, span)?,
            Builtin::Min | Builtin::Max => {
                let (a, b) = (self.eval(first)?, self.eval(last)?);
                let ordering = match (a, b) {
                    (Value::Integer(a), Value::Integer(b)) => a.cmp(&b),
                    (Value::Decimal(a), Value::Decimal(b))
                    | (Value::Money(Money(a)), Value::Money(Money(b))) => a.cmp(&b),
                    _ => return unchecked(expr),
                };
                let first_wins = match builtin {
                    Builtin::Min => ordering != Ordering::Greater,
                    _ => ordering != Ordering::Less,
                };
                if first_wins { a } else { b }
            }
            Builtin::Abs => match self.eval(first)? {
                Value::Integer(value) => Value::Integer(fits(value.checked_abs(), span)?),
                Value::Decimal(value) => Value::Decimal(value.abs()),
                Value::Money(Money(value)) => Value::Money(Money(value.abs())),
                _ => return unchecked(first),
            },
            Builtin::Floor => Value::Decimal(self.decimal(first)?.floor()),
            Builtin::Round => {
                let (amount, step) = (self.decimal(first)?, self.decimal(last)?);
                if step <= Decimal::ZERO {
                    return Err(fault(FaultKind::RoundingStep, span));
                }
                Value::Money(Money(exactly(rounded_to(amount, step, self.rule.rounding), span)?))
            }
            Builtin::StartsWith => Value::Bool(self.text(first)?.starts_with(self.text(last)?)),
            Builtin::EndsWith => Value::Bool(self.text(first)?.ends_with(self.text(last)?)),
            Builtin::Contains => Value::Bool(self.text(first)?.contains(self.text(last)?)),
            Builtin::Len => match self.eval(first)? {
                Value::List(list) => Value::Integer(i64::try_from(list.len()).unwrap_or(i64::MAX)),
                _ => return unchecked(first),
            },
            // There is only one creative, so the receiver need not be evaluated; only the moment matters.
            Builtin::ExpiredAt => {
                let at = self.time(last)?;
                let expired = Value::Bool(self.case.creative_expired_at(at));
                if TRACE {
                    self.fact(Field::CREATIVE_VALID_UNTIL);
                    self.see("creative.expired_at", expired);
                }
                expired
            }
            Builtin::NotYetValidAt => {
                let at = self.time(last)?;
                let early = Value::Bool(self.case.creative_not_yet_valid_at(at));
                if TRACE {
                    self.fact(Field::CREATIVE_VALID_FROM);
                    self.see("creative.not_yet_valid_at", early);
                }
                early
            }
            Builtin::PromoOwner => {
                let code = self.text(first)?;
                let owner = self.case.promo_owner(code);
                if TRACE {
                    self.see(&format!("promo_owner({code})"), owner);
                }
                owner
            }
            Builtin::PromoActive => {
                let (code, at) = (self.text(first)?, self.time(last)?);
                let active = Value::Bool(self.case.promo_active(code, at));
                if TRACE {
                    self.see(&format!("promo_active({code})"), active);
                }
                active
            }
            Builtin::TimeDate => Value::Date(self.case.date(self.time(first)?)),
            Builtin::TimeHour => Value::Integer(self.case.hour(self.time(first)?)),
            Builtin::TimeMinute => Value::Integer(self.case.minute(self.time(first)?)),
            Builtin::PlusMonths => {
                let (date, months) = (self.date(first)?, self.integer(last)?);
                Value::Date(fits(time::plus_months(date, months), span)?)
            }
            Builtin::PlusYears => {
                let (date, years) = (self.date(first)?, self.integer(last)?);
                let months = years.checked_mul(12);
                Value::Date(fits(months.and_then(|months| time::plus_months(date, months)), span)?)
            }
            Builtin::MonthsBetween => {
                let (from, to) = (self.date(first)?, self.date(last)?);
                Value::Integer(time::months_between(from, to))
            }
            Builtin::StartOfMonth => {
                let date = self.date(first)?;
                Value::Date(date.with_day(1).unwrap_or(date))
            }
            Builtin::EndOfMonth => Value::Date(time::end_of_month(self.date(first)?)),
            Builtin::DateYear => Value::Integer(i64::from(self.date(first)?.year())),
            Builtin::DateMonth => Value::Integer(i64::from(self.date(first)?.month())),
            Builtin::DateDay => Value::Integer(i64::from(self.date(first)?.day())),
            Builtin::DateWeekday => {
                Value::Integer(i64::from(self.date(first)?.weekday().number_from_monday()))
            }
            Builtin::DurationDays => Value::Integer(self.duration(first)?.seconds.div_euclid(DAY_SECONDS)),
            Builtin::DurationHours => Value::Integer(self.duration(first)?.seconds.div_euclid(HOUR_SECONDS)),
        })
    }

    fn length(&mut self, count: &'a Expr, unit_seconds: i64, span: Span) -> Ran<Value<'a>> {
        let count = self.integer(count)?;
        fits(Duration::of(count, unit_seconds), span).map(Value::Duration)
    }
}
