//! Warnings about a whole checked rule.

use super::checker::Checker;
use crate::diagnostic::Code;
use crate::lang::catalog::Verb;
use crate::lang::ir::{Block, Expr, ExprKind, Function, Rule, Stmt};

/// How the end of a stretch of code can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reach {
    /// Its end can be reached without a verb.
    silent: bool,
}

impl Checker<'_, '_> {
    /// Warns if a payout rule can end without a verb. A `return` is taken as intended.
    pub(super) fn ends_without_verb(&mut self, rule: &Rule) {
        if !Self::must_pay(rule.form, rule.phase) {
            return;
        }
        if !block(&rule.body, &rule.functions).silent {
            return;
        }
        let at = self.layout.tokens.len().checked_sub(1).map(|_| last_statement(rule)).unwrap_or_default();
        let at = self.layout.span(self.layout.token_at(at.start as usize));
        self.report(
            Code::EndsWithoutVerb,
            at,
            "the rule can end without a verb; it then pays nothing and the next group is tried",
            Some("add `else { rate(…); }`, or end with `return;` if that is meant".to_owned()),
        );
    }
}

fn last_statement(rule: &Rule) -> crate::diagnostic::Span {
    match rule.body.stmts.last() {
        Some(Stmt::Do(expr)) => expr.span,
        Some(Stmt::Verb { span, .. } | Stmt::Return(_, span) | Stmt::Break(span) | Stmt::Continue(span)) => {
            *span
        }
        Some(Stmt::Set { value, .. }) => value.span,
        Some(Stmt::For { list, .. }) => list.span,
        None => rule.body.span,
    }
}

fn block(target: &Block, functions: &[Function]) -> Reach {
    for stmt in &target.stmts {
        let reach = match stmt {
            Stmt::Verb { verb, .. } => Reach { silent: *verb == Verb::Notice },
            Stmt::Return(..) | Stmt::Break(_) | Stmt::Continue(_) => return Reach { silent: false },
            Stmt::Do(value) | Stmt::Set { value, .. } => expr(value, functions),
            Stmt::For { .. } => Reach { silent: true },
        };
        if !reach.silent {
            return reach;
        }
    }
    target.value.as_ref().map_or(Reach { silent: true }, |value| expr(value, functions))
}

fn expr(target: &Expr, functions: &[Function]) -> Reach {
    let silent = match &target.kind {
        ExprKind::Block(inner) => block(inner, functions).silent,
        ExprKind::If(_, then, otherwise) => {
            block(then, functions).silent
                || otherwise.as_ref().is_none_or(|otherwise| block(otherwise, functions).silent)
        }
        ExprKind::Switch(switch) => {
            switch.default.as_ref().is_none_or(|default| block(default, functions).silent)
                || switch.arms.iter().any(|arm| block(&arm.body, functions).silent)
        }
        // A function that returns early ends in the middle of the rule.
        ExprKind::Call(index, _) => functions
            .get(usize::from(*index))
            .is_none_or(|function| block(&function.body, functions).silent || returns(&function.body)),
        _ => true,
    };
    Reach { silent }
}

/// Returns whether a function's body has a `return`.
fn returns(target: &Block) -> bool {
    let in_expr = |value: &Expr| match &value.kind {
        ExprKind::Block(inner) => returns(inner),
        ExprKind::If(_, then, otherwise) => returns(then) || otherwise.as_deref().is_some_and(returns),
        ExprKind::Switch(switch) => {
            switch.default.as_ref().is_some_and(returns) || switch.arms.iter().any(|arm| returns(&arm.body))
        }
        _ => false,
    };
    target.stmts.iter().any(|stmt| match stmt {
        Stmt::Return(..) => true,
        Stmt::Do(value) | Stmt::Set { value, .. } => in_expr(value),
        Stmt::For { body, .. } => returns(body),
        _ => false,
    }) || target.value.as_ref().is_some_and(in_expr)
}
