//! Checks literals, and words that are compared with facts of a fixed vocabulary.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::checker::{Checker, Checking};
use super::expr::constant;
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::catalog::Field;
use crate::lang::ir::{Const, Expr, ExprKind};
use crate::lang::types::Base;
use crate::money::{Money, THOUSANDS, parse_decimal};
use crate::time::{Timestamp, parse_date};

/// The words of `touch.kind`.
const TOUCH_KINDS: &[&str] = &["click", "impression", "code"];

impl Checker<'_, '_> {
    pub(super) fn integer(&mut self, value: i64, span: Span) -> Checking<Expr> {
        let written = self.layout.slice(span).trim_start_matches(['-', '+', ' ']);
        if written.get(..2).is_some_and(|prefix| !prefix.bytes().all(|b| b.is_ascii_digit() || b == b'_')) {
            return self.fail(
                Code::NotInLanguage,
                span,
                format!("`{written}` is not a decimal number"),
                format!("write `{value}`"),
            );
        }
        Ok(constant(Const::Integer(value), span))
    }

    pub(super) fn dynamic(&mut self, value: &rhai::Dynamic, span: Span) -> Checking<Expr> {
        if value.is_fnptr() {
            return self.closure(span);
        }
        let Ok(value) = value.as_decimal() else {
            return self.fail(
                Code::NotInLanguage,
                span,
                "this kind of value is not in the language",
                "values are numbers, text, `true` and `false`",
            );
        };
        let written: String =
            self.layout.slice(span).chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
        let written = written.strip_suffix('.').map_or_else(|| written.clone(), |whole| format!("{whole}.0"));
        match parse_decimal(&written) {
            // The number that Rhai read must be exactly the number that is written.
            Ok(exact) if exact == value => Ok(constant(Const::Decimal(exact), span)),
            Ok(_) => {
                let message = format!("`{written}` has more digits than a number can hold");
                self.fail(Code::BadLiteral, span, message, "write at most 28 digits")
            }
            Err(error) => self.fail(
                Code::BadLiteral,
                span,
                error.to_string(),
                "write digits with a point, such as `0.08`",
            ),
        }
    }

    pub(super) fn text(&mut self, value: &str, span: Span) -> Checking<Expr> {
        let most = self.env.limits.text_bytes;
        if value.len() > most {
            let message = format!("this text has {} bytes; the most is {most}", value.len());
            return self.fail(Code::TooLarge, span, message, "compare with a shorter text");
        }
        Ok(constant(Const::Text(value.to_owned()), span))
    }

    /// Checks `money("…")`, `date("…")`, `time("…")`. Only literals are allowed, so that an invalid value is found when the rule
    /// is checked.
    pub(super) fn literal_call(&mut self, name: &str, arg: &rhai::Expr, span: Span) -> Checking<Expr> {
        let at = self.layout.expr(arg);
        let example = match name {
            "money" => "money(\"5.00\")",
            "date" => "date(\"2026-01-31\")",
            _ => "time(\"2026-01-31T00:00:00Z\")",
        };
        let rhai::Expr::StringConstant(text, _) = arg else {
            let number = matches!(arg, rhai::Expr::IntegerConstant(..) | rhai::Expr::DynamicConstant(..));
            let help = match name {
                "money" if number => {
                    format!("write `money(\"{}\")`, in quotes, so that it stays exact", self.written(at))
                }
                "money" => {
                    "an amount is written `money(\"5.00\")`; multiply it by a number: `money(\"1\") * n`"
                        .to_owned()
                }
                _ => format!("write it as text, such as `{example}`"),
            };
            return self.fail(Code::BadLiteral, at, format!("`{name}` takes a literal in quotes"), help);
        };
        let value = match name {
            "money" => Money::from_str(text).map(Const::Money).map_err(|error| error.to_string()),
            "date" => parse_date(text).map(Const::Date).ok_or_else(|| format!("`{text}` is not a date")),
            _ => Timestamp::parse(text).map(Const::Time).ok_or_else(|| format!("`{text}` is not a moment")),
        };
        if let Ok(Const::Money(Money(amount))) = &value
            && amount.scale() == THOUSANDS
            && self.env.currency.minor_digits() < THOUSANDS
            && amount.abs() >= Decimal::ONE
        {
            let whole = Decimal::from_i128_with_scale(amount.mantissa(), 0);
            let message = format!("`{text}` may be {whole} or an amount with three decimals");
            let help = format!("write `money(\"{whole}\")` or `money(\"{}0\")`", amount);
            return self.fail(Code::BadLiteral, at, message, help);
        }
        match value {
            Ok(value) => Ok(constant(value, span)),
            Err(message) => self.fail(Code::BadLiteral, at, message, format!("write it like `{example}`")),
        }
    }

    /// Returns the number of a literal, with its sign if it has one.
    pub(super) fn literal_number(tree: &rhai::Expr) -> Option<Decimal> {
        match tree {
            rhai::Expr::IntegerConstant(value, _) => Some((*value).into()),
            rhai::Expr::DynamicConstant(value, _) => value.as_decimal().ok(),
            rhai::Expr::FnCall(call, _) if call.name == "-" => match call.args.as_slice() {
                [operand] => Self::literal_number(operand).map(|number| -number),
                _ => None,
            },
            _ => None,
        }
    }

    /// Warns if an amount that is compared with money has more decimals than the currency.
    pub(super) fn decimals(&mut self, amount: &Expr) {
        let ExprKind::Const(Const::Money(Money(value))) = &amount.kind else { return };
        // A parameter is reported where it is declared.
        if self.layout.slice(amount.span).starts_with("params") {
            return;
        }
        let currency = self.env.currency;
        if value.normalize().scale() > currency.minor_digits() {
            let message = format!(
                "{currency} has {}, so no amount is exactly `{}`",
                words::count(currency.minor_digits() as usize, "decimal"),
                value.normalize()
            );
            self.report(
                Code::TooManyDecimals,
                amount.span,
                message,
                Some("compare with an amount that can be paid".to_owned()),
            );
        }
    }

    /// Checks that a text is one of the words that a fact can have.
    pub(super) fn vocabulary(&mut self, of: &Expr, text: &Expr) -> Checking<()> {
        let ExprKind::Const(Const::Text(word)) = &text.kind else { return Ok(()) };
        match &of.kind {
            ExprKind::Fact(Field::ACTION_EVENT_TYPE | Field::FOLLOWS_EVENT_TYPE) => {
                let known = self.env.event_types.clone();
                if !known.contains(&word.as_str()) {
                    let help = words::did_you_mean(word, known.iter().copied())
                        .unwrap_or_else(|| "declare it under `[event_types]` in `program.toml`".to_owned());
                    let message = format!("event type `{word}` is not declared");
                    return self.fail(Code::UndeclaredName, text.span, message, help);
                }
            }
            ExprKind::Fact(Field::TOUCH_KIND) | ExprKind::FieldOf(Field::TOUCH_KIND, _)
                if !TOUCH_KINDS.contains(&word.as_str()) =>
            {
                let help = words::did_you_mean(word, TOUCH_KINDS.iter().copied()).unwrap_or_default();
                let message = format!("there is no kind of touch `{word}`");
                return self.fail(Code::UndeclaredName, text.span, message, help);
            }
            _ if of.ty.base == Base::Code => return self.code_case(word, text.span),
            _ => {}
        }
        Ok(())
    }

    /// Checks the case of a promo code: codes are compared in upper case, so a literal with other letters never matches.
    pub(super) fn code_case(&mut self, word: &str, span: Span) -> Checking<()> {
        let upper = word.to_uppercase();
        if upper == word {
            return Ok(());
        }
        self.fail(
            Code::CodeCase,
            span,
            format!("promo codes are compared in upper case, so `{word}` never matches"),
            format!("write `\"{upper}\"`"),
        )
    }
}
