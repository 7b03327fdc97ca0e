//! The values of terms as they are written: text, percentages, amounts, dates, durations, expressions. Each says what
//! it expects and what to write instead.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use toml::de::DeValue;

use super::read::{Read, Sink, Value, did_you_mean, list, shown, span};
use crate::diagnostic::{Code, Span, nearest};
use crate::money::{AmountError, Currency, Money, parse_decimal};
use crate::period::{MAX_ROLLING_DAYS, Period};
use crate::time::{Duration, Timestamp, Zone, is_date_shaped, moment_problem, parse_date};

/// Text that is not empty.
impl Read for String {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            let help = match value.get_ref() {
                DeValue::Table(_) | DeValue::Array(_) => None,
                _ => Some(format!("write it in quotes: `\"{}\"`", sink.shown(span(value)))),
            };
            sink.wrong(value, "text in quotes", help);
            return None;
        };
        if text.trim().is_empty() {
            sink.wrong(value, "some text", None);
            return None;
        }
        if text.len() > sink.limits.text_bytes {
            let message =
                format!("{} bytes are more than the {} a text may have", text.len(), sink.limits.text_bytes);
            let diagnostic = sink.at(Code::TooLarge, span(value), message);
            sink.push(diagnostic);
            return None;
        }
        Some(text.to_string())
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

impl Read for bool {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                let help = "write `true` or `false`, without quotes".to_owned();
                sink.wrong(value, "true or false", Some(help));
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

/// A whole number that is not negative.
impl Read for u32 {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            let help = match value.get_ref() {
                DeValue::String(text) if text.parse::<u32>().is_ok() => {
                    Some(format!("write it without quotes: `{text}`"))
                }
                _ => None,
            };
            sink.wrong(value, "a whole number that is not negative", help);
        }
        number
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0 })
    }
}

/// A float where an exact number is meant; reported as one.
fn refuse_float(value: &Value<'_>, sink: &mut Sink<'_>, written: impl Fn(&str) -> String) -> bool {
    let DeValue::Float(float) = value.get_ref() else { return false };
    let message = format!("`{}` is a binary float, which is not exact", sink.shown(span(value)));
    let help = format!("write it in quotes: `\"{}\"`", written(float.as_str()));
    let diagnostic = sink.at(Code::BinaryFloat, span(value), message).help(help);
    sink.push(diagnostic);
    true
}

/// The text of an exact number: in quotes, or a whole number without.
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
                AmountError::NotANumber(_) => number_help(text),
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

/// The number that was probably meant: without a currency, without separators of thousands, with a point.
fn number_help(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')).collect();
    let decimals = kept.rsplit_once(',').map_or(0, |(_, decimals)| decimals.len());
    // 10,000.00 and 10,000 have separators of thousands; 12,5 and 12,50 have a decimal comma.
    let meant =
        if kept.contains('.') || decimals == 3 { kept.replace(',', "") } else { kept.replace(',', ".") };
    parse_decimal(&meant).ok()?;
    Some(format!("write only digits and a point: `\"{meant}\"`"))
}

/// A percentage such as `"8%"`, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percent(pub(super) Decimal);

/// Reads `8%` as 0.08.
pub(super) fn percent(text: &str) -> Option<Decimal> {
    let number = parse_decimal(text.strip_suffix('%')?.trim_end()).ok()?;
    number.checked_div(Decimal::ONE_HUNDRED)
}

impl Read for Percent {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let as_percent = |text: &str| -> Option<String> {
            let number = parse_decimal(text).ok()?.checked_mul(Decimal::ONE_HUNDRED)?;
            Some(format!("{}%", number.normalize()))
        };
        if refuse_float(value, sink, |text| as_percent(text).unwrap_or_else(|| format!("{text}%"))) {
            return None;
        }
        let help = match value.get_ref() {
            DeValue::String(text) => {
                if let Some(fraction) = percent(text) {
                    return Some(Self(fraction));
                }
                match parse_decimal(text) {
                    // 0.08 is a fraction; 8 is a percentage without its sign.
                    Ok(number) if number < Decimal::ONE => {
                        as_percent(text).map(|meant| format!("write `\"{meant}\"`"))
                    }
                    Ok(_) => Some(format!("write `\"{text}%\"`")),
                    Err(_) if text.contains(',') => Some(format!("write `\"{}\"`", text.replace(',', "."))),
                    Err(_) => None,
                }
            }
            DeValue::Integer(number) => Some(format!("write `\"{}%\"`", number.as_str())),
            _ => None,
        };
        sink.wrong(value, "a percentage in quotes, such as `\"8%\"`", help);
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)? ?%$" })
    }
}

/// A plain factor such as `"1.1"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Factor(pub(super) Decimal);

impl Read for Factor {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        if let DeValue::String(text) = value.get_ref()
            && let Some(fraction) = percent(text)
        {
            let help = format!("write the factor: `\"{}\"`", fraction.normalize());
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
    json_schema!({
        "anyOf": [{ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,12})?$" }, { "type": "integer" }]
    })
}

impl Read for Money {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        decimal(value, sink, "an amount in quotes, such as `\"5.00\"`").map(Self)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        number_schema()
    }
}

/// The lower bound of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound(pub(super) Decimal);

impl Read for Bound {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        decimal(value, sink, "a number in quotes, such as `\"50\"`").map(Self)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        number_schema()
    }
}

/// A date or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A calendar date, whose first moment depends on the time zone.
    Date(NaiveDate),
    /// A full moment.
    At(Timestamp),
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::At(at) => write!(f, "{at}"),
        }
    }
}

impl Moment {
    /// What an earlier interval says as its end, to meet the one that begins here.
    pub(super) fn end_before(self) -> Self {
        match self {
            Self::Date(date) => Self::Date(date.pred_opt().unwrap_or(date)),
            Self::At(at) => Self::At(at),
        }
    }

    /// As the beginning of something.
    pub(super) fn start(self, zone: Zone) -> Timestamp {
        match self {
            Self::Date(date) => zone.start_of(date),
            Self::At(at) => at,
        }
    }

    /// As the end of something: a date includes its whole day.
    pub(super) fn end(self, zone: Zone) -> Timestamp {
        match self {
            Self::Date(date) => zone.end_of(date),
            Self::At(at) => at,
        }
    }
}

/// The text of a date or moment: a string, or as TOML writes it.
fn moment_text(value: &Value<'_>, sink: &Sink<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        // TOML allows a blank for the `T`.
        DeValue::Datetime(_) => Some(sink.text.get(span(value).range())?.replacen(' ', "T", 1)),
        _ => None,
    }
}

fn impossible(sink: &mut Sink<'_>, at: Span, message: String) {
    let diagnostic = sink.at(Code::ImpossibleDate, at, message);
    sink.push(diagnostic);
}

impl Read for Moment {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let expected = "a date such as `2026-01-31`, or a moment such as `2026-01-31T00:00:00Z`";
        let Some(text) = moment_text(value, sink) else {
            sink.wrong(value, expected, None);
            return None;
        };
        if let Some(date) = parse_date(&text) {
            return Some(Self::Date(date));
        }
        if let Some(at) = Timestamp::parse(&text) {
            return Some(Self::At(at));
        }
        if is_date_shaped(&text) {
            impossible(sink, span(value), moment_problem(&text));
        } else {
            sink.wrong(value, expected, None);
        }
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?$" })
    }
}

/// A calendar date.
impl Read for NaiveDate {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let text = moment_text(value, sink);
        match &text {
            Some(text) if parse_date(text).is_some() => parse_date(text),
            Some(text) if is_date_shaped(text) && text.len() == 10 => {
                impossible(sink, span(value), moment_problem(text));
                None
            }
            _ => {
                sink.wrong(value, "a date such as `\"2026-01-31\"`", None);
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}

/// A moment.
impl Read for Timestamp {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let text = moment_text(value, sink);
        match &text {
            Some(text) if Self::parse(text).is_some() => Self::parse(text),
            Some(text) if is_date_shaped(text) => {
                impossible(sink, span(value), moment_problem(text));
                None
            }
            _ => {
                sink.wrong(value, "a moment such as `\"2026-01-31T00:00:00Z\"`", None);
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl Read for Duration {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let expected = "a duration such as `\"30 days\"`";
        match value.get_ref() {
            DeValue::String(text) => {
                let read = Self::parse(text);
                if read.is_none() {
                    let help = duration_help(text);
                    sink.wrong(value, expected, Some(help));
                }
                read
            }
            DeValue::Integer(number) => {
                let help = format!("write the unit too: `\"{} days\"`", number.as_str());
                sink.wrong(value, expected, Some(help));
                None
            }
            _ => {
                sink.wrong(value, expected, None);
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+ (minutes?|hours?|days?|weeks?)$" })
    }
}

fn duration_help(text: &str) -> String {
    const UNITS: [(&str, &str); 4] = [("m", "minutes"), ("h", "hours"), ("d", "days"), ("w", "weeks")];
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = text.get(digits.len()..).unwrap_or_default().trim();
    let meant = UNITS.iter().find(|(short, _)| *short == unit).map(|(_, long)| *long);
    let meant = meant.or_else(|| nearest(unit, UNITS.iter().map(|(_, long)| *long)));
    match (digits.is_empty(), meant) {
        (false, Some(unit)) => format!("write `\"{digits} {unit}\"`"),
        _ => "write a whole number and `minutes`, `hours`, `days` or `weeks`".to_owned(),
    }
}

impl Read for Period {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        const WORDS: [&str; 7] = ["day", "week", "month", "quarter", "year", "contract", "lifetime"];
        const OTHERS: [(&str, &str); 6] = [
            ("daily", "day"),
            ("weekly", "week"),
            ("monthly", "month"),
            ("quarterly", "quarter"),
            ("yearly", "year"),
            ("annual", "year"),
        ];
        let DeValue::String(text) = value.get_ref() else {
            sink.wrong(value, "a period such as `\"month\"`", None);
            return None;
        };
        if let Some(period) = Self::parse(text) {
            return Some(period);
        }
        let near = OTHERS.iter().find(|(other, _)| other == text).map(|(_, word)| *word);
        let near = near.or_else(|| nearest(text, WORDS));
        let help = match near {
            Some(near) => format!("did you mean `\"{near}\"`?"),
            None => format!(
                "write {}, or `\"30 days\"` for up to {MAX_ROLLING_DAYS} days back",
                list(WORDS, "or")
            ),
        };
        sink.wrong(value, "a period", Some(help));
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(day|week|month|quarter|year|contract|lifetime|[0-9]+ days?)$"
        })
    }
}

impl Read for Currency {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(code) = value.get_ref() else {
            sink.wrong(value, "a currency code such as `\"EUR\"`", None);
            return None;
        };
        if let Some(currency) = Self::from_code(code) {
            return Some(currency);
        }
        let upper: String = code.trim().to_uppercase().chars().take(3).collect();
        let help = match Self::from_code(&upper) {
            Some(currency) => format!("did you mean `\"{currency}\"`?"),
            None => "write the three letters of ISO 4217, such as `\"EUR\"` or `\"USD\"`".to_owned(),
        };
        let message = format!("`{}` is not a currency of ISO 4217", shown(code));
        let diagnostic = sink.at(Code::UnknownCurrency, span(value), message).help(help);
        sink.push(diagnostic);
        None
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        <Self as JsonSchema>::json_schema(generator)
    }
}

impl Read for Zone {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(name) = value.get_ref() else {
            sink.wrong(value, "a time zone such as `\"Europe/Berlin\"`", None);
            return None;
        };
        if let Some(zone) = Self::parse(name) {
            return Some(zone);
        }
        let help = match nearest(name, Self::names()) {
            // A short name that is near `GMT` says nothing about what was meant.
            Some(near) if near.contains('/') => format!("did you mean `\"{near}\"`?"),
            _ => "write a name of the IANA database, such as `\"Europe/Berlin\"` or `\"UTC\"`".to_owned(),
        };
        let message = format!("`{}` is not a time zone", shown(name));
        let diagnostic = sink.at(Code::UnknownTimeZone, span(value), message).help(help);
        sink.push(diagnostic);
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// An error that only remembers which words there are.
#[derive(Debug, Default)]
struct Words(&'static [&'static str]);

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an unknown word")
    }
}

impl std::error::Error for Words {}

impl serde::de::Error for Words {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

/// One of the words of an enum; serde knows them, so they are not listed again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Word<T>(pub(super) T);

impl<T: for<'de> Deserialize<'de> + JsonSchema> Read for Word<T> {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            sink.wrong(value, "a word in quotes", None);
            return None;
        };
        match T::deserialize(text.as_ref().into_deserializer()) {
            Ok(word) => Some(Self(word)),
            Err(Words(words)) => {
                let help = match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean `\"{near}\"`?"),
                    None => format!("write {}", list(words.iter().copied(), "or")),
                };
                let message = format!("`{}` is not known here", shown(text));
                let diagnostic = sink.at(Code::WrongValue, span(value), message).help(help);
                sink.push(diagnostic);
                None
            }
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// The words of an enum, for help.
pub(super) fn words<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    match T::deserialize("".into_deserializer()) {
        Err(Words(words)) => words,
        Ok(_) => &[],
    }
}

/// An expression of the rule language, and where its text begins in the file.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) offset: u32,
}

impl Read for Expression {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            let help = format!("write it in single quotes: `'{}'`", sink.shown(span(value)));
            sink.wrong(value, "an expression in quotes", Some(help));
            return None;
        };
        if text.trim().is_empty() {
            let help = "leave the key out where it may be left out";
            let diagnostic = sink.at(Code::WrongValue, span(value), "this expression is empty").help(help);
            sink.push(diagnostic);
            return None;
        }
        let place = span(value);
        let raw = sink.text.get(place.range()).unwrap_or_default();
        let placed = placed(raw, text);
        if placed.is_none() {
            let message = "an expression cannot have these escapes, since a fault in it could not be placed";
            let help = "write it in single quotes, `'…'`, where `\\` is an ordinary character";
            let diagnostic = sink.at(Code::WrongValue, place, message).help(help);
            sink.push(diagnostic);
        }
        let (text, skipped) = placed?;
        Some(Self { text, offset: place.start.saturating_add(u32::try_from(skipped).ok()?) })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

/// The text of an expression such that each of its bytes stands where it stands in the file, and how far into the
/// quoted string it begins.
fn placed(raw: &str, text: &str) -> Option<(String, usize)> {
    let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
    let inside = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    // The first line break of a multi-line string does not belong to it.
    let skipped = match quotes {
        3 if inside.starts_with("\r\n") => 2,
        3 if inside.starts_with('\n') => 1,
        _ => 0,
    };
    let inside = inside.get(skipped..)?;
    if inside == text {
        return Some((text.to_owned(), quotes + skipped));
    }
    // `\"` is the escape that people write. A blank outside of the rule's own quotes keeps every byte in its place.
    let mut placed = String::with_capacity(inside.len());
    let mut inside_quotes = false;
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        placed.push_str(rest.get(..at)?);
        if rest.get(at..at + 2)? != "\\\"" {
            return None;
        }
        placed.push_str(if inside_quotes { "\" " } else { " \"" });
        inside_quotes = !inside_quotes;
        rest = rest.get(at + 2..)?;
    }
    placed.push_str(rest);
    (!inside_quotes).then_some((placed, quotes + skipped))
}

/// Whether a name can stand after a point in a rule.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Reports a name that rules could not use.
pub(super) fn check_identifier(name: &str, at: Span, group: &str, sink: &mut Sink<'_>) -> bool {
    if is_identifier(name) {
        return true;
    }
    let meant: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let message = format!("rules cannot read `{}` as `{group}.NAME`", shown(name));
    let help = format!("use letters, digits and `_` only: `{}`", shown(&meant));
    let diagnostic = sink.at(Code::WrongValue, at, message).help(help);
    sink.push(diagnostic);
    false
}

/// A name that must be one of those declared.
pub(super) fn check_known<'n>(
    what: &str,
    written: &str,
    at: Span,
    known: impl IntoIterator<Item = &'n str>,
    sink: &mut Sink<'_>,
) -> bool {
    let known: Vec<&str> = known.into_iter().collect();
    if known.contains(&written) {
        return true;
    }
    let help = did_you_mean(written, known, "none is declared");
    let message = format!("there is no {what} `{}`", shown(written));
    let diagnostic = sink.at(Code::UnknownName, at, message).help(help);
    sink.push(diagnostic);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_keep_their_places() {
        assert_eq!(placed("'a > 1'", "a > 1"), Some(("a > 1".into(), 1)));
        assert_eq!(placed("'''\n  a\n'''", "  a\n"), Some(("  a\n".into(), 4)));
        assert_eq!(
            placed(r#""a == \"x\" && b""#, r#"a == "x" && b"#),
            Some((r#"a ==  "x"  && b"#.into(), 1))
        );
        assert_eq!(placed(r#""a == \"x\\y\"""#, r#"a == "x\y""#), None);
        assert_eq!(placed(r#""""#, ""), Some((String::new(), 1)));
    }

    #[test]
    fn numbers_that_were_probably_meant() {
        let meant = |text| number_help(text).unwrap_or_default();
        assert!(meant("5.00 EUR").contains("\"5.00\""));
        assert!(meant("10,000.00").contains("\"10000.00\""));
        assert!(meant("12,50").contains("\"12.50\""));
        assert!(meant("10,000").contains("\"10000\""));
        assert_eq!(number_help("five"), None);
    }

    #[test]
    fn percentages_are_fractions() {
        assert_eq!(percent("8%").map(|p| p.normalize().to_string()).as_deref(), Some("0.08"));
        assert_eq!(percent("2.5 %").map(|p| p.normalize().to_string()).as_deref(), Some("0.025"));
        assert_eq!(percent("8"), None);
        assert_eq!(percent("8,5%"), None);
    }
}
