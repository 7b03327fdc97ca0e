//! The portable way to run a rule: a checked rule and a case enter; its value, its verbs and the fuel it used leave.
//!
//! An interpreter over the checked program, small and plain: the reference that every other way is tested against.
//! A value is small and copied, text and lists are borrowed, and the space for locals is used again from rule to
//! rule, so that running a rule allocates nothing.
//!
//! Fuel is charged segment by segment, before the segment runs (see the rule's own documentation). What does not fit
//! into the budget fails there, and such a rule has used its whole budget. Nothing in the language can catch it.

use std::cmp::Ordering;

use chrono::Datelike;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::catalog::{Builtin, Field, Verb};
use super::ir::{
    ArmValue, BinaryOp, Block, Compared, Comparison, Const, Expr, ExprKind, Fault, FaultKind, Operand, Rule,
    Stmt, Switch, TotalField, UnaryOp,
};
use super::types::{List, Record, Value};
use crate::diagnostic::Span;
use crate::money::{ArithmeticError, Money, exact};
use crate::time::{DAY_SECONDS, Duration, HOUR_SECONDS, MINUTE_SECONDS, Timestamp};

/// The longest text of a value that a trace keeps, in characters: enough to recognise a landing page.
const SEEN_CHARS: usize = 200;

/// How deep a rule's functions call each other. The checker bounds what one rule nests; this keeps the stack bounded
/// even so.
const CALL_DEPTH: u16 = 64;

/// A verb that a rule gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spoken<'a> {
    /// Which.
    pub verb: Verb,
    /// What it was given.
    pub value: Value<'a>,
    /// Its second argument, as in `hold("REASON", days(30))`.
    pub second: Option<Value<'a>>,
}

/// A value that a rule saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// The fact as rules write it, such as `customer.status`.
    pub fact: String,
    /// Its value as text; `unknown` when it is not known.
    pub value: String,
}

/// Runs rules, one after the other, with the same scratch space.
#[derive(Debug)]
pub struct Evaluator<'a> {
    budget: u64,
    trace_values: usize,
    stack: Vec<Value<'a>>,
    spoken: Vec<Spoken<'a>>,
    saw: Option<Vec<Seen>>,
    fuel: u64,
}

impl<'a> Evaluator<'a> {
    /// An evaluator that gives each rule a budget of fuel and, when it traces, keeps so many values it saw.
    pub fn new(budget: u64, trace_values: Option<usize>) -> Self {
        Self {
            budget,
            trace_values: trace_values.unwrap_or(0),
            stack: Vec::new(),
            spoken: Vec::new(),
            saw: trace_values.map(|_| Vec::new()),
            fuel: 0,
        }
    }

    /// Runs a rule: its value, unless it fails. [`Evaluator::spoken`] then has its verbs.
    pub fn run(&mut self, rule: &'a Rule, case: &Case<'a>) -> Result<Value<'a>, Fault> {
        self.spoken.clear();
        self.stack.clear();
        self.stack.resize(usize::from(rule.slots), Value::Unit);
        match self.saw.take() {
            None => self.start::<false>(rule, case, &mut Vec::new()),
            Some(mut saw) => {
                let result = self.start::<true>(rule, case, &mut saw);
                self.saw = Some(saw);
                result
            }
        }
    }

    fn start<const TRACE: bool>(
        &mut self,
        rule: &'a Rule,
        case: &Case<'a>,
        saw: &mut Vec<Seen>,
    ) -> Result<Value<'a>, Fault> {
        let mut run = Run::<TRACE> {
            rule,
            case,
            left: self.budget,
            base: 0,
            depth: 0,
            stack: &mut self.stack,
            spoken: &mut self.spoken,
            saw,
            trace_values: self.trace_values,
            returned: Value::Unit,
        };
        let result = run.block(&rule.body);
        let returned = run.returned;
        let used = self.budget - run.left;
        let (used, result) = match result {
            Ok(value) => (used, Ok(value)),
            Err(Stop::Return) => (used, Ok(returned)),
            Err(Stop::Break | Stop::Continue) => (used, Ok(Value::Unit)),
            Err(Stop::Fault(fault)) if fault.kind == FaultKind::Budget => (self.budget, Err(fault)),
            Err(Stop::Fault(fault)) => (used, Err(fault)),
        };
        self.fuel = self.fuel.saturating_add(used);
        result
    }

    /// The verbs of the last rule that ran, in order.
    pub fn spoken(&self) -> &[Spoken<'a>] {
        &self.spoken
    }

    /// The fuel that all rules have used so far.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Hands over what rules saw since the last call; nothing when it does not trace.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        self.saw.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// Why a run left the usual order.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Fault(Fault),
    Return,
    Break,
    Continue,
}

type Ran<T> = Result<T, Stop>;

#[cold]
fn fault(kind: FaultKind, span: Span) -> Stop {
    Stop::Fault(Fault { kind, span })
}

/// What the checker makes impossible, such as a sum of texts. Failing holds the action.
#[cold]
fn unchecked<T>(expr: &Expr) -> Ran<T> {
    Err(fault(FaultKind::Overflow, expr.span))
}

fn exactly<T>(result: Result<T, ArithmeticError>, span: Span) -> Ran<T> {
    result.map_err(|error| {
        let kind = match error {
            ArithmeticError::Overflow => FaultKind::Overflow,
            ArithmeticError::DivisionByZero => FaultKind::DivisionByZero,
        };
        fault(kind, span)
    })
}

fn fits<T>(result: Option<T>, span: Span) -> Ran<T> {
    result.ok_or_else(|| fault(FaultKind::Overflow, span))
}

/// One rule, running. `TRACE` is decided once, so that a run without a trace does not even ask.
struct Run<'r, 'a, const TRACE: bool> {
    rule: &'a Rule,
    case: &'r Case<'a>,
    left: u64,
    base: usize,
    depth: u16,
    stack: &'r mut Vec<Value<'a>>,
    spoken: &'r mut Vec<Spoken<'a>>,
    saw: &'r mut Vec<Seen>,
    trace_values: usize,
    returned: Value<'a>,
}

impl<'a, const TRACE: bool> Run<'_, 'a, TRACE> {
    #[inline]
    fn charge(&mut self, fuel: u64, span: Span) -> Ran<()> {
        match self.left.checked_sub(fuel) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(fault(FaultKind::Budget, span)),
        }
    }

    #[inline]
    fn set(&mut self, slot: u16, value: Value<'a>) {
        if let Some(local) = self.stack.get_mut(self.base + usize::from(slot)) {
            *local = value;
        }
    }

    fn block(&mut self, block: &'a Block) -> Ran<Value<'a>> {
        self.charge(u64::from(block.charge), block.span)?;
        for stmt in &block.stmts {
            self.stmt(stmt)?;
        }
        match &block.value {
            Some(value) => self.eval(value),
            None => Ok(Value::Unit),
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt) -> Ran<()> {
        match stmt {
            Stmt::Set { slot, value } => {
                let value = self.eval(value)?;
                self.set(*slot, value);
            }
            Stmt::Do(expr) => {
                self.eval(expr)?;
            }
            Stmt::For { slot, counter, list, body } => self.walk(*slot, *counter, list, body)?,
            Stmt::Verb { verb, args, .. } => {
                let mut args = args.iter();
                let value = args.next().map_or(Ok(Value::Unit), |arg| self.eval(arg))?;
                let second = args.next().map(|arg| self.eval(arg)).transpose()?;
                self.spoken.push(Spoken { verb: *verb, value, second });
            }
            Stmt::Return(value, _) => {
                self.returned = value.as_ref().map_or(Ok(Value::Unit), |value| self.eval(value))?;
                return Err(Stop::Return);
            }
            Stmt::Break(_) => return Err(Stop::Break),
            Stmt::Continue(_) => return Err(Stop::Continue),
        }
        Ok(())
    }

    fn walk(&mut self, slot: u16, counter: Option<u16>, list: &'a Expr, body: &'a Block) -> Ran<()> {
        let Value::List(list) = self.eval(list)? else { return unchecked(list) };
        for n in 0..list.len() {
            let index = u32::try_from(n).unwrap_or(u32::MAX);
            let element = match list {
                List::Text(texts) => texts.get(n).map_or(Value::Unknown, |text| Value::Text(text)),
                List::Named(named) => named.values().get(n).map_or(Value::Unknown, |text| Value::Text(text)),
                List::Items(_) => Value::Item(index),
                List::Touches(_) => Value::Touch(index),
            };
            self.set(slot, element);
            if let Some(counter) = counter {
                self.set(counter, Value::Integer(i64::from(index)));
            }
            match self.block(body) {
                Ok(_) | Err(Stop::Continue) => {}
                Err(Stop::Break) => break,
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    fn eval(&mut self, expr: &'a Expr) -> Ran<Value<'a>> {
        match &expr.kind {
            ExprKind::Const(value) => Ok(constant(value)),
            ExprKind::Local(slot) => {
                Ok(self.stack.get(self.base + usize::from(*slot)).copied().unwrap_or(Value::Unknown))
            }
            ExprKind::Fact(field) => Ok(self.fact(*field)),
            ExprKind::FieldOf(field, of) => self.field_of(*field, of),
            ExprKind::Attribute(index) => Ok(self.attribute(*index)),
            ExprKind::Total(index, field) => self.total(*index, *field, expr.span),
            ExprKind::NamedList(index) => Ok(self.named_list(*index)),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, expr.span),
            ExprKind::Binary(BinaryOp::Compare(..) | BinaryOp::In, _)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Known(_) => self.truth(expr).map(Value::Bool),
            ExprKind::Binary(op, pair) => self.binary(*op, &pair.0, &pair.1, expr.span),
            ExprKind::Coalesce(first, rest) => self.coalesce(first, rest),
            ExprKind::If(condition, then, otherwise) => {
                if self.truth(condition)? {
                    self.block(then)
                } else {
                    otherwise.as_ref().map_or(Ok(Value::Unit), |block| self.block(block))
                }
            }
            ExprKind::Switch(switch) => self.switch(switch),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Call(function, args) => self.call(*function, args, expr.span),
            ExprKind::Builtin(builtin, args) => self.builtin(*builtin, args, expr),
        }
    }

    /// A bool, without the way through a value.
    fn truth(&mut self, expr: &'a Expr) -> Ran<bool> {
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Compare(comparison, of), pair) => {
                self.compare(*comparison, *of, &pair.0, &pair.1)
            }
            ExprKind::Binary(BinaryOp::In, pair) => self.contained(&pair.0, &pair.1, expr.span),
            ExprKind::And(first, rest) => {
                if !self.truth(first)? {
                    return Ok(false);
                }
                for operand in rest {
                    self.charge(u64::from(operand.charge), operand.expr.span)?;
                    if !self.truth(&operand.expr)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ExprKind::Or(first, rest) => {
                if self.truth(first)? {
                    return Ok(true);
                }
                for operand in rest {
                    self.charge(u64::from(operand.charge), operand.expr.span)?;
                    if self.truth(&operand.expr)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            ExprKind::Unary(UnaryOp::Not, operand) => Ok(!self.truth(operand)?),
            ExprKind::Known(operand) => Ok(self.eval(operand)? != Value::Unknown),
            _ => match self.eval(expr)? {
                Value::Bool(value) => Ok(value),
                _ => unchecked(expr),
            },
        }
    }

    /// A decimal, or the decimal of an amount.
    #[inline]
    fn decimal(&mut self, expr: &'a Expr) -> Ran<Decimal> {
        match self.eval(expr)? {
            Value::Decimal(value) | Value::Money(Money(value)) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    fn integer(&mut self, expr: &'a Expr) -> Ran<i64> {
        match self.eval(expr)? {
            Value::Integer(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    fn text(&mut self, expr: &'a Expr) -> Ran<&'a str> {
        match self.eval(expr)? {
            Value::Text(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    fn time(&mut self, expr: &'a Expr) -> Ran<Timestamp> {
        match self.eval(expr)? {
            Value::Time(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    fn date(&mut self, expr: &'a Expr) -> Ran<chrono::NaiveDate> {
        match self.eval(expr)? {
            Value::Date(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    #[inline]
    fn duration(&mut self, expr: &'a Expr) -> Ran<Duration> {
        match self.eval(expr)? {
            Value::Duration(value) => Ok(value),
            _ => unchecked(expr),
        }
    }

    fn compare(
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

    /// Whether a list has a text. A list of facts is searched, and is charged for its length; a named list is not.
    fn contained(&mut self, needle: &'a Expr, list: &'a Expr, span: Span) -> Ran<bool> {
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

    fn coalesce(&mut self, first: &'a Expr, rest: &'a [Operand]) -> Ran<Value<'a>> {
        let mut value = self.eval(first)?;
        for operand in rest {
            if value != Value::Unknown {
                break;
            }
            self.charge(u64::from(operand.charge), operand.expr.span)?;
            value = self.eval(&operand.expr)?;
        }
        Ok(value)
    }

    fn switch(&mut self, switch: &'a Switch) -> Ran<Value<'a>> {
        let subject = self.eval(&switch.subject)?;
        for arm in &switch.arms {
            if !arm.values.iter().any(|value| arm_matches(value, subject)) {
                continue;
            }
            let holds = match &arm.condition {
                None => true,
                Some(condition) => {
                    self.charge(u64::from(condition.charge), condition.expr.span)?;
                    self.truth(&condition.expr)?
                }
            };
            if holds {
                return self.block(&arm.body);
            }
        }
        switch.default.as_ref().map_or(Ok(Value::Unit), |block| self.block(block))
    }

    fn call(&mut self, function: u16, args: &'a [Expr], span: Span) -> Ran<Value<'a>> {
        let Some(function) = self.rule.functions.get(usize::from(function)) else {
            return Err(fault(FaultKind::Overflow, span));
        };
        if self.depth >= CALL_DEPTH {
            return Err(fault(FaultKind::Budget, span));
        }
        // The callee's locals stand above all others; arguments that call functions themselves go above those.
        let frame = self.stack.len();
        self.stack.resize(frame + usize::from(function.slots), Value::Unit);
        for (n, arg) in args.iter().enumerate() {
            let value = self.eval(arg)?;
            if let Some(slot) = self.stack.get_mut(frame + n) {
                *slot = value;
            }
        }
        let caller = std::mem::replace(&mut self.base, frame);
        self.depth += 1;
        let result = self.block(&function.body);
        self.depth -= 1;
        self.base = caller;
        self.stack.truncate(frame);
        match result {
            Err(Stop::Return) => Ok(std::mem::replace(&mut self.returned, Value::Unit)),
            other => other,
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &'a Expr, span: Span) -> Ran<Value<'a>> {
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

    fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr, span: Span) -> Ran<Value<'a>> {
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
            BinaryOp::AddDecimal => Value::Decimal(self.exact(exact::add, left, right, span)?),
            BinaryOp::SubDecimal => Value::Decimal(self.exact(exact::sub, left, right, span)?),
            BinaryOp::MulDecimal => Value::Decimal(self.exact(exact::mul, left, right, span)?),
            BinaryOp::DivDecimal | BinaryOp::RatioMoney => {
                Value::Decimal(self.exact(exact::div, left, right, span)?)
            }
            BinaryOp::RemDecimal => Value::Decimal(self.exact(exact::rem, left, right, span)?),
            BinaryOp::AddMoney => Value::Money(Money(self.exact(exact::add, left, right, span)?)),
            BinaryOp::SubMoney => Value::Money(Money(self.exact(exact::sub, left, right, span)?)),
            BinaryOp::MulMoney => Value::Money(Money(self.exact(exact::mul, left, right, span)?)),
            BinaryOp::DivMoney => Value::Money(Money(self.exact(exact::div, left, right, span)?)),
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

    fn builtin(&mut self, builtin: Builtin, args: &'a [Expr], expr: &'a Expr) -> Ran<Value<'a>> {
        let span = expr.span;
        let (Some(first), Some(last)) = (args.first(), args.last()) else { return unchecked(expr) };
        Ok(match builtin {
            Builtin::Percent => {
                let whole = match self.eval(first)? {
                    Value::Integer(whole) => Decimal::from(whole),
                    Value::Decimal(number) => number,
                    _ => return unchecked(first),
                };
                Value::Decimal(exactly(exact::mul(whole, Decimal::new(1, 2)), span)?)
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
            Builtin::StartsWith => Value::Bool(self.text(first)?.starts_with(self.text(last)?)),
            Builtin::EndsWith => Value::Bool(self.text(first)?.ends_with(self.text(last)?)),
            Builtin::Contains => Value::Bool(self.text(first)?.contains(self.text(last)?)),
            Builtin::Len => match self.eval(first)? {
                Value::List(list) => Value::Integer(i64::try_from(list.len()).unwrap_or(i64::MAX)),
                _ => return unchecked(first),
            },
            // The receiver is the one creative there is; the moment is what matters.
            Builtin::ExpiredAt => {
                let at = self.time(last)?;
                let expired = Value::Bool(self.case.creative_expired_at(at));
                if TRACE {
                    self.fact(Field::CreativeValidUntil);
                    self.see("creative.expired_at", expired);
                }
                expired
            }
            Builtin::NotYetValidAt => {
                let at = self.time(last)?;
                let early = Value::Bool(self.case.creative_not_yet_valid_at(at));
                if TRACE {
                    self.fact(Field::CreativeValidFrom);
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

    #[inline]
    fn fact(&mut self, field: Field) -> Value<'a> {
        let value = self.case.fact(field);
        if TRACE {
            self.see(&field.spec().full_name(), value);
        }
        value
    }

    fn field_of(&mut self, field: Field, of: &'a Expr) -> Ran<Value<'a>> {
        let value = match self.eval(of)? {
            Value::Item(item) => self.case.item_fact(field, item),
            Value::Touch(touch) => self.case.touch_fact(field, touch),
            // A local that holds the item or the credited touch itself.
            Value::Record(Record::Item | Record::Touch) => self.case.fact(field),
            _ => return unchecked(of),
        };
        if TRACE {
            self.see(&field.spec().full_name(), value);
        }
        Ok(value)
    }

    fn attribute(&mut self, index: u16) -> Value<'a> {
        let value = self.case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown);
        if TRACE {
            let name = self.case.terms.attributes.get_index(usize::from(index)).map_or("", |(name, _)| name);
            self.see(&format!("attributes.{name}"), value);
        }
        value
    }

    fn total(&mut self, index: u16, field: TotalField, span: Span) -> Ran<Value<'a>> {
        let value = exactly(self.case.total(index, field), span)?;
        if TRACE {
            let name = self.case.version.totals.get(usize::from(index)).map_or("", |total| &total.name);
            let field = match field {
                TotalField::ActionsBefore => "actions.before",
                TotalField::ActionsWithThis => "actions.with_this",
                TotalField::RevenueBefore => "revenue.before",
                TotalField::RevenueWithThis => "revenue.with_this",
                TotalField::PayoutsBefore => "payouts.before",
            };
            self.see(&format!("totals.{name}.{field}"), value);
        }
        Ok(value)
    }

    fn named_list(&self, index: u16) -> Value<'a> {
        self.case
            .terms
            .lists
            .get_index(usize::from(index))
            .map_or(Value::Unknown, |(_, list)| Value::List(List::Named(list)))
    }

    #[cold]
    fn see(&mut self, fact: &str, value: Value<'a>) {
        if self.saw.len() >= self.trace_values {
            return;
        }
        let value = shown(value);
        if !self.saw.iter().any(|seen| seen.fact == fact && seen.value == value) {
            self.saw.push(Seen { fact: fact.to_owned(), value });
        }
    }
}

fn constant(value: &Const) -> Value<'_> {
    match value {
        Const::Unit => Value::Unit,
        Const::Bool(value) => Value::Bool(*value),
        Const::Integer(value) => Value::Integer(*value),
        Const::Decimal(value) => Value::Decimal(*value),
        Const::Money(value) => Value::Money(*value),
        Const::Text(value) => Value::Text(value),
        Const::Time(value) => Value::Time(*value),
        Const::Date(value) => Value::Date(*value),
        Const::Duration(value) => Value::Duration(*value),
    }
}

fn arm_matches(arm: &ArmValue, subject: Value<'_>) -> bool {
    match (arm, subject) {
        (ArmValue::Const(value), _) => constant(value) == subject,
        (ArmValue::Range { start, end, inclusive }, Value::Integer(value)) => {
            *start <= value && (value < *end || (*inclusive && value == *end))
        }
        (ArmValue::Range { .. }, _) => false,
    }
}

/// A value as a trace shows it.
pub fn shown(value: Value<'_>) -> String {
    let clip = |text: &str| match text.char_indices().nth(SEEN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    let joined = |texts: &[String]| {
        let mut all = String::new();
        for text in texts {
            if all.len() > SEEN_CHARS * 4 {
                break;
            }
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(text);
        }
        clip(&all)
    };
    match value {
        Value::Unit => String::new(),
        Value::Unknown => "unknown".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.normalize().to_string(),
        Value::Money(value) => value.to_string(),
        Value::Text(value) => clip(value),
        Value::Time(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
        Value::Duration(value) => value.to_string(),
        Value::Record(record) => record.name().to_owned(),
        Value::Item(index) => format!("item {}", u64::from(index) + 1),
        Value::Touch(index) => format!("touch {}", u64::from(index) + 1),
        Value::List(List::Text(texts)) => joined(texts),
        Value::List(List::Named(list)) => joined(list.values()),
        Value::List(List::Items(count)) => format!("{count} items"),
        Value::List(List::Touches(count)) => format!("{count} touches"),
    }
}
