//! Parses the TOML of a file as far as possible, and reports each syntax error in words that say what to write.

use toml::de::{DeTable, DeValue};

use super::read::{Sink, Value};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::time::{is_date_shaped, parse_date};

/// Parses a file. The sink remembers what broken syntax made, so that it is not also reported as a missing key or a wrong value.
pub(super) fn parse<'t>(text: &'t str, sink: &mut Sink<'_>) -> Value<'t> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults = Vec::new();
    for error in errors {
        let at = error.span().map_or(Span::default(), |range| Span::new(range.start, range.end));
        faults.push((at, error.message().to_owned()));
    }
    faults.sort();
    let mut last_line = None;
    let mut repeated = Span::default();
    for (at, message) in faults {
        let line = line_of(text, at.start);
        if message.starts_with(REPEATED) {
            if repeated.range().contains(&(at.start as usize)) {
                continue;
            }
            repeated = repeated_table(text, line);
        }
        let (diagnostic, kind) = explain(text, at, &message, sink);
        // One error makes the parser stumble several times on its line.
        if last_line != Some(line) || kind == Kind::Value {
            sink.out.push(diagnostic);
        }
        last_line = Some(line);
        match kind {
            Kind::Value => sink.broken.push(token(text, at)),
            Kind::Line => sink.broken.push(line),
            Kind::Rest => {
                sink.broken.push(line);
                sink.lost_from = Some(sink.lost_from.map_or(line.start, |from| from.min(line.start)));
            }
            Kind::Repeat => {}
        }
    }
    let whole = table.span();
    toml::Spanned::new(whole, DeValue::Table(table.into_inner()))
}

const REPEATED: &str = "duplicate key";

/// Returns the lines of a table that is declared a second time, whose keys would all be reported again.
fn repeated_table(text: &str, header: Span) -> Span {
    if !text.get(header.range()).is_some_and(|line| line.trim_start().starts_with('[')) {
        return Span::default();
    }
    let rest = text.get(header.end as usize..).unwrap_or_default();
    let end = rest.find("\n[").map_or(text.len(), |at| header.end as usize + at);
    Span::new(header.end as usize, end)
}

/// How much of a file an error makes unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One value.
    Value,
    /// One line.
    Line,
    /// Everything after it.
    Rest,
    /// Nothing: the first of two keys counts.
    Repeat,
}

fn explain(text: &str, at: Span, message: &str, sink: &Sink<'_>) -> (Diagnostic, Kind) {
    let line = line_of(text, at.start);
    let token = token(text, at);
    let written = text.get(token.range()).unwrap_or_default();
    let line_text = text.get(line.range()).unwrap_or_default();
    let (plain, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let toml = |span: Span, message: String, help: Option<String>| {
        sink.at(Code::TomlSyntax, span, message).maybe_help(help)
    };
    if (plain.starts_with("invalid date")
        || plain.starts_with("invalid time")
        || plain.starts_with("invalid datetime"))
        && is_date_shaped(written)
    {
        let date = written.get(..10).unwrap_or_default();
        let what = if parse_date(date).is_none() { date } else { written };
        let help = format!("write a {}", expected_of(expected));
        let message = format!("the calendar has no `{what}`");
        return (sink.at(Code::ImpossibleDate, token, message).help(help), Kind::Value);
    }
    if plain == REPEATED {
        let help =
            "each key and each `[table]` stands in a file once; `[[table]]` may be repeated".to_owned();
        return (
            toml(at, format!("duplicate key `{}`", super::read::shown(written)), Some(help)),
            Kind::Repeat,
        );
    }
    if written.starts_with(['“', '”', '„', '‘', '’'])
        || line_text.contains(['“', '”']) && !line_text.contains('"')
    {
        let from = line_text.find(['“', '”', '„', '‘', '’']).unwrap_or(0);
        let quote = Span::new(line.start as usize + from, line.end as usize);
        let help = "use straight quotes: `\"` or `'`".to_owned();
        return (
            toml(trimmed(text, quote), "curly quotes are not quotes in TOML".to_owned(), Some(help)),
            Kind::Line,
        );
    }
    if line_text.trim_start().starts_with('[') && !after_equals(text, line, at) {
        let help = "write `[name]` for a table, and `[[name]]` for an entry of a list".to_owned();
        let header = trimmed(text, line);
        return (
            toml(header, "this table header is not closed as it was opened".to_owned(), Some(help)),
            Kind::Rest,
        );
    }
    let words = line_text.split('=').next().unwrap_or_default().trim();
    if line_text.contains('=')
        && words.contains(char::is_whitespace)
        && !words.contains(['"', '\'', '.', ':', '[', '{'])
    {
        let help = format!(
            "a key has no blanks: write `{} = …`",
            words.split_whitespace().collect::<Vec<_>>().join("_")
        );
        let start = line.start as usize + line_text.find(words).unwrap_or(0);
        let message = format!("`{}` is not one key", super::read::shown(words));
        return (toml(Span::new(start, start + words.len()), message, Some(help)), Kind::Line);
    }
    if plain == "key with no value" || !line_text.contains('=') {
        let key = line_text.split(['=', ':', '#']).next().unwrap_or_default().trim();
        let help = match line_text.split_once(':') {
            Some((key, value)) => format!("write `{} = {}`", key.trim(), value.trim()),
            None => format!("write `{} = …`", super::read::shown(key)),
        };
        return (
            toml(trimmed(text, line), "a key and its value are joined by `=`".to_owned(), Some(help)),
            Kind::Line,
        );
    }
    if plain.starts_with("unclosed array") || plain.starts_with("unclosed inline table") {
        let what = if plain.contains("array") { "list" } else { "table" };
        let help = format!("write {} after the last entry", expected_of(expected));
        return (toml(token, format!("this {what} is never closed"), Some(help)), Kind::Rest);
    }
    if plain.starts_with("invalid multi-line") {
        return (toml(token, "this text over several lines is never closed".to_owned(), None), Kind::Rest);
    }
    if plain.contains("string") && (plain.starts_with("invalid") || plain.starts_with("unclosed")) {
        let value = value_of(text, line).unwrap_or(token);
        let quote = text.get(value.range()).and_then(|value| value.chars().next()).unwrap_or('"');
        let help = format!("close it with `{quote}` on the same line");
        return (toml(value, "this text is not closed".to_owned(), Some(help)), Kind::Line);
    }
    if let Some(value) = value_of(text, line).filter(|value| value.start <= at.start) {
        let bare = text.get(value.range()).unwrap_or_default();
        if bare.is_empty() {
            let key = line_text.split('=').next().unwrap_or_default().trim();
            let message = format!("`{}` has no value", super::read::shown(key));
            return (
                toml(trimmed(text, line), message, Some("write the value after `=`".to_owned())),
                Kind::Line,
            );
        }
        if !bare.starts_with(['"', '\'', '[', '{']) {
            let quoted = if bare.contains('"') { format!("'{bare}'") } else { format!("\"{bare}\"") };
            let help =
                format!("text, percentages and amounts stand in quotes: `{}`", super::read::shown(&quoted));
            let message = format!("`{}` is not a value of TOML", super::read::shown(bare));
            return (toml(value, message, Some(help)), Kind::Line);
        }
    }
    let message = match expected {
        "" => plain.to_owned(),
        _ => format!("{plain}: expected {}", expected_of(expected)),
    };
    let kind = if line_text.contains('=') { Kind::Line } else { Kind::Rest };
    (toml(token, message, None), kind)
}

/// Returns what the parser expected, with the names of characters.
fn expected_of(expected: &str) -> String {
    expected.replace("newline", "the end of the line").replace(", ", " or ")
}

/// Returns the line of a byte, without its line end.
fn line_of(text: &str, at: u32) -> Span {
    let at = (at as usize).min(text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let end = text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline);
    Span::new(start, end)
}

/// Returns a span without the blanks, comment and carriage return around its text.
fn trimmed(text: &str, span: Span) -> Span {
    let part = text.get(span.range()).unwrap_or_default();
    let part = match part.find(" #") {
        Some(comment) => part.get(..comment).unwrap_or(part),
        None => part,
    };
    let start = span.start as usize + (part.len() - part.trim_start().len());
    Span::new(start, start + part.trim().len())
}

/// Returns the text after the first `=` of a line.
fn value_of(text: &str, line: Span) -> Option<Span> {
    let equals = text.get(line.range())?.find('=')?;
    Some(trimmed(text, Span::new(line.start as usize + equals + 1, line.end as usize)))
}

fn after_equals(text: &str, line: Span, at: Span) -> bool {
    value_of(text, line).is_some_and(|value| value.start <= at.start)
}

/// Returns the word at a place. The parser often points between two characters.
fn token(text: &str, at: Span) -> Span {
    if at.end > at.start {
        return at;
    }
    let line = line_of(text, at.start);
    let stop = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | '=' | '#');
    let after = text.get(at.start as usize..line.end as usize).unwrap_or_default();
    let ahead = after.find(stop).unwrap_or(after.len());
    if ahead > 0 {
        return Span::new(at.start as usize, at.start as usize + ahead);
    }
    let before = text.get(line.start as usize..at.start as usize).unwrap_or_default().trim_end();
    let start = before.rfind(stop).map_or(0, |at| at + 1);
    if start < before.len() {
        return Span::new(line.start as usize + start, line.start as usize + before.len());
    }
    Span::new(at.start as usize, at.start as usize + after.chars().next().map_or(0, char::len_utf8))
}
