//! Reads the words of terms: text, booleans, currencies, the words of an enum, and names that must be declared. Each error says
//! what is expected and what to write instead.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use toml::de::DeValue;

use super::model::AmountKind;
use super::read::{At, CellForm, Read, Sink, Value, did_you_mean, list, shown, span};
use crate::diagnostic::{Code, Help, Span};
use crate::money::Currency;
use crate::synonyms::{Of, meant};

/// Text that is not empty.
impl Read for String {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            let help = match value.get_ref() {
                DeValue::Table(_) | DeValue::Array(_) => None,
                _ => {
                    let meant = format!("\"{}\"", sink.shown(span(value)));
                    Some(Help::from(format!("write it in quotes: `{meant}`")).edit(span(value), meant))
                }
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
            let diagnostic = sink.at(Code::TooLarge, span(value), message).help("make it shorter");
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
                let help = match value.get_ref() {
                    DeValue::String(text)
                        if matches!(text.to_lowercase().as_str(), "true" | "yes" | "ja" | "on") =>
                    {
                        Help::write(span(value), "true")
                    }
                    DeValue::String(text)
                        if matches!(text.to_lowercase().as_str(), "false" | "no" | "nein" | "off") =>
                    {
                        Help::write(span(value), "false")
                    }
                    _ => "write `true` or `false`, without quotes".into(),
                };
                sink.wrong(value, "true or false", Some(help));
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

impl Read for AmountKind {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(true) => Some(Self::Unsigned),
            DeValue::Boolean(false) => Some(Self::None),
            DeValue::String(word) if word == "signed" => Some(Self::Signed),
            _ => {
                let help =
                    "write `true` or `false` without quotes, or `\"signed\"` if amounts may be negative";
                sink.wrong(value, "true, false or \"signed\"", Some(help.into()));
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": [true, false, "signed"] })
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
            Some(currency) => Help::did_you_mean(span(value), format!("\"{currency}\"")),
            None => "write the three letters of ISO 4217, such as `\"EUR\"` or `\"USD\"`".into(),
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

/// Checks the currencies that a contract pays in: one, or a list whose first one takes all other actions. The contract is read
/// once for each, so they are known before: see [`Sink::currencies`].
#[derive(Clone, Debug)]
pub(super) struct Currencies;

impl Read for Currencies {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        if !matches!(value.get_ref(), DeValue::Array(_)) {
            return Currency::read(value, sink).map(|_| Self);
        }
        let list = Vec::<At<Currency>>::read(value, sink)?;
        let mut currencies: Vec<Currency> = Vec::new();
        for at in &list {
            if currencies.contains(&at.value) {
                let message = format!("`{}` is listed twice", at.value);
                let diagnostic = sink.at(Code::DuplicateName, at.span, message).help("keep it once");
                sink.push(diagnostic);
            } else {
                currencies.push(at.value);
            }
        }
        if let DeValue::Array(array) = value.get_ref()
            && array.is_empty()
        {
            sink.wrong(value, "one currency or more", Some("write `[\"EUR\", \"USD\"]`".into()));
        }
        Some(Self)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let currency = Currency::schema(generator);
        json_schema!({ "anyOf": [currency, { "type": "array", "items": currency, "minItems": 1 }] })
    }
}

/// An error that only keeps the list of possible words.
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

/// Reads a word of an enum. Serde knows the words, so they are not listed again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Word<T>(pub(super) T);

impl<T: for<'de> Deserialize<'de> + JsonSchema> Read for Word<T> {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            sink.wrong(value, "a word in quotes", None);
            return None;
        };
        match T::deserialize(text.as_ref().into_deserializer()) {
            Ok(word) => Some(Self(word)),
            Err(Words(words)) => {
                let help = match meant(Of::Word, text, words.iter().copied()) {
                    Some(meant) => Help::did_you_mean(span(value), format!("\"{meant}\"")),
                    None => format!("write {}", list(words.iter().copied(), "or")).into(),
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

/// Returns the words of an enum, for help texts.
pub(super) fn words<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    match T::deserialize("".into_deserializer()) {
        Err(Words(words)) => words,
        Ok(_) => &[],
    }
}

/// Returns whether a name can follow a point in a rule.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Reports a name that rules could not use. Returns whether rules can use it.
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

/// Reports a name that is not declared.
pub(super) fn not_known<'n>(
    what: &str,
    written: &str,
    at: Span,
    known: impl IntoIterator<Item = &'n str>,
    sink: &mut Sink<'_>,
) {
    if sink.out.is_full() {
        return;
    }
    let help = did_you_mean(written, at, known, "none is declared");
    let message = format!("there is no {what} `{}`", shown(written));
    let diagnostic = sink.at(Code::UnknownName, at, message).help(help);
    sink.push(diagnostic);
}
