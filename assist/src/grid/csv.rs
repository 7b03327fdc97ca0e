//! Rows of CSV with the places of their cells.

use accrue::diagnostic::Span;

/// A row and its cells, each as it is written.
pub(super) struct Line {
    /// From its first cell to the end of its line, without the line break.
    pub(super) span: Span,
    pub(super) cells: Vec<Span>,
}

/// Returns the rows of a text, without empty lines.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut rows = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < bytes.len() {
        let start = at;
        let mut cells = Vec::new();
        let mut from = at;
        let mut quoted = false;
        let end = loop {
            match bytes.get(at) {
                None => break at,
                Some(b'"') if quoted => {
                    // Two quotes are one; the second opens again.
                    quoted = false;
                    at += 1;
                    if bytes.get(at) == Some(&b'"') {
                        quoted = true;
                        at += 1;
                    }
                }
                Some(b'"') if at == from => {
                    quoted = true;
                    at += 1;
                }
                Some(b',') if !quoted => {
                    cells.push(Span::new(from, at));
                    at += 1;
                    from = at;
                }
                Some(b'\n') if !quoted => break at,
                Some(_) => at += 1,
            }
        };
        let line_end = if end > from && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
        cells.push(Span::new(from, line_end.max(from)));
        at = end + 1;
        if line_end > start {
            rows.push(Line { span: Span::new(start, line_end), cells });
        }
    }
    rows
}

/// Returns the text of a cell.
pub(super) fn value(written: &str) -> String {
    match written.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest).replace("\"\"", "\""),
        None => written.to_owned(),
    }
}

/// Returns a text as a cell is written.
pub(super) fn written(value: &str) -> String {
    let plain = !value.contains([',', '"', '\n', '\r']) && value.trim() == value;
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
}
