//! Draws a card as Markdown (CommonMark).

use std::fmt::Write as _;

use super::model::{Card, Piece, Sentence};

impl Card {
    /// Returns the card as Markdown. Text of the brand is escaped, so that it cannot become markup.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n", inline(&self.title));
        for note in &self.notes {
            let _ = writeln!(out, "- {}", inline(note));
        }
        for contract in &self.contracts {
            let _ = write!(out, "\n## {}\n", inline(&contract.title));
            for section in &contract.sections {
                let _ = write!(out, "\n### {}\n\n", inline(&section.heading));
                for entry in &section.entries {
                    let mut depth = 0;
                    let mut lines = entry.lines.iter();
                    match (&entry.name, entry.lines.as_slice()) {
                        (Some(name), [only]) => {
                            let _ = writeln!(out, "- **{}**: {}", escaped(name), inline(&only.sentence));
                            lines.next();
                        }
                        (Some(name), _) => {
                            let _ = writeln!(out, "- **{}**:", escaped(name));
                            depth = 1;
                        }
                        (None, _) => {}
                    }
                    for line in lines {
                        let indent = usize::from(line.depth).saturating_add(depth).saturating_mul(2);
                        let _ = writeln!(out, "{:indent$}- {}", "", inline(&line.sentence));
                    }
                }
            }
        }
        out
    }
}

fn inline(sentence: &Sentence) -> String {
    let mut out = String::new();
    for piece in sentence {
        match piece {
            Piece::Name { text } => out.push_str(&code(text)),
            piece => out.push_str(&escaped(piece.text())),
        }
    }
    out
}

/// Returns a code span. Its fence is longer than any run of backticks inside.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.saturating_add(1));
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Returns text with every character escaped that Markdown or HTML could read as markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_brand_is_no_markup() {
        assert_eq!(escaped("<b>*x*</b> [y](z)"), "&lt;b&gt;\\*x\\*&lt;/b&gt; \\[y\\](z)");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
