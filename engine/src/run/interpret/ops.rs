//! Operators of the interpreter. Results are exact; a result that does not fit is a fault and never wraps.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Ran, Run, exactly, fault, fits, unchecked};
use crate::diagnostic::Span;
use crate::lang::{BinaryOp, Compared, Comparison, Expr, FaultKind, UnaryOp};
use crate::lang::{List, Value};
use crate::money::{ArithmeticError, Money, checked};
use crate::time::{DAY_SECONDS, Duration, Timestamp};

impl<'a, const TRACE: bool> Run<'_, 'a, TRACE> {
    /// Returns the decimal of a value: a decimal itself, or an amount.
    #[inline]
    pub(super) fn decimal(&mut self, expr: &'a Expr) -> Ran<Decimal> {
        match self.eval(expr)? {
            Value::Decimal(value) | Value::Money(Money(value)) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    pub(super) fn integer(&mut self, expr: &'a Expr) -> Ran<i64> {
        match self.eval(expr)? {
            Value::Integer(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    pub(super) fn text(&mut self, expr: &'a Expr) -> Ran<&'a str> {
        match self.eval(expr)? {
            Value::Text(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    pub(super) fn time(&mut self, expr: &'a Expr) -> Ran<Timestamp> {
        match self.eval(expr)? {
            Value::Time(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    pub(super) fn date(&mut self, expr: &'a Expr) -> Ran<chrono::NaiveDate> {
        match self.eval(expr)? {
            Value::Date(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    pub(super) fn duration(&mut self, expr: &'a Expr) -> Ran<Duration> {
        match self.eval(expr)? {
            Value::Duration(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        of: Compared,
        left: &'a Expr,
        right: &'a Expr,
    ) -> Ran<bool> {
        let ordering = match of {
            Compared::Text => {
                let equal = self.text(left)? == self.text(right)?;
                return Ok(equal == (comparison == Comparison::Equal));
            }
            Compared::Bool => {
                let equal = self.truth(left)? == self.truth(right)?;
                return Ok(equal == (comparison == Comparison::Equal));
            }
            Compared::Integer => self.integer(left)?.cmp(&self.integer(right)?),
            Compared::Decimal | Compared::Money => self.decimal(left)?.cmp(&self.decimal(right)?),
            Compared::Time => self.time(left)?.cmp(&self.time(right)?),
            Compared::Date => self.date(left)?.cmp(&self.date(right)?),
            Compared::Duration => self.duration(left)?.cmp(&self.duration(right)?),
        };
        Ok(match comparison {
            Comparison::Equal => ordering == Ordering::Equal,
            Comparison::NotEqual => ordering != Ordering::Equal,
            Comparison::Less => ordering == Ordering::Less,
            Comparison::LessOrEqual => ordering != Ordering::Greater,
            Comparison::Greater => ordering == Ordering::Greater,
            Comparison::GreaterOrEqual => ordering != Ordering::Less,
        })
    }

    /// Returns whether a list contains a text. A list of facts is searched and charged for its length; a named list is not.
    pub(super) fn contained(&mut self, needle: &'a Expr, list: &'a Expr, span: Span) -> Ran<bool> {
        let needle = self.text(needle)?;
        match self.eval(list)? {
            Value::List(List::Text(texts)) => {
                self.charge(texts.len() as u64, span)?;
                Ok(texts.iter().any(|text| text == needle))
            }
            Value::List(List::Named(named)) => Ok(named.contains(needle)),
            _ => unchecked(list),
        }
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: &'a Expr, span: Span) -> Ran<Value<'a>> {
        Ok(match op {
            UnaryOp::Not => Value::Bool(!self.truth(operand)?),
            UnaryOp::NegInteger => Value::Integer(fits(self.integer(operand)?.checked_neg(), span)?),
            UnaryOp::NegDecimal => Value::Decimal(-self.decimal(operand)?),
            UnaryOp::NegMoney => Value::Money(Money(-self.decimal(operand)?)),
            UnaryOp::NegDuration => Value::Duration(Duration {
                seconds: fits(self.duration(operand)?.seconds.checked_neg(), span)?,
            }),
            UnaryOp::ToDecimal => Value::Decimal(Decimal::from(self.integer(operand)?)),
        })
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: &'a Expr,
        right: &'a Expr,
        span: Span,
    ) -> Ran<Value<'a>> {
        Ok(match op {
            BinaryOp::AddInteger => {
                Value::Integer(fits(self.integer(left)?.checked_add(self.integer(right)?), span)?)
            }
            BinaryOp::SubInteger => {
                Value::Integer(fits(self.integer(left)?.checked_sub(self.integer(right)?), span)?)
            }
            BinaryOp::MulInteger => {
                Value::Integer(fits(self.integer(left)?.checked_mul(self.integer(right)?), span)?)
            }
            BinaryOp::RemInteger => {
                let (left, right) = (self.integer(left)?, self.integer(right)?);
                if right == 0 {
                    return Err(fault(FaultKind::DivisionByZero, span));
                }
                Value::Integer(fits(left.checked_rem(right), span)?)
            }
            BinaryOp::AddDecimal => Value::Decimal(self.exact(checked::add, left, right, span)?),
            BinaryOp::SubDecimal => Value::Decimal(self.exact(checked::sub, left, right, span)?),
            BinaryOp::MulDecimal => Value::Decimal(self.exact(checked::mul, left, right, span)?),
            BinaryOp::DivDecimal | BinaryOp::RatioMoney => {
                Value::Decimal(self.exact(checked::div, left, right, span)?)
            }
            BinaryOp::RemDecimal => Value::Decimal(self.exact(checked::rem, left, right, span)?),
            BinaryOp::AddMoney => Value::Money(Money(self.exact(checked::add, left, right, span)?)),
            BinaryOp::SubMoney => Value::Money(Money(self.exact(checked::sub, left, right, span)?)),
            BinaryOp::MulMoney => Value::Money(Money(self.exact(checked::mul, left, right, span)?)),
            BinaryOp::DivMoney => Value::Money(Money(self.exact(checked::div, left, right, span)?)),
            BinaryOp::AddTime | BinaryOp::SubTime => {
                let (time, by) = (self.time(left)?, self.duration(right)?.seconds);
                let by = if op == BinaryOp::AddTime { Some(by) } else { by.checked_neg() };
                Value::Time(fits(by.and_then(|seconds| time.plus(Duration { seconds })), span)?)
            }
            BinaryOp::DiffTime => Value::Duration(self.time(left)?.since(self.time(right)?)),
            BinaryOp::AddDate | BinaryOp::SubDate => {
                let (date, by) = (self.date(left)?, self.duration(right)?.seconds.div_euclid(DAY_SECONDS));
                let by = if op == BinaryOp::AddDate { Some(by) } else { by.checked_neg() };
                let moved =
                    by.and_then(chrono::TimeDelta::try_days).and_then(|days| date.checked_add_signed(days));
                Value::Date(fits(moved, span)?)
            }
            BinaryOp::DiffDate => {
                let days = self.date(left)?.signed_duration_since(self.date(right)?).num_days();
                Value::Duration(fits(Duration::of(days, DAY_SECONDS), span)?)
            }
            BinaryOp::AddDuration => {
                let sum = self.duration(left)?.seconds.checked_add(self.duration(right)?.seconds);
                Value::Duration(Duration { seconds: fits(sum, span)? })
            }
            BinaryOp::SubDuration => {
                let difference = self.duration(left)?.seconds.checked_sub(self.duration(right)?.seconds);
                Value::Duration(Duration { seconds: fits(difference, span)? })
            }
            BinaryOp::MulDuration => {
                let product = self.duration(left)?.seconds.checked_mul(self.integer(right)?);
                Value::Duration(Duration { seconds: fits(product, span)? })
            }
            BinaryOp::Compare(comparison, of) => Value::Bool(self.compare(comparison, of, left, right)?),
            BinaryOp::In => Value::Bool(self.contained(left, right, span)?),
        })
    }

    #[inline]
    fn exact(
        &mut self,
        operation: impl Fn(Decimal, Decimal) -> Result<Decimal, ArithmeticError>,
        left: &'a Expr,
        right: &'a Expr,
        span: Span,
    ) -> Ran<Decimal> {
        let left = self.decimal(left)?;
        let right = self.decimal(right)?;
        exactly(operation(left, right), span)
    }
}
