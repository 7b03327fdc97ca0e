//! Errors of facts, field by field, and the results of readers: an action, or the text that could not be read.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::action::Action;

/// One error of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactError {
    /// The field, such as `items[2].amount` in JSON or a column's name in CSV; `None` if the whole fact is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The line of the file, from 1; `None` without a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column of that line in characters, from 1; `None` unless the text itself is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// One lower-case sentence that says what was expected; what was written is in backticks.
    pub message: String,
}

impl FactError {
    /// Returns an error of a field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), line: None, column: None, message: message.into() }
    }

    /// Returns an error of the whole fact.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { field: None, line: None, column: None, message: message.into() }
    }

    /// Returns the same error, with the line of the file.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for FactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(column)) => write!(f, "column {column}: ")?,
            (None, None) => {}
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for FactError {}

/// Every error of one fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactErrors(pub Vec<FactError>);

impl FactErrors {
    /// Returns `Ok` if there are no errors.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Returns the errors with this line for those that have none.
    pub fn on_line(self, line: u64) -> Self {
        let with_line = |error: FactError| if error.line.is_none() { error.on_line(line) } else { error };
        Self(self.0.into_iter().map(with_line).collect())
    }
}

impl From<FactError> for FactErrors {
    fn from(error: FactError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for FactErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FactErrors {}

/// An action read from a file, with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The action.
    pub action: Action,
    /// The first line of the action in the file, from 1.
    pub first_line: u64,
    /// The last line of the action in the file, from 1.
    pub last_line: u64,
    /// The text of the action, without the last line end, for a rejects file.
    pub text: String,
}

/// A text that could not be read as an action, kept so that it can be corrected and read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reject {
    /// The first line of the text in the file, from 1.
    pub first_line: u64,
    /// The bytes of the text, without the last line end.
    pub text: Vec<u8>,
    /// Whether `text` is complete: a line that is longer than its limit is kept only up to the limit.
    pub complete: bool,
    /// The id of the action, if it can be read. An id that stands on a rejected line is taken: a later line with the same id must
    /// not be decided instead, because nobody knows which of the two is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why the text was rejected.
    pub errors: FactErrors,
}

impl Record {
    /// Returns this action as a reject with these errors, when the program cannot decide it.
    pub fn reject(self, errors: FactErrors) -> Reject {
        let (first_line, text, id) = (self.first_line, self.text.into_bytes(), Some(self.action.id));
        Reject { first_line, text, complete: true, id, errors: errors.on_line(first_line) }
    }
}
