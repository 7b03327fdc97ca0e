//! Reads tables of TOML through serde, and reports every error of a table at its place.

use std::collections::BTreeSet;
use std::ops::Range;

use accrue::diagnostic::{Code, Diagnostic, Diagnostics, Help, Span, nearest};
use serde::de::{Deserialize, IntoDeserializer as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of TOML with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The file that is read, and its errors.
pub(super) struct Reader<'a> {
    file: &'a str,
    pub(super) faults: Diagnostics,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, faults: Diagnostics::new() }
    }

    /// Reports an error with what to write instead.
    pub(super) fn fault(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        let span = Span::new(span.start, span.end);
        self.faults.push(Diagnostic::at(code, self.file, span, message).help(help));
    }

    /// Parses the text of the file.
    pub(super) fn parse<'t>(&mut self, text: &'t str) -> Option<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let message = lower(error.message());
            let help = "this is not valid TOML; write `key = \"text\"`, one on each line";
            self.fault(Code::TomlSyntax, error.span().unwrap_or_default(), message, help);
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// Reports the keys of a table that are not among `known`.
    pub(super) fn known(&mut self, table: &DeTable<'_>, known: &[&str], what: &str) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                self.unknown_key(key.span(), name, known, what);
            }
        }
    }

    fn unknown_key(&mut self, span: Range<usize>, name: &str, known: &[&str], what: &str) {
        let help = nearest(name, known.iter().copied()).map_or_else(
            || format!("its keys are {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        self.fault(Code::UnknownKey, span, format!("{what} has no key `{name}`"), help);
    }

    /// Returns the table under a key. `None` if there is none, or if the value is no table, which is reported.
    pub(super) fn table<'v, 't>(&mut self, parent: &'v DeTable<'t>, key: &str) -> Option<&'v DeTable<'t>> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                let message = format!("`{key}` is a table");
                self.fault(
                    Code::WrongValue,
                    value.span(),
                    message,
                    format!("write `[{key}]`, and its keys below"),
                );
                None
            }
        }
    }

    /// Returns the text under a key. `None` if there is none, or if the value is no text, which is reported.
    pub(super) fn text(&mut self, parent: &DeTable<'_>, key: &str) -> Option<Spanned<String>> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.clone().into_owned())),
            _ => {
                let message = format!("`{key}` is a text");
                self.fault(
                    Code::WrongValue,
                    value.span(),
                    message,
                    format!("write `{key} = \"…\"` in quotes"),
                );
                None
            }
        }
    }

    /// Reads a table as `T`. A key that is wrong is reported and left out, and the others are read all the same. Returns `None` if
    /// the rest is no `T`.
    pub(super) fn read<'t, T: Deserialize<'t>>(
        &mut self,
        span: Range<usize>,
        mut table: DeTable<'t>,
        what: &str,
    ) -> Option<T> {
        loop {
            let value = Spanned::new(span.clone(), DeValue::Table(table.clone()));
            let error = match T::deserialize(value.into_deserializer()) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let at = error.span().unwrap_or_else(|| span.clone());
            let wrong = table
                .iter()
                .find(|(key, value)| overlap(&key.span(), &at) || overlap(&value.span(), &at))
                .map(|(key, _)| key.clone());
            let Some(key) = wrong.filter(|_| !error.message().starts_with("missing field")) else {
                self.whole(&error, at, what);
                return None;
            };
            let name = key.get_ref().clone().into_owned();
            if error.message().starts_with("unknown field") && key.span() == at {
                let known = quoted(error.message());
                let known: Vec<&str> = known.iter().skip(1).map(String::as_str).collect();
                self.unknown_key(at, &name, &known, what);
            } else {
                let help = format!("correct `{name}` of {what}; `accrue schema import` describes it");
                self.fault(Code::WrongValue, at, format!("`{name}`: {}", lower(error.message())), help);
            }
            table.remove(key.get_ref().as_ref());
        }
    }

    /// Reports an error of a whole table.
    fn whole(&mut self, error: &toml::de::Error, at: Range<usize>, what: &str) {
        match quoted(error.message()).first() {
            Some(key) if error.message().starts_with("missing field") => {
                self.fault(Code::MissingKey, at, format!("{what} needs `{key}`"), format!("add `{key} = …`"));
            }
            _ => {
                let help = "`accrue schema import` describes the file";
                self.fault(Code::WrongValue, at, format!("{what}: {}", lower(error.message())), help);
            }
        }
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.start && b.end <= a.end && !a.is_empty()
}

/// Returns the texts in backticks.
fn quoted(message: &str) -> Vec<String> {
    message.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the first line of a message of `toml`, with a small first letter.
fn lower(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let mut letters = message.chars();
    let lower: String =
        letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default();
    lower.replace("expected u32", "expected a whole number")
}

/// Returns the texts that stand in the list more than once.
pub(super) fn repeated<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    texts.into_iter().filter(|text| !seen.insert(*text)).collect()
}
