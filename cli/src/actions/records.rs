//! Reads the actions of one input, whatever its format.

use std::fs::File;
use std::io::{self, BufReader};
use std::sync::Arc;

pub(crate) use accrue::facts::write_action as json;
use accrue::facts::{CsvActions, FactErrors, JsonlActions, Record, Reject};
use accrue::limits::Limits;
pub(super) use accrue_arrow::reject_row;
use accrue_arrow::{FileError, ParquetActions, ParquetRecords, Rows};
use accrue_import::{Export, ImportError, ImportOptions, Imported, MappedActions};
use indicatif::ProgressBar;

use super::content::{Content, Notes};
use super::input::{CountedFile, FileFormat, Input, Mapped};
use crate::exit::Failure;

/// Reads actions one by one.
pub(super) enum RecordReader {
    /// From JSON Lines.
    Jsonl(JsonlActions<BufReader<CountedFile>>),
    /// From CSV.
    Csv(Box<CsvActions<BufReader<CountedFile>>>),
    /// From Parquet.
    Parquet(Box<RowRecords>),
    /// From an export, through a mapping.
    Mapped(Box<MappedRecords>),
}

impl RecordReader {
    /// Opens an input. The inner result has the errors of a header or of columns that cannot be used.
    pub(super) fn open(
        input: &Input,
        limits: &Limits,
        bar: &ProgressBar,
    ) -> Result<Result<Self, FactErrors>, Failure> {
        if let Some(mapped) = &input.mapped {
            return Ok(Ok(Self::Mapped(Box::new(MappedRecords::open(input, mapped, limits, bar)?))));
        }
        Ok(match input.format {
            FileFormat::Jsonl => Ok(Self::Jsonl(JsonlActions::new(input.read(bar)?, limits))),
            FileFormat::Csv => CsvActions::new(input.read(bar)?, limits).map(|actions| {
                input.header.get_or_init(|| actions.header().to_owned());
                Self::Csv(Box::new(match input.zone {
                    Some(zone) => actions.in_zone(zone),
                    None => actions,
                }))
            }),
            FileFormat::Parquet => {
                let rows = RowReader::open(input, limits, bar)?;
                rows.map(|rows| Self::Parquet(Box::new(RowRecords::new(rows))))
            }
        })
    }

    /// Returns the error that ended reading early, if there was one.
    pub(super) fn failure(&self) -> Option<io::Error> {
        let failure = match self {
            Self::Jsonl(actions) => actions.failure(),
            Self::Csv(actions) => actions.failure(),
            Self::Parquet(records) => {
                return records.records.failure().map(|error| io::Error::other(error.to_string()));
            }
            Self::Mapped(records) => records.actions.failure(),
        }?;
        Some(io::Error::new(failure.kind(), failure.to_string()))
    }
}

impl Iterator for RecordReader {
    type Item = Content;

    fn next(&mut self) -> Option<Self::Item> {
        let read = match self {
            Self::Jsonl(actions) => actions.next(),
            Self::Csv(actions) => actions.next(),
            Self::Parquet(records) => records.next(),
            Self::Mapped(records) => return records.next(),
        };
        Some(match read? {
            Ok(record) => Content::Action(record),
            Err(reject) => Content::Reject(reject),
        })
    }
}

/// The rows of an export, read through a mapping. What there is to say about the whole export comes last.
pub(super) struct MappedRecords {
    actions: MappedActions,
    is_over: bool,
}

impl MappedRecords {
    fn open(input: &Input, mapped: &Mapped, limits: &Limits, bar: &ProgressBar) -> Result<Self, Failure> {
        let bar = bar.clone();
        let options = ImportOptions {
            zone: input.zone,
            limits: limits.clone(),
            on_read: Some(Arc::new(move |bytes| bar.inc(bytes))),
            reversals: mapped.reversals,
            ..ImportOptions::default()
        };
        match MappedActions::open(&Export::file(&input.path), &mapped.mapping, &options) {
            Ok(actions) => {
                // With the mark, a rejects file is read as UTF-8 whatever the encoding of the export was.
                input.header.get_or_init(|| format!("\u{FEFF}{}", actions.header()));
                input.dialect.get_or_init(|| actions.dialect());
                Ok(Self { actions, is_over: false })
            }
            Err(ImportError::Io(error)) => Err(input.failed(error)),
            Err(ImportError::Unfit(errors)) => {
                Err(Failure::Unfit { file: input.shown.clone(), mapping: mapped.name.clone(), errors })
            }
        }
    }
}

impl Iterator for MappedRecords {
    type Item = Content;

    fn next(&mut self) -> Option<Self::Item> {
        match self.actions.next() {
            Some(Ok(Imported::Action(record))) => Some(Content::Action(record)),
            Some(Ok(Imported::SetAside(rows))) => Some(Content::SetAside(rows)),
            Some(Ok(Imported::Reversed(record, reversal))) => Some(Content::Reversed(record, reversal)),
            Some(Err(reject)) => Some(Content::Reject(reject)),
            None if self.is_over || self.actions.failure().is_some() => None,
            None => {
                self.is_over = true;
                let notes =
                    Notes { left_out: self.actions.skipped(), were_sorted: self.actions.were_sorted() };
                Some(Content::Notes(notes))
            }
        }
    }
}

/// Reads a Parquet file, many rows at a time.
pub(super) struct RowReader {
    file: ParquetActions,
    row_bytes: u64,
    bar: ProgressBar,
}

impl RowReader {
    /// Opens an input. The inner result has the errors of columns that cannot be used.
    pub(super) fn open(
        input: &Input,
        limits: &Limits,
        bar: &ProgressBar,
    ) -> Result<Result<Self, FactErrors>, Failure> {
        let file = File::open(&input.path).map_err(|error| input.failed(error))?;
        match ParquetActions::open(file, limits) {
            Ok(file) => {
                let row_bytes = input.bytes.checked_div(file.count()).unwrap_or(0);
                Ok(Ok(Self { file, row_bytes, bar: bar.clone() }))
            }
            Err(FileError::Columns(errors)) => Ok(Err(errors)),
            Err(error) => Err(input.failed(io::Error::other(error.to_string()))),
        }
    }

    /// Reads the next rows. Returns `false` at the end.
    pub(super) fn read(&mut self, rows: &mut Rows) -> io::Result<bool> {
        let any = self.file.read(rows).map_err(|error| io::Error::other(error.to_string()))?;
        if any {
            self.bar.inc(self.row_bytes.saturating_mul(rows.len() as u64));
        }
        Ok(any)
    }
}

/// The rows of a Parquet file, one by one, with JSON as their text.
pub(super) struct RowRecords {
    records: ParquetRecords,
    row_bytes: u64,
    bar: ProgressBar,
}

impl RowRecords {
    fn new(reader: RowReader) -> Self {
        let RowReader { file, row_bytes, bar } = reader;
        Self { records: ParquetRecords::new(file), row_bytes, bar }
    }
}

impl Iterator for RowRecords {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        self.bar.inc(self.row_bytes);
        Some(record)
    }
}
