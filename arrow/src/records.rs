//! Reads the rows of a Parquet file one by one, as the readers of text do: each is a record or a reject.

use std::collections::VecDeque;

use accrue::facts::{Action, FactErrors, Record, Reject, write_action};

use crate::actions::Rows;
use crate::file::{FileError, ParquetActions};

/// The rows of a Parquet file, one by one. The line of a row is its number from 1, and its text is the action as JSON.
///
/// A row that is no valid action is a reject without a text, because the row can be copied from the file
/// ([`copy_rows`](crate::copy_rows)).
///
/// ```
/// use accrue::facts::Action;
/// use accrue::limits::Limits;
/// use accrue_arrow::{ParquetActions, ParquetRecords, action_batch, write_actions};
///
/// let action: Action =
///     serde_json::from_str(r#"{"id": "a1", "event_type": "sale", "occurred_at": "2026-03-02T09:01:00Z"}"#)?;
/// let bytes: Vec<u8> = write_actions(Vec::new(), [action_batch(&[action.clone()])?])?;
///
/// let mut records = ParquetRecords::new(ParquetActions::open(bytes, &Limits::default())?);
/// for record in records.by_ref() {
///     match record {
///         Ok(record) => assert_eq!((record.first_line, record.action), (1, action.clone())),
///         Err(reject) => println!("{}", reject.errors),
///     }
/// }
/// assert!(records.failure().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ParquetRecords {
    actions: ParquetActions,
    rows: Rows,
    read: u64,
    ready: VecDeque<Result<Record, Reject>>,
    failure: Option<FileError>,
}

impl ParquetRecords {
    /// Returns the rows of a file.
    pub fn new(actions: ParquetActions) -> Self {
        Self { actions, rows: Rows::default(), read: 0, ready: VecDeque::new(), failure: None }
    }

    /// Returns the error that ended reading before the end of the file, if there was one.
    pub fn failure(&self) -> Option<&FileError> {
        self.failure.as_ref()
    }
}

impl Iterator for ParquetRecords {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && self.failure.is_none() {
            match self.actions.read(&mut self.rows) {
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
    let text = write_action(action).unwrap_or_default();
    Record { action: action.clone(), first_line: row, last_line: row, text }
}

/// Returns a row that is not a valid action as a reject. It has no text, because the row can be copied from
/// the file. `row` is its number from 1, `id` the id of the action if it can be read.
pub fn reject_row(row: u64, id: Option<&str>, errors: &FactErrors) -> Reject {
    let errors = errors.0.iter().map(|error| error.clone().on_line(row)).collect();
    let id = id.map(str::to_owned);
    Reject { first_line: row, text: Vec::new(), complete: true, id, errors: FactErrors(errors) }
}
