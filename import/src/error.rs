//! Why an export cannot be imported as a whole.

use std::io;

use accrue::facts::{FactError, FactErrors};

/// Why no row of an export can be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read, or a temporary file cannot be written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file does not fit the mapping, or it is no table that can be read. Each error says what to change.
    #[error("{0}")]
    Unfit(FactErrors),
}

impl ImportError {
    /// Returns the error of a file that does not fit.
    pub(crate) fn unfit(message: impl Into<String>) -> Self {
        Self::Unfit(FactError::whole(message).into())
    }
}

impl From<FactErrors> for ImportError {
    fn from(errors: FactErrors) -> Self {
        Self::Unfit(errors)
    }
}
