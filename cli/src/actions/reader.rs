//! Reads all inputs, one after the other.

use accrue::limits::Limits;
use accrue_arrow::Rows;
use indicatif::ProgressBar;

use super::batch::{Batch, Line};
use super::content::Content;
use super::input::{FileFormat, Input};
use super::records::{RecordReader, RowReader};
use crate::exit::Failure;

/// Reads the lines of each input and, if asked for, the rows of Parquet.
pub(crate) struct InputReader<'a> {
    inputs: std::slice::Iter<'a, Input>,
    limits: &'a Limits,
    bar: &'a ProgressBar,
    /// Whether Parquet is read as rows. If not, its rows are read as if they were lines of JSON.
    rows: bool,
    open: Option<(&'a Input, Open)>,
}

/// The input that is being read.
#[allow(clippy::large_enum_variant, reason = "there is one for each input")]
enum Open {
    Lines(RecordReader),
    /// The reader, and the number of the next row.
    Rows(RowReader, u64),
}

impl<'a> InputReader<'a> {
    pub(crate) fn new(inputs: &'a [Input], limits: &'a Limits, bar: &'a ProgressBar, rows: bool) -> Self {
        Self { inputs: inputs.iter(), limits, bar, rows, open: None }
    }

    /// Returns the next line, or `None` at the end of the inputs or where rows follow.
    pub(crate) fn line(&mut self) -> Result<Option<Line<'a>>, Failure> {
        loop {
            let (input, reader) = match &mut self.open {
                Some((_, Open::Rows(..))) => return Ok(None),
                Some((input, Open::Lines(reader))) => (*input, reader),
                None => {
                    let Some(input) = self.inputs.next() else { return Ok(None) };
                    let opened = if self.rows && input.format == FileFormat::Parquet {
                        RowReader::open(input, self.limits, self.bar)?.map(|reader| Open::Rows(reader, 1))
                    } else {
                        RecordReader::open(input, self.limits, self.bar)?.map(Open::Lines)
                    };
                    match opened {
                        Ok(open) => self.open = Some((input, open)),
                        Err(errors) => {
                            return Ok(Some(Line { input, content: Content::Unreadable(errors) }));
                        }
                    }
                    continue;
                }
            };
            let content = match reader.next() {
                Some(content) => content,
                None => match reader.failure() {
                    Some(error) => return Err(input.failed(error)),
                    None => {
                        self.open = None;
                        continue;
                    }
                },
            };
            return Ok(Some(Line { input, content }));
        }
    }

    /// Returns whether rows follow.
    pub(super) fn is_at_rows(&self) -> bool {
        matches!(self.open, Some((_, Open::Rows(..))))
    }

    /// Reads the next rows into a batch and returns them, or `None` if lines or the end follow.
    pub(super) fn rows<'b>(&mut self, batch: &'b mut Batch<'a>) -> Result<Option<&'b Rows>, Failure> {
        let Some((input, Open::Rows(reader, first))) = &mut self.open else { return Ok(None) };
        let mut rows = match std::mem::replace(batch, Batch::new()) {
            // The memory of the last rows is used again.
            Batch::Rows { rows, .. } => rows,
            Batch::Lines(_) => Rows::default(),
        };
        if !reader.read(&mut rows).map_err(|error| input.failed(error))? {
            self.open = None;
            return Ok(None);
        }
        let next = first.saturating_add(rows.len() as u64);
        let first = std::mem::replace(first, next);
        *batch = Batch::Rows { input, first, rows };
        match batch {
            Batch::Rows { rows, .. } => Ok(Some(rows)),
            Batch::Lines(_) => Ok(None),
        }
    }
}
