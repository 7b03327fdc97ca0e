//! Infers the representation of every local and expression of a rule.

use std::collections::BTreeMap;

use super::code::Gen;
use super::rep::{ANY, Kind, Rep};
use crate::lang::catalog::Builtin;
use crate::lang::{
    Base, BinaryOp, Block, Const, Expr, ExprKind, Node, Operand, Rule, Stmt, Switch, Type, UnaryOp,
};

/// The most passes over a rule. A local that still grows after them gets the widest representation.
const PASSES: usize = 8;

impl<'a> Gen<'a, '_> {
    /// Infers the representation of every local of a body whose parameters have these types.
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
            block.walk(&mut |node| {
                if let Node::Stmt(stmt) = node {
                    self.infer_stmt(stmt, pass);
                }
            });
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

    /// Records the representation that one statement assigns to its local.
    fn infer_stmt(&mut self, stmt: &Stmt, pass: usize) {
        match stmt {
            Stmt::Set { slot, value } => {
                if let Some(kind) = Kind::of(value.ty.base) {
                    let rep = self.rep(value);
                    self.assigned(*slot, kind, rep, pass);
                }
            }
            Stmt::For { slot, counter, list, .. } => {
                let element = match list.ty.base {
                    Base::List(element) => Kind::of(element.ty().base),
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
            }
            _ => {}
        }
    }

    /// Returns the representation of an expression's value.
    pub(super) fn rep(&self, expr: &Expr) -> Rep {
        let rep = match &expr.kind {
            ExprKind::Const(Const::Integer(value)) => Rep::Int(super::rep::bits(*value)),
            ExprKind::Const(Const::Decimal(value)) => Rep::decimal(*value),
            ExprKind::Const(Const::Money(value)) => Rep::decimal(value.0),
            ExprKind::Local(slot) => {
                let known = Kind::of(expr.ty.base).and_then(|kind| self.reps.get(&(*slot, kind)).copied());
                known.unwrap_or_else(|| Rep::widest(expr.ty.base))
            }
            ExprKind::Fact(_)
            | ExprKind::FieldOf(..)
            | ExprKind::Attribute(_)
            | ExprKind::ItemAttribute(..)
            | ExprKind::Total(..) => {
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

/// Returns the types of the parameters of every function of a rule, from its calls; `None` for a function that is never called.
pub(super) fn params(rule: &Rule) -> Vec<Option<Vec<Type>>> {
    let mut types = vec![None; rule.functions.len()];
    for block in rule.functions.iter().map(|function| &function.body).chain([&rule.body]) {
        block.walk(&mut |node| {
            if let Node::Expr(Expr { kind: ExprKind::Call(function, args), .. }) = node
                && let Some(types) = types.get_mut(usize::from(*function))
            {
                *types = Some(args.iter().map(|arg| arg.ty).collect());
            }
        });
    }
    types
}
