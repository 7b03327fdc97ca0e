//! Reads an export of which nothing is known: its dialect, its header and the cells of its columns.

use std::collections::BTreeMap;

use accrue::facts::fields::{Dialect, Rows};
use encoding_rs::{UTF_8, WINDOWS_1252};

use super::delimited::{DELIMITERS, beginning, declared, first_rows};
use super::encoding::{Decoded, detect};
use super::form::{RawRow, TableForm};
use super::header::Header;
use super::row::{CellKind, TableRow};
use super::sheets::one_sheet;
use super::{Format, Opening, open_text};
use crate::error::ImportError;

/// The rows that are looked at. More rows rarely have cells of another form, and would take more memory.
const ROWS: usize = 20_000;

/// The rows that are kept as they stand.
const RAW_ROWS: usize = 20;

/// What an export looks like.
#[derive(Debug)]
pub(crate) struct Sketch {
    pub(crate) header: Header,
    pub(crate) form: TableForm,
    /// The first rows below the header.
    pub(crate) rows: Vec<RawRow>,
    /// Whether the encoding cannot be told; it was read as windows-1252.
    pub(crate) is_encoding_open: bool,
    /// Whether there are more rows than were looked at.
    pub(crate) is_cut: bool,
    /// The texts of each column. Numbers and dates of spreadsheets are not among them.
    columns: Vec<Vec<String>>,
    /// Whether a column has dates of a spreadsheet.
    has_dates: Vec<bool>,
}

impl Sketch {
    /// Reads an export.
    pub(crate) fn of(opening: Opening<'_>) -> Result<Self, ImportError> {
        match Format::of(opening.export)? {
            Format::Text => Self::of_text(opening),
            Format::Workbook => {
                let (spool, _) = one_sheet(opening)?;
                let header = likely(&spool.beginning()?).ok_or_else(no_table)?;
                let mut sketch = Self::below(header, None);
                let mut rows = spool.rows();
                while let Some(row) = rows.next_row()? {
                    if !sketch.add(&row) {
                        break;
                    }
                }
                Ok(sketch)
            }
        }
    }

    fn of_text(opening: Opening<'_>) -> Result<Self, ImportError> {
        let (encoding, is_encoding_open) = match detect(opening.export, None) {
            Ok(encoding) => (encoding, false),
            Err(ImportError::Unfit(_)) => (WINDOWS_1252, true),
            Err(error) => return Err(error),
        };
        let text = beginning(opening, encoding)?;
        let tried = declared(&text).map_or_else(|| DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
        let mut best: Option<(usize, Dialect, Header)> = None;
        for delimiter in tried {
            let dialect = Dialect { delimiter, ..Dialect::default() };
            let rows = first_rows(&text, opening.row_bytes, dialect)?;
            let Some(header) = likely(&rows) else { continue };
            let score =
                rows.iter().filter(|row| row.len() == header.names.len()).count() * (header.names.len() - 1);
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, dialect, header));
            }
        }
        let (_, dialect, mut header) = best.ok_or_else(no_table)?;
        header.delimiter = dialect.delimiter;
        let mut sketch = Self { is_encoding_open, ..Self::below(header, Some(encoding.name())) };
        debug_assert!(encoding != UTF_8 || !is_encoding_open, "UTF-8 can be told");
        let mut rows = Rows::with_dialect(
            Decoded::new(open_text(opening.export, None)?, encoding),
            opening.row_bytes,
            dialect,
        );
        while let Some(row) = rows.next_row()? {
            if !sketch.add(&TableRow::of_text(row)) {
                break;
            }
        }
        Ok(sketch)
    }

    fn below(header: Header, encoding: Option<&str>) -> Self {
        let width = header.names.len();
        Self {
            form: TableForm::of(&header, encoding),
            rows: Vec::new(),
            header,
            is_encoding_open: false,
            is_cut: false,
            columns: vec![Vec::new(); width],
            has_dates: vec![false; width],
        }
    }

    /// Adds a row below the header. Returns `false` if no more rows are looked at.
    fn add(&mut self, row: &TableRow) -> bool {
        if row.first_line() <= self.header.line || row.is_blank() || row.fault().is_some() {
            return true;
        }
        if self.columns.first().is_some_and(|cells| cells.len() >= ROWS) {
            self.is_cut = true;
            return false;
        }
        if self.rows.len() < RAW_ROWS {
            self.rows.push(RawRow::of(row));
        }
        for (at, (cells, has_dates)) in self.columns.iter_mut().zip(&mut self.has_dates).enumerate() {
            *has_dates |= row.kind(at) == CellKind::Date;
            cells.push(if row.kind(at) == CellKind::Text {
                row.cell(at).into_owned()
            } else {
                String::new()
            });
        }
        true
    }

    /// Returns the texts of a column that are not empty.
    pub(crate) fn column(&self, name: &str) -> impl Iterator<Item = &str> {
        let cells = self.header.place(name).and_then(|at| self.columns.get(at));
        cells.into_iter().flatten().map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// Returns whether a column has dates of a spreadsheet.
    pub(crate) fn has_dates(&self, name: &str) -> bool {
        self.header.place(name).and_then(|at| self.has_dates.get(at)).copied().unwrap_or_default()
    }
}

/// Returns the row that is most likely the header: the first one as wide as most rows. `None` if no row has two cells.
fn likely(rows: &[TableRow]) -> Option<Header> {
    let headers: Vec<Header> = rows.iter().filter(|row| row.fault().is_none()).map(Header::of).collect();
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.fault().is_none() && row.len() > 1) {
        *widths.entry(row.len()).or_default() += 1;
    }
    let (width, _) = widths.into_iter().max_by_key(|(_, count)| *count)?;
    let is_full =
        |header: &&Header| header.names.len() >= 2 && header.names.iter().all(|name| !name.is_empty());
    let mut wide = headers.iter().filter(is_full);
    wide.find(|header| header.names.len() == width).or_else(|| headers.iter().find(is_full)).cloned()
}

fn no_table() -> ImportError {
    ImportError::unfit(
        "this file is no table: no row has two cells that are separated by `,`, `;`, `|` or a tab",
    )
}
