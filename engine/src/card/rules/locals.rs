//! How a body uses its locals, and which values are short enough to be told again.

use crate::card::words::Phrase;
use crate::lang::{Base, Block, Const, Element, Expr, ExprKind, Node, Stmt, TotalAt, UnaryOp};

/// Returns whether an expression has a number of its own.
pub(super) fn has_number(value: &Expr) -> bool {
    let mut found = false;
    value.walk(&mut |node| {
        if let Node::Expr(expr) = node {
            found |= match &expr.kind {
                ExprKind::Const(of) => !matches!(of, Const::Unit | Const::Bool(_) | Const::Text(_)),
                ExprKind::Total(_, field) => matches!(field.at, TotalAt::Named(_)),
                ExprKind::Switch(_) => true,
                _ => false,
            };
        }
    });
    found
}

/// Returns whether an expression reads a fact and computes nothing, so that repeating it is short.
pub(super) fn is_fact(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::ItemAttribute(..)
        | ExprKind::Total(..)
        | ExprKind::FieldOf(..) => true,
        ExprKind::Unary(UnaryOp::ToDecimal, of) => is_fact(of),
        _ => false,
    }
}

/// Returns whether the value of a local may be repeated: a fact, with or without a default that is a constant.
pub(super) fn is_short(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Coalesce(first, rest) => {
            is_fact(first) && rest.iter().all(|operand| matches!(operand.expr.kind, ExprKind::Const(_)))
        }
        _ => is_fact(value),
    }
}

/// What a body does with the local of a slot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses<'r> {
    pub(super) sets: usize,
    pub(super) loops: usize,
    pub(super) reads: usize,
    pub(super) value: Option<&'r Expr>,
    /// The list whose elements the local holds; `None` for a counter.
    pub(super) list: Option<&'r Expr>,
}

pub(super) fn uses(body: &Block, slots: u16) -> Vec<Uses<'_>> {
    let mut uses = vec![Uses::default(); usize::from(slots)];
    body.walk(&mut |node| match node {
        Node::Stmt(Stmt::Set { slot, value }) => {
            if let Some(uses) = uses.get_mut(usize::from(*slot)) {
                uses.sets = uses.sets.saturating_add(1);
                uses.value = Some(value);
            }
        }
        Node::Stmt(Stmt::For { slot, counter, list, .. }) => {
            for (slot, list) in [(Some(*slot), Some(list)), (*counter, None)] {
                if let Some(uses) = slot.and_then(|slot| uses.get_mut(usize::from(slot))) {
                    uses.loops = uses.loops.saturating_add(1);
                    uses.list = list;
                }
            }
        }
        Node::Expr(Expr { kind: ExprKind::Local(slot), .. }) => {
            if let Some(uses) = uses.get_mut(usize::from(*slot)) {
                uses.reads = uses.reads.saturating_add(1);
            }
        }
        _ => {}
    });
    uses
}

/// Returns the locals that an expression reads.
pub(super) fn reads(value: &Expr) -> Vec<u16> {
    let mut found = Vec::new();
    value.walk(&mut |node| {
        if let Node::Expr(Expr { kind: ExprKind::Local(slot), .. }) = node {
            found.push(*slot);
        }
    });
    found
}

/// Returns the noun for the elements of a list.
pub(super) fn element(list: &Expr) -> Phrase {
    match list.ty.base {
        Base::List(Element::Item) => Phrase::ItemNoun,
        Base::List(Element::Touch) => Phrase::TouchNoun,
        Base::List(Element::Code) => Phrase::CodeNoun,
        _ => Phrase::TextNoun,
    }
}
