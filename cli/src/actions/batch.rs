//! Batches of actions and rejected lines.

use std::borrow::Cow;

use accrue::Action;
use accrue::facts::{FactError, FactErrors, Record, Reject};
use accrue_arrow::Rows;
use accrue_import::SetAside;

use super::content::{Content, Notes};
use super::input::Input;
use super::records::reject_row;
use crate::exit::Failure;

/// The most lines of a batch: few enough to be in the processor's cache when they are decided.
const BATCH_LINES: usize = 256;
/// The text after which a batch takes no more lines, in bytes.
const BATCH_BYTES: usize = 256 << 10;

/// Some lines or rows, in the order in which they are decided.
#[derive(Debug)]
pub(crate) enum Batch<'a> {
    /// Lines of JSON or rows of CSV.
    Lines(Vec<Line<'a>>),
    /// Rows of a Parquet file.
    Rows {
        /// The file.
        input: &'a Input,
        /// The number of the first row, from 1.
        first: u64,
        /// The rows.
        rows: Rows,
    },
}

/// The bytes that an item counts at least: its decision may have far more than its text.
const ITEM_BYTES: usize = 128;

/// One line of an input.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) input: &'a Input,
    pub(crate) content: Content,
}

/// One line or row of a batch, as it is decided.
pub(crate) enum Entry<'b> {
    /// An action.
    Action(Found<'b>),
    /// A line that is not a valid action.
    Reject(Cow<'b, Reject>),
    /// Rows that the export says are reversed.
    SetAside(&'b SetAside),
    /// What there is to say about an export that was read to its end.
    Notes(Notes),
    /// The whole input, because its header or its columns cannot be used.
    Unreadable(&'b FactErrors),
}

/// An action and the place where it was found.
#[derive(Clone, Copy)]
pub(crate) enum Found<'b> {
    /// An action in a line.
    Line(&'b Record),
    /// An action in a row with this number.
    Row(u64, &'b Action),
}

impl<'b> Found<'b> {
    /// Returns the action.
    pub(crate) fn action(self) -> &'b Action {
        match self {
            Self::Line(record) => &record.action,
            Self::Row(_, action) => action,
        }
    }

    /// Returns the number of its first line, or of its row, from 1.
    pub(crate) fn line(self) -> u64 {
        match self {
            Self::Line(record) => record.first_line,
            Self::Row(row, _) => row,
        }
    }

    /// Returns the line as a reject, if the program cannot decide the action.
    pub(crate) fn reject(self, errors: FactErrors) -> Reject {
        match self {
            Self::Line(record) => record.clone().reject(errors),
            Self::Row(row, action) => reject_row(row, Some(&action.id), &errors),
        }
    }
}

impl<'a> Batch<'a> {
    /// Returns an empty batch.
    pub(crate) fn new() -> Self {
        Self::Lines(Vec::new())
    }

    /// Calls `take` with each line or row, in order.
    pub(crate) fn each<'b>(
        &'b self,
        mut take: impl FnMut(&'a Input, Entry<'b>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Self::Lines(lines) => lines.iter().try_for_each(|line| {
                let entry = match &line.content {
                    Content::Action(record) => Entry::Action(Found::Line(record)),
                    // Only an import asks for reversals, and it reads no batches.
                    Content::Reversed(record, _) => {
                        let error = FactError::whole("the export says that it is reversed");
                        Entry::Reject(Cow::Owned(record.clone().reject(error.into())))
                    }
                    Content::Reject(reject) => Entry::Reject(Cow::Borrowed(reject)),
                    Content::SetAside(rows) => Entry::SetAside(rows),
                    Content::Notes(notes) => Entry::Notes(*notes),
                    Content::Unreadable(errors) => Entry::Unreadable(errors),
                };
                take(line.input, entry)
            }),
            Self::Rows { input, first, rows } => {
                (*first..).zip(rows.iter_with_ids()).try_for_each(|(number, row)| {
                    let entry = match row {
                        Ok(action) => Entry::Action(Found::Row(number, action)),
                        Err((id, errors)) => Entry::Reject(Cow::Owned(reject_row(number, id, errors))),
                    };
                    take(input, entry)
                })
            }
        }
    }

    /// Fills the batch with lines. Returns `false` if there are none. A failure after some lines is stored in `failure`, so
    /// that these lines are decided first.
    pub(super) fn fill(
        &mut self,
        failure: &mut Option<Failure>,
        mut next: impl FnMut() -> Result<Option<Line<'a>>, Failure>,
    ) -> Result<bool, Failure> {
        // The memory of the last lines is used again.
        let mut lines = match std::mem::replace(self, Self::new()) {
            Self::Lines(lines) => lines,
            Self::Rows { .. } => Vec::new(),
        };
        lines.clear();
        let mut bytes = 0usize;
        while lines.len() < BATCH_LINES && bytes < BATCH_BYTES {
            match next() {
                Ok(Some(line)) => {
                    bytes = bytes.saturating_add(line.bytes());
                    lines.push(line);
                }
                Ok(None) => break,
                Err(error) if lines.is_empty() => return Err(error),
                Err(error) => {
                    *failure = Some(error);
                    break;
                }
            }
        }
        let any = !lines.is_empty();
        *self = Self::Lines(lines);
        Ok(any)
    }
}

impl Line<'_> {
    /// Returns the length of its text, or more if it has many items.
    fn bytes(&self) -> usize {
        match &self.content {
            Content::Action(record) | Content::Reversed(record, _) => {
                record.text.len().max(record.action.items.len() * ITEM_BYTES)
            }
            Content::Reject(reject) => reject.text.len(),
            Content::SetAside(rows) => rows.text.len(),
            Content::Notes(_) | Content::Unreadable(_) => 0,
        }
    }
}
