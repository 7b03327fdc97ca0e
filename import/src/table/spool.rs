//! Keeps the rows of a sheet in a temporary file, so that they can be read more than once, and memory does not grow with them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter};

use tempfile::NamedTempFile;

use super::HEADER_ROWS;
use super::row::{Stored, TableRow};
use crate::sort::Entry as _;

/// The rows of a sheet.
#[derive(Debug)]
pub(super) struct Spool {
    file: NamedTempFile,
}

/// Takes the rows of a sheet.
pub(super) struct SpoolWriter {
    to: BufWriter<NamedTempFile>,
}

impl SpoolWriter {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { to: BufWriter::new(NamedTempFile::new()?) })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: TableRow) -> io::Result<()> {
        Stored { group: 0, row }.write(&mut self.to)
    }

    /// Returns the rows.
    pub(super) fn finish(self) -> io::Result<Spool> {
        Ok(Spool { file: self.to.into_inner().map_err(io::IntoInnerError::into_error)? })
    }
}

impl Spool {
    /// Returns the rows from the first one.
    pub(super) fn rows(&self) -> io::Result<SpoolRows> {
        Ok(SpoolRows { from: BufReader::new(self.file.reopen()?) })
    }

    /// Returns the first rows.
    pub(super) fn beginning(&self) -> io::Result<Vec<TableRow>> {
        let mut rows = self.rows()?;
        let mut first = Vec::new();
        while first.len() < HEADER_ROWS
            && let Some(row) = rows.next_row()?
        {
            first.push(row);
        }
        Ok(first)
    }
}

/// The rows of a sheet, one by one.
pub(super) struct SpoolRows {
    from: BufReader<File>,
}

impl SpoolRows {
    /// Returns the next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> io::Result<Option<TableRow>> {
        Ok(Stored::read(&mut self.from)?.map(|stored| stored.row))
    }
}
