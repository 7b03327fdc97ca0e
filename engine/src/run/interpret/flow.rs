//! Statements and expressions of the interpreter, and the order in which they run.

use super::{Ran, Run, Stop, VerbCall, fault, unchecked};
use crate::diagnostic::Span;
use crate::lang::{ArmValue, BinaryOp, Block, Expr, ExprKind, FaultKind, Operand, Stmt, Switch, UnaryOp};
use crate::lang::{List, Value};
use crate::run::marks::PointKind;

/// How deep a rule's functions may call each other. The checker bounds the nesting of a rule; this bounds the stack in any case.
const CALL_DEPTH: u16 = 64;

impl<'a, const TRACE: bool> Run<'_, 'a, TRACE> {
    pub(super) fn block(&mut self, block: &'a Block) -> Ran<Value<'a>> {
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
            Stmt::Verb { verb, args, span } => {
                self.reach(*span, PointKind::Verb);
                let mut args = args.iter();
                let value = args.next().map_or(Ok(Value::Unit), |arg| self.eval(arg))?;
                let second = args.next().map(|arg| self.eval(arg)).transpose()?;
                self.spoken.push(VerbCall { verb: *verb, value, second });
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

    pub(super) fn eval(&mut self, expr: &'a Expr) -> Ran<Value<'a>> {
        match &expr.kind {
            ExprKind::Const(value) => Ok(value.value()),
            ExprKind::Local(slot) => {
                Ok(self.stack.get(self.base + usize::from(*slot)).copied().unwrap_or(Value::Unknown))
            }
            ExprKind::Fact(field) => Ok(self.fact(*field)),
            ExprKind::FieldOf(field, of) => self.field_of(*field, of),
            ExprKind::Attribute(index) => Ok(self.attribute(*index)),
            ExprKind::ItemAttribute(index, of) => self.item_attribute(*index, of.as_deref()),
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
                let holds = self.truth(condition)?;
                self.reach(condition.span, if holds { PointKind::Holds } else { PointKind::Fails });
                if holds {
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

    /// Returns the bool of an expression, without the detour through a value.
    pub(super) fn truth(&mut self, expr: &'a Expr) -> Ran<bool> {
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
                self.reach(arm.body.span, PointKind::Arm);
                return self.block(&arm.body);
            }
        }
        let Some(default) = &switch.default else { return Ok(Value::Unit) };
        self.reach(default.span, PointKind::DefaultArm);
        self.block(default)
    }

    fn call(&mut self, function: u16, args: &'a [Expr], span: Span) -> Ran<Value<'a>> {
        let Some(function) = self.rule.functions.get(usize::from(function)) else {
            return Err(fault(FaultKind::Overflow, span));
        };
        if self.depth >= CALL_DEPTH {
            return Err(fault(FaultKind::Budget, span));
        }
        // The callee's locals are above all others; the locals of calls in its arguments go above those.
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
}

fn arm_matches(arm: &ArmValue, subject: Value<'_>) -> bool {
    match (arm, subject) {
        (ArmValue::Const(value), _) => value.value() == subject,
        (ArmValue::Range { start, end, inclusive }, Value::Integer(value)) => {
            *start <= value && (value < *end || (*inclusive && value == *end))
        }
        (ArmValue::Range { .. }, _) => false,
    }
}
