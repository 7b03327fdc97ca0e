//! Positions of the protocol and bytes of a text.

use accrue::diagnostic::Span;
use lsp_types::{Position, Range};

/// How a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// In bytes.
    Utf8,
    /// In units of UTF-16.
    Utf16,
}

/// The lines of a text.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect(), encoding }
    }

    /// Returns the byte of a position. A position past the end of a line is the end of the line.
    pub(super) fn byte(&self, position: Position) -> u32 {
        let Some(start) = self.starts.get(position.line as usize).copied() else {
            return pin(self.text.len());
        };
        let end = self.starts.get(position.line as usize + 1).map_or(self.text.len(), |next| next - 1);
        let line = self.text.get(start..end).unwrap_or_default().trim_end_matches('\r');
        let column = position.character as usize;
        let at = match self.encoding {
            Encoding::Utf8 => {
                let at = column.min(line.len());
                (0..=at).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0)
            }
            Encoding::Utf16 => {
                let mut units = 0;
                let past = line.char_indices().find(|(_, c)| {
                    let is_past = units + c.len_utf16() > column;
                    units += c.len_utf16();
                    is_past
                });
                past.map_or(line.len(), |(at, _)| at)
            }
        };
        pin(start + at)
    }

    /// Returns the position of a byte.
    pub(super) fn position(&self, byte: u32) -> Position {
        let byte = (byte as usize).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or_default();
        Position { line: pin(line), character: self.length(before) }
    }

    pub(super) fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    pub(super) fn span(&self, range: Range) -> Span {
        let (start, end) = (self.byte(range.start), self.byte(range.end));
        Span { start, end: end.max(start) }
    }

    /// Returns the length of a part of a line.
    pub(super) fn length(&self, text: &str) -> u32 {
        pin(match self.encoding {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.encode_utf16().count(),
        })
    }
}

fn pin(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_as_was_agreed() {
        let text = "a\r\nü𝄞b\n";
        let at = |encoding, line, character| Lines::new(text, encoding).byte(Position { line, character });
        // Behind `ü`, within and behind the clef, which has two units of UTF-16 and four bytes.
        assert_eq!([1, 2, 3, 9].map(|column| at(Encoding::Utf16, 1, column)), [5, 5, 9, 10]);
        assert_eq!([2, 3, 6, 9].map(|column| at(Encoding::Utf8, 1, column)), [5, 5, 9, 10]);
        assert_eq!((at(Encoding::Utf16, 0, 5), at(Encoding::Utf16, 7, 0)), (1, 11));
        let back = Lines::new(text, Encoding::Utf16).position(9);
        assert_eq!((back.line, back.character), (1, 3));
    }
}
