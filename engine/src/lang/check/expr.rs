//! Checks expressions: typed expressions from Rhai's tree.

use rhai::{Expr as Tree, Stmt as StmtTree};

use super::checker::{Checker, Checking, Expect, Failed};
use super::words;
use crate::diagnostic::{Code, Help, Span};
use crate::lang::ir::{Const, Expr, ExprKind, Operand, UnaryOp};
use crate::lang::types::{Base, Type};
use crate::time::{DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS};

/// Returns the type of a constant.
pub(super) fn type_of(value: &Const) -> Type {
    Type::known(value.base())
}

/// Returns a constant at a place.
pub(super) fn constant(value: Const, span: Span) -> Expr {
    Expr { ty: type_of(&value), kind: ExprKind::Const(value), span }
}

/// Converts an integer to a decimal; leaves other expressions unchanged.
pub(super) fn to_decimal(expr: Expr) -> Expr {
    if expr.ty.base != Base::Integer {
        return expr;
    }
    let span = expr.span;
    match expr.kind {
        ExprKind::Const(Const::Integer(value)) => constant(Const::Decimal(value.into()), span),
        _ => Expr {
            ty: Type::known(Base::Decimal),
            kind: ExprKind::Unary(UnaryOp::ToDecimal, Box::new(expr)),
            span,
        },
    }
}

impl<'c> Checker<'c, '_> {
    /// Checks an expression whose value may be unknown.
    pub(super) fn expr(&mut self, tree: &'c Tree) -> Checking<Expr> {
        self.depth += 1;
        let span = self.layout.expr(tree);
        let result = match self.node(span).and_then(|()| self.deeper(span, 0)) {
            Ok(()) => self.expr_inside(tree, span),
            Err(failed) => Err(failed),
        };
        self.depth -= 1;
        result
    }

    fn expr_inside(&mut self, tree: &'c Tree, span: Span) -> Checking<Expr> {
        match tree {
            Tree::BoolConstant(value, _) => Ok(constant(Const::Bool(*value), span)),
            Tree::IntegerConstant(value, _) => self.integer(*value, span),
            Tree::DynamicConstant(value, _) => self.dynamic(value, span),
            Tree::StringConstant(value, _) => self.text(value, span),
            Tree::Variable(name, ..) if name.2.is_empty() => {
                self.chain_from(name.1.as_str(), span, &[], span)
            }
            Tree::Variable(..) => self.fail(
                Code::NoImport,
                span,
                "modules are not in the language",
                "a rule is one file of its own; leave out the part before `::`",
            ),
            Tree::Dot(..) | Tree::Index(..) => self.chain(tree, span),
            Tree::FnCall(call, position) => self.call(call, *position, span),
            Tree::And(operands, _) => self.logic(operands, true, span),
            Tree::Or(operands, _) => self.logic(operands, false, span),
            Tree::Coalesce(operands, _) => self.coalesce(operands, span),
            Tree::Stmt(block) => self.value_block(block, span),
            other => self.refused(other, span),
        }
    }

    /// Checks an expression whose value must be known.
    pub(super) fn value(&mut self, tree: &'c Tree) -> Checking<Expr> {
        let expr = self.expr(tree)?;
        self.known(expr)
    }

    /// Checks a value beside other values. It must not assign to locals outside itself, because the other values would see that.
    pub(super) fn operand(&mut self, tree: &'c Tree) -> Checking<Expr> {
        let floor = std::mem::replace(&mut self.frame.floor, self.frame.locals.len());
        let result = self.value(tree);
        self.frame.floor = floor;
        result
    }

    /// Like [`Checker::operand`], but the value may be unknown.
    pub(super) fn open_operand(&mut self, tree: &'c Tree) -> Checking<Expr> {
        let floor = std::mem::replace(&mut self.frame.floor, self.frame.locals.len());
        let result = self.expr(tree);
        self.frame.floor = floor;
        result
    }

    /// Reports a value that may be unknown.
    pub(super) fn known(&mut self, expr: Expr) -> Checking<Expr> {
        if !expr.ty.unknown {
            return Ok(expr);
        }
        let written = self.written(expr.span);
        let default = match expr.ty.base {
            Base::Money => "money(\"0\")",
            Base::Integer => "0",
            Base::Decimal => "0.0",
            Base::Bool => "false",
            Base::Text | Base::Code => "\"\"",
            _ => "…",
        };
        let mut help = format!("give it a default, `({written} ?? {default})`");
        // `&&` would make a condition of a number.
        if self.expect != Expect::Number {
            help.push_str(&format!(", or ask first: `known({written}) && …`"));
        }
        self.fail(Code::MaybeUnknown, expr.span, format!("`{written}` may be unknown"), help)
    }

    /// Checks a condition.
    pub(super) fn condition(&mut self, tree: &'c Tree) -> Checking<Expr> {
        let expr = self.value(tree)?;
        self.bool(expr)
    }

    /// Reports a value that is not a condition.
    pub(super) fn bool(&mut self, expr: Expr) -> Checking<Expr> {
        if expr.ty.base == Base::Bool {
            return Ok(expr);
        }
        let message = format!("a condition is needed here, not {}", words::a(expr.ty));
        self.fail(
            Code::WrongType,
            expr.span,
            message,
            "compare it with something, such as `x > 0` or `x == \"…\"`",
        )
    }

    /// Checks that a value has the type that the rule must give.
    pub(super) fn expected(&mut self, value: Expr, ty: Type) -> Checking<Expr> {
        let value = if ty.unknown { value } else { self.known(value)? };
        if value.ty.base == ty.base || (ty.base == Base::Text && value.ty.base == Base::Code) {
            return Ok(value);
        }
        if ty.base == Base::Decimal && value.ty.base == Base::Integer {
            return Ok(to_decimal(value));
        }
        let message = format!("{} is needed here, not {}", words::a(ty), words::a(value.ty));
        let written = self.written(value.span);
        let help = match (ty.base, value.ty.base) {
            (Base::Money, Base::Integer | Base::Decimal) => self.convert_help(Base::Money, &value),
            (Base::Bool, _) => format!("compare it with something: `{written} == …`").into(),
            _ => format!("write an expression that gives {}", words::a(ty)).into(),
        };
        self.fail(Code::WrongType, value.span, message, help)
    }

    /// Checks `a && b && …` and `a || b || …`. Each operand knows what the operands before it established.
    fn logic(&mut self, operands: &'c [Tree], all: bool, span: Span) -> Checking<Expr> {
        let mark = self.frame.facts.len();
        let mut checked = Vec::with_capacity(operands.len());
        let mut failed = false;
        for tree in operands {
            match self.operand(tree).and_then(|operand| self.bool(operand)) {
                Ok(operand) => {
                    self.assume(&operand, all);
                    checked.push(operand);
                }
                Err(Failed) => failed = true,
            }
        }
        self.frame.facts.truncate(mark);
        if failed {
            return Err(Failed);
        }
        let mut operands = checked.into_iter();
        let first = operands.next().ok_or(Failed)?;
        let rest: Vec<Operand> = operands.map(|expr| Operand { charge: 0, expr }).collect();
        let kind =
            if all { ExprKind::And(Box::new(first), rest) } else { ExprKind::Or(Box::new(first), rest) };
        Ok(Expr { kind, ty: Type::BOOL, span })
    }

    /// Checks `a ?? b ?? …`. All operands have one type; the value may be unknown only if the last operand may be.
    fn coalesce(&mut self, operands: &'c [Tree], span: Span) -> Checking<Expr> {
        let mut checked: Vec<Expr> = Vec::with_capacity(operands.len());
        let mut failed = false;
        let last = operands.len().saturating_sub(1);
        for (n, tree) in operands.iter().enumerate() {
            // `x ?? return;` leaves the rule instead of giving a value.
            let leaves = n == last
                && n > 0
                && matches!(tree, Tree::Stmt(block) if matches!(block.statements(), [StmtTree::Return(..) | StmtTree::BreakLoop(..)]));
            if leaves {
                match (self.leaving(tree, span), checked.first().map(|first| first.ty.base)) {
                    (Ok(mut leaving), Some(base)) => {
                        leaving.ty = Type::known(base);
                        checked.push(leaving);
                    }
                    _ => failed = true,
                }
                continue;
            }
            let Ok(operand) = self.open_operand(tree) else {
                failed = true;
                continue;
            };
            if n > 0
                && let Some(before) = checked.last()
                && !before.ty.unknown
            {
                let written = self.written(before.span);
                self.report(
                    Code::UnreachableCode,
                    operand.span,
                    format!("`{written}` is always known, so this default is never used"),
                    Some("leave out `??` and what follows it".to_owned()),
                );
            }
            if let Some(first) = checked.first()
                && !same_kind(first.ty.base, operand.ty.base)
            {
                let message = format!(
                    "the default is {}, and what it stands for is {}",
                    words::a(Type::known(operand.ty.base)),
                    words::a(Type::known(first.ty.base))
                );
                let help = self.convert_help(first.ty.base, &operand);
                let _: Checking<()> = self.fail(Code::WrongType, operand.span, message, help);
                failed = true;
            }
            checked.push(operand);
        }
        if failed {
            return Err(Failed);
        }
        let unknown = checked.iter().all(|operand| operand.ty.unknown);
        let mut operands = checked.into_iter();
        let first = operands.next().ok_or(Failed)?;
        let ty = Type { base: first.ty.base, unknown };
        let rest = operands.map(|expr| Operand { charge: 0, expr }).collect();
        Ok(Expr { kind: ExprKind::Coalesce(Box::new(first), rest), ty, span })
    }

    /// Returns how to write a value of one type as another.
    pub(super) fn convert_help(&self, wanted: Base, found: &Expr) -> Help {
        let written = self.written(found.span);
        let literal = self.layout.slice(found.span) == written;
        match (wanted, found.ty.base, &found.kind) {
            (Base::Money, Base::Integer | Base::Decimal, ExprKind::Const(_)) => self.as_money(found),
            (Base::Money, Base::Integer | Base::Decimal, _) => {
                "an amount is written `money(\"5.00\")`, and a number of them `money(\"1\") * n`".into()
            }
            (Base::Duration, Base::Text, ExprKind::Const(Const::Text(text))) => match duration_call(text) {
                Some(call) => Help::write(found.span, call),
                None => "write `days(30)`, `hours(12)` or `minutes(5)`".into(),
            },
            (Base::Duration, Base::Integer, ExprKind::Const(_)) => {
                format!("write the unit too: `days({written})`").into()
            }
            (Base::Decimal, Base::Integer, ExprKind::Const(_)) if literal => {
                Help::write(found.span, format!("{written}.0"))
            }
            (Base::Decimal, Base::Integer, _) if literal => {
                Help::write(found.span, format!("decimal({written})"))
            }
            (Base::Date, Base::Time, _) if literal => Help::write(found.span, format!("{written}.date")),
            _ => format!("write {}", words::a(Type::known(wanted))).into(),
        }
    }

    /// Returns the help to write a literal number as an amount.
    pub(super) fn as_money(&self, number: &Expr) -> Help {
        let written = self.written(number.span);
        let help = format!("write `money(\"{written}\")`");
        let is_number = written.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        if is_number { Help::write(number.span, format!("money(\"{written}\")")) } else { help.into() }
    }

    /// Returns the text at a place, cut to fit into a message.
    pub(super) fn written(&self, span: Span) -> String {
        let text = self.layout.slice(span);
        let mut shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if shown.chars().count() > 60 {
            shown = shown.chars().take(57).collect();
            shown.push('…');
        }
        shown
    }
}

/// Returns the call for a duration that is written as terms write it: `days(30)` for `30 days`.
fn duration_call(text: &str) -> Option<String> {
    let seconds = crate::time::Duration::parse(text.trim())?.seconds;
    let (unit, of) = [("days", DAY_SECONDS), ("hours", HOUR_SECONDS), ("minutes", MINUTE_SECONDS)]
        .into_iter()
        .find(|(_, of)| seconds % of == 0)?;
    Some(format!("{unit}({})", seconds.checked_div(of)?))
}

/// Returns whether two types are the same for a default, a branch or an assignment. Text and promo codes are.
pub(super) fn same_kind(a: Base, b: Base) -> bool {
    a == b || matches!((a, b), (Base::Text | Base::Code, Base::Text | Base::Code))
}
