//! Checks locals: `let`, `const`, `=`, and operators such as `+=`.

use rhai::{ASTFlags, BinaryExpr, Expr as Tree, Ident, OpAssignment};

use super::checker::{Checker, Checking, Failed};
use super::expr::same_kind;
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::ir::{Expr, ExprKind, Stmt};
use crate::lang::types::{Base, Type};

impl<'c> Checker<'c, '_> {
    /// Checks `let x = …` and `const x = …`.
    pub(super) fn declaration(
        &mut self,
        name: &'c Ident,
        value: &'c Tree,
        flags: ASTFlags,
        word: Span,
        out: &mut Vec<Stmt>,
    ) -> Checking<()> {
        let at = self.layout.at(name.pos);
        if flags.contains(ASTFlags::EXPORTED) {
            let _: Checking<()> = self.fail(
                Code::NoImport,
                word,
                "`export` is not in the language",
                "a rule is one file of its own; leave it out",
            );
        }
        if matches!(value, Tree::Unit(position) if position.is_none()) {
            self.declare(&name.name, None, at, true)?;
            return self.fail(
                Code::NotInLanguage,
                at,
                format!("`{}` is declared without a value", name.name),
                format!("write `let {} = …;`", name.name),
            );
        }
        let value = self.expr(value).and_then(|value| self.storable(value));
        let slot = self.declare(&name.name, value.as_ref().ok().map(|value| value.ty), at, true)?;
        out.push(Stmt::Set { slot, value: value? });
        Ok(())
    }

    /// Checks `x = …` and `x += …`.
    pub(super) fn assignment(
        &mut self,
        op: &'c OpAssignment,
        parts: &'c BinaryExpr,
        span: Span,
        out: &mut Vec<Stmt>,
    ) -> Checking<()> {
        let at = self.layout.expr(&parts.lhs);
        let written = self.written(at);
        let Tree::Variable(name, ..) = &parts.lhs else {
            let _ = self.open_operand(&parts.rhs);
            return if matches!(parts.lhs, Tree::Index(..)) {
                self.fail(
                    Code::NoArray,
                    at,
                    "elements of a list cannot be set",
                    "keep what you compute in locals: `let sum = money(\"0\");`",
                )
            } else if matches!(parts.lhs, Tree::ThisPtr(_)) {
                self.fail(
                    Code::NoThis,
                    at,
                    "`this` is not in the language",
                    "keep what you compute in a local",
                )
            } else {
                self.fail(
                    Code::NoAssignToFact,
                    at,
                    format!("`{written}` cannot be set: facts and parameters are only read"),
                    format!("keep a value of your own: `let x = {written};`"),
                )
            };
        };
        let name = name.1.as_str();
        let found = self.frame.locals.iter().rposition(|local| local.name == name);
        let Some(index) = found else {
            let _ = self.open_operand(&parts.rhs);
            if self.lost.contains(name) {
                return Err(Failed);
            }
            let fact =
                crate::lang::catalog::facts(self.phase).iter().any(|(record, _)| record.name() == name)
                    || super::scope::NAMESPACES.contains(&name);
            if fact {
                return self.fail(
                    Code::NoAssignToFact,
                    at,
                    format!("`{name}` cannot be set: facts and parameters are only read"),
                    "keep a value of your own with `let`",
                );
            }
            return self.fail(
                Code::UnknownFact,
                at,
                format!("`{name}` is not known here"),
                format!("declare it first: `let {name} = …;`"),
            );
        };
        let operator = op.get_op_assignment_info().map(|info| info.5);
        // What is set beside the value it is made of would be read before or after it.
        let value = match operator {
            None => self.expr(&parts.rhs),
            Some(_) => self.operand(&parts.rhs),
        };
        let Some(local) = self.frame.locals.get(index).cloned() else { return Err(Failed) };
        if index < self.frame.floor {
            return self.fail(
                Code::NotInLanguage,
                at,
                format!("`{name}` is set inside of a larger expression"),
                "set it in a statement of its own",
            );
        }
        let value = value?;
        let ty = local.ty.ok_or(Failed)?;
        let value = match operator {
            None => self.storable(value)?,
            Some(operator) => {
                let current = self.narrowed(Expr { kind: ExprKind::Local(local.slot), ty, span: at });
                let current = self.known(current)?;
                self.binary(
                    operator,
                    self.layout.at(op.position()),
                    span,
                    (current, None),
                    (value, Some(&parts.rhs)),
                )?
            }
        };
        if !same_kind(value.ty.base, ty.base) {
            let message =
                format!("`{name}` is {}, and this is {}", words::a(Type::known(ty.base)), words::a(value.ty));
            let help = match (ty.base, value.ty.base) {
                (Base::Integer, Base::Decimal) => {
                    format!("declare it as a decimal: `let {name} = 0.0;`").into()
                }
                _ => self.convert_help(ty.base, &value),
            };
            return self.fail(Code::WrongType, value.span, message, help);
        }
        let value = if ty.unknown { value } else { self.known(value)? };
        out.push(Stmt::Set { slot: local.slot, value });
        Ok(())
    }
}
