//! Reads the actions of one input, whatever its format.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader};
use std::sync::Arc;

use accrue::facts::{Action, Attribute, CsvActions, FactErrors, JsonlActions, Record, Reject};
use accrue::limits::Limits;
use accrue_arrow::{FileError, ParquetActions, Rows};
use accrue_import::{ImportError, ImportOptions, Imported, MappedActions};
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
            Self::Parquet(records) => records.failure.as_ref(),
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
        match MappedActions::open(&input.path, &mapped.mapping, &options) {
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
    reader: RowReader,
    rows: Rows,
    read: u64,
    ready: VecDeque<Result<Record, Reject>>,
    failure: Option<io::Error>,
}

impl RowRecords {
    fn new(reader: RowReader) -> Self {
        Self { reader, rows: Rows::default(), read: 0, ready: VecDeque::new(), failure: None }
    }
}

impl Iterator for RowRecords {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && self.failure.is_none() {
            match self.reader.read(&mut self.rows) {
                Ok(true) => {
                    for row in self.rows.iter_with_ids() {
                        self.read = self.read.saturating_add(1);
                        self.ready.push_back(match row {
                            Ok(action) => Ok(record(self.read, action)),
                            Err((id, errors)) => Err(reject_row(self.read, id, errors)),
                        });
                    }
                }
                Ok(false) => return None,
                Err(error) => self.failure = Some(error),
            }
        }
        self.ready.pop_front()
    }
}

/// Returns a row as a record with JSON as its text.
fn record(row: u64, action: &Action) -> Record {
    let text = json(action).unwrap_or_default();
    Record { action: action.clone(), first_line: row, last_line: row, text }
}

/// Returns an action as a line of JSON that is read as the same action. Amounts are written as text, which is read as the same
/// amount; a number among the attributes stays a number, because as text it would be read as text.
pub(crate) fn json(action: &Action) -> serde_json::Result<String> {
    let mut bare = action.clone();
    let attributes = std::mem::take(&mut bare.attributes);
    let mut text = serde_json::to_string(&bare)?;
    if attributes.is_empty() {
        return Ok(text);
    }
    // An action has an id, so there is a field before the last brace.
    text.truncate(text.len().saturating_sub(1));
    text.push_str(",\"attributes\":{");
    for (n, (name, value)) in attributes.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(name)?);
        text.push(':');
        match value {
            Attribute::Number(number) => text.push_str(&number.0.to_string()),
            Attribute::Bool(_) | Attribute::Text(_) => text.push_str(&serde_json::to_string(value)?),
        }
    }
    text.push_str("}}");
    Ok(text)
}

/// Returns a row that is not a valid action as a reject. It has no text: the rejects file copies the row from the input.
pub(super) fn reject_row(row: u64, id: Option<&str>, errors: &FactErrors) -> Reject {
    let errors = errors.0.iter().map(|error| error.clone().on_line(row)).collect();
    let id = id.map(str::to_owned);
    Reject { first_line: row, text: Vec::new(), complete: true, id, errors: FactErrors(errors) }
}
