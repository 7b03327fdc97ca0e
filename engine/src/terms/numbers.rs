//! Reads the numbers of terms: whole numbers, percentages, factors, amounts, bounds. A binary float is never accepted.

use rust_decimal::Decimal;
use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use super::read::{CellForm, Read, Sink, Value, shown, span};
use super::source_files::TABLES;
use crate::diagnostic::{Code, Help, Span};
use crate::lang::Const;
use crate::money::{AmountError, Money, THOUSANDS, number_meant, parse_decimal};

/// A whole number that is not negative.
impl Read for u32 {
    const CELL: Option<CellForm> = Some(CellForm::Whole);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let of = |param: &Const| match param {
            Const::Integer(number) => Self::try_from(*number).ok(),
            _ => None,
        };
        if let Some(read) = sink.param(value, "a whole number that is not negative", of) {
            return read;
        }
        let number = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            let help = match value.get_ref() {
                DeValue::String(text) if text.parse::<u32>().is_ok() => Some(
                    Help::from(format!("write it without quotes: `{text}`")).edit(span(value), text.as_ref()),
                ),
                _ => Some("write digits only, such as `3`".into()),
            };
            sink.wrong(value, "a whole number that is not negative", help);
        }
        number
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, param_schema()] })
    }
}

/// Reports a float where an exact number is expected. Returns whether there was one.
fn refuse_float(value: &Value<'_>, sink: &mut Sink<'_>, written: impl Fn(&str) -> String) -> bool {
    let DeValue::Float(float) = value.get_ref() else { return false };
    let message = format!("`{}` is a binary float, which is not exact", sink.shown(span(value)));
    let meant = format!("\"{}\"", written(float.as_str()));
    let help = Help::from(format!("write it in quotes: `{meant}`")).edit(span(value), meant);
    let diagnostic = sink.at(Code::BinaryFloat, span(value), message).help(help);
    sink.push(diagnostic);
    true
}

/// Reads a decimal from a quoted text, or from a whole number without quotes.
fn decimal(value: &Value<'_>, sink: &mut Sink<'_>, expected: &str) -> Option<Decimal> {
    if refuse_float(value, sink, str::to_owned) {
        return None;
    }
    let text = match value.get_ref() {
        DeValue::String(text) => text.as_ref(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        _ => {
            sink.wrong(value, expected, None);
            return None;
        }
    };
    match parse_decimal(text) {
        Ok(number) => Some(number),
        Err(error) => {
            let help = match error {
                AmountError::NotANumber(_) => number_help(text, span(value), sink.decimals),
                AmountError::TooManyDecimals(_) | AmountError::TooLarge(_) => None,
            };
            let message = match error {
                AmountError::NotANumber(_) => {
                    format!("expected {expected}, found the text `{}`", shown(text))
                }
                other => other.to_string(),
            };
            let diagnostic = sink.at(Code::WrongValue, span(value), message).maybe_help(help);
            sink.push(diagnostic);
            None
        }
    }
}

/// Returns what to write for a number in another notation, in amounts of this many decimals.
fn number_help(text: &str, at: Span, decimals: u32) -> Option<Help> {
    let write = |meant: &str| Help::from(format!("write only digits and a point: `\"{meant}\"`"));
    if let Some(meant) = number_meant(text) {
        return Some(write(&meant).edit(at, format!("\"{meant}\"")));
    }
    if let Some((thousands, decimal)) = either(text) {
        // An amount with three decimals is refused, so the comma parts thousands.
        return Some(if decimals < THOUSANDS {
            write(&thousands).edit(at, format!("\"{thousands}\""))
        } else {
            format!("write `\"{thousands}\"`, or `\"{decimal}\"` if the comma begins the decimals").into()
        });
    }
    if percent_meant(text).is_some() {
        let help = "a percentage stands under `rate`, `points` or `share`; an amount is written `\"5.00\"`";
        return Some(help.into());
    }
    // A currency is not taken off by a repair: it may be another than that of the contract.
    let kept: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')).collect();
    let meant = if parse_decimal(&kept).is_ok() { kept } else { number_meant(&kept)? };
    Some(format!("write only the number, in the contract's currency: `\"{meant}\"`").into())
}

/// Returns both readings of a number with one comma before three digits: with thousands, and with decimals.
fn either(text: &str) -> Option<(String, String)> {
    let (whole, rest) = text.trim().split_once(',')?;
    let (thousands, decimal) = (format!("{whole}{rest}"), format!("{whole}.{rest}"));
    (rest.len() == THOUSANDS as usize && parse_decimal(&thousands).is_ok() && parse_decimal(&decimal).is_ok())
        .then_some((thousands, decimal))
}

/// A percentage such as `"8%"`, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percent(pub(super) Decimal);

/// Reads `8%` as 0.08.
pub(super) fn percent(text: &str) -> Option<Decimal> {
    let number = parse_decimal(text.strip_suffix('%')?.trim_end()).ok()?;
    number.checked_div(Decimal::ONE_HUNDRED)
}

/// Returns the percentage that a text in another notation stands for: `8,5 %` and `8.5 percent` are `8.5%`.
fn percent_meant(text: &str) -> Option<String> {
    const SIGNS: [&str; 7] = ["%", "percent", "per cent", "pct", "prozent", "pourcent", "points"];
    let text = text.trim().to_lowercase();
    let number = SIGNS.iter().find_map(|sign| text.strip_suffix(sign))?.trim_end();
    let meant = if parse_decimal(number).is_ok() { number.to_owned() } else { number_meant(number)? };
    Some(format!("{meant}%"))
}

impl Read for Percent {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let of = |param: &Const| match param {
            Const::Decimal(fraction) => Some(Self(*fraction)),
            _ => None,
        };
        if let Some(read) = sink.param(value, "a percentage, such as `\"8%\"`", of) {
            return read;
        }
        let as_percent = |text: &str| -> Option<String> {
            let number = parse_decimal(text).ok()?.checked_mul(Decimal::ONE_HUNDRED)?;
            Some(format!("{}%", number.normalize()))
        };
        if refuse_float(value, sink, |text| as_percent(text).unwrap_or_else(|| format!("{text}%"))) {
            return None;
        }
        let write = |meant: String| Help::write(span(value), format!("\"{meant}\""));
        let help = match value.get_ref() {
            DeValue::String(text) => {
                if let Some(fraction) = percent(text) {
                    return Some(Self(fraction));
                }
                match parse_decimal(text) {
                    // A number below 1 is a fraction; 8 is a percentage without its sign.
                    Ok(number) if number < Decimal::ONE => as_percent(text).map(&write),
                    Ok(_) => Some(write(format!("{text}%"))),
                    Err(_) => percent_meant(text).map(&write),
                }
            }
            DeValue::Integer(number) => Some(write(format!("{}%", number.as_str()))),
            _ => None,
        };
        sink.wrong(value, "a percentage in quotes, such as `\"8%\"`", help);
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let percent = json_schema!({ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)? ?%$" });
        json_schema!({ "anyOf": [percent, param_schema()] })
    }
}

/// A share of something that stands elsewhere, such as `"80%"` of a limit's `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share(pub(super) Decimal);

impl Read for Share {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let number = match value.get_ref() {
            DeValue::String(text) if parse_decimal(text).is_err() => number_meant(text),
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            _ => None,
        };
        let number = number.and_then(|number| parse_decimal(&number).ok());
        // Above 100, an amount was meant and not a percentage without its sign.
        if number.is_some_and(|number| number > Decimal::ONE_HUNDRED) {
            sink.wrong(
                value,
                "a share of `max`",
                Some("write the share as a percentage, such as `\"80%\"`".into()),
            );
            return None;
        }
        Percent::read(value, sink).map(|percent| Self(percent.0))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Percent::schema(generator)
    }
}

/// A plain factor such as `"1.1"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Factor(pub(super) Decimal);

impl Read for Factor {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let of = |param: &Const| match param {
            Const::Decimal(factor) => Some(Self(*factor)),
            Const::Integer(factor) => Some(Self(Decimal::from(*factor))),
            _ => None,
        };
        if let Some(read) = sink.param(value, "a number, such as `\"1.1\"`", of) {
            return read;
        }
        if let DeValue::String(text) = value.get_ref()
            && let Some(fraction) = percent(text)
        {
            let meant = format!("\"{}\"", fraction.normalize());
            let help = Help::from(format!("write the factor: `{meant}`")).edit(span(value), meant);
            sink.wrong(value, "a number in quotes, such as `\"1.1\"`", Some(help));
            return None;
        }
        decimal(value, sink, "a number in quotes, such as `\"1.1\"`").map(Self)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        number_schema()
    }
}

fn number_schema() -> Schema {
    let text = json_schema!({ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,12})?$" });
    json_schema!({ "anyOf": [text, { "type": "integer" }, param_schema()] })
}

/// Returns the schema of a value that names a parameter.
pub(super) fn param_schema() -> Schema {
    json_schema!({ "type": "string", "pattern": r"^params\.[A-Za-z_][A-Za-z0-9_]*$" })
}

/// Reports an amount with more decimals than the currency has: a point may have been meant to part thousands.
fn check_decimals(number: Decimal, value: &Value<'_>, sink: &mut Sink<'_>) {
    let (most, scale) = (sink.decimals, number.scale());
    if scale <= most || (scale != THOUSANDS && number.normalize().scale() <= most) {
        return;
    }
    let written = sink.shown(span(value));
    let message = format!("`{written}` has {scale} decimals, more than the {most} that amounts have here");
    let whole = Decimal::from_i128_with_scale(number.mantissa(), 0);
    let help = if scale == THOUSANDS {
        format!(
            "write `\"{whole}\"` if the point parts thousands, or add `decimals = {scale}` in program.toml"
        )
    } else {
        format!("round it, or add `decimals = {scale}` in program.toml")
    };
    let diagnostic = sink.at(Code::WrongValue, span(value), message).help(help);
    sink.push(diagnostic);
}

impl Read for Money {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let of = |param: &Const| match param {
            Const::Money(amount) => Some(*amount),
            _ => None,
        };
        if let Some(read) = sink.param(value, "an amount, such as `{ money = \"5.00\" }`", of) {
            return read;
        }
        let by_currency = by_currency(value, sink)?;
        let value = by_currency.unwrap_or(value);
        let amount = decimal(value, sink, "an amount in quotes, such as `\"5.00\"`")?;
        if by_currency.is_none() && !amount.is_zero() {
            refuse_plain(span(value), sink);
        }
        check_decimals(amount, value, sink);
        Some(Self(amount))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        by_currency_schema()
    }
}

/// Returns the amount for the currency that the file is read for, if the value is a table with an amount for each currency of the
/// contract. Returns `None` if the table lacks one, which is reported.
#[allow(clippy::option_option, reason = "an error, no table, or the amount of a table")]
fn by_currency<'v, 't>(value: &'v Value<'t>, sink: &mut Sink<'_>) -> Option<Option<&'v Value<'t>>> {
    let DeValue::Table(table) = value.get_ref() else { return Some(None) };
    let codes: Vec<&str> = sink.currencies.iter().map(|currency| currency.code()).collect();
    let unknown = table.iter().find(|(code, _)| !codes.contains(&code.get_ref().as_ref()));
    let missing = codes.iter().find(|code| !table.contains_key(**code));
    let (at, message) = match (unknown, missing) {
        (Some((code, _)), _) => {
            let range = code.span();
            let message = format!("this contract does not pay in `{}`", shown(code.get_ref()));
            (Span::new(range.start, range.end), message)
        }
        (None, Some(code)) => (span(value), format!("the amount in `{code}` is missing")),
        (None, None) => return Some(table.get(sink.currency.code())),
    };
    let help = if codes.len() > 1 {
        format!("say the amount in {}", super::read::list(codes, "and"))
    } else {
        "write `currency = [\"EUR\", \"USD\"]` at the top of a contract that pays in several".to_owned()
    };
    let diagnostic = sink.at(Code::WrongValue, at, message).help(help);
    sink.push(diagnostic);
    None
}

/// Reports an amount without a currency in a contract that pays in several.
pub(super) fn refuse_plain(at: Span, sink: &mut Sink<'_>) {
    let [first, second, ..] = sink.currencies.as_slice() else { return };
    let message = format!("this contract pays in `{first}` and `{second}`, and an amount is of one of them");
    let written = sink.shown(at);
    let amounts: Vec<String> =
        sink.currencies.iter().map(|currency| format!("{currency} = {written}")).collect();
    let help = if sink.file.starts_with(TABLES.name) {
        format!("write a column for each currency, such as `add.{first}` and `add.{second}`")
    } else {
        format!("say each amount: `{{ {} }}`, with the numbers that are meant", amounts.join(", "))
    };
    let diagnostic = sink.at(Code::WrongValue, at, message).help(help);
    sink.push(diagnostic);
}

fn by_currency_schema() -> Schema {
    let number = number_schema();
    json_schema!({ "anyOf": [number, { "type": "object", "additionalProperties": number }] })
}

/// The lower bound of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) value: Decimal,
    /// Whether it is an amount of the currency that the file is read for.
    pub(super) by_currency: bool,
}

impl Read for Bound {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let of = |param: &Const| match param {
            Const::Money(amount) => Some(Self { value: amount.0, by_currency: true }),
            Const::Decimal(number) => Some(Self { value: *number, by_currency: false }),
            Const::Integer(number) => Some(Self { value: Decimal::from(*number), by_currency: false }),
            _ => None,
        };
        if let Some(read) = sink.param(value, "a number, such as `\"50\"`", of) {
            return read;
        }
        let of_table = by_currency(value, sink)?;
        let number = decimal(of_table.unwrap_or(value), sink, "a number in quotes, such as `\"50\"`")?;
        Some(Self { value: number, by_currency: of_table.is_some() })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        by_currency_schema()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_probably_meant() {
        let at = Span::new(0, 1);
        let exact = |text: &str| {
            Help::from(format!("write only digits and a point: `\"{text}\"`")).edit(at, format!("\"{text}\""))
        };
        assert_eq!(number_help("10,000.00", at, 2), Some(exact("10000.00")));
        assert_eq!(number_help("2.000,00", at, 2), Some(exact("2000.00")));
        assert_eq!(number_help("12,50", at, 2), Some(exact("12.50")));
        assert_eq!(number_help("10,000", at, 2), Some(exact("10000")));
        let both = "write `\"10000\"`, or `\"10.000\"` if the comma begins the decimals";
        assert_eq!(number_help("10,000", at, 12), Some(both.into()));
        let number = "write only the number, in the contract's currency: `\"5.00\"`";
        assert_eq!(number_help("5.00 EUR", at, 2), Some(number.into()));
        assert_eq!(number_help("five", at, 2), None);
        assert_eq!(percent_meant("8,5 %").as_deref(), Some("8.5%"));
        assert_eq!(percent_meant("8 Prozent").as_deref(), Some("8%"));
    }

    #[test]
    fn percentages_are_fractions() {
        assert_eq!(percent("8%").map(|p| p.normalize().to_string()).as_deref(), Some("0.08"));
        assert_eq!(percent("2.5 %").map(|p| p.normalize().to_string()).as_deref(), Some("0.025"));
        assert_eq!(percent("8"), None);
        assert_eq!(percent("8,5%"), None);
    }
}
