//! Checks calls of built-in functions and methods, and folds calls on literals.

use rhai::{Expr as Tree, FnCallExpr};
use rust_decimal::Decimal;

use super::checker::{Checker, Checking, Failed};
use super::expr::{constant, to_decimal};
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::Phase;
use crate::lang::catalog::{BUILTINS, Builtin, Call, Field};
use crate::lang::ir::{Const, Expr, ExprKind, UnaryOp};
use crate::lang::types::{Base, Record, Type};
use crate::money::{Money, checked};
use crate::time::{DAY_SECONDS, Duration, HOUR_SECONDS, MINUTE_SECONDS};

impl<'c> Checker<'c, '_> {
    /// Checks `name(…)` of a built-in function.
    pub(super) fn builtin_call(&mut self, call: &'c FnCallExpr, at: Span, span: Span) -> Checking<Expr> {
        let name = call.name.as_str();
        let spec =
            BUILTINS.iter().find(|spec| spec.name == name && spec.call == Call::Function).ok_or(Failed)?;
        match (name, call.args.as_slice()) {
            ("money" | "date" | "time", [arg]) => return self.literal_call(name, arg, span),
            ("known", [arg]) => return self.known_call(arg, span),
            _ => {}
        }
        let takes =
            if matches!(name, "min" | "max" | "round" | "promo_active" | "months_between") { 2 } else { 1 };
        let mut args = self.args(call, at, takes, spec.form)?.into_iter();
        let first = args.next().ok_or(Failed)?;
        let second = args.next();
        let Some(builtin) = spec.builtin else {
            return match name {
                "decimal" => self.decimal_call(first, span),
                _ => self.wrong_count(call, at, takes, spec.form),
            };
        };
        let (args, ty) = match (builtin, second) {
            (Builtin::Percent, _) => {
                self.number(&first, name)?;
                if let ExprKind::Const(Const::Integer(_) | Const::Decimal(_)) = &first.kind {
                    return self.percent(first, span);
                }
                (vec![to_decimal(first)], Base::Decimal)
            }
            (Builtin::Days | Builtin::Hours | Builtin::Minutes, _) => {
                self.need(&first, Base::Integer, name)?;
                if let ExprKind::Const(Const::Integer(count)) = first.kind {
                    return self.length(builtin, count, span);
                }
                (vec![first], Base::Duration)
            }
            (Builtin::Min | Builtin::Max, Some(second)) => {
                let (first, second) = self.alike(first, second, name)?;
                let base = first.ty.base;
                (vec![first, second], base)
            }
            (Builtin::Abs, _) => {
                if !matches!(first.ty.base, Base::Integer | Base::Decimal | Base::Money) {
                    let message = format!("`abs` takes a number or an amount, not {}", words::a(first.ty));
                    return self.fail(
                        Code::WrongType,
                        first.span,
                        message,
                        "write `abs(x)` of a number or an amount",
                    );
                }
                let base = first.ty.base;
                (vec![first], base)
            }
            (Builtin::Floor, _) => {
                if first.ty.base == Base::Money {
                    return self.fail(
                        Code::WrongType,
                        first.span,
                        "`floor` takes a decimal, not money",
                        "divide by a unit first: `floor(action.amount / money(\"1\"))`",
                    );
                }
                self.need(&first, Base::Decimal, name)?;
                (vec![first], Base::Decimal)
            }
            (Builtin::Round, Some(second)) => {
                self.rounded(&first)?;
                self.step(&second)?;
                (vec![first, second], Base::Money)
            }
            (Builtin::MonthsBetween, Some(second)) => {
                self.need(&first, Base::Date, name)?;
                self.need(&second, Base::Date, name)?;
                (vec![first, second], Base::Integer)
            }
            (Builtin::PromoOwner | Builtin::PromoActive, _) if self.phase == Phase::Close => {
                return self.fail(
                    Code::UnknownFact,
                    at,
                    "promo codes are those of an action, and a period closes without one",
                    "count the actions with the code in a total, with `when`",
                );
            }
            (Builtin::PromoOwner, _) => {
                self.need(&first, Base::Code, name)?;
                self.literal_code(&first)?;
                let kind = ExprKind::Builtin(builtin, vec![first]);
                return Ok(Expr { kind, ty: Type::maybe(Base::Text), span });
            }
            (Builtin::PromoActive, Some(second)) => {
                self.need(&first, Base::Code, name)?;
                self.literal_code(&first)?;
                self.need(&second, Base::Time, name)?;
                (vec![first, second], Base::Bool)
            }
            _ => return self.wrong_count(call, at, takes, spec.form),
        };
        Ok(Expr { kind: ExprKind::Builtin(builtin, args), ty: Type::known(ty), span })
    }

    fn literal_code(&mut self, code: &Expr) -> Checking<()> {
        match &code.kind {
            ExprKind::Const(Const::Text(word)) => {
                let word = word.clone();
                self.code_case(&word, code.span)
            }
            _ => Ok(()),
        }
    }

    /// Checks the first argument of `round`.
    fn rounded(&mut self, amount: &Expr) -> Checking<()> {
        let help = match amount.ty.base {
            Base::Money => return Ok(()),
            Base::Integer => "an integer is whole already: leave `round` out",
            Base::Decimal => {
                "`floor(x)` rounds a decimal down; to round an amount, write `round(action.amount * 0.05, money(\"1\"))`"
            }
            _ => "write an amount: `round(action.amount, money(\"1\"))`",
        };
        let message = format!("`round` takes an amount, not {}", words::a(amount.ty));
        self.fail(Code::WrongType, amount.span, message, help)
    }

    /// Checks the second argument of `round`. Spreadsheets have a number of decimals there.
    fn step(&mut self, step: &Expr) -> Checking<()> {
        const HELP: &str =
            "write the step as an amount: `money(\"1\")` for whole units, `money(\"0.01\")` for two decimals";
        if step.ty.base != Base::Money {
            let message = format!("the step of `round` is an amount, not {}", words::a(step.ty));
            return self.fail(Code::WrongType, step.span, message, HELP);
        }
        match step.kind {
            ExprKind::Const(Const::Money(amount)) if amount <= Money::ZERO => {
                let message = format!("the step of `round` is above zero, not {amount}");
                self.fail(Code::BadLiteral, step.span, message, HELP)
            }
            _ => Ok(()),
        }
    }

    fn number(&mut self, arg: &Expr, of: &str) -> Checking<()> {
        if matches!(arg.ty.base, Base::Integer | Base::Decimal) {
            return Ok(());
        }
        let message = format!("`{of}` takes a number, not {}", words::a(arg.ty));
        self.fail(Code::WrongType, arg.span, message, format!("write a number: `{of}(8)`"))
    }

    /// Checks `percent(x)`; of a literal it is a constant.
    fn percent(&mut self, number: Expr, span: Span) -> Checking<Expr> {
        let number = to_decimal(number);
        let ExprKind::Const(Const::Decimal(value)) = number.kind else { return Err(Failed) };
        match checked::mul(value, Decimal::new(1, 2)) {
            Ok(value) => Ok(constant(Const::Decimal(value), span)),
            Err(_) => {
                self.fail(Code::BadLiteral, number.span, "this percentage is too large", "write `percent(8)`")
            }
        }
    }

    /// Checks `days(n)`, `hours(n)` and `minutes(n)` of a literal, which are constants.
    fn length(&mut self, builtin: Builtin, count: i64, span: Span) -> Checking<Expr> {
        let unit = match builtin {
            Builtin::Days => DAY_SECONDS,
            Builtin::Hours => HOUR_SECONDS,
            _ => MINUTE_SECONDS,
        };
        match Duration::of(count, unit) {
            Some(duration) => Ok(constant(Const::Duration(duration), span)),
            None => self.fail(Code::BadLiteral, span, "this duration is too long", "write `days(30)`"),
        }
    }

    /// Checks `decimal(n)`.
    fn decimal_call(&mut self, value: Expr, span: Span) -> Checking<Expr> {
        match value.ty.base {
            Base::Integer => Ok(Expr { span, ..to_decimal(value) }),
            Base::Decimal => Ok(value),
            Base::Money => self.fail(
                Code::WrongType,
                value.span,
                "`decimal` takes an integer, not money",
                "divide by a unit: `action.amount / money(\"1\")` is a decimal",
            ),
            _ => {
                let message = format!("`decimal` takes an integer, not {}", words::a(value.ty));
                self.fail(Code::WrongType, value.span, message, "write `decimal(n)`")
            }
        }
    }

    /// Checks `known(x)`.
    fn known_call(&mut self, arg: &'c Tree, span: Span) -> Checking<Expr> {
        if let Tree::Variable(name, ..) = arg
            && name.2.is_empty()
            && name.1 == Record::Follows.name()
            && !self.frame.locals.iter().any(|local| local.name == name.1.as_str())
        {
            self.reads.insert(Field::FOLLOWS_ID);
            let of = Expr {
                kind: ExprKind::Fact(Field::FOLLOWS_ID),
                ty: Type::maybe(Base::Text),
                span: self.layout.expr(arg),
            };
            return Ok(Expr { kind: ExprKind::Known(Box::new(of)), ty: Type::BOOL, span });
        }
        let of = self.open_operand(arg)?;
        let narrowed = self.path(&of).is_some_and(|path| self.is_known(path));
        if !of.ty.unknown && !narrowed {
            let written = self.written(of.span);
            self.report(
                Code::UnreachableCode,
                span,
                format!("`{written}` is always known"),
                Some("leave out `known(…)`".to_owned()),
            );
        }
        Ok(Expr { kind: ExprKind::Known(Box::new(of)), ty: Type::BOOL, span })
    }

    /// Gives the two values of `min` or `max` one type.
    fn alike(&mut self, first: Expr, second: Expr, of: &str) -> Checking<(Expr, Expr)> {
        match (first.ty.base, second.ty.base) {
            (Base::Integer, Base::Integer) | (Base::Decimal, Base::Decimal) | (Base::Money, Base::Money) => {
                Ok((first, second))
            }
            // The type of the result would depend on the values, so the conversion must be written.
            (Base::Integer, Base::Decimal) => self.need(&first, Base::Decimal, of).map(|()| (first, second)),
            (Base::Decimal, Base::Integer) => self.need(&second, Base::Decimal, of).map(|()| (first, second)),
            (Base::Money, _) => self.need(&second, Base::Money, of).map(|()| (first, second)),
            (_, Base::Money) => self.need(&first, Base::Money, of).map(|()| (first, second)),
            _ => {
                let message = format!(
                    "`{of}` takes two numbers or two amounts, not {} and {}",
                    words::a(first.ty),
                    words::a(second.ty)
                );
                self.fail(Code::WrongType, first.span.to(second.span), message, format!("write `{of}(a, b)`"))
            }
        }
    }

    /// Returns whether values of a type have this method.
    pub(super) fn method_takes(builtin: Builtin, base: Base) -> bool {
        match builtin {
            Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains => {
                matches!(base, Base::Text | Base::Code)
            }
            Builtin::Len => matches!(base, Base::List(_)),
            Builtin::PlusMonths | Builtin::PlusYears | Builtin::StartOfMonth | Builtin::EndOfMonth => {
                base == Base::Date
            }
            _ => false,
        }
    }

    /// Checks `value.name(…)` of a built-in method.
    pub(super) fn method_call(
        &mut self,
        builtin: Builtin,
        value: Expr,
        call: &'c FnCallExpr,
        at: Span,
        form: &str,
        all: Span,
    ) -> Checking<Expr> {
        let value = self.known(value);
        let alone = matches!(builtin, Builtin::Len | Builtin::StartOfMonth | Builtin::EndOfMonth);
        let takes = usize::from(!alone);
        let args = self.args(call, at, takes, form);
        let (value, args) = (value?, args?);
        let span = value.span.to(all);
        let (takes, gives) = match builtin {
            Builtin::PlusMonths | Builtin::PlusYears => (Base::Integer, Base::Date),
            Builtin::StartOfMonth | Builtin::EndOfMonth => (Base::Unit, Base::Date),
            Builtin::Len => (Base::Unit, Base::Integer),
            _ => (Base::Text, Base::Bool),
        };
        for arg in &args {
            self.need(arg, takes, call.name.as_str())?;
            if value.ty.base == Base::Code {
                self.literal_code(arg)?;
            }
        }
        let mut values = vec![value];
        values.extend(args);
        Ok(Expr { kind: ExprKind::Builtin(builtin, values), ty: Type::known(gives), span })
    }

    /// Returns a constant with the opposite sign: a sign before a constant is part of it.
    pub(super) fn negated(value: &Const) -> Option<Const> {
        match value {
            Const::Integer(value) => value.checked_neg().map(Const::Integer),
            Const::Decimal(value) => Some(Const::Decimal(-*value)),
            Const::Money(value) => Some(Const::Money(Money(-value.0))),
            Const::Duration(value) => {
                value.seconds.checked_neg().map(|seconds| Const::Duration(Duration { seconds }))
            }
            _ => None,
        }
    }

    /// Returns the operator that changes the sign of a type's values.
    pub(super) fn negation(base: Base) -> Option<UnaryOp> {
        match base {
            Base::Integer => Some(UnaryOp::NegInteger),
            Base::Decimal => Some(UnaryOp::NegDecimal),
            Base::Money => Some(UnaryOp::NegMoney),
            Base::Duration => Some(UnaryOp::NegDuration),
            _ => None,
        }
    }
}
