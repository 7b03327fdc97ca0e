//! Checks branches of `if` and `switch`, and finds the one type that they share.

use rhai::{Expr as Tree, FlowControl, Position};

use super::block::{Chosen, Lowered, Want, block_ends};
use super::checker::{Checker, Checking, Failed};
use super::expr::same_kind;
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::ir::{Block, Expr, ExprKind, Stmt};
use crate::lang::types::{Base, Type};

impl<'c> Checker<'c, '_> {
    /// Records what is known after `if c { … return; }`: the opposite of `c`.
    pub(super) fn learn(&mut self, expr: &Expr) {
        let ExprKind::If(condition, then, otherwise) = &expr.kind else { return };
        let ends = |block: &Block| block_ends(block);
        let (then_ends, otherwise_ends) = (ends(then), otherwise.as_deref().is_some_and(ends));
        let condition = (**condition).clone();
        if then_ends && !otherwise_ends {
            self.assume(&condition, false);
        }
        if otherwise_ends && !then_ends {
            self.assume(&condition, true);
        }
    }

    /// Checks `if … { … } else { … }`.
    pub(super) fn choose(
        &mut self,
        parts: &'c FlowControl,
        position: Position,
        span: Span,
        want: Want,
    ) -> Checking<Chosen> {
        let word = self.layout.at(position);
        let condition = self.condition(&parts.expr);
        if let Tree::BoolConstant(value, _) = &parts.expr {
            let message = format!("this condition is always {value}");
            self.report(
                Code::UnreachableCode,
                self.layout.expr(&parts.expr),
                message,
                Some("remove the branch that never runs".to_owned()),
            );
        }
        let has_else = !parts.branch.position().is_none();
        let want = if want == Want::Maybe && !has_else { Want::Nothing } else { want };
        let mark = self.frame.facts.len();
        if let Ok(condition) = &condition {
            self.assume(condition, true);
        }
        let mut branches = vec![self.block(&parts.body, want)];
        self.frame.facts.truncate(mark);
        if has_else {
            if let Ok(condition) = &condition {
                self.assume(condition, false);
            }
            branches.push(self.block(&parts.branch, want));
            self.frame.facts.truncate(mark);
        } else if want == Want::Value {
            return self.fail(
                Code::BranchTypes,
                word,
                "this `if` has no `else`, so it may give no value",
                "add `else { … }` with the value otherwise",
            );
        }
        let condition = condition?;
        let (ty, ends) = self.unify(&mut branches, has_else, want)?;
        let mut branches = branches.into_iter();
        let then = branches.next().ok_or(Failed)?.block;
        let otherwise = branches.next().map(|branch| Box::new(branch.block));
        let kind = ExprKind::If(Box::new(condition), Box::new(then), otherwise);
        Ok(Chosen { expr: Expr { kind, ty, span }, ends })
    }

    /// Returns the one type of all branches, and whether all of them end early. `whole` says that one branch always runs.
    pub(super) fn unify(
        &mut self,
        branches: &mut [Lowered],
        whole: bool,
        want: Want,
    ) -> Checking<(Type, bool)> {
        if branches.iter().any(|branch| branch.failed) {
            return Err(Failed);
        }
        let ends = whole && branches.iter().all(|branch| branch.ends);
        if want == Want::Nothing || ends {
            return Ok((Type::UNIT, ends));
        }
        let mut ty: Option<Type> = None;
        let mut odd: Option<(Span, Type, Type)> = None;
        for branch in branches.iter().filter(|branch| !branch.ends) {
            ty = Some(match ty {
                None => branch.ty,
                Some(ty) if same_kind(ty.base, branch.ty.base) => Type {
                    base: if ty.base == branch.ty.base { ty.base } else { Base::Text },
                    unknown: ty.unknown || branch.ty.unknown,
                },
                Some(ty) => {
                    let span = branch.block.value.as_ref().map_or(branch.block.span, |value| value.span);
                    odd.get_or_insert((span, branch.ty, ty));
                    ty
                }
            });
        }
        let ty = ty.unwrap_or(Type::UNIT);
        let fits = whole && odd.is_none() && ty != Type::UNIT;
        if fits {
            return Ok((ty, false));
        }
        if want == Want::Maybe {
            for branch in branches {
                if let Some(value) = branch.block.value.take() {
                    branch.block.stmts.push(Stmt::Do(value));
                }
                branch.ty = Type::UNIT;
            }
            return Ok((Type::UNIT, false));
        }
        let (span, found, wanted) = odd.unwrap_or_else(|| {
            let empty = branches.iter().find(|branch| !branch.ends && branch.ty == Type::UNIT);
            (empty.map_or_else(Span::default, |branch| branch.block.span), Type::UNIT, ty)
        });
        let message = format!("this branch gives {}, and another one {}", words::a(found), words::a(wanted));
        let help = match (found.base, wanted.base) {
            (Base::Integer, Base::Decimal) | (Base::Decimal, Base::Integer) => {
                "write both with a point, such as `1.0`, or convert with `decimal(n)`".to_owned()
            }
            (Base::Unit, _) | (_, Base::Unit) => "let the last line of each branch be its value".to_owned(),
            _ => format!("let every branch give {}", words::a(Type::known(wanted.base))),
        };
        self.fail(Code::BranchTypes, span, message, help)
    }
}
