//! Keeps the rows of a sheet in a temporary file, so that they can be read more than once, and memory does not grow with them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::sync::Arc;

use super::HEADER_ROWS;
use super::row::{Stored, TableRow};
use crate::sort::Entry as _;

/// The rows of a sheet.
#[derive(Debug)]
pub(super) struct Spool {
    file: Arc<File>,
}

/// Takes the rows of a sheet.
pub(super) struct SpoolWriter {
    to: BufWriter<File>,
}

impl SpoolWriter {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { to: BufWriter::new(tempfile::tempfile()?) })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: TableRow) -> io::Result<()> {
        Stored { group: 0, row }.write(&mut self.to)
    }

    /// Returns the rows.
    pub(super) fn finish(self) -> io::Result<Spool> {
        let file = self.to.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Spool { file: Arc::new(file) })
    }
}

impl Spool {
    /// Returns the rows from the first one.
    pub(super) fn rows(&self) -> io::Result<SpoolRows> {
        Ok(SpoolRows { from: BufReader::new(Cursor { file: Arc::clone(&self.file), at: 0 }) })
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
    from: BufReader<Cursor>,
}

impl SpoolRows {
    /// Returns the next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> io::Result<Option<TableRow>> {
        Ok(Stored::read(&mut self.from)?.map(|stored| stored.row))
    }
}

/// Reads a file from its beginning, whatever others read of it. So the file needs no name by which it could be opened again, and nothing
/// is left of it whatever ends the process.
struct Cursor {
    file: Arc<File>,
    at: u64,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}
