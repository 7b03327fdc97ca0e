//! Checks literals, and words that are compared with facts of a fixed vocabulary.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::checker::{Checker, Checking};
use super::expr::constant;
use super::words;
use crate::diagnostic::{Code, Help, Span};
use crate::facts::{CUSTOMER_STATUSES, STATUSES, country_meant, has_country, unseen};
use crate::lang::catalog::Field;
use crate::lang::ir::{Const, Expr, ExprKind};
use crate::lang::types::{Base, Record};
use crate::money::{Money, THOUSANDS, number_meant, parse_decimal};
use crate::time::{Timestamp, before_leap_second, date_meant, leap_second, parse_date};

/// The facts that are countries.
const COUNTRIES: [Field; 2] =
    [Field::named(Record::Customer, "country"), Field::named(Record::Partner, "country")];

/// Facts with words of the engine's own, beside which a brand may have others.
const OWN_WORDS: [(Field, &[&[&str]]); 5] = [
    (Field::named(Record::Customer, "status"), &[CUSTOMER_STATUSES]),
    (Field::named(Record::Partner, "status"), &[STATUSES]),
    (Field::named(Record::Creative, "status"), &[STATUSES, &["none", "unlisted"]]),
    (Field::named(Record::Device, "kind"), &[&["phone", "tablet", "desktop"]]),
    (Field::named(Record::Device, "os"), &[&["ios", "android", "windows"]]),
];

/// Returns what is said of a text that is no country, and the code that was meant. Several codes in one text are another matter.
fn no_country(text: &str) -> Option<(String, Option<&'static str>)> {
    let several = text.contains([',', ';', '|']);
    (!text.is_empty() && !several && !has_country(text))
        .then(|| (format!("ISO 3166 has no country `{text}`"), country_meant(text)))
}

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
                Help::write(span, value.to_string()),
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
        if let Some(message) = unseen(value, true) {
            let help = "a text with this character is equal to no text of a fact";
            return self.fail(Code::HiddenCharacter, span, message, help);
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
                    let written = self.written(at);
                    Help::from(format!("write `money(\"{written}\")`, in quotes, so that it stays exact"))
                        .edit(at, format!("\"{written}\""))
                }
                "money" => {
                    "an amount is written `money(\"5.00\")`; multiply it by a number: `money(\"1\") * n`"
                        .into()
                }
                _ => format!("write it as text, such as `{example}`").into(),
            };
            return self.fail(Code::BadLiteral, at, format!("`{name}` takes a literal in quotes"), help);
        };
        let value = match name {
            "money" => Money::from_str(text).map(Const::Money).map_err(|error| error.to_string()),
            "date" => parse_date(text).map(Const::Date).ok_or_else(|| format!("`{text}` is not a date")),
            _ => Timestamp::parse(text).map(Const::Time).ok_or_else(|| match before_leap_second(text) {
                Some(_) => leap_second(text),
                None => format!("`{text}` is not a moment"),
            }),
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
        let meant = match name {
            "money" => number_meant(text),
            "date" => date_meant(text).map(|date| date.to_string()),
            _ => before_leap_second(text),
        };
        let help = match meant {
            Some(meant) => {
                Help::from(format!("write `{name}(\"{meant}\")`")).edit(at, format!("\"{meant}\""))
            }
            None => format!("write it like `{example}`").into(),
        };
        match value {
            Ok(value) => Ok(constant(value, span)),
            Err(message) => self.fail(Code::BadLiteral, at, message, help),
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
        let written = self.layout.slice(amount.span).trim_start_matches("money(\"").trim_end_matches("\")");
        let currency = self.env.currency;
        let as_thousands =
            written.split_once('.').is_some_and(|(_, decimals)| decimals.len() == THOUSANDS as usize);
        if as_thousands
            && value.normalize().scale() <= currency.minor_digits()
            && currency.minor_digits() < THOUSANDS
        {
            let message = format!("`{written}` is {}: a point begins the decimals", value.normalize());
            let meant = written.replace('.', "");
            let help = format!("write `{meant}` if the point parts thousands, or `{}`", value.normalize());
            self.report(Code::TooManyDecimals, amount.span, message, Some(help));
            return;
        }
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
        self.unlikely(of, word, text.span);
        match &of.kind {
            ExprKind::Fact(Field::ACTION_EVENT_TYPE | Field::FOLLOWS_EVENT_TYPE) => {
                let known = self.env.event_types.clone();
                if !known.contains(&word.as_str()) {
                    let help = words::did_you_mean_text(word, text.span, known.iter().copied())
                        .unwrap_or_else(|| "declare it under `[event_types]` in `program.toml`".into());
                    let message = format!("event type `{word}` is not declared");
                    return self.fail(Code::UndeclaredName, text.span, message, help);
                }
            }
            ExprKind::Fact(Field::TOUCH_KIND) | ExprKind::FieldOf(Field::TOUCH_KIND, _)
                if !TOUCH_KINDS.contains(&word.as_str()) =>
            {
                let help = words::did_you_mean_text(word, text.span, TOUCH_KINDS.iter().copied());
                let help = help.unwrap_or_else(|| "compare with one of them".into());
                let message = format!("there is no kind of touch `{word}`");
                return self.fail(Code::UndeclaredName, text.span, message, help);
            }
            _ if of.ty.base == Base::Code => return self.code_case(word, text.span),
            _ => {}
        }
        Ok(())
    }

    /// Warns if a fact is compared with a word that it hardly has: a misspelt status, a country that is none.
    fn unlikely(&mut self, of: &Expr, word: &str, span: Span) {
        let Some(field) = of.field() else { return };
        if COUNTRIES.contains(&field) {
            if let Some((message, meant)) = no_country(word) {
                let help = match meant {
                    Some(code) => Help::did_you_mean(span, format!("\"{code}\"")),
                    None => crate::facts::COUNTRY_HELP.into(),
                };
                self.report(Code::UnlikelyWord, span, message, Some(help));
            }
            return;
        }
        let Some((_, words)) = OWN_WORDS.iter().find(|(of, _)| *of == field) else { return };
        let known = || words.iter().flat_map(|words| words.iter()).copied();
        if word.is_empty() || known().any(|known| known == word) {
            return;
        }
        // A brand may have words of its own, which are not misspelt.
        if let Some(meant) = crate::diagnostic::nearest(word, known()) {
            let message = format!(
                "`{}` is `{meant}` in the engine's own words, not `{word}`",
                field.spec().full_name()
            );
            let help = Help::did_you_mean(span, format!("\"{meant}\""));
            self.report(Code::UnlikelyWord, span, message, Some(help));
        }
    }

    /// Warns if a country is looked up in a list that has a value which is no country.
    pub(super) fn countries_of(&mut self, of: &Expr, index: usize, span: Span) {
        let lists = self.env.lists;
        let (Some(field), Some((name, list))) = (of.field(), lists.get_index(index)) else { return };
        if !COUNTRIES.contains(&field) {
            return;
        }
        if let Some((message, meant)) = list.values().iter().find_map(|value| no_country(value)) {
            let help = meant.map(|code| format!("write `{code}` in the list"));
            let help = help.unwrap_or_else(|| crate::facts::COUNTRY_HELP.to_owned());
            self.report(Code::UnlikelyWord, span, format!("list `{name}`: {message}"), Some(help));
        }
    }

    /// Warns if a fact that is one word is compared with several words in one text.
    pub(super) fn several_words(&mut self, (at, equal): (Span, bool), of: &Expr, text: &Expr) {
        let ExprKind::Const(Const::Text(words)) = &text.kind else { return };
        let Some(field) = of.field() else { return };
        let is_word = COUNTRIES.contains(&field)
            || OWN_WORDS.iter().any(|(of, _)| *of == field)
            || field == Field::ACTION_EVENT_TYPE
            || field == Field::TOUCH_KIND;
        let parts: Vec<String> =
            words.split([',', ';', '|']).map(|part| format!("\"{}\"", part.trim())).collect();
        if !is_word || parts.len() < 2 || parts.iter().any(|part| part.len() < 3) {
            return;
        }
        let list = format!("{} [{}]", if equal { "in" } else { "!in" }, parts.join(", "));
        let message = format!("`{}` is never `{words}`: it is one word", field.spec().full_name());
        let help = Help::from(format!("look in a list: `{list}`"));
        let help = if at.end <= text.span.start { help.edit(at.to(text.span), list) } else { help };
        self.report(Code::UnlikelyWord, text.span, message, Some(help));
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
            Help::write(span, format!("\"{upper}\"")),
        )
    }
}
