//! The representation of every value of a rule: a checked rule enters; how each local and expression stands leaves.

use std::collections::BTreeMap;

use super::code::Gen;
use super::rep::{ANY, Kind, Rep};
use crate::rule::catalog::Builtin;
use crate::rule::{BinaryOp, Block, Const, Expr, ExprKind, Operand, Rule, Stmt, Switch, Type, UnaryOp};

/// Passes over a rule after which a local that still grows is as wide as can be.
const PASSES: usize = 8;

impl<'a> Gen<'a, '_> {
    /// Finds the representation of every local of a body, whose parameters have these types.
    pub(super) fn infer(&mut self, block: &'a Block, params: &[Type]) {
        self.reps = BTreeMap::new();
        self.slots = BTreeMap::new();
        for (slot, ty) in (0u16..).zip(params) {
            if let Some(kind) = Kind::of(ty.base) {
                self.reps.insert((slot, kind), Rep::widest(ty.base));
            }
        }
        for pass in 0..PASSES {
            let before = self.reps.clone();
            self.infer_block(block, pass);
            if self.reps == before {
                return;
            }
        }
        for rep in self.reps.values_mut() {
            match rep {
                Rep::Fixed { .. } => *rep = Rep::Wide,
                Rep::Int(bits) => *bits = ANY,
                _ => {}
            }
        }
    }

    fn assigned(&mut self, slot: u16, kind: Kind, rep: Rep, pass: usize) {
        let before = self.reps.get(&(slot, kind)).copied().unwrap_or(Rep::Unit);
        let rep = self.bounded(before.widened(rep, pass));
        self.reps.insert((slot, kind), rep);
    }

    fn infer_block(&mut self, block: &'a Block, pass: usize) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Set { slot, value } => {
                    self.infer_expr(value, pass);
                    if let Some(kind) = Kind::of(value.ty.base) {
                        let rep = self.rep(value);
                        self.assigned(*slot, kind, rep, pass);
                    }
                }
                Stmt::Do(expr) => self.infer_expr(expr, pass),
                Stmt::For { slot, counter, list, body } => {
                    self.infer_expr(list, pass);
                    let element = match list.ty.base {
                        crate::rule::Base::List(element) => Kind::of(element.ty().base),
                        _ => None,
                    };
                    match element {
                        Some(Kind::Text) => self.assigned(*slot, Kind::Text, Rep::Text, pass),
                        _ => self.assigned(*slot, Kind::Record, Rep::Record, pass),
                    }
                    if let Some(counter) = counter {
                        // Lists have fewer than 2^32 elements.
                        self.assigned(*counter, Kind::Int, Rep::Int(33), pass);
                    }
                    self.infer_block(body, pass);
                }
                Stmt::Verb { args, .. } => args.iter().for_each(|arg| self.infer_expr(arg, pass)),
                Stmt::Return(value, _) => value.iter().for_each(|value| self.infer_expr(value, pass)),
                Stmt::Break(_) | Stmt::Continue(_) => {}
            }
        }
        block.value.iter().for_each(|value| self.infer_expr(value, pass));
    }

    /// Looks for assignments inside of an expression.
    fn infer_expr(&mut self, expr: &'a Expr, pass: usize) {
        match &expr.kind {
            ExprKind::FieldOf(_, of) | ExprKind::Unary(_, of) | ExprKind::Known(of) => {
                self.infer_expr(of, pass);
            }
            ExprKind::Binary(_, pair) => {
                self.infer_expr(&pair.0, pass);
                self.infer_expr(&pair.1, pass);
            }
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
                self.infer_expr(first, pass);
                rest.iter().for_each(|operand| self.infer_expr(&operand.expr, pass));
            }
            ExprKind::If(condition, then, otherwise) => {
                self.infer_expr(condition, pass);
                self.infer_block(then, pass);
                otherwise.iter().for_each(|block| self.infer_block(block, pass));
            }
            ExprKind::Switch(switch) => {
                self.infer_expr(&switch.subject, pass);
                for arm in &switch.arms {
                    arm.condition.iter().for_each(|condition| self.infer_expr(&condition.expr, pass));
                    self.infer_block(&arm.body, pass);
                }
                switch.default.iter().for_each(|block| self.infer_block(block, pass));
            }
            ExprKind::Block(block) => self.infer_block(block, pass),
            ExprKind::Call(_, args) | ExprKind::Builtin(_, args) => {
                args.iter().for_each(|arg| self.infer_expr(arg, pass));
            }
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::Total(..)
            | ExprKind::NamedList(_) => {}
        }
    }

    /// How the value of an expression stands.
    pub(super) fn rep(&self, expr: &Expr) -> Rep {
        let rep = match &expr.kind {
            ExprKind::Const(Const::Integer(value)) => Rep::Int(super::rep::bits(*value)),
            ExprKind::Const(Const::Decimal(value)) => Rep::decimal(*value),
            ExprKind::Const(Const::Money(value)) => Rep::decimal(value.0),
            ExprKind::Local(slot) => {
                let known = Kind::of(expr.ty.base).and_then(|kind| self.reps.get(&(*slot, kind)).copied());
                known.unwrap_or_else(|| Rep::widest(expr.ty.base))
            }
            ExprKind::Fact(_) | ExprKind::FieldOf(..) | ExprKind::Attribute(_) | ExprKind::Total(..) => {
                self.slot_of(expr).map_or_else(|| Rep::widest(expr.ty.base), |slot| self.stored(slot.stored))
            }
            ExprKind::Unary(op, of) => match op {
                UnaryOp::ToDecimal => match self.rep(of) {
                    Rep::Int(bits) => Rep::Fixed { scale: 0, bits },
                    other => other,
                },
                UnaryOp::NegInteger | UnaryOp::NegDecimal | UnaryOp::NegMoney => self.rep(of),
                UnaryOp::Not | UnaryOp::NegDuration => Rep::widest(expr.ty.base),
            },
            ExprKind::Binary(op, pair) => {
                let both = || (self.rep(&pair.0), self.rep(&pair.1));
                match op {
                    BinaryOp::AddInteger
                    | BinaryOp::SubInteger
                    | BinaryOp::AddDecimal
                    | BinaryOp::SubDecimal
                    | BinaryOp::AddMoney
                    | BinaryOp::SubMoney => {
                        let (a, b) = both();
                        a.sum(b)
                    }
                    BinaryOp::MulInteger | BinaryOp::MulDecimal | BinaryOp::MulMoney => {
                        let (a, b) = both();
                        a.product(b)
                    }
                    BinaryOp::RemInteger => Rep::Int(ANY),
                    _ => Rep::widest(expr.ty.base),
                }
            }
            ExprKind::Coalesce(first, rest) => self.rep_of_operands(first, rest),
            ExprKind::If(_, then, otherwise) => {
                let then = self.rep_of_block(then);
                otherwise.as_ref().map_or(then, |block| then.join(self.rep_of_block(block)))
            }
            ExprKind::Switch(switch) => self.rep_of_switch(switch),
            ExprKind::Block(block) => self.rep_of_block(block),
            ExprKind::Builtin(builtin, args) => match (builtin, args.as_slice()) {
                (Builtin::Percent, [of]) => self.rep(of).hundredth(),
                (Builtin::Min | Builtin::Max, [a, b]) => self.rep(a).join(self.rep(b)),
                (Builtin::Abs, [of]) => self.rep(of),
                (Builtin::Floor, [of]) => match self.rep(of) {
                    Rep::Fixed { bits, .. } => Rep::Fixed { scale: 0, bits },
                    other => other,
                },
                _ => Rep::widest(expr.ty.base),
            },
            _ => Rep::widest(expr.ty.base),
        };
        self.bounded(rep)
    }

    fn rep_of_operands(&self, first: &Expr, rest: &[Operand]) -> Rep {
        rest.iter().fold(self.rep(first), |rep, operand| self.bounded(rep.join(self.rep(&operand.expr))))
    }

    pub(super) fn rep_of_block(&self, block: &Block) -> Rep {
        block.value.as_ref().map_or(Rep::Unit, |value| self.rep(value))
    }

    fn rep_of_switch(&self, switch: &Switch) -> Rep {
        let arms = switch.arms.iter().map(|arm| &arm.body).chain(&switch.default);
        arms.fold(Rep::Unit, |rep, block| self.bounded(rep.join(self.rep_of_block(block))))
    }
}

/// The types of the parameters of every function of a rule, from its calls; `None` for one that is never called.
pub(super) fn params(rule: &Rule) -> Vec<Option<Vec<Type>>> {
    let mut types = vec![None; rule.functions.len()];
    let mut calls = Calls(&mut types);
    calls.block(&rule.body);
    // A function is only called by the body and by functions after it.
    for index in (0..rule.functions.len()).rev() {
        if let Some(function) = rule.functions.get(index) {
            calls.block(&function.body);
        }
    }
    types
}

struct Calls<'t>(&'t mut Vec<Option<Vec<Type>>>);

impl Calls<'_> {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Set { value, .. } | Stmt::Do(value) => self.expr(value),
                Stmt::For { list, body, .. } => {
                    self.expr(list);
                    self.block(body);
                }
                Stmt::Verb { args, .. } => args.iter().for_each(|arg| self.expr(arg)),
                Stmt::Return(value, _) => value.iter().for_each(|value| self.expr(value)),
                Stmt::Break(_) | Stmt::Continue(_) => {}
            }
        }
        block.value.iter().for_each(|value| self.expr(value));
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::FieldOf(_, of) | ExprKind::Unary(_, of) | ExprKind::Known(of) => self.expr(of),
            ExprKind::Binary(_, pair) => {
                self.expr(&pair.0);
                self.expr(&pair.1);
            }
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
                self.expr(first);
                rest.iter().for_each(|operand| self.expr(&operand.expr));
            }
            ExprKind::If(condition, then, otherwise) => {
                self.expr(condition);
                self.block(then);
                otherwise.iter().for_each(|block| self.block(block));
            }
            ExprKind::Switch(switch) => {
                self.expr(&switch.subject);
                for arm in &switch.arms {
                    arm.condition.iter().for_each(|condition| self.expr(&condition.expr));
                    self.block(&arm.body);
                }
                switch.default.iter().for_each(|block| self.block(block));
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Call(function, args) => {
                args.iter().for_each(|arg| self.expr(arg));
                if let Some(types) = self.0.get_mut(usize::from(*function)) {
                    *types = Some(args.iter().map(|arg| arg.ty).collect());
                }
            }
            ExprKind::Builtin(_, args) => args.iter().for_each(|arg| self.expr(arg)),
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::Total(..)
            | ExprKind::NamedList(_) => {}
        }
    }
}
