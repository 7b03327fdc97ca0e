//! Reads actions and adjustments from JSON Lines, one at a time: each line is a record or a reject.

use std::io::{self, BufRead};

use super::adjustment::{Adjustment, read_adjustment};
use super::error::{FactError, Record, Reject};
use super::json::{read_action, read_id};
use super::lines::{Line, Lines};
use crate::limits::Limits;

/// Reads actions from JSON Lines. Blank lines are skipped. A line that is not an action is a [`Reject`], and reading continues at
/// the next line.
#[derive(Debug)]
pub struct JsonlActions<R> {
    lines: Lines<R>,
    limit: usize,
    failure: Option<io::Error>,
}

impl<R: BufRead> JsonlActions<R> {
    /// Returns a reader of `input`, for lines of at most [`Limits::action_bytes`].
    pub fn new(input: R, limits: &Limits) -> Self {
        Self { lines: Lines::new(input, limits.action_bytes), limit: limits.action_bytes, failure: None }
    }

    /// Returns the error that ended reading before the end of the input, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    fn read(&self, line: Line) -> Result<Record, Reject> {
        let (action, number, text) = read_line(line, self.limit, read_action)?;
        Ok(Record { action, first_line: number, last_line: number, text })
    }
}

/// Reads a line of at most `limit` bytes as a record. Returns the record, the number of the line and its text.
fn read_line<T>(
    line: Line,
    limit: usize,
    read: impl FnOnce(&str) -> Result<T, FactError>,
) -> Result<(T, u64, String), Reject> {
    let number = line.number;
    if line.cut {
        let message = format!("this line is longer than {limit} bytes, which no line may be");
        return Err(reject(line, FactError::whole(message)));
    }
    let text = match String::from_utf8(line.bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            return Err(reject(Line { number, bytes, cut: false }, not_utf8(at)));
        }
    };
    match read(&text) {
        Ok(record) => Ok((record, number, text)),
        Err(error) => Err(reject(Line { number, bytes: text.into_bytes(), cut: false }, error)),
    }
}

/// Reads adjustments from JSON Lines, as [`JsonlActions`] reads actions.
#[derive(Debug)]
pub struct JsonlAdjustments<R> {
    lines: Lines<R>,
    limit: usize,
    failure: Option<io::Error>,
}

/// An adjustment and its line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AdjustmentRecord {
    /// The adjustment.
    pub adjustment: Adjustment,
    /// The number of its line, from 1.
    pub line: u64,
    /// The text of its line.
    pub text: String,
}

impl<R: BufRead> JsonlAdjustments<R> {
    /// Returns a reader of `input`, for lines of at most [`Limits::action_bytes`].
    pub fn new(input: R, limits: &Limits) -> Self {
        Self { lines: Lines::new(input, limits.action_bytes), limit: limits.action_bytes, failure: None }
    }

    /// Returns the error that ended reading before the end of the input, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }
}

impl<R: BufRead> Iterator for JsonlAdjustments<R> {
    type Item = Result<AdjustmentRecord, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = next_line(&mut self.lines, &mut self.failure)?;
        let read = read_line(line, self.limit, read_adjustment);
        Some(read.map(|(adjustment, line, text)| AdjustmentRecord { adjustment, line, text }))
    }
}

/// Returns the next line that is not blank; `None` at the end, or if reading failed.
fn next_line<R: BufRead>(lines: &mut Lines<R>, failure: &mut Option<io::Error>) -> Option<Line> {
    while failure.is_none() {
        match lines.next_line() {
            Ok(None) => return None,
            Ok(Some(line)) if !line.cut && line.bytes.trim_ascii().is_empty() => {}
            Ok(Some(line)) => return Some(line),
            Err(error) => *failure = Some(error),
        }
    }
    None
}

pub(super) fn reject(line: Line, error: FactError) -> Reject {
    Reject {
        first_line: line.number,
        complete: !line.cut,
        id: read_id(&line.bytes),
        text: line.bytes,
        errors: error.on_line(line.number).into(),
    }
}

/// Returns the error of a text that is not UTF-8 from this byte on.
pub(super) fn not_utf8(at: usize) -> FactError {
    FactError::whole(format!(
        "not UTF-8 text from byte {} of the line on; save the file as UTF-8",
        at.saturating_add(1)
    ))
}

impl<R: BufRead> Iterator for JsonlActions<R> {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        next_line(&mut self.lines, &mut self.failure).map(|line| self.read(line))
    }
}
