//! Locals and what is known at each point: slots of names, and types narrowed by guards.

use std::collections::HashSet;

use super::checker::{Checker, Checking, Failed, Local, Path};
use crate::diagnostic::{Code, Span};
use crate::lang::catalog::{BUILTINS, Call, VERBS, facts};
use crate::lang::ir::{Expr, ExprKind, UnaryOp};
use crate::lang::parse::{Kind, Layout};
use crate::lang::types::Type;

/// The beginning of a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    locals: usize,
    facts: usize,
}

/// Returns the names that are assigned to anywhere in a text: what is known about such a local may cease to hold.
pub(super) fn assigned<'t>(layout: &Layout<'t>) -> HashSet<&'t str> {
    (1..layout.tokens.len())
        .filter(|index| {
            layout.kind(*index) == Some(Kind::Symbol)
                && layout.word(*index).ends_with('=')
                && !matches!(layout.word(*index), "==" | "!=" | "<=" | ">=" | "..=")
                && !index.checked_sub(2).is_some_and(|before| matches!(layout.word(before), "let" | "const"))
        })
        .map(|index| layout.word(index - 1))
        .collect()
}

impl Checker<'_, '_> {
    /// Begins a scope.
    pub(super) fn enter(&self) -> Mark {
        Mark { locals: self.frame.locals.len(), facts: self.frame.facts.len() }
    }

    /// Ends a scope: drops its locals and what was known inside it.
    pub(super) fn leave(&mut self, mark: Mark) {
        self.frame.facts.truncate(mark.facts);
        let gone = self.frame.locals.split_off(mark.locals.min(self.frame.locals.len()));
        if !self.whole {
            return;
        }
        for local in gone {
            if local.declared && !local.read && local.ty.is_some() && !local.name.starts_with('_') {
                self.report(
                    Code::UnusedVariable,
                    local.span,
                    format!("`{}` is never read", local.name),
                    Some("remove it, or begin its name with `_`".to_owned()),
                );
            }
        }
    }

    /// Declares a local.
    pub(super) fn declare(
        &mut self,
        name: &str,
        ty: Option<Type>,
        span: Span,
        declared: bool,
    ) -> Checking<u16> {
        // A name that hides something is still declared, without a type, so that its uses are not reported too.
        let allowed = self.may_declare(name, span);
        let ty = ty.filter(|_| allowed.is_ok());
        let slot = u16::try_from(self.frame.locals.len()).map_err(|_| Failed)?;
        self.frame.most = self.frame.most.max(slot.saturating_add(1));
        // Slots are reused: drop the `known(…)` facts recorded for the previous local in this slot.
        self.frame.facts.retain(|path| {
            !matches!(path, Path::Local(s) | Path::FieldOf(_, s) | Path::AttributeOf(_, s) if *s == slot)
        });
        self.frame.locals.push(Local { name: name.to_owned(), ty, slot, span, read: false, declared });
        allowed.map(|()| slot)
    }

    /// Reports names that hide a fact, a namespace, a verb or a function.
    pub(super) fn may_declare(&mut self, name: &str, span: Span) -> Checking<()> {
        let hides = if facts(self.phase).iter().any(|(record, _)| record.name() == name) {
            "the fact"
        } else if NAMESPACES.contains(&name) {
            "the names of"
        } else if VERBS.iter().any(|spec| spec.name == name) {
            "the verb"
        } else if BUILTINS.iter().any(|spec| spec.name == name && spec.call == Call::Function) {
            "the function"
        } else {
            return Ok(());
        };
        self.fail(
            Code::NoShadowing,
            span,
            format!("`{name}` hides {hides} `{name}`"),
            format!("choose another name, such as `my_{name}`"),
        )
    }

    /// Returns the local with this name, and marks it as read.
    pub(super) fn local(&mut self, name: &str) -> Option<&Local> {
        let local = self.frame.locals.iter_mut().rev().find(|local| local.name == name)?;
        local.read = true;
        Some(local)
    }

    /// Returns the path of an expression that does not change while the rule runs; `None` for any other expression.
    pub(super) fn path(&self, expr: &Expr) -> Option<Path> {
        let steady = |slot: u16| {
            // The slot of a local is its index.
            let local = self.frame.locals.get(usize::from(slot))?;
            (!self.assigned.contains(local.name.as_str())).then_some(slot)
        };
        match &expr.kind {
            ExprKind::Fact(field) => Some(Path::Fact(*field)),
            ExprKind::Attribute(index) | ExprKind::ItemAttribute(index, None) => {
                Some(Path::Attribute(*index))
            }
            ExprKind::ItemAttribute(index, Some(of)) => match of.kind {
                ExprKind::Local(slot) => steady(slot).map(|slot| Path::AttributeOf(*index, slot)),
                _ => None,
            },
            ExprKind::Local(slot) => steady(*slot).map(Path::Local),
            ExprKind::FieldOf(field, of) => match of.kind {
                ExprKind::Local(slot) => steady(slot).map(|slot| Path::FieldOf(*field, slot)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns whether a path is known at this point.
    pub(super) fn is_known(&self, path: Path) -> bool {
        self.frame.facts.contains(&path)
    }

    /// Gives an expression that may be unknown its known type, if a guard covers it.
    pub(super) fn narrowed(&self, mut expr: Expr) -> Expr {
        if expr.ty.unknown && self.path(&expr).is_some_and(|path| self.is_known(path)) {
            expr.ty.unknown = false;
        }
        expr
    }

    /// Records that a condition holds, or does not hold, from here to the end of the scope.
    pub(super) fn assume(&mut self, condition: &Expr, holds: bool) {
        match (&condition.kind, holds) {
            (ExprKind::Known(of), true) => {
                if let Some(path) = self.path(of) {
                    self.frame.facts.push(path);
                }
            }
            (ExprKind::Unary(UnaryOp::Not, of), _) => self.assume(of, !holds),
            (ExprKind::And(first, rest), true) | (ExprKind::Or(first, rest), false) => {
                self.assume(first, holds);
                for operand in rest {
                    self.assume(&operand.expr, holds);
                }
            }
            _ => {}
        }
    }
}

/// Names before a point that are not records.
pub(super) const NAMESPACES: &[&str] = &["params", "lists", "totals", "attributes"];
