//! What people see: diagnostics over their source lines, tables, numbers, colour.
//!
//! Everything is written with ANSI colours; the streams of `anstream` take them out where they are not wanted.

use std::io::Write as _;

use accrue::diagnostic::{Diagnostic, Diagnostics, Severity};
use accrue::money::{Currency, Money};
use accrue::terms::Source;
use accrue::time::{Interval, Timestamp, Zone};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use crate::args::Color;
use crate::exit::Failure;

pub(crate) const BOLD: &str = "\x1b[1m";
pub(crate) const DIM: &str = "\x1b[2m";
pub(crate) const RED: &str = "\x1b[31m";
pub(crate) const GREEN: &str = "\x1b[32m";
pub(crate) const YELLOW: &str = "\x1b[33m";
pub(crate) const RESET: &str = "\x1b[0m";

/// Applies `--color` to both streams.
pub(crate) fn set_color(color: Color) {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Writes to standard output.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)
}

/// Writes to standard error. When nobody listens there is nobody to tell.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Text from outside, without control characters, so that it cannot steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// A failure, as the last words of a command.
pub(crate) fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Closed | Failure::Faults => String::new(),
        Failure::Usage(message, help) => {
            let help = help.as_ref().map_or(String::new(), |help| format!("\n{BOLD}help:{RESET} {help}"));
            format!("{BOLD}{RED}error:{RESET} {message}{help}\n")
        }
        Failure::Io(..) | Failure::Refused(_) => format!("{BOLD}{RED}error:{RESET} {failure}\n"),
    }
}

/// Diagnostics that are drawn: nobody reads more, and each is looked for in its whole file.
const DRAWN: usize = 200;

/// Diagnostics over their source lines: all of them, or where there are very many the first ones, errors before warnings.
pub(crate) fn diagnostics(diagnostics: &Diagnostics, source: &Source, root: &str) -> String {
    let renderer = Renderer::styled();
    let mut drawn: Vec<&Diagnostic> = diagnostics.iter().collect();
    if drawn.len() > DRAWN {
        drawn.sort_by_key(|diagnostic| diagnostic.severity == Severity::Warning);
    }
    let more = drawn.split_off(drawn.len().min(DRAWN)).len();
    let mut text = String::new();
    for diagnostic in drawn {
        text.push_str(&renderer.render(&[group(diagnostic, source, root)]));
        text.push_str("\n\n");
    }
    if more > 0 {
        let more = thousands(u64::try_from(more).unwrap_or(u64::MAX));
        text.push_str(&format!("{BOLD}and {more} more{RESET}, which are not shown; correct these first\n\n"));
    }
    text
}

fn group<'a>(diagnostic: &'a Diagnostic, source: &'a Source, root: &str) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.text())
        .elements([] as [Snippet<'_, annotate_snippets::Annotation<'_>>; 0]);
    let main = diagnostic.place.as_ref().map(|place| (place, None, AnnotationKind::Primary));
    let labels = diagnostic
        .labels
        .iter()
        .map(|label| (&label.place, Some(label.message.as_str()), AnnotationKind::Context));
    let mut files: Vec<(&str, Vec<annotate_snippets::Annotation<'a>>)> = Vec::new();
    let mut unread: Vec<String> = Vec::new();
    for (place, message, kind) in main.into_iter().chain(labels) {
        match source.text(&place.file) {
            Some(text) => {
                let annotation = kind.span(within(text, place.span.range())).label(message);
                match files.iter_mut().find(|(file, _)| *file == place.file) {
                    Some((_, annotations)) => annotations.push(annotation),
                    None => files.push((&place.file, vec![annotation])),
                }
            }
            None => unread.push(format!("{root}/{}", place.file)),
        }
    }
    for (file, annotations) in files {
        let text = source.text(file).unwrap_or_default();
        group = group.element(Snippet::source(text).path(format!("{root}/{file}")).annotations(annotations));
    }
    for file in unread {
        group = group.element(annotate_snippets::Origin::path(file));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(clean_lines(help)));
    }
    group
}

fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// A range of bytes that lies within a text and on its characters.
fn within(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let down = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = down(range.start);
    start..down(range.end).max(start)
}

/// `2 errors, 1 warning`.
pub(crate) fn tally(diagnostics: &Diagnostics) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let warnings = diagnostics.iter().count().saturating_sub(errors);
    format!("{}, {}", plural(errors as u64, "error"), plural(warnings as u64, "warning"))
}

/// `1 action`, `2,000 actions`.
pub(crate) fn plural(count: u64, word: &str) -> String {
    format!("{} {word}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// `1,234,567`
pub(crate) fn thousands(count: u64) -> String {
    grouped(&count.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount for people: thousands grouped, at least the currency's own decimals.
pub(crate) fn amount(money: Money, currency: Currency) -> String {
    let plain = money.to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = fraction.len().max(currency.minor_digits() as usize);
    if decimals == 0 {
        return format!("{sign}{}", grouped(whole));
    }
    format!("{sign}{}.{fraction:0<decimals$}", grouped(whole))
}

/// When something is in force, in the program's own days.
pub(crate) fn interval(interval: Interval, zone: Zone) -> String {
    let moment = |at: Timestamp| {
        let date = zone.date(at);
        if zone.start_of(date) == at { date.to_string() } else { at.to_string() }
    };
    let last = |at: Timestamp| {
        let date = zone.date(at);
        match date.pred_opt() {
            Some(before) if zone.start_of(date) == at => before.to_string(),
            _ => at.to_string(),
        }
    };
    match (interval.from, interval.until) {
        (Some(from), Some(until)) => format!("{} to {}", moment(from), last(until)),
        (Some(from), None) => format!("from {}", moment(from)),
        (None, Some(until)) => format!("until {}", last(until)),
        (None, None) => "always".to_owned(),
    }
}

/// A table with a header; the columns in `right` hold numbers. It is fitted to the terminal where there is one.
pub(crate) fn table(header: &[&str], right: &[usize], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .enforce_styling()
        .set_header(header.iter().map(|name| Cell::new(name).add_attribute(comfy_table::Attribute::Bold)));
    for row in rows {
        table.add_row(row.iter().map(|cell| Cell::new(clean(cell))));
    }
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{table}\n")
}

/// A heading over a table.
pub(crate) fn heading(text: &str) -> String {
    format!("{BOLD}{text}{RESET}\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn amounts_are_grouped_and_have_the_decimals_of_their_currency() {
        let shown =
            |text: &str, code: &str| amount(text.parse().unwrap(), Currency::from_code(code).unwrap());
        assert_eq!(shown("1234567.5", "USD"), "1,234,567.50");
        assert_eq!(shown("-1234", "JPY"), "-1,234");
        assert_eq!(shown("0", "KWD"), "0.000");
        assert_eq!(shown("0.125", "USD"), "0.125");
    }

    #[test]
    fn intervals_read_as_days_where_they_are_days() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let at = |text| Timestamp::parse(text);
        let year = Interval { from: at("2025-12-31T23:00:00Z"), until: at("2026-12-31T23:00:00Z") };
        assert_eq!(interval(year, zone), "2026-01-01 to 2026-12-31");
        let from_noon = Interval { from: at("2026-01-01T12:00:00Z"), until: None };
        assert_eq!(interval(from_noon, zone), "from 2026-01-01T12:00:00Z");
        assert_eq!(interval(Interval::default(), zone), "always");
    }

    #[test]
    fn what_comes_from_outside_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\n"), "a\u{FFFD}[2Jb\u{FFFD}");
    }
}
