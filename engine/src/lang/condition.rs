//! The condition of a rule as one expression: when an inline condition holds, or when a rule file gives a verb.
//!
//! Locals and functions are put in where they are read, so that only facts, constants and operators are left. [`Rule::condition`]
//! makes it for whoever reasons about rules: why one did not apply, and what can never apply. A run of a rule does not use it.

use rust_decimal::Decimal;

use super::catalog::{Field, Verb};
use super::ir::{
    Arm, ArmValue, BinaryOp, Block, Compared, Comparison, Const, Expr, ExprKind, Form, Function, Node,
    Operand, Rule, Stmt, Switch, TotalField, UnaryOp,
};
use super::types::{Base, Type};
use crate::diagnostic::Span;
use crate::money::Money;

/// The most nodes of a condition; a longer one is not made. A condition that people write has some 20.
const NODES: usize = 4_096;

/// A fact that a rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactRef {
    /// A field of a record that exists once, or of the item that the rule is evaluated for.
    Field(Field),
    /// One of the brand's own attributes of the action or the partner, by its index in the program.
    Attribute(u16),
    /// An attribute of the item that the rule is evaluated for, by its index in the program.
    ItemAttribute(u16),
    /// A declared total, by its index in the contract version.
    Total(u16, TotalField),
}

impl Expr {
    /// Returns the fact that the expression is; `None` if it is a constant or computes something.
    pub fn fact_ref(&self) -> Option<FactRef> {
        match &self.kind {
            ExprKind::Fact(field) => Some(FactRef::Field(*field)),
            ExprKind::Attribute(index) => Some(FactRef::Attribute(*index)),
            ExprKind::ItemAttribute(index, None) => Some(FactRef::ItemAttribute(*index)),
            ExprKind::Total(index, field) => Some(FactRef::Total(*index, *field)),
            _ => None,
        }
    }

    fn new(kind: ExprKind, ty: Type, span: Span) -> Self {
        Self { kind, ty, span }
    }

    pub(crate) fn bool(value: bool, span: Span) -> Self {
        Self::new(ExprKind::Const(Const::Bool(value)), Type::BOOL, span)
    }

    fn is(&self, value: bool) -> bool {
        matches!(self.kind, ExprKind::Const(Const::Bool(constant)) if constant == value)
    }
}

/// Returns the negation of a condition.
pub(crate) fn not(condition: Expr) -> Expr {
    let span = condition.span;
    match condition.kind {
        ExprKind::Const(Const::Bool(value)) => Expr::bool(!value, span),
        ExprKind::Unary(UnaryOp::Not, inner) => *inner,
        kind => {
            let inner = Expr::new(kind, condition.ty, span);
            Expr::new(ExprKind::Unary(UnaryOp::Not, Box::new(inner)), Type::BOOL, span)
        }
    }
}

/// Joins conditions that must all hold, in their order.
pub(crate) fn all(conditions: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    joined(conditions, span, true)
}

/// Joins conditions of which one must hold, in their order.
pub(crate) fn any(conditions: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    joined(conditions, span, false)
}

/// Joins conditions by `&&` if `neutral` is true, else by `||`.
fn joined(conditions: impl IntoIterator<Item = Expr>, span: Span, neutral: bool) -> Expr {
    let mut parts = Vec::new();
    for condition in conditions {
        if condition.is(neutral) {
            continue;
        }
        let ends = condition.is(!neutral);
        match condition.kind {
            ExprKind::And(first, rest) if neutral => {
                parts.push(*first);
                parts.extend(rest.into_iter().map(|operand| operand.expr));
            }
            ExprKind::Or(first, rest) if !neutral => {
                parts.push(*first);
                parts.extend(rest.into_iter().map(|operand| operand.expr));
            }
            kind => parts.push(Expr::new(kind, condition.ty, condition.span)),
        }
        if ends {
            break;
        }
    }
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else { return Expr::bool(neutral, span) };
    let rest: Vec<Operand> = parts.map(|expr| Operand { charge: 0, expr }).collect();
    if rest.is_empty() {
        return first;
    }
    let first = Box::new(first);
    let kind = if neutral { ExprKind::And(first, rest) } else { ExprKind::Or(first, rest) };
    Expr::new(kind, Type::BOOL, span)
}

/// Returns the condition that a number or an amount is not below a bound; `None` for values of another type.
pub(crate) fn at_least(value: Expr, bound: Decimal) -> Option<Expr> {
    let span = value.span;
    let (of, bound) = match value.ty.base {
        Base::Integer => (Compared::Integer, Const::Integer(i64::try_from(bound.ceil()).ok()?)),
        Base::Decimal => (Compared::Decimal, Const::Decimal(bound)),
        Base::Money => (Compared::Money, Const::Money(Money(bound))),
        _ => return None,
    };
    let bound = Expr::new(ExprKind::Const(bound), Type::known(value.ty.base), span);
    let op = BinaryOp::Compare(Comparison::GreaterOrEqual, of);
    Some(Expr::new(ExprKind::Binary(op, Box::new((value, bound))), Type::BOOL, span))
}

impl Rule {
    /// Returns the condition of the rule: what an inline condition says, or when a rule file gives a verb that `counts`. It reads only
    /// facts, constants and lists; an `if` in it has a value and no statement.
    ///
    /// `None` if a rule file gives a verb in a loop, if the condition depends on what a loop computes, or if it is too long.
    pub fn condition(&self, counts: impl Fn(Verb) -> bool) -> Option<Expr> {
        let mut walk =
            Walk { rule: self, speakers: Vec::new(), counts: &counts, given: Vec::new(), nodes: 0 };
        for function in &self.functions {
            // A function calls only functions before it.
            let speaks = walk.speaks(&function.body, false);
            walk.speakers.push(speaks);
        }
        let mut locals = vec![None; usize::from(self.slots)];
        match self.form {
            Form::Expression(_) => walk.value(&self.body, &mut locals),
            Form::Script => {
                walk.statements(&self.body, &mut locals, &[])?;
                Some(any(walk.given, self.body.span))
            }
        }
    }

    /// Returns a rule of this rule's file and phase that is only this expression. It charges no fuel.
    pub fn of(&self, expr: Expr) -> Self {
        let (form, span) = (Form::Expression(expr.ty), expr.span);
        let body = Block { charge: 0, stmts: Vec::new(), value: Some(expr), span };
        Self { form, body, functions: Vec::new(), slots: 0, ..self.clone() }
    }
}

/// The expression of each local; `None` if it is not known.
type Locals = Vec<Option<Expr>>;

struct Walk<'r> {
    rule: &'r Rule,
    /// Whether each function gives a verb.
    speakers: Vec<bool>,
    counts: &'r dyn Fn(Verb) -> bool,
    /// The condition of each verb that counts.
    given: Vec<Expr>,
    /// The nodes made so far.
    nodes: usize,
}

impl Walk<'_> {
    /// Walks statements under the conditions of `path`. Returns the condition under which they end the rule.
    fn statements(&mut self, block: &Block, locals: &mut Locals, path: &[Expr]) -> Option<Expr> {
        let mut path = path.to_vec();
        let mut ends: Vec<Expr> = Vec::new();
        for stmt in &block.stmts {
            match stmt {
                Stmt::Set { slot, value } => {
                    if self.says(value) {
                        return None;
                    }
                    let value = self.inline(value, locals);
                    *locals.get_mut(usize::from(*slot))? = value;
                }
                Stmt::Do(expr) => {
                    let ended = self.branches(expr, locals, &path)?;
                    if !ended.is(false) {
                        let goes_on = not(ended.clone());
                        self.count(&ended)?;
                        path.push(goes_on);
                        ends.push(ended);
                    }
                }
                Stmt::For { list, body, .. } => {
                    if self.speaks(body, true) || self.says(list) {
                        return None;
                    }
                    forget(body, locals);
                }
                Stmt::Verb { verb, args, .. } => {
                    if args.iter().any(|arg| self.says(arg)) {
                        return None;
                    }
                    if (self.counts)(*verb) {
                        path.iter().try_for_each(|condition| self.count(condition))?;
                        self.given.push(all(path.iter().cloned(), block.span));
                    }
                }
                Stmt::Return(..) => return Some(Expr::bool(true, block.span)),
                Stmt::Break(_) | Stmt::Continue(_) => return None,
            }
        }
        if let Some(value) = &block.value {
            ends.push(self.branches(value, locals, &path)?);
        }
        Some(any(ends, block.span))
    }

    /// Walks the branches of an expression that is run for its effect. Returns the condition under which it ends the rule.
    fn branches(&mut self, expr: &Expr, locals: &mut Locals, path: &[Expr]) -> Option<Expr> {
        match &expr.kind {
            ExprKind::If(condition, then, otherwise) => {
                let is_quiet = |block: &Block| !self.speaks(block, true);
                if is_quiet(then) && otherwise.as_deref().is_none_or(is_quiet) && !self.says(condition) {
                    forget(then, locals);
                    otherwise.iter().for_each(|block| forget(block, locals));
                    return Some(Expr::bool(false, expr.span));
                }
                let condition = self.inline(condition, locals)?;
                let no = not(condition.clone());
                self.count(&condition)?;
                let then_ends = self.branch(then, locals, path, condition)?;
                let else_ends = match otherwise {
                    Some(block) => self.branch(block, locals, path, no)?,
                    None => Expr::bool(false, expr.span),
                };
                forget(then, locals);
                otherwise.iter().for_each(|block| forget(block, locals));
                Some(any([then_ends, else_ends], expr.span))
            }
            ExprKind::Switch(switch) => {
                let arms = self.arms(switch, locals)?;
                let bodies = switch.arms.iter().map(|arm| &arm.body).chain(&switch.default);
                let mut ends = Vec::new();
                for (condition, body) in arms.into_iter().zip(bodies) {
                    ends.push(self.branch(body, locals, path, condition)?);
                }
                let bodies = switch.arms.iter().map(|arm| &arm.body).chain(&switch.default);
                bodies.for_each(|body| forget(body, locals));
                Some(any(ends, expr.span))
            }
            ExprKind::Block(block) => {
                let ends = self.statements(block, &mut locals.clone(), path)?;
                forget(block, locals);
                Some(ends)
            }
            ExprKind::Call(function, args) => {
                let function = self.rule.functions.get(usize::from(*function))?;
                if args.iter().any(|arg| self.says(arg)) {
                    return None;
                }
                let mut inner = self.passed(function, args, locals);
                self.statements(&function.body, &mut inner, path)?;
                // Where a function returns, its caller goes on.
                Some(Expr::bool(false, expr.span))
            }
            _ if self.says(expr) => None,
            _ => Some(Expr::bool(false, expr.span)),
        }
    }

    fn branch(&mut self, body: &Block, locals: &Locals, path: &[Expr], condition: Expr) -> Option<Expr> {
        if condition.is(false) {
            return Some(condition);
        }
        let inner: Vec<Expr> = path.iter().cloned().chain([condition.clone()]).collect();
        let ends = self.statements(body, &mut locals.clone(), &inner)?;
        Some(all([condition, ends], body.span))
    }

    /// Returns the condition under which each arm of a switch runs; the last is of the default, if there is one.
    fn arms(&mut self, switch: &Switch, locals: &Locals) -> Option<Vec<Expr>> {
        let subject = self.inline(&switch.subject, locals)?;
        let mut before: Vec<(&Arm, Expr)> = Vec::new();
        let mut arms = Vec::new();
        for arm in &switch.arms {
            let mut holds = self.matches(arm, &subject)?;
            if let Some(condition) = &arm.condition {
                holds = all([holds, self.inline(&condition.expr, locals)?], arm.body.span);
            }
            let mut others = Vec::new();
            for (_, condition) in before.iter().filter(|(other, _)| may_meet(other, arm)) {
                self.count(condition)?;
                others.push(not(condition.clone()));
            }
            self.count(&holds)?;
            before.push((arm, holds.clone()));
            arms.push(all(others.into_iter().chain([holds]), arm.body.span));
        }
        if let Some(default) = &switch.default {
            let others = before.into_iter().map(|(_, condition)| not(condition));
            arms.push(all(others, default.span));
        }
        Some(arms)
    }

    /// Returns the condition under which the subject is one of the values of an arm.
    fn matches(&mut self, arm: &Arm, subject: &Expr) -> Option<Expr> {
        let span = subject.span;
        let mut values = Vec::new();
        for value in &arm.values {
            self.count(subject)?;
            let compare = |comparison, value: Const| {
                let of = compared(subject.ty.base)?;
                let constant = Expr::new(ExprKind::Const(value), Type::known(subject.ty.base), span);
                let kind = ExprKind::Binary(
                    BinaryOp::Compare(comparison, of),
                    Box::new((subject.clone(), constant)),
                );
                Some(Expr::new(kind, Type::BOOL, span))
            };
            values.push(match value {
                ArmValue::Const(value) => compare(Comparison::Equal, value.clone())?,
                ArmValue::Range { start, end, inclusive } => {
                    let until = if *inclusive { Comparison::LessOrEqual } else { Comparison::Less };
                    let from = compare(Comparison::GreaterOrEqual, Const::Integer(*start))?;
                    self.count(subject)?;
                    all([from, compare(until, Const::Integer(*end))?], span)
                }
            });
        }
        Some(any(values, span))
    }

    /// Returns the value of a block.
    fn value(&mut self, block: &Block, locals: &mut Locals) -> Option<Expr> {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Set { slot, value } => {
                    let value = self.inline(value, locals);
                    *locals.get_mut(usize::from(*slot))? = value;
                }
                Stmt::Do(expr) if matches!(expr.kind, ExprKind::Const(_)) => {}
                Stmt::For { body, .. } if !self.speaks(body, true) => forget(body, locals),
                _ => return None,
            }
        }
        self.inline(block.value.as_ref()?, locals)
    }

    /// Counts the nodes of an expression that is used once more.
    fn count(&mut self, expr: &Expr) -> Option<()> {
        let mut nodes = 0_usize;
        expr.walk(&mut |_| nodes = nodes.saturating_add(1));
        self.nodes = self.nodes.saturating_add(nodes);
        (self.nodes <= NODES).then_some(())
    }

    /// Returns an expression with its locals and calls put in; `None` if one of them is not known.
    fn inline(&mut self, expr: &Expr, locals: &Locals) -> Option<Expr> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > NODES {
            return None;
        }
        let kind = match &expr.kind {
            ExprKind::Local(slot) => {
                let local = locals.get(usize::from(*slot))?.clone()?;
                self.count(&local)?;
                // Where the local is known because of a guard, so is what it stands for.
                return Some(Expr { ty: expr.ty, ..local });
            }
            ExprKind::FieldOf(field, of) => ExprKind::FieldOf(*field, Box::new(self.inline(of, locals)?)),
            ExprKind::ItemAttribute(index, Some(of)) => {
                ExprKind::ItemAttribute(*index, Some(Box::new(self.inline(of, locals)?)))
            }
            ExprKind::Unary(op, of) => ExprKind::Unary(*op, Box::new(self.inline(of, locals)?)),
            ExprKind::Known(of) => ExprKind::Known(Box::new(self.inline(of, locals)?)),
            ExprKind::Binary(op, pair) => ExprKind::Binary(
                *op,
                Box::new((self.inline(&pair.0, locals)?, self.inline(&pair.1, locals)?)),
            ),
            ExprKind::And(first, rest) => {
                ExprKind::And(Box::new(self.inline(first, locals)?), self.operands(rest, locals)?)
            }
            ExprKind::Or(first, rest) => {
                ExprKind::Or(Box::new(self.inline(first, locals)?), self.operands(rest, locals)?)
            }
            ExprKind::Coalesce(first, rest) => {
                ExprKind::Coalesce(Box::new(self.inline(first, locals)?), self.operands(rest, locals)?)
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.inline(condition, locals)?;
                let then = self.value(then, &mut locals.clone())?;
                let otherwise = self.value(otherwise.as_ref()?, &mut locals.clone())?;
                return Some(choice(condition, then, otherwise, expr));
            }
            ExprKind::Switch(switch) => {
                let mut value = self.value(switch.default.as_ref()?, &mut locals.clone())?;
                let arms = self.arms(switch, locals)?;
                for (condition, arm) in arms.into_iter().zip(&switch.arms).rev() {
                    let of_arm = self.value(&arm.body, &mut locals.clone())?;
                    value = choice(condition, of_arm, value, expr);
                }
                return Some(value);
            }
            ExprKind::Block(block) => return self.value(block, &mut locals.clone()),
            ExprKind::Call(function, args) => {
                let speaks = self.speakers.get(usize::from(*function))?;
                let function = self.rule.functions.get(usize::from(*function)).filter(|_| !speaks)?;
                let mut inner = self.passed(function, args, locals);
                return self.value(&function.body, &mut inner);
            }
            ExprKind::Builtin(builtin, args) => {
                let args: Option<Vec<Expr>> = args.iter().map(|arg| self.inline(arg, locals)).collect();
                ExprKind::Builtin(*builtin, args?)
            }
            ExprKind::Const(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::ItemAttribute(_, None)
            | ExprKind::Total(..)
            | ExprKind::NamedList(_) => expr.kind.clone(),
        };
        Some(Expr::new(kind, expr.ty, expr.span))
    }

    /// Returns the locals of a function that is called.
    fn passed(&mut self, function: &Function, args: &[Expr], locals: &Locals) -> Locals {
        let mut inner: Locals = vec![None; usize::from(function.slots)];
        for (slot, arg) in inner.iter_mut().zip(args) {
            *slot = self.inline(arg, locals);
        }
        inner
    }

    /// Returns whether an expression gives a verb, by a function that it calls.
    fn says(&self, expr: &Expr) -> bool {
        let mut says = false;
        expr.walk(&mut |node| says |= self.is_spoken(node));
        says
    }

    /// Returns whether a block gives a verb or, if asked for, ends the rule.
    fn speaks(&self, block: &Block, or_ends: bool) -> bool {
        let mut speaks = false;
        block.walk(&mut |node| {
            speaks |= self.is_spoken(node) || (or_ends && matches!(node, Node::Stmt(Stmt::Return(..))));
        });
        speaks
    }

    fn is_spoken(&self, node: Node<'_>) -> bool {
        match node {
            Node::Stmt(stmt) => matches!(stmt, Stmt::Verb { .. }),
            Node::Expr(Expr { kind: ExprKind::Call(function, _), .. }) => {
                self.speakers.get(usize::from(*function)).copied().unwrap_or(true)
            }
            Node::Expr(_) => false,
        }
    }

    fn operands(&mut self, rest: &[Operand], locals: &Locals) -> Option<Vec<Operand>> {
        let operand =
            |operand: &Operand| Some(Operand { charge: 0, expr: self.inline(&operand.expr, locals)? });
        rest.iter().map(operand).collect()
    }
}

/// Returns the value of an `if`. Of conditions it is a condition.
fn choice(condition: Expr, then: Expr, otherwise: Expr, of: &Expr) -> Expr {
    if of.ty == Type::BOOL && (is_constant(&then) || is_constant(&otherwise)) {
        let yes = all([condition.clone(), then], of.span);
        return any([yes, all([not(condition), otherwise], of.span)], of.span);
    }
    let block = |value: Expr| {
        let span = value.span;
        Box::new(Block { charge: 0, stmts: Vec::new(), value: Some(value), span })
    };
    Expr::new(ExprKind::If(Box::new(condition), block(then), Some(block(otherwise))), of.ty, of.span)
}

fn is_constant(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(_))
}

/// Forgets the locals that a block sets, because it may not run, or run several times.
fn forget(block: &Block, locals: &mut Locals) {
    block.walk(&mut |node| {
        let (set, counter) = match node {
            Node::Stmt(Stmt::Set { slot, .. }) => (Some(*slot), None),
            Node::Stmt(Stmt::For { slot, counter, .. }) => (Some(*slot), *counter),
            _ => (None, None),
        };
        for slot in [set, counter].into_iter().flatten() {
            if let Some(local) = locals.get_mut(usize::from(slot)) {
                *local = None;
            }
        }
    });
}

/// Returns whether two arms may have a value in common.
fn may_meet(a: &Arm, b: &Arm) -> bool {
    let constants = |arm: &Arm| arm.values.iter().all(|value| matches!(value, ArmValue::Const(_)));
    !(constants(a) && constants(b)) || a.values.iter().any(|value| b.values.contains(value))
}

/// Returns how values of a type are compared; `None` if the subject of a `switch` cannot have the type.
fn compared(base: Base) -> Option<Compared> {
    Some(match base {
        Base::Bool => Compared::Bool,
        Base::Integer => Compared::Integer,
        Base::Decimal => Compared::Decimal,
        Base::Money => Compared::Money,
        Base::Text | Base::Code => Compared::Text,
        Base::Time => Compared::Time,
        Base::Date => Compared::Date,
        Base::Duration => Compared::Duration,
        Base::Unit | Base::Record(_) | Base::List(_) => return None,
    })
}

/// Returns an expression with parts of it replaced, from the outside in: what `replace` returns is not looked at again.
pub(crate) fn replaced(expr: &Expr, replace: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Expr {
    if let Some(other) = replace(expr) {
        return other;
    }
    let mut all = |exprs: &[Expr]| exprs.iter().map(|expr| replaced(expr, replace)).collect::<Vec<_>>();
    let kind = match &expr.kind {
        ExprKind::Builtin(builtin, args) => ExprKind::Builtin(*builtin, all(args)),
        ExprKind::Call(function, args) => ExprKind::Call(*function, all(args)),
        ExprKind::FieldOf(field, of) => ExprKind::FieldOf(*field, Box::new(replaced(of, replace))),
        ExprKind::ItemAttribute(index, Some(of)) => {
            ExprKind::ItemAttribute(*index, Some(Box::new(replaced(of, replace))))
        }
        ExprKind::Unary(op, of) => ExprKind::Unary(*op, Box::new(replaced(of, replace))),
        ExprKind::Known(of) => ExprKind::Known(Box::new(replaced(of, replace))),
        ExprKind::Binary(op, pair) => {
            ExprKind::Binary(*op, Box::new((replaced(&pair.0, replace), replaced(&pair.1, replace))))
        }
        ExprKind::And(first, rest) => {
            ExprKind::And(Box::new(replaced(first, replace)), replaced_operands(rest, replace))
        }
        ExprKind::Or(first, rest) => {
            ExprKind::Or(Box::new(replaced(first, replace)), replaced_operands(rest, replace))
        }
        ExprKind::Coalesce(first, rest) => {
            ExprKind::Coalesce(Box::new(replaced(first, replace)), replaced_operands(rest, replace))
        }
        ExprKind::If(condition, then, otherwise) => ExprKind::If(
            Box::new(replaced(condition, replace)),
            Box::new(replaced_value(then, replace)),
            otherwise.as_ref().map(|block| Box::new(replaced_value(block, replace))),
        ),
        // A condition has no statements.
        ExprKind::Switch(_) | ExprKind::Block(_) => expr.kind.clone(),
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::ItemAttribute(_, None)
        | ExprKind::Total(..)
        | ExprKind::NamedList(_) => expr.kind.clone(),
    };
    Expr { kind, ty: expr.ty, span: expr.span }
}

fn replaced_operands(rest: &[Operand], replace: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Vec<Operand> {
    let operand = |operand: &Operand| Operand { charge: 0, expr: replaced(&operand.expr, replace) };
    rest.iter().map(operand).collect()
}

fn replaced_value(block: &Block, replace: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Block {
    let value = block.value.as_ref().map(|value| replaced(value, replace));
    Block { charge: 0, stmts: Vec::new(), value, span: block.span }
}
