//! Draws diagnostics: data enters, plain text leaves, with the source line and a mark under the word.

use std::fmt::Write as _;

use accrue::Source;
use accrue::diagnostic::{Diagnostic, Diagnostics, Place, Severity, line_column};

/// All of them, a blank line between two.
pub(crate) fn all(diagnostics: &Diagnostics, source: &Source) -> String {
    diagnostics.iter().map(|diagnostic| one(diagnostic, source)).collect::<Vec<_>>().join("\n")
}

fn one(diagnostic: &Diagnostic, source: &Source) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text = String::new();
    if let Some(place) = &diagnostic.place {
        write!(text, "{}: ", at(place, source)).unwrap();
    }
    writeln!(text, "{kind}[{}]: {}", diagnostic.code, diagnostic.message).unwrap();
    if let Some(cell) = &diagnostic.cell {
        writeln!(text, "  in {cell}").unwrap();
    }
    if let Some(place) = &diagnostic.place {
        text.push_str(&excerpt(place, source, '^'));
    }
    for label in &diagnostic.labels {
        writeln!(text, "  {}: {}", at(&label.place, source), label.message).unwrap();
        if let Some(cell) = &label.cell {
            writeln!(text, "  in {cell}").unwrap();
        }
        text.push_str(&excerpt(&label.place, source, '-'));
    }
    if let Some(help) = &diagnostic.help {
        writeln!(text, "  help: {help}").unwrap();
    }
    text.push_str(&repair(diagnostic, source));
    text
}

/// The lines that the repair changes, as they are after it.
fn repair(diagnostic: &Diagnostic, source: &Source) -> String {
    let Some(file) = diagnostic.replacements.first().map(|edit| &edit.place.file) else {
        return String::new();
    };
    let before = source.text(file).unwrap();
    let after = diagnostic.repaired(file, before).unwrap();
    let lines: Vec<&str> = before.lines().collect();
    let mut text = String::new();
    for (n, line) in after.lines().enumerate() {
        let kept = after.lines().count() == lines.len() && lines.get(n) == Some(&line);
        if !kept && !lines.contains(&line) {
            writeln!(text, "  + {}", line.chars().take(120).collect::<String>()).unwrap();
        }
    }
    text
}

fn at(place: &Place, source: &Source) -> String {
    match source.text(&place.file) {
        Some(text) => {
            let (line, column) = line_column(text, place.span.start);
            format!("{}:{line}:{column}", place.file)
        }
        None => place.file.clone(),
    }
}

/// The first line of the place and a mark under its part of it.
fn excerpt(place: &Place, source: &Source, mark: char) -> String {
    let Some(text) = source.text(&place.file) else { return String::new() };
    let start = place.span.range().start.min(text.len());
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[from..].lines().next().unwrap_or_default();
    let before = text[from..start].chars().count();
    let width = text[start..place.span.range().end.clamp(start, text.len())]
        .split('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        .max(1);
    // Long lines would make the snapshots unreadable.
    let line: String = line.chars().take(120).collect();
    format!(
        "  | {line}\n  | {}{}\n",
        " ".repeat(before),
        mark.to_string().repeat(width.min(120_usize.saturating_sub(before).max(1)))
    )
}
