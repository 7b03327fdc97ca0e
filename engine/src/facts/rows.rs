//! Reads the rows of CSV as cells, each row with its own text and lines.
//!
//! A quoted cell may run over several lines. A quote that is never closed would swallow the rest of the file, so a row has at
//! most [`MAX_ROW_LINES`] lines and a bounded length. Beyond that only its first line is rejected, and reading continues at the
//! second.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use super::error::FactError;
use super::jsonl::not_utf8;
use super::lines::{Line, Lines};

/// The most lines of a row. No fact has line breaks, but notes and addresses in a brand's own attributes may have a few.
pub(super) const MAX_ROW_LINES: usize = 100;

/// A row of cells.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The first line of the row, from 1.
    pub first_line: u64,
    /// The last line of the row, from 1.
    pub last_line: u64,
    /// The text of the row, without the last line end.
    pub text: Vec<u8>,
    /// Whether `text` is complete.
    pub complete: bool,
    /// Why the cells cannot be trusted; `None` if they can.
    pub fault: Option<FactError>,
    cells: String,
    ends: Vec<usize>,
}

/// The bytes that are kept free for a cell whose length is not known yet.
const USUAL_CELL: usize = 12;

impl Row {
    /// Returns a row of these cells, which stands on this line or in this row of its file.
    pub fn new<'a>(line: u64, cells: impl IntoIterator<Item = &'a str>) -> Self {
        let cells = cells.into_iter();
        let count = cells.size_hint().0;
        let mut row = Self {
            first_line: line,
            last_line: line,
            complete: true,
            cells: String::with_capacity(count.saturating_mul(USUAL_CELL)),
            ends: Vec::with_capacity(count),
            ..Self::default()
        };
        for cell in cells {
            row.cells.push_str(cell);
            row.ends.push(row.cells.len());
        }
        row
    }

    /// Returns the number of cells.
    #[allow(clippy::len_without_is_empty, reason = "a row has at least one cell")]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the cells in order, each as [`Row::cell`] does.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.cell(at))
    }

    /// Returns a cell without the blanks around it, and without the `'` by which [`disarmed`] keeps a formula from being one; empty if the
    /// row has no such cell.
    pub fn cell(&self, at: usize) -> &str {
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).copied().unwrap_or(self.cells.len()),
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        let cell = self.cells.get(start..end).unwrap_or_default().trim();
        cell.strip_prefix('\'').filter(|text| is_armed(text)).map_or(cell, str::trim_start)
    }
}

/// Returns whether a text would be a formula in a spreadsheet, or is one with a `'` before it.
///
/// A formula begins with `=`, `+`, `-`, `@`, a tab or a line end. A number such as `-5`, `+49.30` or `-1,5%` is none, if it has at most
/// [`NUMBER_BYTES`].
pub fn is_armed(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    let mut letters = text.chars();
    match letters.next() {
        Some('=' | '@' | '\t' | '\r' | '\n') => true,
        Some('+' | '-') => {
            text.len() > NUMBER_BYTES || !letters.all(|c| matches!(c, '0'..='9' | '.' | ',' | '%'))
        }
        _ => false,
    }
}

/// The most bytes that tell a number from a formula. No number that is read has more.
pub const NUMBER_BYTES: usize = 64;

/// Returns a text as it stands in a cell of CSV that people may open in a spreadsheet: with a `'` before it if [`is_armed`]. Readers of CSV
/// take that `'` away again.
pub fn disarmed(text: &str) -> Cow<'_, str> {
    if is_armed(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The characters that separate and quote cells. Both are ASCII, and no line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Separates the cells of a row.
    pub delimiter: u8,
    /// Stands around a cell that contains a delimiter or a line end.
    pub quote: u8,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quote: b'"' }
    }
}

/// Reads rows.
#[derive(Debug)]
pub struct Rows<R> {
    lines: Lines<R>,
    limit: usize,
    quote: char,
    pending: VecDeque<Line>,
    core: csv_core::Reader,
    cells: Vec<u8>,
    /// The number of cells of the last row: the next row has as many.
    width: usize,
}

impl<R: BufRead> Rows<R> {
    /// Returns the rows of `input`, in which commas separate cells. A row has at most `limit` bytes.
    pub(crate) fn new(input: R, limit: usize) -> Self {
        Self::with_dialect(input, limit, Dialect::default())
    }

    /// Returns the rows of `input`. A row has at most `limit` bytes.
    pub fn with_dialect(input: R, limit: usize, dialect: Dialect) -> Self {
        let Dialect { delimiter, quote } = dialect;
        Self {
            lines: Lines::new(input, limit),
            limit,
            quote: char::from(quote),
            pending: VecDeque::new(),
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).quote(quote).build(),
            cells: Vec::new(),
            width: 0,
        }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.pending.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next_line(),
        }
    }

    /// Returns the next row that is not blank; `None` at the end.
    ///
    /// # Errors
    ///
    /// The error of reading the input.
    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        loop {
            let Some(first) = self.line()? else { return Ok(None) };
            if first.cut || !first.bytes.trim_ascii().is_empty() {
                return self.row(first).map(Some);
            }
        }
    }

    fn row(&mut self, first: Line) -> io::Result<Row> {
        let mut lines = vec![first];
        let mut ends = Vec::with_capacity(self.width);
        let mut filled = 0;
        let mut length = 0usize;
        self.core.reset();
        loop {
            let Some(line) = lines.last() else { return Ok(Row::default()) };
            length = length.saturating_add(line.bytes.len()).saturating_add(1);
            if line.cut || length > self.limit.saturating_add(1) || lines.len() > MAX_ROW_LINES {
                return Ok(self.give_up(lines));
            }
            // The carriage returns before a line break are dropped, so that a cell reads the same from the text of the row.
            let end = line.bytes.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
            let bytes = line.bytes.get(..end).unwrap_or_default();
            match feed(&mut self.core, bytes, &mut self.cells, &mut filled, &mut ends) {
                Fed::Whole => break,
                Fed::Part => {
                    let mut row = joined(lines, true);
                    row.fault = Some(FactError::whole(
                        "there is a carriage return in the middle of this row; save the file with the line ends of \
                         Windows or Unix",
                    ));
                    return Ok(row);
                }
                Fed::Open => {}
            }
            match self.line()? {
                Some(line) => lines.push(line),
                None => return Ok(self.give_up(lines)),
            }
        }
        let mut row = joined(lines, true);
        let cells = self.cells.get(..filled).unwrap_or_default().to_vec();
        let text = std::str::from_utf8(&row.text).map_err(|error| error.valid_up_to());
        // Cells of a text are text, as they are separated and quoted by ASCII.
        match text.and_then(|_| String::from_utf8(cells).map_err(|_| 0)) {
            Ok(cells) => {
                self.width = ends.len();
                row.cells = cells;
                row.ends = ends;
            }
            Err(at) => row.fault = Some(not_utf8(at)),
        }
        Ok(row)
    }

    /// Rejects the first line, and keeps the others to be read as rows of their own.
    fn give_up(&mut self, mut lines: Vec<Line>) -> Row {
        let rest = lines.split_off(1);
        let cut = lines.first().is_some_and(|line| line.cut);
        for line in rest.into_iter().rev() {
            self.pending.push_front(line);
        }
        let mut row = joined(lines, !cut);
        row.fault = Some(FactError::whole(if cut {
            format!("this line is longer than {} bytes, which no action may be", self.limit)
        } else {
            let quote = self.quote;
            format!(
                "this row opens a quote `{quote}` that is never closed; write `{quote}{quote}` for a quote inside \
                 quotes"
            )
        }));
        row
    }
}

fn joined(lines: Vec<Line>, complete: bool) -> Row {
    let mut row = Row { complete, ..Row::default() };
    for (n, line) in lines.into_iter().enumerate() {
        if n == 0 {
            row.first_line = line.number;
            row.text = line.bytes;
        } else {
            row.text.push(b'\n');
            row.text.extend(line.bytes);
        }
        row.last_line = line.number;
    }
    row
}

/// The state of a row after one more line.
enum Fed {
    /// The row ends with the line.
    Whole,
    /// The row ends before the line does, at a carriage return.
    Part,
    /// The row continues on the next line, inside a quote.
    Open,
}

/// Parses one more line of a row.
fn feed(
    core: &mut csv_core::Reader,
    line: &[u8],
    cells: &mut Vec<u8>,
    filled: &mut usize,
    ends: &mut Vec<usize>,
) -> Fed {
    // The parser writes into this buffer; unescaping only makes text shorter.
    cells.resize(filled.saturating_add(line.len()).saturating_add(8), 0);
    let mut found = [0usize; 64];
    // For the parser an empty input means the end of the file, even inside a quote.
    for part in [line, b"\n"].into_iter().filter(|part| !part.is_empty()) {
        let mut input = part;
        loop {
            let output = cells.get_mut(*filled..).unwrap_or_default();
            let (result, read, written, ended) = core.read_record(input, output, &mut found);
            input = input.get(read..).unwrap_or_default();
            *filled = filled.saturating_add(written);
            ends.extend(found.iter().take(ended));
            match result {
                ReadRecordResult::Record | ReadRecordResult::End if input.is_empty() => return Fed::Whole,
                ReadRecordResult::Record | ReadRecordResult::End => return Fed::Part,
                ReadRecordResult::OutputFull => cells.resize(cells.len().saturating_add(64), 0),
                ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::InputEmpty => break,
            }
            if input.is_empty() {
                break;
            }
        }
    }
    Fed::Open
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<(u64, Vec<String>, Option<String>)> {
        let mut rows = Rows::new(io::BufReader::with_capacity(3, text), 200);
        let mut all = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            let cells = (0..row.len()).map(|at| row.cell(at).to_owned()).collect();
            all.push((row.first_line, cells, row.fault.map(|fault| fault.message)));
        }
        all
    }

    #[test]
    fn quotes_line_breaks_and_blanks() {
        let read = rows(b"a, b ,\"c,\"\"d\"\"\"\r\n\n,\"x\ny\",5\" tv\nlast,,");
        assert_eq!(read[0], (1, vec!["a".into(), "b".into(), "c,\"d\"".into()], None));
        assert_eq!(read[1], (3, vec![String::new(), "x\ny".into(), "5\" tv".into()], None));
        assert_eq!(read[2], (5, vec!["last".into(), String::new(), String::new()], None));
    }

    #[test]
    fn a_blank_line_in_a_quote_ends_nothing() {
        let read = rows(b"a,\"x\n\n\r\ny\",b\nc,\"d\n\n\ne,f\n");
        assert_eq!(read[0], (1, vec!["a".into(), "x\n\n\ny".into(), "b".into()], None));
        assert!(read[1].2.as_deref().unwrap().contains("never closed"));
        assert_eq!(read[2], (8, vec!["e".into(), "f".into()], None));
    }

    #[test]
    fn a_row_reads_the_same_from_its_text() {
        let text = b"a,\"x\r\r\ny\r\nz\r\r\r\n\r\r\n\",b\r\r\n";
        let read = rows(text);
        assert_eq!(read, [(1, vec!["a".into(), "x\ny\nz".into(), "b".into()], None)]);
        let own = Rows::new(text.as_slice(), 200).next_row().unwrap().unwrap().text;
        assert_eq!(rows(&own), read);
    }

    #[test]
    fn more_cells_than_one_batch() {
        let line = vec!["v"; 500].join(",");
        let mut rows = Rows::new(line.as_bytes(), 2_000);
        assert_eq!(rows.next_row().unwrap().unwrap().len(), 500);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        let read = rows(b"a,\"b\nc,d\ne,f\n");
        assert!(read[0].2.as_deref().unwrap().contains("never closed"));
        assert_eq!(read[1], (2, vec!["c".into(), "d".into()], None));
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn nothing_after_a_carriage_return_is_lost() {
        let read = rows(b"a,b\rc,d\re,f\n\"g\rh\",i\r\n");
        assert!(read[0].2.as_deref().unwrap().contains("carriage return"));
        assert_eq!(read[1], (2, vec!["g\rh".into(), "i".into()], None));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_formula_that_was_disarmed_reads_as_it_was() {
        for text in ["=1+1", "'=1+1", "@x", "+1+1", "-2+3", "a", "'a", "-5", "'-5", "'", "-1,5%", ""] {
            let row = Row::new(1, [disarmed(text).as_ref()]);
            assert_eq!(row.cell(0), text);
            assert_eq!(disarmed(text) == text, !is_armed(text));
        }
        assert_eq!(disarmed("\t=1"), "'\t=1");
    }

    #[test]
    fn not_utf8_and_too_long() {
        let mut text = b"a,\xFF\n".to_vec();
        text.extend([b'x'; 300]);
        text.extend(b"\nb,c");
        let read = rows(&text);
        assert!(read[0].2.as_deref().unwrap().contains("not UTF-8"));
        assert!(read[1].2.as_deref().unwrap().contains("longer than 200 bytes"));
        assert_eq!(read[2], (3, vec!["b".into(), "c".into()], None));
    }
}
