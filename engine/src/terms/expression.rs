//! Expressions of the rule language inside a contract file: the text of a TOML string, and the byte of the file at which it
//! begins, so that an error points at the word.

use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use super::read::{CellForm, Read, Sink, Value, span};
use crate::diagnostic::{Code, Diagnostic};

/// An expression of the rule language, and the place of its text in the file.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) text: String,
    pub(super) offset: u32,
    /// Whether the text stands in double quotes on one line, where a double quote is written `\"`.
    pub(super) escaped: bool,
}

impl Expression {
    /// Writes the edits of a diagnostic about this expression as the quotes around the expression need it.
    pub(super) fn escape(&self, mut diagnostic: Diagnostic, file: &str) -> Diagnostic {
        if !self.escaped {
            return diagnostic;
        }
        let byte = |at: u32| file.as_bytes().get(at as usize).copied();
        for edit in &mut diagnostic.replacements {
            edit.text = edit.text.replace('"', "\\\"");
            let span = &mut edit.place.span;
            let before = span.start.saturating_sub(1);
            if byte(before) == Some(b'\\') && byte(span.start) == Some(b'"') {
                span.start = before;
            }
            let last = span.end.saturating_sub(1);
            if span.end > span.start && byte(last) == Some(b'\\') && byte(span.end) == Some(b'"') {
                span.end = span.end.saturating_add(1);
            }
        }
        diagnostic
    }
}

impl Read for Expression {
    const CELL: Option<CellForm> = Some(CellForm::Rule);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            let help = format!("write it in single quotes: `'{}'`", sink.shown(span(value))).into();
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
        let escaped = raw.starts_with('"') && !raw.starts_with("\"\"\"");
        Some(Self { text, offset: place.start.saturating_add(u32::try_from(skipped).ok()?), escaped })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

/// Returns the text of an expression with each byte at its offset in the file, and the number of bytes between the opening quote
/// and the text.
fn placed(raw: &str, text: &str) -> Option<(String, usize)> {
    let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
    let inside = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    // TOML drops the first line break of a multi-line string.
    let skipped = match quotes {
        3 if inside.starts_with("\r\n") => 2,
        3 if inside.starts_with('\n') => 1,
        _ => 0,
    };
    let inside = inside.get(skipped..)?;
    if inside == text {
        return Some((text.to_owned(), quotes + skipped));
    }
    // `\"` is the escape that people write. A blank outside of the rule's own quotes replaces the backslash, so that no byte
    // moves.
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
}
