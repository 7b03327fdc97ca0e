//! Draws a card as plain text, in lines of one width.

use std::fmt::Write as _;

use super::model::{Card, Entry};
use super::sentence;

/// The column at which sentences begin beside the names of entries.
const COLUMN: usize = 22;
/// The width of lines unless a reader asks for another, in columns.
pub(super) const WIDTH: usize = 80;
/// The least width of lines.
const LEAST_WIDTH: usize = 30;

impl Card {
    /// Returns the card as text in lines of at most `width` columns; of 80 if `None`. A word that is longer than a line is not split.
    /// Text of the brand stands in it as it is: a terminal needs it escaped.
    pub fn text(&self, width: Option<usize>) -> String {
        let width = width.unwrap_or(WIDTH).max(LEAST_WIDTH);
        let mut out = String::new();
        wrapped(&sentence::text(&self.title), 0, 0, width, &mut out);
        for note in &self.notes {
            wrapped(&sentence::text(note), 0, 2, width, &mut out);
        }
        for contract in &self.contracts {
            out.push('\n');
            let title = sentence::text(&contract.title);
            wrapped(&title, 0, 0, width, &mut out);
            let _ = writeln!(out, "{}", "=".repeat(columns(&title).min(width)));
            for section in &contract.sections {
                out.push('\n');
                wrapped(&sentence::text(&section.heading), 0, 0, width, &mut out);
                for entry in &section.entries {
                    drawn(entry, width, &mut out);
                }
            }
        }
        out
    }
}

fn drawn(entry: &Entry, width: usize, out: &mut String) {
    let is_wide = width >= 2 * COLUMN;
    let column = match (&entry.name, is_wide) {
        (None, _) => 2,
        (Some(_), true) => COLUMN,
        (Some(_), false) => 4,
    };
    let mut lead = entry.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
    if !is_wide || columns(&lead) >= column {
        if !lead.is_empty() {
            wrapped(lead.trim_start(), 2, 4, width, out);
        }
        lead.clear();
    }
    for line in &entry.lines {
        let nested = usize::from(line.depth).saturating_mul(2);
        let mut text = sentence::text(&line.sentence);
        if line.depth > 0 {
            text.insert_str(0, "- ");
        }
        // The dash stands before the column of its depth.
        let rest = column.saturating_add(nested);
        let indent = if line.depth > 0 { rest.saturating_sub(2) } else { rest };
        let mut drawn = String::new();
        wrapped(&text, indent, rest, width, &mut drawn);
        if !lead.is_empty() {
            let rest: String = drawn.chars().skip(columns(&lead)).collect();
            drawn = format!("{lead}{rest}");
            lead.clear();
        }
        out.push_str(&drawn);
    }
}

/// Returns about how many columns a text takes.
fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Adds a text that is broken between words: the first line with one indent, the others with another.
fn wrapped(text: &str, first: usize, others: usize, width: usize, out: &mut String) {
    let mut indent = first;
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && indent + columns(&line) + 1 + columns(word) > width {
            let _ = writeln!(out, "{:indent$}{line}", "");
            line.clear();
            indent = others;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{:indent$}{line}", "");
}
