//! What is wrong with facts, field by field, and what a reader hands on: an action, or the text it could not read.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::action::Action;

/// One fault of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactError {
    /// The field, as `items[2].amount` in JSON or the column's name in CSV; `None` when the whole is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The line of the file, from 1; `None` where there is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column of that line in characters, from 1, where the text itself is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// One lower-case sentence that says what was expected; what was written stands in backticks.
    pub message: String,
}

impl FactError {
    /// A fault of a field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), line: None, column: None, message: message.into() }
    }

    /// A fault of the whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { field: None, line: None, column: None, message: message.into() }
    }

    /// The same fault, in this line of a file.
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

/// Every fault that was found in one fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactErrors(pub Vec<FactError>);

impl FactErrors {
    /// `Ok` when there is none.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
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

/// An action as it was read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was read.
    pub action: Action,
    /// The first line it stands on, from 1.
    pub first_line: u64,
    /// The last line it stands on.
    pub last_line: u64,
    /// Its own text, without the line end of the last line, for a rejects file.
    pub text: String,
}

/// What could not be read, kept so that it can be corrected and fed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reject {
    /// The first line at fault, from 1.
    pub first_line: u64,
    /// Its own bytes, without the line end of the last line.
    pub text: Vec<u8>,
    /// Whether `text` is all of it: a line over its limit is kept up to the limit only.
    pub complete: bool,
    /// Why.
    pub errors: FactErrors,
}

impl Record {
    /// This action as a reject, when the program does not admit it.
    pub fn reject(self, errors: FactErrors) -> Reject {
        let line = self.first_line;
        let errors =
            errors.0.into_iter().map(|e| if e.line.is_none() { e.on_line(line) } else { e }).collect();
        Reject { first_line: line, text: self.text.into_bytes(), complete: true, errors: FactErrors(errors) }
    }
}
