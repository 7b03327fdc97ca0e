//! Checks verbs: calls that decide, as statements with checked arguments.

use rhai::{Expr as Tree, FnCallExpr};
use rust_decimal::Decimal;

use super::checker::{Checker, Checking, Failed};
use super::expr::to_decimal;
use super::words;
use crate::diagnostic::{Code, Help, Span, nearest};
use crate::lang::catalog::{VERBS, Verb, VerbSpec};
use crate::lang::ir::{Const, Expr, ExprKind, Form, Stmt};
use crate::lang::types::Phase;
use crate::lang::types::{Base, Type};

/// Returns the name of a phase in messages.
pub(super) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Credit => "a condition on touches",
        Phase::OrderAmount | Phase::ItemAmount => "an amount",
        Phase::Restrict => "a restriction",
        Phase::PayOrder => "a payout rule per order",
        Phase::PayItem => "a payout rule per item",
        Phase::Count | Phase::CountItem => "a total",
        Phase::Close => "a bonus",
    }
}

impl<'c> Checker<'c, '_> {
    /// Returns the verb with this name.
    pub(super) fn verb(name: &str) -> Option<&'static VerbSpec> {
        VERBS.iter().find(|spec| spec.name == name)
    }

    /// Checks the arguments of a verb that is not allowed here.
    pub(super) fn verb_args(&mut self, call: &'c FnCallExpr) {
        for arg in &call.args {
            let _ = self.open_operand(arg);
        }
    }

    /// Checks a verb as a statement.
    pub(super) fn say(
        &mut self,
        spec: &'static VerbSpec,
        call: &'c FnCallExpr,
        at: Span,
        span: Span,
    ) -> Checking<Stmt> {
        let verb = spec.verb;
        if !matches!(self.expect, super::Expect::Script) {
            self.verb_args(call);
            return self.fail(
                Code::WrongPhase,
                at,
                format!("`{}` is a verb, and an inline rule only answers", spec.name),
                "verbs stand in `.rhai` files, and beside `when` as keys",
            );
        }
        if !spec.phases.contains(&self.phase) {
            self.verb_args(call);
            let help = match (verb, self.phase) {
                (Verb::AddPerUnit, Phase::PayOrder) => {
                    "write `per = \"item\"` under `[payout]`, or `add(money(\"5.00\") * n)`".to_owned()
                }
                (Verb::AddPerUnit | Verb::AddPerOrder, Phase::Close) => {
                    "a bonus has no order and no units: write `add(…)`".to_owned()
                }
                (_, Phase::Close) => {
                    "a bonus says what is paid: `rate`, `add_points`, `multiply`, `add` or `notice`".to_owned()
                }
                (Verb::AddPerOrder, Phase::PayOrder) => {
                    "this payout is for the whole order: write `add(…)`".to_owned()
                }
                (
                    Verb::Rate | Verb::AddPoints | Verb::Multiply | Verb::Add | Verb::AddPerUnit | Verb::AddPerOrder,
                    Phase::Restrict,
                ) => {
                    "a restriction says `reject`, `hold`, `zero`, `flag` or `notice`; what is paid is said by a payout group".to_owned()
                }
                (Verb::Zero, Phase::PayOrder | Phase::PayItem) => {
                    "write `rate(percent(0))`, or move the condition to a restriction".to_owned()
                }
                _ => "move the condition to a restriction: no rate can outbid one".to_owned(),
            };
            let message = format!("`{}` is not a verb of {}", spec.name, phase_name(self.phase));
            return self.fail(Code::WrongPhase, at, message, help);
        }
        let takes = match verb {
            Verb::HoldUntil => 2,
            Verb::Hold if call.args.len() == 2 => 2,
            _ => 1,
        };
        if call.args.len() != takes {
            self.verb_args(call);
            return self.wrong_count(call, at, takes, spec.form);
        }
        let args = match verb {
            Verb::Reject | Verb::Hold | Verb::HoldUntil | Verb::Zero | Verb::Flag | Verb::Notice => {
                self.reasoned(spec, call)
            }
            Verb::Rate | Verb::AddPoints | Verb::Multiply => self.rated(spec, call),
            Verb::Add | Verb::AddPerUnit | Verb::AddPerOrder => self.added(spec, call),
        }?;
        Ok(Stmt::Verb { verb, args, span })
    }

    /// Checks a declared reason code; for `hold` also an optional duration, and for `hold_until` a date.
    fn reasoned(&mut self, spec: &'static VerbSpec, call: &'c FnCallExpr) -> Checking<Vec<Expr>> {
        let mut args = Vec::with_capacity(2);
        let mut trees = call.args.iter();
        let code = trees.next().ok_or(Failed)?;
        let at = self.layout.expr(code);
        let code = match code {
            Tree::StringConstant(code, _) => {
                let known = self.env.reasons.keys().map(String::as_str);
                if self.env.reasons.contains_key(code.as_str()) {
                    self.used.reasons.insert(code.to_string());
                    self.text(code, at)
                } else {
                    let help = words::did_you_mean_text(code, at, known).unwrap_or_else(|| {
                        format!("declare it under `[reasons]` in `program.toml`: `{code} = \"…\"`").into()
                    });
                    self.fail(Code::UndeclaredName, at, format!("reason `{code}` is not declared"), help)
                }
            }
            other => {
                let message = format!("`{}` takes a reason code in quotes", spec.name);
                let help = match other {
                    Tree::Variable(name, ..) if name.2.is_empty() && self.local(&name.1).is_none() => {
                        let code = name.1.as_str();
                        let code = nearest(code, self.env.reasons.keys().map(String::as_str)).unwrap_or(code);
                        Help::from(format!("write `{}(\"{code}\")`", spec.name))
                            .edit(at, format!("\"{code}\""))
                    }
                    _ => {
                        let _ = self.open_operand(other);
                        format!("write `{}`", spec.form).into()
                    }
                };
                self.fail(Code::WrongType, at, message, help)
            }
        };
        let release = match trees.next() {
            None => Ok(None),
            Some(tree) => self.operand(tree).and_then(|release| {
                let takes = if spec.verb == Verb::HoldUntil { Base::Date } else { Base::Duration };
                self.need(&release, takes, spec.name)?;
                Ok(Some(release))
            }),
        };
        args.push(code?);
        args.extend(release?);
        Ok(args)
    }

    /// Checks a rate, points or a factor: a decimal.
    fn rated(&mut self, spec: &'static VerbSpec, call: &'c FnCallExpr) -> Checking<Vec<Expr>> {
        let tree = call.args.first().ok_or(Failed)?;
        let value = self.operand(tree)?;
        let written = self.written(value.span);
        if !matches!(value.ty.base, Base::Integer | Base::Decimal) {
            let (message, help) = match value.ty.base {
                Base::Money => (
                    format!("`{}` takes a rate, and `{written}` is money", spec.name),
                    format!("a flat amount is added: `add({written})`"),
                ),
                _ => (
                    format!(
                        "`{}` takes {}, not {}",
                        spec.name,
                        words::a(Type::known(Base::Decimal)),
                        words::a(value.ty)
                    ),
                    format!("write `{}`", spec.form),
                ),
            };
            return self.fail(Code::WrongType, value.span, message, help);
        }
        let value = to_decimal(value);
        if spec.verb != Verb::Multiply
            && let ExprKind::Const(Const::Decimal(rate)) = &value.kind
            && *rate > Decimal::ONE
        {
            let percent = rate.checked_mul(Decimal::ONE_HUNDRED).map(|rate| rate.normalize());
            let shown = percent.map_or_else(String::new, |percent| format!(" of {percent}%"));
            self.report(
                Code::RateAboveWhole,
                value.span,
                format!("`{written}` is a rate{shown}: more than the whole"),
                Some(format!("8% is written `{}(percent(8))`", spec.name)),
            );
        }
        if spec.verb != Verb::AddPoints
            && let ExprKind::Const(Const::Decimal(rate)) = &value.kind
            && rate.is_sign_negative()
            && !rate.is_zero()
        {
            let help = match spec.verb {
                Verb::Rate => "`add_points(percent(-1))` takes points off another rate",
                _ => "write a factor such as `0.9`",
            };
            let message = format!("`{written}` is below zero");
            self.report(Code::RateAboveWhole, value.span, message, Some(help));
        }
        Ok(vec![value])
    }

    /// Checks an amount.
    fn added(&mut self, spec: &'static VerbSpec, call: &'c FnCallExpr) -> Checking<Vec<Expr>> {
        let tree = call.args.first().ok_or(Failed)?;
        let value = self.operand(tree)?;
        if value.ty.base != Base::Money {
            let written = self.written(value.span);
            let help = match (&value.kind, value.ty.base) {
                _ if written.starts_with("percent") => {
                    format!("points are added to the rate: `add_points({written})`").into()
                }
                (ExprKind::Const(_), Base::Integer | Base::Decimal) => self.as_money(&value),
                _ => format!("write `{}`", spec.form).into(),
            };
            let message = format!("`{}` takes money, not {}", spec.name, words::a(value.ty));
            return self.fail(Code::WrongType, value.span, message, help);
        }
        Ok(vec![value])
    }

    /// Returns whether a rule of this form and phase must say what is paid.
    pub(super) fn must_pay(form: Form, phase: Phase) -> bool {
        form == Form::Script && matches!(phase, Phase::PayOrder | Phase::PayItem)
    }
}
