//! A row of a table: its cells, and where and how they stand in the file.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use accrue::facts::FactError;
use accrue::facts::fields::Row;

use crate::sort::{Entry, read_more};

/// What a cell of a sheet holds. Cells of CSV are text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum CellKind {
    /// Text, which is read as the mapping says.
    #[default]
    Text = 0,
    /// A number: digits with a point before decimals.
    Number = 1,
    /// A local date with or without a time: `2026-03-02 09:01:00`.
    Date = 2,
    /// A time of day: `09:01:00`.
    Time = 3,
    /// A number that is not exact: it has more digits than spreadsheets keep.
    Inexact = 4,
    /// An error of the spreadsheet, such as `#REF!`.
    Broken = 5,
    /// A number that is shown as a percentage, which is a fraction: `0.08` for `8%`.
    Percent = 6,
}

impl CellKind {
    /// Returns the kind that a byte stands for; `None` if there is none.
    pub(super) fn of_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Text,
            1 => Self::Number,
            2 => Self::Date,
            3 => Self::Time,
            4 => Self::Inexact,
            5 => Self::Broken,
            6 => Self::Percent,
            _ => return None,
        })
    }
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableRow {
    row: Row,
    /// The kinds of the cells; none if all are text.
    kinds: Vec<CellKind>,
}

impl TableRow {
    /// Returns a row of CSV.
    pub(crate) fn of_text(row: Row) -> Self {
        Self { row, kinds: Vec::new() }
    }

    /// Returns a row of a sheet, with its number from 1.
    pub(crate) fn of_sheet(number: u64, cells: &[(String, CellKind)]) -> Self {
        let row = Row::new(number, cells.iter().map(|(text, _)| text.as_str()));
        Self { row, kinds: cells.iter().map(|(_, kind)| *kind).collect() }
    }

    /// Returns the first line of the row, from 1.
    pub(crate) fn first_line(&self) -> u64 {
        self.row.first_line
    }

    /// Returns the last line of the row, from 1.
    pub(crate) fn last_line(&self) -> u64 {
        self.row.last_line
    }

    /// Returns the text of the row in a CSV file, without the last line end.
    pub(crate) fn text(&self) -> &[u8] {
        &self.row.text
    }

    /// Returns the text of the row, and drops its cells.
    pub(crate) fn into_text(self) -> Vec<u8> {
        self.row.text
    }

    /// Sets the text of a row that has none.
    pub(crate) fn set_text(&mut self, text: String) {
        self.row.text = text.into_bytes();
    }

    /// Returns whether the text is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.row.complete
    }

    /// Returns why the cells cannot be trusted; `None` if they can.
    pub(crate) fn fault(&self) -> Option<&FactError> {
        self.row.fault.as_ref()
    }

    /// Sets why the cells cannot be trusted.
    pub(crate) fn spoil(&mut self, message: String) {
        self.row.fault = Some(FactError::whole(message));
    }

    /// Returns the number of cells.
    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// Returns the cells in order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.row.cells().map(bare)
    }

    /// Returns a cell without the blanks around it; empty if the row has no such cell.
    pub(crate) fn cell(&self, at: usize) -> Cow<'_, str> {
        bare(self.row.cell(at))
    }

    /// Returns the kind of a cell.
    pub(crate) fn kind(&self, at: usize) -> CellKind {
        self.kinds.get(at).copied().unwrap_or_default()
    }

    /// Returns whether all cells are empty.
    pub(crate) fn is_blank(&self) -> bool {
        self.row.fault.is_none() && self.row.cells().all(|cell| bare(cell).is_empty())
    }
}

/// Returns what a cell without blanks around it says: the text in `="a1"`, which spreadsheets write so that a text stays a text.
fn bare(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(text) if text.contains("\"\"") => Cow::Owned(text.trim().replace("\"\"", "\"")),
        Some(text) => Cow::Borrowed(text.trim()),
        None => Cow::Borrowed(cell),
    }
}

/// A row on its way through a temporary file. Entries are ordered by the number of their group, then by line.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) group: u64,
    pub(crate) row: TableRow,
}

impl Stored {
    fn key(&self) -> (u64, u64) {
        (self.group, self.row.first_line())
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Stored {}

impl PartialOrd for Stored {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Stored {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Entry for Stored {
    fn size(&self) -> usize {
        let cells: usize = self.row.row.cells().map(|cell| cell.len() + size_of::<usize>()).sum();
        size_of::<Self>().saturating_add(self.row.row.text.len()).saturating_add(cells)
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let Row { first_line, last_line, text, complete, fault, .. } = &self.row.row;
        for number in [self.group, *first_line, *last_line, u64::from(*complete)] {
            number.write(to)?;
        }
        write_bytes(to, text)?;
        let fault = fault.as_ref().map(|fault| fault.message.as_str());
        u64::from(fault.is_some()).write(to)?;
        write_bytes(to, fault.unwrap_or_default().as_bytes())?;
        (self.row.kinds.len() as u64).write(to)?;
        self.row.kinds.iter().try_for_each(|kind| to.write_all(&[*kind as u8]))?;
        (self.row.len() as u64).write(to)?;
        self.row.row.cells().try_for_each(|cell| write_bytes(to, cell.as_bytes()))
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(group) = u64::read(from)? else { return Ok(None) };
        let (first_line, last_line, complete): (u64, u64, u64) =
            (read_more(from)?, read_more(from)?, read_more(from)?);
        let text = read_bytes(from)?;
        let is_faulty = read_more::<u64>(from)? != 0;
        let fault = read_text(from)?;
        let kinds: u64 = read_more(from)?;
        let mut bytes = vec![0; usize::try_from(kinds).map_err(io::Error::other)?];
        from.read_exact(&mut bytes)?;
        let count: u64 = read_more(from)?;
        let cells = (0..count).map(|_| read_text(from)).collect::<io::Result<Vec<String>>>()?;
        let mut row = Row::new(first_line, cells.iter().map(String::as_str));
        row.last_line = last_line;
        row.complete = complete != 0;
        row.text = text;
        row.fault = is_faulty.then(|| FactError::whole(fault));
        let kinds = bytes.into_iter().filter_map(CellKind::of_byte).collect();
        Ok(Some(Self { group, row: TableRow { row, kinds } }))
    }
}

fn write_bytes(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    (bytes.len() as u64).write(to)?;
    to.write_all(bytes)
}

fn read_bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length: u64 = read_more(from)?;
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_text(from: &mut impl Read) -> io::Result<String> {
    String::from_utf8(read_bytes(from)?).map_err(io::Error::other)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_stored_row_reads_back() {
        let cells = [("1.5".to_owned(), CellKind::Number), ("x".to_owned(), CellKind::Text)];
        let mut row = TableRow::of_sheet(7, &cells);
        row.set_text("1,5;x".to_owned());
        row.spoil("wrong".to_owned());
        let mut bytes = Vec::new();
        Stored { group: 3, row }.write(&mut bytes).unwrap();
        let mut from = bytes.as_slice();
        let Stored { group, row } = Stored::read(&mut from).unwrap().unwrap();
        assert!(Stored::read(&mut from).unwrap().is_none());
        assert_eq!((group, row.first_line(), row.text()), (3, 7, b"1,5;x".as_slice()));
        assert_eq!(
            (row.cell(0).as_ref(), row.kind(0), row.kind(1)),
            ("1.5", CellKind::Number, CellKind::Text)
        );
        assert_eq!(row.fault().unwrap().message, "wrong");
    }

    #[test]
    fn texts_that_spreadsheets_protect() {
        assert_eq!(bare("=\" a1 \""), "a1");
        assert_eq!(bare("=\"a\"\"1\""), "a\"1");
        assert_eq!(bare("=\"\""), "");
        assert_eq!(bare("=\""), "=\"");
        assert_eq!(bare("=A1"), "=A1");
    }
}
