//! Text edits: ranges of a file and what replaces them.

use accrue::diagnostic::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An edit of one file: `text` replaces the bytes of `span`. An empty span is where the text is inserted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct TextEdit {
    /// Path of the file inside the program folder.
    pub file: String,
    /// The bytes that are replaced.
    pub span: Span,
    /// The text to write in their place.
    pub text: String,
}

impl TextEdit {
    /// Returns an edit of a file.
    pub fn new(file: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        Self { file: file.into(), span, text: text.into() }
    }
}

/// Returns the text of `file` with those of the edits that are of this file. Returns `None` if edits overlap or do not fit the text.
///
/// ```
/// use accrue::diagnostic::Span;
/// use accrue_assist::{TextEdit, apply};
/// let edits = [TextEdit::new("a.toml", Span::new(7, 11), "\"8%\""), TextEdit::new("b.toml", Span::new(0, 0), "#")];
/// assert_eq!(apply("a.toml", "rate = \"4%\"", &edits).as_deref(), Some("rate = \"8%\""));
/// ```
pub fn apply(file: &str, text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut edits: Vec<&TextEdit> = edits.iter().filter(|edit| edit.file == file).collect();
    edits.sort_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let range = edit.span.range();
        out.push_str(text.get(done..range.start)?);
        out.push_str(&edit.text);
        done = range.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Returns the offset of the line that a byte is in.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Returns the offset after the line that a byte is in, with its line break.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline + 1)
}
