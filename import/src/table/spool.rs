//! Keeps the rows of a sheet outside of memory, so that they can be read more than once, and memory does not grow with them.
//!
//! A row is its number and the number of its cells; then each cell as a byte for its kind and its text. Numbers have seven bits in
//! a byte, the lowest first; a text is its length in bytes and its UTF-8.

use std::io::{self, BufReader, Cursor, Read, Write};
use std::ops::Range;
use std::sync::Arc;

use super::HEADER_ROWS;
use super::row::{CellKind, TableRow};
#[cfg(feature = "workbooks")]
use crate::scratch::Scratch;
use crate::scratch::{Reader, Written};

/// Bytes that are read or written at once.
const BUFFER_BYTES: usize = 8 << 10;

/// The most cells of a row, which is the limit of spreadsheets.
const MOST_CELLS: u64 = 16_384;

/// A cell of a sheet.
pub(super) type Cell = (String, CellKind);

/// The rows of a sheet.
#[derive(Clone, Debug)]
pub(super) enum Spool {
    /// Rows that were read from a workbook.
    Written(Written),
    /// Rows that were read before, and the bytes among which they are.
    Bytes(Arc<[u8]>, Range<usize>),
}

impl Spool {
    /// Returns the rows from the first one.
    pub(super) fn rows(&self) -> SpoolRows {
        SpoolRows { from: BufReader::with_capacity(BUFFER_BYTES, self.bytes()) }
    }

    /// Returns the bytes of the rows.
    pub(super) fn bytes(&self) -> SpoolBytes {
        match self {
            Self::Written(written) => SpoolBytes::Written(written.reader()),
            Self::Bytes(bytes, range) => {
                let mut from = Cursor::new(Arc::clone(bytes));
                from.set_position(range.start as u64);
                SpoolBytes::Bytes(from.take(range.len() as u64))
            }
        }
    }

    /// Returns the first rows.
    pub(super) fn beginning(&self) -> io::Result<Vec<TableRow>> {
        let mut rows = self.rows();
        let mut first = Vec::new();
        while first.len() < HEADER_ROWS
            && let Some(row) = rows.next_row()?
        {
            first.push(row);
        }
        Ok(first)
    }
}

/// Reads the bytes of rows.
pub(super) enum SpoolBytes {
    Written(Reader),
    Bytes(io::Take<Cursor<Arc<[u8]>>>),
}

impl Read for SpoolBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Written(from) => from.read(buffer),
            Self::Bytes(from) => from.read(buffer),
        }
    }
}

/// The rows of a sheet, one by one.
pub(super) struct SpoolRows {
    from: BufReader<SpoolBytes>,
}

impl SpoolRows {
    /// Returns the next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> io::Result<Option<TableRow>> {
        Ok(read_row(&mut self.from)?.map(|(number, cells)| TableRow::of_sheet(number, &cells)))
    }
}

/// Takes the rows of a sheet.
#[cfg(feature = "workbooks")]
pub(super) struct SpoolWriter {
    to: Scratch,
}

#[cfg(feature = "workbooks")]
impl SpoolWriter {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { to: Scratch::new(BUFFER_BYTES)? })
    }

    /// Adds a row, with its number from 1.
    pub(super) fn push(&mut self, number: u64, cells: &[Cell]) -> io::Result<()> {
        write_number(&mut self.to, number)?;
        write_number(&mut self.to, cells.len() as u64)?;
        for (text, kind) in cells {
            self.to.write_all(&[*kind as u8])?;
            write_text(&mut self.to, text)?;
        }
        Ok(())
    }

    /// Returns the rows.
    pub(super) fn finish(self) -> io::Result<Spool> {
        self.to.finish().map(Spool::Written)
    }
}

/// Reads a row; `None` at the end.
pub(super) fn read_row(from: &mut impl Read) -> io::Result<Option<(u64, Vec<Cell>)>> {
    let Some(number) = read_number(from)? else { return Ok(None) };
    let count = read_more(from)?;
    if count > MOST_CELLS {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut cells = Vec::new();
    for _ in 0..count {
        let mut kind = [0u8; 1];
        from.read_exact(&mut kind)?;
        let kind = CellKind::of_byte(kind[0]).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        cells.push((read_text(from)?, kind));
    }
    Ok(Some((number, cells)))
}

/// Writes a number.
pub(super) fn write_number(to: &mut impl Write, mut number: u64) -> io::Result<()> {
    loop {
        let low = u8::try_from(number & 0x7F).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return to.write_all(&[low]);
        }
        to.write_all(&[low | 0x80])?;
    }
}

/// Reads a number; `None` at the end.
pub(super) fn read_number(from: &mut impl Read) -> io::Result<Option<u64>> {
    let (mut number, mut shift) = (0u64, 0u32);
    loop {
        let mut byte = [0u8; 1];
        if from.read(&mut byte)? == 0 {
            return if shift == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        let bits = u64::from(byte[0] & 0x7F);
        // The tenth byte has one bit.
        if shift == 63 && byte[0] > 1 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        number |= bits << shift;
        if byte[0] < 0x80 {
            return Ok(Some(number));
        }
        shift += 7;
    }
}

/// Reads a number that must be there.
pub(super) fn read_more(from: &mut impl Read) -> io::Result<u64> {
    read_number(from)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Writes a text.
pub(super) fn write_text(to: &mut impl Write, text: &str) -> io::Result<()> {
    write_number(to, text.len() as u64)?;
    to.write_all(text.as_bytes())
}

/// Reads a text. Takes no more memory than there are bytes, whatever the length claims.
pub(super) fn read_text(from: &mut impl Read) -> io::Result<String> {
    let length = read_more(from)?;
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_and_end_within_ten_bytes() {
        for number in [0, 1, 127, 128, 1 << 35, u64::MAX] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number).unwrap();
            assert_eq!(read_number(&mut bytes.as_slice()).unwrap(), Some(number));
        }
        assert_eq!(read_number(&mut [].as_slice()).unwrap(), None);
        assert!(read_number(&mut [0x80].as_slice()).is_err());
        assert!(read_number(&mut [0xFF; 12].as_slice()).is_err());
        assert!(
            read_number(&mut [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02].as_slice())
                .is_err()
        );
    }
}
