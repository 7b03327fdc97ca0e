//! The layout of explanations: names, sentences and sums in lines of one width.

use super::{Explained, Tone, Writer};
use crate::decide::Seen;

/// The column at which the second column begins.
const COLUMN: usize = 24;
/// The column at which texts begin below their names, on a page too narrow for two columns.
const NARROW_COLUMN: usize = 4;

impl Writer<'_> {
    /// Adds a text, wrapped with its own indent.
    pub(super) fn line(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        let body = text.trim_start();
        let indent = width(&text) - width(body);
        for part in wrap(body.trim_end(), self.width.saturating_sub(indent)) {
            self.out
                .lines
                .push(Explained { tone, text: format!("{:indent$}{part}", "").trim_end().to_owned() });
        }
    }

    fn column(&self) -> usize {
        if self.width >= 2 * COLUMN { COLUMN } else { NARROW_COLUMN }
    }

    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.line(Tone::Plain, "");
        self.line(Tone::Heading, text);
    }

    /// Adds a name and a text, wrapped into the second column.
    pub(super) fn row(&mut self, tone: Tone, name: &str, text: &str) {
        let mut lead = format!("  {name}");
        let column = self.column();
        if width(&lead) >= column {
            self.line(tone, std::mem::take(&mut lead));
        }
        for part in wrap(text, self.width - column) {
            self.out
                .lines
                .push(Explained { tone, text: format!("{lead:<column$}{part}").trim_end().to_owned() });
            lead.clear();
        }
    }

    /// Adds a calculation, with its result at the right edge.
    pub(super) fn sum(&mut self, tone: Tone, text: &str, result: &str) {
        let text = format!("  {text}");
        let page = self.width;
        let room = page.saturating_sub(width(result));
        if width(&text) + 1 > room {
            self.line(tone, text);
            self.line(tone, format!("{:>page$}", result));
        } else {
            let gap = room - width(&text);
            self.line(tone, format!("{text}{:gap$}{result}", ""));
        }
    }

    /// Adds the values that a rule saw.
    pub(super) fn saw(&mut self, seen: &[Seen]) {
        if seen.is_empty() {
            return;
        }
        let text: Vec<String> = seen.iter().map(seen_words).collect();
        self.row(Tone::Quiet, "", &text.join(", "));
    }
}

/// Returns a fact and its value; `none` for an empty list or text.
fn seen_words(seen: &Seen) -> String {
    format!("{} = {}", seen.fact, if seen.value.is_empty() { "none" } else { &seen.value })
}

/// Returns about how many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// Breaks a text between words. A word that is longer than a line gets a line of its own.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("averylongword x", 5), ["averylongword", "x"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
