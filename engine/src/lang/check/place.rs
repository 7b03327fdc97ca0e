//! Moves the spans of a checked rule from its text to its file.

use crate::diagnostic::Span;
use crate::lang::ir::{Block, Expr, ExprKind, Rule, Stmt};

/// Moves every span by the number of bytes before the rule in its file.
pub(super) fn shift(rule: &mut Rule, by: u32) {
    if by == 0 {
        return;
    }
    block(&mut rule.body, by);
    for function in &mut rule.functions {
        block(&mut function.body, by);
    }
}

fn span(span: &mut Span, by: u32) {
    *span = span.shift(by);
}

fn block(target: &mut Block, by: u32) {
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

fn expr(target: &mut Expr, by: u32) {
    span(&mut target.span, by);
    match &mut target.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::Total(..)
        | ExprKind::NamedList(_) => {}
        ExprKind::FieldOf(_, of) | ExprKind::Unary(_, of) | ExprKind::Known(of) => expr(of, by),
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
