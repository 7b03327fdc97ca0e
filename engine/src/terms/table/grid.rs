//! The cells of a table: CSV text within limits, and where each cell stands in it.

use super::text::{parse, quoted, write};
use crate::diagnostic::{Cell, Code, Diagnostic, Diagnostics, Help, Place, Span};
use crate::limits::Limits;
use crate::terms::read::shown;
use crate::terms::source::Origin;

/// A row of a table that is not blank.
#[derive(Debug)]
pub(in crate::terms) struct Line {
    /// Its number, from 1.
    pub(in crate::terms) number: u32,
    /// Its cells without the blanks around them. Cells at the end of a row may be missing.
    pub(in crate::terms) cells: Vec<String>,
    /// The byte of the canonical text at which it begins.
    start: usize,
}

impl Line {
    /// Returns a cell; empty if the row has none in this column. Columns count from 0.
    pub(in crate::terms) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map(String::as_str).unwrap_or_default()
    }
}

/// A table as it was read. Its first row that is not blank is its header.
#[derive(Debug)]
pub(in crate::terms) struct Grid {
    pub(in crate::terms) path: String,
    origin: Option<Origin>,
    pub(in crate::terms) header: Line,
    pub(in crate::terms) lines: Vec<Line>,
    /// Where each line of the text of the file begins, if that is not the canonical text.
    raw: Option<Vec<Span>>,
}

impl Grid {
    /// Reads a table. Reports every row that cannot be read.
    pub(in crate::terms) fn read(
        path: &str,
        text: &str,
        origin: Option<&Origin>,
        limits: &Limits,
        out: &mut Diagnostics,
    ) -> Option<Self> {
        let file = Place::new(path, Span::default());
        let count = text.bytes().filter(|byte| *byte == b'\n').count();
        if count > limits.table_rows {
            let message = format!("{count} rows are more than the {} a table may have", limits.table_rows);
            let help = "split the table; a list of its values may stand in `lists/`, without this limit";
            out.push(Diagnostic::new(Code::TooLarge, Some(file), message).help(help));
            return None;
        }
        let (rows, faults) = parse(text.as_bytes());
        let written = write(rows.iter().map(|(number, cells)| (*number, cells.iter().map(String::as_str))));
        let raw = (written != text).then(|| line_spans(text));
        let mut lines: Vec<Line> = Vec::with_capacity(rows.len());
        let (mut line, mut start) = (1, 0);
        for (number, cells) in rows {
            // An empty line is a line end.
            start += usize::try_from(number.saturating_sub(line)).unwrap_or_default();
            let length: usize = cells.iter().map(|cell| quoted(cell).len() + 1).sum();
            lines.push(Line { number, cells, start });
            start += length;
            line = number.saturating_add(1);
        }
        let is_whole = faults.is_empty() && origin.is_none_or(|origin| origin.faults.is_empty());
        if lines.is_empty() && is_whole {
            let help =
                "write a header, such as `item.sku,rate`, and a row below it for each group, band or limit";
            out.push(Diagnostic::new(Code::MissingKey, Some(file), "this table is empty").help(help));
            return None;
        }
        let header =
            if lines.is_empty() { Line { number: 1, cells: Vec::new(), start: 0 } } else { lines.remove(0) };
        let grid = Self { path: path.to_owned(), origin: origin.cloned(), header, lines, raw };
        let before = out.0.len();
        for (row, message) in faults {
            let help = "write each row on one line; a cell with a comma stands in quotes";
            grid.report(Code::WrongValue, row, None, message, help, out);
        }
        for fault in origin.iter().flat_map(|origin| &origin.faults) {
            let column = fault.column.checked_sub(1).and_then(|at| usize::try_from(at).ok());
            grid.report(Code::WrongValue, fault.row, column, fault.message.clone(), fault.help.clone(), out);
        }
        let columns = grid.header.cells.len();
        if columns > limits.table_columns {
            let message =
                format!("{columns} columns are more than the {} a table may have", limits.table_columns);
            grid.report(Code::TooLarge, grid.header.number, None, message, "split the table", out);
        }
        for line in grid.lines.iter().filter(|line| line.cells.len() > columns) {
            let message =
                format!("this cell stands in column {}, and the header has {columns}", letters(columns));
            let help = "give the column a header, or put a cell with a comma into quotes";
            grid.report(Code::WrongValue, line.number, Some(columns), message, help, out);
        }
        (out.0.len() == before).then_some(grid)
    }

    /// Reports a fault of a cell or, without a column, of a row. Columns count from 0.
    pub(in crate::terms) fn report(
        &self,
        code: Code,
        row: u32,
        column: Option<usize>,
        message: impl Into<String>,
        help: impl Into<Help>,
        out: &mut Diagnostics,
    ) {
        out.push(self.diagnostic(code, row, column, message).help(help));
    }

    /// Returns a diagnostic about a cell or, without a column, about a row. Columns count from 0.
    pub(in crate::terms) fn diagnostic(
        &self,
        code: Code,
        row: u32,
        column: Option<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let place = Place::new(self.path.clone(), self.span(row, column));
        let mut diagnostic = Diagnostic::new(code, Some(place), message);
        diagnostic.cell = Some(self.name(row, column));
        diagnostic
    }

    /// Adds a cell or a row as a second place.
    pub(in crate::terms) fn label(
        &self,
        mut diagnostic: Diagnostic,
        row: u32,
        column: Option<usize>,
        message: &str,
    ) -> Diagnostic {
        diagnostic = diagnostic.label(Place::new(self.path.clone(), self.span(row, column)), message);
        if let Some(label) = diagnostic.labels.last_mut() {
            label.cell = Some(self.name(row, column));
        }
        diagnostic
    }

    /// Returns the name of a cell for people. Columns count from 0.
    pub(in crate::terms) fn name(&self, row: u32, column: Option<usize>) -> Cell {
        let (file, sheet) = match &self.origin {
            Some(origin) => (origin.file.clone(), origin.sheet.clone()),
            None => (self.path.clone(), None),
        };
        let number = column.and_then(|at| u32::try_from(at + 1).ok());
        let header = column
            .map(|at| self.header.cell(at))
            .filter(|name| !name.is_empty() && row != self.header.number);
        Cell { file, sheet, row, column: number, header: header.map(shown) }
    }

    /// Returns the bytes of a cell in the text of the table, or of its row.
    pub(in crate::terms) fn span(&self, row: u32, column: Option<usize>) -> Span {
        if let Some(raw) = &self.raw {
            let at = usize::try_from(row.saturating_sub(1)).unwrap_or(usize::MAX);
            return raw.get(at).copied().unwrap_or_default();
        }
        let below = || {
            let at = self.lines.binary_search_by_key(&row, |line| line.number).ok()?;
            self.lines.get(at)
        };
        let line = if row == self.header.number { Some(&self.header) } else { below() };
        let Some(line) = line else { return Span::default() };
        let length = |cells: &[String]| cells.iter().map(|cell| quoted(cell).len() + 1).sum::<usize>();
        match column {
            Some(at) if at < line.cells.len() => {
                let start = line.start + length(line.cells.get(..at).unwrap_or_default());
                Span::new(start, start + quoted(line.cell(at)).len())
            }
            _ => Span::new(line.start, line.start + length(&line.cells).saturating_sub(1)),
        }
    }
}

/// Returns the bytes of each line of a text.
fn line_spans(text: &str) -> Vec<Span> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let span = Span::new(start, start + line.trim_end().len());
            start += line.len();
            span
        })
        .collect()
}

/// Returns the letters of a column as spreadsheets show them. Columns count from 0.
fn letters(column: usize) -> String {
    crate::diagnostic::column_letters(u32::try_from(column + 1).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn grid(text: &str) -> (Option<Grid>, Diagnostics) {
        let mut out = Diagnostics::new();
        (Grid::read("tables/t.csv", text, None, &Limits::default(), &mut out), out)
    }

    #[test]
    fn cells_have_their_place_in_the_text() {
        let text = "item.sku,rate\n\n\"a, b\",8%\nc\n";
        let grid = grid(text).0.unwrap();
        let at = |row, column| text.get(grid.span(row, column).range()).unwrap();
        assert_eq!(at(1, Some(1)), "rate");
        assert_eq!(at(3, Some(0)), "\"a, b\"");
        assert_eq!(at(3, Some(1)), "8%");
        assert_eq!(at(3, None), "\"a, b\",8%");
        assert_eq!(at(4, Some(1)), "c");
        assert_eq!(grid.name(3, Some(1)).to_string(), "`tables/t.csv`, row 3, column B (`rate`)");
    }

    #[test]
    fn rows_that_cannot_be_read_are_reported_together() {
        let (grid, out) = grid("a,b\n1,2,3\n\"x\ny\",1\n");
        assert!(grid.is_none());
        let rows: Vec<u32> = out.iter().map(|diagnostic| diagnostic.cell.as_ref().unwrap().row).collect();
        assert_eq!(rows, [3, 2]);
        assert!(super::tests::grid("").0.is_none());
    }
}
