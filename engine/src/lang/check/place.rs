//! Moves the spans of a checked rule from the text that was checked to its file and to the files of shared functions.

use crate::diagnostic::Span;
use crate::lang::ir::{Block, Expr, ExprKind, Rule, Stmt};

/// Maps a span of the checked text to the span of the rule.
type Moved<'m> = &'m dyn Fn(Span) -> Span;

/// Moves every span.
pub(super) fn shift(rule: &mut Rule, by: Moved<'_>) {
    block(&mut rule.body, by);
    for function in &mut rule.functions {
        block(&mut function.body, by);
    }
}

fn span(span: &mut Span, by: Moved<'_>) {
    *span = by(*span);
}

fn block(target: &mut Block, by: Moved<'_>) {
    span(&mut target.span, by);
    for stmt in &mut target.stmts {
        match stmt {
            Stmt::Set { value, .. } | Stmt::Do(value) => expr(value, by),
            Stmt::For { list, body, .. } => {
                expr(list, by);
                block(body, by);
            }
            Stmt::Verb { args, span: at, .. } => {
                span(at, by);
                args.iter_mut().for_each(|arg| expr(arg, by));
            }
            Stmt::Return(value, at) => {
                span(at, by);
                value.iter_mut().for_each(|value| expr(value, by));
            }
            Stmt::Break(at) | Stmt::Continue(at) => span(at, by),
        }
    }
    target.value.iter_mut().for_each(|value| expr(value, by));
}

fn expr(target: &mut Expr, by: Moved<'_>) {
    span(&mut target.span, by);
    match &mut target.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::ItemAttribute(_, None)
        | ExprKind::Total(..)
        | ExprKind::NamedList(_) => {}
        ExprKind::FieldOf(_, of)
        | ExprKind::ItemAttribute(_, Some(of))
        | ExprKind::Unary(_, of)
        | ExprKind::Known(of) => expr(of, by),
        ExprKind::Binary(_, pair) => {
            expr(&mut pair.0, by);
            expr(&mut pair.1, by);
        }
        ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
            expr(first, by);
            rest.iter_mut().for_each(|operand| expr(&mut operand.expr, by));
        }
        ExprKind::If(condition, then, otherwise) => {
            expr(condition, by);
            block(then, by);
            otherwise.iter_mut().for_each(|otherwise| block(otherwise, by));
        }
        ExprKind::Switch(switch) => {
            expr(&mut switch.subject, by);
            for arm in &mut switch.arms {
                arm.condition.iter_mut().for_each(|condition| expr(&mut condition.expr, by));
                block(&mut arm.body, by);
            }
            switch.default.iter_mut().for_each(|default| block(default, by));
        }
        ExprKind::Block(inner) => block(inner, by),
        ExprKind::Call(_, args) | ExprKind::Builtin(_, args) => args.iter_mut().for_each(|arg| expr(arg, by)),
    }
}
