//! Parses the TOML of a file as far as possible, and reports each syntax error in words that say what to write.

use toml::de::{DeTable, DeValue};

use super::read::{Sink, Value};
use crate::diagnostic::{Code, Diagnostic, Help, Span};
use crate::facts::unseen;
use crate::money::{number_meant, parse_decimal};
use crate::time::{date_meant, is_date_shaped, parse_date};

/// Parses a file. The sink remembers what broken syntax made, so that it is not also reported as a missing key or a wrong value.
pub(super) fn parse<'t>(text: &'t str, sink: &mut Sink<'_>) -> Value<'t> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults = Vec::new();
    for error in errors {
        let at = match error.span() {
            Some(range) => Span::new(range.start, range.end),
            None if error.message() == LONG_KEY => longest_key(text),
            None => Span::default(),
        };
        faults.push((at, error.message().to_owned()));
    }
    faults.sort();
    let mut last_line = None;
    let mut repeated = Span::default();
    let (mut line, mut on_line) = (Span::default(), 0usize);
    for (at, message) in faults {
        let same = on_line > 0 && (line.start..=line.end).contains(&at.start);
        on_line = if same { on_line + 1 } else { 1 };
        // A line of a megabyte may have an error at every other byte. Its first errors say what is wrong, and the whole line is
        // broken.
        if on_line > ON_ONE_LINE {
            if on_line == ON_ONE_LINE + 1 {
                sink.break_at(line);
            }
            continue;
        }
        if !same {
            line = line_of(text, at.start);
        }
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
            Kind::Value => sink.break_at(token(text, at)),
            Kind::Line => sink.break_at(line),
            Kind::Rest => {
                sink.break_at(line);
                sink.lost_from = Some(sink.lost_from.map_or(line.start, |from| from.min(line.start)));
            }
            Kind::Repeat => {}
        }
    }
    for (key, value) in table.get_ref() {
        report_hidden(key.get_ref(), key.span(), sink);
        report_hidden_texts(value, sink);
    }
    let whole = table.span();
    toml::Spanned::new(whole, DeValue::Table(table.into_inner()))
}

/// The most errors of one line that are explained.
const ON_ONE_LINE: usize = 20;

const REPEATED: &str = "duplicate key";

/// What the parser says of a key of more parts than it reads, without its place.
const LONG_KEY: &str = "recursion limit";

/// What the parser says of values inside of values.
const TOO_DEEP: &str = "cannot recurse further";

/// Returns the key of most parts.
fn longest_key(text: &str) -> Span {
    let mut start = 0_usize;
    let mut longest = (0, Span::default());
    for line in text.split_inclusive('\n') {
        let parts = line.bytes().filter(|byte| *byte == b'.').count();
        if parts > longest.0 {
            let key = line.split('=').next().unwrap_or_default();
            longest = (parts, trimmed(text, Span::new(start, start + key.len())));
        }
        start += line.len();
    }
    longest.1
}

/// Reports a character that nobody sees in a text, where it was written as an escape.
fn report_hidden(written: &str, at: std::ops::Range<usize>, sink: &mut Sink<'_>) {
    if let Some(message) = unseen(written, true) {
        let diagnostic = sink.at(Code::HiddenCharacter, Span::new(at.start, at.end), message);
        sink.push(diagnostic.help("write the text without it"));
    }
}

/// Reports the texts and keys of a value that have a character that nobody sees. The parser bounds how deep values nest.
fn report_hidden_texts(value: &Value<'_>, sink: &mut Sink<'_>) {
    match value.get_ref() {
        DeValue::String(text) => report_hidden(text, value.span(), sink),
        DeValue::Array(values) => values.iter().for_each(|value| report_hidden_texts(value, sink)),
        DeValue::Table(table) => {
            for (key, value) in table {
                report_hidden(key.get_ref(), key.span(), sink);
                report_hidden_texts(value, sink);
            }
        }
        _ => {}
    }
}

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
    let toml = |span: Span, message: String, help: Option<Help>| {
        sink.at(Code::TomlSyntax, span, message).maybe_help(help)
    };
    if (plain.starts_with("invalid date")
        || plain.starts_with("invalid time")
        || plain.starts_with("invalid datetime"))
        && is_date_shaped(written)
    {
        let date = written.get(..10).unwrap_or_default();
        let what = if parse_date(date).is_none() { date } else { written };
        let help = Help::from(format!("write a {}", expected_of(expected)));
        let message = format!("the calendar has no `{what}`");
        return (sink.at(Code::ImpossibleDate, token, message).help(help), Kind::Value);
    }
    if plain == REPEATED {
        let help = "each key and each `[table]` stands in a file once; `[[table]]` may be repeated".into();
        return (
            toml(at, format!("duplicate key `{}`", super::read::shown(written)), Some(help)),
            Kind::Repeat,
        );
    }
    if plain == LONG_KEY || plain.starts_with(TOO_DEEP) {
        let (what, help) = match plain == LONG_KEY {
            true => ("this key has more parts than", "a key of a program has at most three parts: `a.b.c`"),
            false => (
                "values are nested deeper here than",
                "no value of a program needs more than three levels of brackets",
            ),
        };
        let diagnostic = sink.at(Code::TooDeep, token, format!("{what} the 80 levels that a file may have"));
        return (diagnostic.help(help), Kind::Rest);
    }
    if let Some((blank, c)) = odd_blank(text, line) {
        let message = format!("there is a blank here that is no ordinary blank, U+{:04X}", u32::from(c));
        let help = Help::from("write an ordinary blank").edit(blank, " ");
        return (toml(blank, message, Some(help)), Kind::Line);
    }
    let plain_line = trimmed(text, line);
    let plain_text = text.get(plain_line.range()).unwrap_or_default();
    if plain_text.starts_with("//") || plain_text.starts_with("--") || plain_text.starts_with("/*") {
        let marks = Span { end: plain_line.start.saturating_add(2), ..plain_line };
        let help = Help::from("a comment begins with `#`");
        let help = if plain_text.starts_with("/*") { help } else { help.edit(marks, "#") };
        return (toml(marks, format!("`{}` begins no comment", &plain_text[..2]), Some(help)), Kind::Line);
    }
    if let Some(end) = needless_end(text, line) {
        let mark = text.get(end.range()).unwrap_or_default();
        let help = Help::from("leave it out").edit(end, "");
        return (toml(end, format!("a line does not end with `{mark}`"), Some(help)), Kind::Line);
    }
    if let Some((value, meant)) = quotes_inside(text, line) {
        let help = Help::from(format!("put single quotes around it: `{}`", super::read::shown(&meant)));
        let message = "there are double quotes inside of double quotes".to_owned();
        return (toml(value, message, Some(help.edit(value, meant))), Kind::Line);
    }
    if written.starts_with(['“', '”', '„', '‘', '’'])
        || line_text.contains(['“', '”']) && !line_text.contains('"')
    {
        let from = line_text.find(['“', '”', '„', '‘', '’']).unwrap_or(0);
        let quote = Span::new(line.start as usize + from, line.end as usize);
        let curly = line_text.char_indices().filter(|(_, c)| matches!(c, '“' | '”' | '„'));
        let straight = |help: Help, (from, c): (usize, char)| {
            let from = line.start as usize + from;
            help.edit(Span::new(from, from + c.len_utf8()), "\"")
        };
        let help = curly.fold(Help::from("use straight quotes: `\"` or `'`"), straight);
        return (
            toml(trimmed(text, quote), "curly quotes are not quotes in TOML".to_owned(), Some(help)),
            Kind::Line,
        );
    }
    if line_text.trim_start().starts_with('[') && !after_equals(text, line, at) {
        let header = trimmed(text, line);
        let name = text.get(header.range()).unwrap_or_default().trim_matches(['[', ']']).trim();
        let meant = if text.get(header.range()).is_some_and(|header| header.starts_with("[[")) {
            format!("[[{name}]]")
        } else {
            format!("[{name}]")
        };
        let help = Help::from("write `[name]` for a table, and `[[name]]` for an entry of a list");
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        let help = if is_name { help.edit(header, meant) } else { help };
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
        let key = words.split_whitespace().collect::<Vec<_>>().join("_");
        let start = line.start as usize + line_text.find(words).unwrap_or(0);
        let at = Span::new(start, start + words.len());
        let help = Help::from(format!("a key has no blanks: write `{key} = …`")).edit(at, key);
        let message = format!("`{}` is not one key", super::read::shown(words));
        return (toml(at, message, Some(help)), Kind::Line);
    }
    if plain == "key with no value" || !line_text.contains('=') {
        let key = line_text.split(['=', ':', '#']).next().unwrap_or_default().trim();
        let help = match plain_text.split_once(':') {
            Some((key, value)) => {
                let key = key.trim().trim_matches('"');
                match value_meant(value.trim().trim_end_matches([',', ';'])) {
                    Some(value) => Help::write(plain_line, format!("{key} = {value}")),
                    None => format!("write `{key} = {}`", value.trim()).into(),
                }
            }
            None => format!("write `{} = …`", super::read::shown(key)).into(),
        };
        return (
            toml(plain_line, "a key and its value are joined by `=`".to_owned(), Some(help)),
            Kind::Line,
        );
    }
    if plain.starts_with("unclosed array") || plain.starts_with("unclosed inline table") {
        let what = if plain.contains("array") { "list" } else { "table" };
        let help = format!("write {} after the last entry", expected_of(expected)).into();
        return (toml(token, format!("this {what} is never closed"), Some(help)), Kind::Rest);
    }
    if plain.starts_with("invalid multi-line") {
        return (toml(token, "this text over several lines is never closed".to_owned(), None), Kind::Rest);
    }
    if plain.contains("string") && (plain.starts_with("invalid") || plain.starts_with("unclosed")) {
        let value = value_of(text, line).unwrap_or(token);
        let quote = text.get(value.range()).and_then(|value| value.chars().next()).unwrap_or('"');
        let help = Help::from(format!("close it with `{quote}` on the same line"));
        let rest = text.get(value.range()).unwrap_or_default();
        let alone = rest.matches(['"', '\'']).count() == 1 && !rest.contains([',', ']', '}', '=', '\\']);
        let end = Span { start: value.end, ..value };
        let help = if alone && rest.starts_with(quote) { help.edit(end, quote) } else { help };
        return (toml(value, "this text is not closed".to_owned(), Some(help)), Kind::Line);
    }
    if let Some(value) = value_of(text, line).filter(|value| value.start <= at.start) {
        let bare = text.get(value.range()).unwrap_or_default();
        if bare.is_empty() {
            let key = line_text.split('=').next().unwrap_or_default().trim();
            let message = format!("`{}` has no value", super::read::shown(key));
            return (
                toml(trimmed(text, line), message, Some("write the value after `=`".into())),
                Kind::Line,
            );
        }
        if !bare.starts_with(['"', '\'', '[', '{']) {
            let message = format!("`{}` is not a value of TOML", super::read::shown(bare));
            let key = line_text.split('=').next().unwrap_or_default().trim();
            let meant = match EXPRESSIONS.contains(&key) && !bare.contains('\'') {
                true => Some(format!("'{bare}'")),
                false => value_meant(bare),
            };
            let help = match meant {
                Some(meant) if meant.starts_with(['"', '\'']) => {
                    let shown = super::read::shown(&meant);
                    Help::from(format!("text, percentages and amounts stand in quotes: `{shown}`"))
                        .edit(value, meant)
                }
                Some(meant) => Help::write(value, meant),
                None => "text, percentages and amounts stand in quotes: `\"…\"`".into(),
            };
            return (toml(value, message, Some(help)), Kind::Line);
        }
    }
    if let Some(edits) = colons_in_braces(text, line) {
        let help = Help::from("in braces, a key and its value are joined by `=`: `{ from = \"0\" }`");
        let help = edits.iter().fold(help, |help, at| help.edit(*at, " ="));
        let first = edits.first().copied().unwrap_or(line);
        return (toml(first, "`:` does not join a key and its value".to_owned(), Some(help)), Kind::Line);
    }
    if let Some(operator) = ["&&", "||"].into_iter().find(|operator| written.starts_with(operator)) {
        let help = "a list has commas between its values: `[\"a\", \"b\"]`; conditions are joined inside of the quotes";
        return (
            toml(token, format!("`{operator}` joins conditions, not values of TOML"), Some(help.into())),
            Kind::Line,
        );
    }
    let help = (!expected.is_empty()).then(|| Help::from(format!("write {} there", expected_of(expected))));
    let message = match expected {
        "" => plain.to_owned(),
        _ => format!("{plain}: expected {}", expected_of(expected)),
    };
    let kind = if line_text.contains('=') { Kind::Line } else { Kind::Rest };
    (toml(token, message, help), kind)
}

/// Keys whose values are expressions of the rule language. They stand in single quotes, since text inside has double quotes.
const EXPRESSIONS: [&str; 5] = ["when", "by", "order", "item", "spread"];

/// Returns the value that was meant by a text after `=` or `:`; `None` if that is not clear.
fn value_meant(bare: &str) -> Option<String> {
    let is_value = bare.starts_with(['"', '\'', '[', '{'])
        || matches!(bare, "true" | "false")
        || bare.bytes().all(|b| b.is_ascii_digit())
        || parse_date(bare).is_some();
    let amount = bare.strip_suffix('%').unwrap_or(bare).trim();
    let percent = if bare.ends_with('%') { "%" } else { "" };
    Some(match bare {
        "" => return None,
        _ if is_value => bare.to_owned(),
        "True" | "TRUE" | "yes" | "Yes" | "on" => "true".to_owned(),
        "False" | "FALSE" | "no" | "No" | "off" => "false".to_owned(),
        _ if parse_decimal(amount).is_ok() => format!("\"{amount}{percent}\""),
        _ if let Some(date) = date_meant(bare) => date.to_string(),
        _ if let Some(number) = number_meant(amount) => format!("\"{number}{percent}\""),
        // A number in a notation with two readings.
        _ if amount.starts_with(|c: char| c.is_ascii_digit()) && amount.contains(',') => return None,
        _ if bare.contains('"') && !bare.contains('\'') => format!("'{bare}'"),
        _ if !bare.contains(['"', '\\']) => format!("\"{bare}\""),
        _ => return None,
    })
}

/// Returns the first blank of a line that TOML does not take as a blank, outside of quotes and comments.
fn odd_blank(text: &str, line: Span) -> Option<(Span, char)> {
    let mut quote = None;
    for (at, c) in text.get(line.range())?.char_indices() {
        match (quote, c) {
            (None, '#') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) if !c.is_ascii() && c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}') => {
                let from = line.start as usize + at;
                return Some((Span::new(from, from + c.len_utf8()), c));
            }
            _ => {}
        }
    }
    None
}

/// Returns the colons after the keys of an inline table, as JSON and YAML write it.
fn colons_in_braces(text: &str, line: Span) -> Option<Vec<Span>> {
    let (mut depth, mut quote) = (0_usize, None);
    let mut colons = Vec::new();
    for (at, c) in text.get(line.range())?.char_indices() {
        match (quote, c) {
            (None, '#') => break,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '{') => depth = depth.saturating_add(1),
            (None, '}') => depth = depth.saturating_sub(1),
            (None, ':') if depth > 0 => {
                let at = line.start as usize + at;
                colons.push(Span::new(at, at + 1));
            }
            _ => {}
        }
    }
    (!colons.is_empty()).then_some(colons)
}

/// Returns the `;` or `,` after a value of a line, as other languages end it.
fn needless_end(text: &str, line: Span) -> Option<Span> {
    let value = value_of(text, line)?;
    let written = text.get(value.range())?;
    let whole = written.strip_suffix([';', ','])?.trim_end();
    let quote = whole.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let closed = whole.len() > 1 && whole.ends_with(quote) && whole.matches(quote).count() == 2;
    closed.then(|| Span { start: value.end.saturating_sub(1), ..value })
}

/// Returns a value in double quotes that has double quotes inside, and the value in single quotes.
fn quotes_inside(text: &str, line: Span) -> Option<(Span, String)> {
    let value = value_of(text, line)?;
    let inner = text.get(value.range())?.strip_prefix('"')?.strip_suffix('"')?;
    let unescaped = inner.contains('"') && !inner.contains(['\'', '\\']) && !inner.contains("\"\"\"");
    // Two texts, as in a list, are not one text.
    let one = !inner.starts_with('"') && !inner.contains("\",") && !inner.contains("\" =");
    (unescaped && one).then(|| (value, format!("'{inner}'")))
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
