//! Reads actions from JSON Lines, one at a time: each is an action or a reject.

use std::io::{self, BufRead};

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
        let number = line.number;
        if line.cut {
            let message = format!("this line is longer than {} bytes, which no action may be", self.limit);
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
        match read_action(&text) {
            Ok(action) => Ok(Record { action, first_line: number, last_line: number, text }),
            Err(error) => Err(reject(Line { number, bytes: text.into_bytes(), cut: false }, error)),
        }
    }
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
        while self.failure.is_none() {
            match self.lines.next_line() {
                Ok(None) => return None,
                Ok(Some(line)) if !line.cut && line.bytes.trim_ascii().is_empty() => {}
                Ok(Some(line)) => return Some(self.read(line)),
                Err(error) => self.failure = Some(error),
            }
        }
        None
    }
}
