//! Reads exports as tables: a header, and rows of cells with their lines.
//!
//! A table may be CSV in any dialect and encoding, or a sheet of a workbook. This module must not know actions.

mod delimited;
mod encoding;
mod form;
mod grid;
#[cfg(feature = "workbooks")]
mod guard;
mod header;
mod limits;
#[cfg(feature = "workbooks")]
mod percent;
mod row;
#[cfg(feature = "workbooks")]
mod scan;
mod sheets;
mod sketch;
mod spool;
#[cfg(feature = "workbooks")]
mod workbook;

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use accrue::facts::{FactError, FactErrors};
use flate2::bufread::MultiGzDecoder;

use crate::error::ImportError;
use crate::export::{Export, Input};
use crate::mapping::{FileForm, Mapping};
use delimited::Delimited;

pub use form::{RawRow, TableForm};
pub use grid::read_tables;
pub(crate) use header::{Header, Wanted, listed};
pub use limits::SheetLimits;
pub(crate) use row::{CellKind, Stored, TableRow};
#[cfg(feature = "workbooks")]
pub use sheets::read_workbook;
pub(crate) use sketch::Sketch;
#[cfg(feature = "workbooks")]
pub use workbook::is_reading;

/// The number of rows among which the header is looked for.
pub(crate) const HEADER_ROWS: usize = 20;

/// A table that was opened and whose header was found. Its rows can be read more than once.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) header: Header,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Delimited(Delimited),
    Sheet(spool::Spool),
}

/// What is needed to open a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) export: &'a Export,
    pub(crate) form: &'a FileForm,
    /// The most bytes of a row.
    pub(crate) row_bytes: usize,
    pub(crate) sheets: &'a SheetLimits,
}

impl Table {
    /// Opens an export and finds its header.
    pub(crate) fn open(opening: Opening<'_>, mapping: &Mapping) -> Result<Self, ImportError> {
        let wanted = Wanted { columns: mapping.required(), title_lines: mapping.file.title_lines };
        match Format::of(opening.export)? {
            Format::Text => {
                let (delimited, header) = Delimited::find(opening, &wanted)?;
                Ok(Self { header, body: Body::Delimited(delimited) })
            }
            Format::Workbook => {
                let (spool, formulas) = sheets::one_sheet(opening)?;
                let mut header = header::find(&spool.beginning()?, &wanted, None)?;
                header.delimiter = opening.form.delimiter.unwrap_or(b',');
                sheets::refuse(&formulas, &header, mapping)?;
                Ok(Self { header, body: Body::Sheet(spool) })
            }
        }
    }

    /// Returns the rows below the header, from the first one. `advance` is called with the number of bytes that were read.
    pub(crate) fn rows(&self, advance: Option<Advance>) -> io::Result<TableRows> {
        let stream = match &self.body {
            Body::Delimited(delimited) => Stream::Delimited(Box::new(delimited.rows(advance)?)),
            Body::Sheet(spool) => Stream::Sheet(spool.rows()),
        };
        Ok(TableRows { stream, header_line: self.header.line })
    }

    /// Returns how the table is written.
    pub(crate) fn form(&self) -> TableForm {
        let encoding = match &self.body {
            Body::Delimited(delimited) => Some(delimited.encoding()),
            Body::Sheet(_) => None,
        };
        TableForm::of(&self.header, encoding)
    }

    /// Returns whether rows keep the text of the file. Rows of sheets have none.
    pub(crate) fn has_text(&self) -> bool {
        matches!(self.body, Body::Delimited(_))
    }
}

/// Called with the number of bytes that were read, for a progress bar.
pub(crate) type Advance = Arc<dyn Fn(u64) + Send + Sync>;

/// The rows of a table below its header.
pub(crate) struct TableRows {
    stream: Stream,
    header_line: u64,
}

enum Stream {
    Delimited(Box<delimited::DelimitedRows>),
    Sheet(spool::SpoolRows),
}

impl TableRows {
    /// Returns the next row with a cell that is not empty; `None` at the end.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<TableRow>> {
        loop {
            let row = match &mut self.stream {
                Stream::Delimited(rows) => rows.next_row()?,
                Stream::Sheet(rows) => rows.next_row()?,
            };
            match row {
                Some(row) if row.first_line() <= self.header_line || row.is_blank() => {}
                row => return Ok(row),
            }
        }
    }
}

/// The kind of a file, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text, perhaps compressed by gzip.
    Text,
    /// A workbook, which is a zip file, or its sheets.
    Workbook,
}

impl Format {
    pub(crate) fn of(export: &Export) -> Result<Self, ImportError> {
        let start = beginning(&mut export.open()?)?;
        if export.as_sheets().is_some() || start.starts_with(b"PK\x03\x04") {
            return Ok(Self::Workbook);
        }
        let refused = |message: &str| ImportError::Unfit(FactErrors::from(FactError::whole(message)));
        if start.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            return Err(refused(
                "this is an encrypted workbook, or one of Excel 97 to 2003; open it and save it as .xlsx without a password, or \
                 as CSV",
            ));
        }
        if start.starts_with(b"%PDF") || start.starts_with(b"PAR1") {
            return Err(refused(
                "a mapping reads CSV, .xlsx and .ods, and this is another format; export it as one of these",
            ));
        }
        Ok(Self::Text)
    }
}

/// Returns the first bytes of an input.
fn beginning(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.take(16).read_to_end(&mut start)?;
    Ok(start)
}

/// Opens a text file, which is inflated if it is compressed by gzip.
pub(crate) fn open_text(export: &Export, advance: Option<Advance>) -> io::Result<Box<dyn BufRead + Send>> {
    let is_gzip = beginning(&mut export.open()?)?.starts_with(b"\x1F\x8B");
    let file = BufReader::with_capacity(BUFFER_BYTES, Counted { input: export.open()?, advance });
    if is_gzip {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file))));
    }
    Ok(Box::new(file))
}

/// Opens an export of CSV as UTF-8 text, whatever its encoding and compression.
///
/// # Errors
///
/// [`ImportError::Unfit`] if its encoding cannot be told, [`ImportError::Io`] if it cannot be read.
pub fn decoded(export: &Export, mapping: &Mapping) -> Result<Box<dyn BufRead + Send>, ImportError> {
    let encoding = encoding::detect(export, mapping.file.encoding)?;
    Ok(Box::new(encoding::Decoded::new(open_text(export, None)?, encoding)))
}

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 64 << 10;

struct Counted {
    input: Input,
    advance: Option<Advance>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if let Some(advance) = &self.advance {
            advance(read as u64);
        }
        Ok(read)
    }
}
