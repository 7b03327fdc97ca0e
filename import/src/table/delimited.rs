//! Reads CSV in any dialect: finds out its encoding and its delimiter, and streams its rows.

use std::io::{self, BufRead, Read as _};

use accrue::facts::fields::{Dialect, Rows};
use encoding_rs::{Encoding, UTF_8};

use super::encoding::{Decoded, detect};
use super::header::{Header, Wanted, best, find};
use super::row::TableRow;
use super::{Advance, HEADER_ROWS, Opening, open_text};
use crate::error::ImportError;
use crate::export::Export;

/// The delimiters that are tried.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";
/// Bytes of the beginning of a file in which the header is looked for.
const BEGINNING_BYTES: u64 = 256 << 10;

/// A CSV file whose dialect is known.
#[derive(Clone, Debug)]
pub(super) struct Delimited {
    export: Export,
    encoding: &'static Encoding,
    dialect: Dialect,
    row_bytes: usize,
}

impl Delimited {
    /// Finds out the dialect of a file, and its header.
    pub(super) fn find(opening: Opening<'_>, wanted: &Wanted<'_>) -> Result<(Self, Header), ImportError> {
        let encoding = detect(opening.export, opening.form.encoding)?;
        let text = beginning(opening, encoding)?;
        let quote = opening.form.quote.unwrap_or(b'"');
        let tried = match opening.form.delimiter.or_else(|| declared(&text)) {
            Some(delimiter) => vec![delimiter],
            None => DELIMITERS.to_vec(),
        };
        let mut found: Option<(u8, Vec<TableRow>, (usize, usize))> = None;
        for delimiter in tried {
            let rows = first_rows(&text, opening.row_bytes, Dialect { delimiter, quote })?;
            // A line `sep=;` is no row of the table.
            let rows: Vec<TableRow> = rows
                .into_iter()
                .filter(|row| !(row.first_line() == 1 && declared(&text).is_some()))
                .collect();
            // If no delimiter gives the columns, the one that gives the most cells is the best guess for a message.
            let count =
                best(&rows, wanted).map_or((0, 0), |header| (header.count(wanted), header.names.len()));
            if found.as_ref().is_none_or(|(_, _, most)| count > *most) {
                found = Some((delimiter, rows, count));
            }
        }
        let Some((delimiter, rows, _)) = found else {
            return Err(ImportError::unfit("there is no header: the table is empty"));
        };
        let hint = format!(
            "cells were separated at `{}`",
            if delimiter == b'\t' { "tab".to_owned() } else { char::from(delimiter).to_string() }
        );
        let mut header = find(&rows, wanted, Some(&hint))?;
        header.delimiter = delimiter;
        header.text = first_lines(&text, header.line);
        let dialect = Dialect { delimiter, quote };
        let export = opening.export.clone();
        Ok((Self { export, encoding, dialect, row_bytes: opening.row_bytes }, header))
    }

    /// Returns the name of the encoding.
    pub(super) fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// Returns the rows from the beginning of the file.
    pub(super) fn rows(&self, advance: Option<Advance>) -> io::Result<DelimitedRows> {
        let input: Box<dyn BufRead + Send> =
            Box::new(Decoded::new(open_text(&self.export, advance)?, self.encoding));
        let rows = Rows::with_dialect(input, self.row_bytes, self.dialect);
        Ok(DelimitedRows { rows, encoding: self.encoding })
    }
}

/// Returns the beginning of a file, decoded.
pub(super) fn beginning(opening: Opening<'_>, encoding: &'static Encoding) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    Decoded::new(open_text(opening.export, None)?, encoding).take(BEGINNING_BYTES).read_to_end(&mut text)?;
    Ok(text)
}

/// Returns the delimiter that the first line declares, such as `sep=;`.
pub(super) fn declared(text: &[u8]) -> Option<u8> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    match line.trim_ascii_end() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => {
            Some(*delimiter).filter(|mark| mark.is_ascii_punctuation())
        }
        // The end of the line was cut off with the blanks.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => {
            line.get(4).copied().filter(|blank| matches!(blank, b'\t' | b' '))
        }
        _ => None,
    }
}

/// Returns the first lines of a text, without the last line end: the header, and what stands above it.
fn first_lines(text: &[u8], count: u64) -> String {
    let text = String::from_utf8_lossy(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text));
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    text.lines().take(count).collect::<Vec<_>>().join("\n")
}

/// Returns the first rows of a text.
pub(super) fn first_rows(text: &[u8], row_bytes: usize, dialect: Dialect) -> io::Result<Vec<TableRow>> {
    let mut rows = Rows::with_dialect(text, row_bytes, dialect);
    let mut first = Vec::new();
    while first.len() <= HEADER_ROWS {
        match rows.next_row()? {
            Some(row) => first.push(TableRow::of_text(row)),
            None => break,
        }
    }
    Ok(first)
}

/// The rows of a CSV file.
pub(super) struct DelimitedRows {
    rows: Rows<Box<dyn BufRead + Send>>,
    encoding: &'static Encoding,
}

impl DelimitedRows {
    /// Returns the next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> io::Result<Option<TableRow>> {
        let Some(row) = self.rows.next_row()? else { return Ok(None) };
        // The decoder writes this letter for bytes that are no text in the encoding.
        let is_broken = self.encoding != UTF_8
            && row.fault.is_none()
            && row.cells().any(|cell| cell.contains('\u{FFFD}'));
        let mut row = TableRow::of_text(row);
        if is_broken {
            row.spoil(format!(
                "this row has bytes that are no text in `{}`; correct `encoding` under [file]",
                self.encoding.name()
            ));
        }
        Ok(Some(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_may_declare_the_delimiter() {
        assert_eq!(declared(b"\xEF\xBB\xBFsep=;\r\na;b"), Some(b';'));
        assert_eq!(declared(b"SEP=\t\na\tb"), Some(b'\t'));
        assert_eq!(declared(b"sep,a\n"), None);
        assert_eq!(declared(b""), None);
    }
}
