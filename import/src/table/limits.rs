//! Limits on workbooks, which are checked before they are opened, and the words for what is refused.

use serde::{Deserialize, Serialize};

use crate::error::ImportError;

/// The most rows of a sheet, which is the limit of spreadsheets.
const MOST_ROWS: u64 = 1_048_576;

/// What to do about a limit.
pub(super) const SAVE_AS_CSV: &str = "save the sheet as CSV, which has no such limit";

/// Limits on a workbook. A workbook is a zip file of XML, so that a small file can be a very large table. Every entry is inflated
/// once through a counter, and cells are counted, before anything is allocated for them. CSV has no such limits: it is read row by
/// row.
///
/// In JSON, a limit that is left out is the default:
///
/// ```
/// use accrue_import::SheetLimits;
///
/// let limits: SheetLimits = serde_json::from_str(r#"{"cells": 1000}"#)?;
/// assert_eq!(limits, SheetLimits { cells: 1000, ..SheetLimits::default() });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SheetLimits {
    /// Bytes of the file. A workbook with a million rows has some 50 MB.
    pub file_bytes: u64,
    /// Entries of the zip file. A workbook has some ten, and one for each sheet and picture.
    pub entries: usize,
    /// Bytes of all entries together, inflated. A row with ten cells takes some 400 bytes of XML.
    pub inflated_bytes: u64,
    /// Cells of one sheet, from the first to the last one that is not empty. Sheets of .ods are held in memory.
    pub cells: u64,
    /// Columns of one sheet. An export has ten to a hundred.
    pub columns: u32,
    /// Characters of one cell, which is the limit of spreadsheets.
    pub cell_chars: usize,
}

impl Default for SheetLimits {
    fn default() -> Self {
        Self {
            file_bytes: 128 << 20,
            entries: 2_000,
            inflated_bytes: 768 << 20,
            cells: 5_000_000,
            columns: 1_000,
            cell_chars: 32_767,
        }
    }
}

impl SheetLimits {
    /// Refuses a row or a column that is beyond the limits.
    pub(super) fn check_place(&self, row: u64, columns: u64) -> Result<(), ImportError> {
        let most = self.columns;
        if columns > u64::from(most) {
            return Err(refused(format!(
                "row {row} has {columns} columns, and at most {most} are read; {SAVE_AS_CSV}"
            )));
        }
        if row > MOST_ROWS {
            return Err(refused(format!("this sheet has more than {MOST_ROWS} rows; {SAVE_AS_CSV}")));
        }
        Ok(())
    }

    /// Refuses more cells than the limit.
    pub(super) fn check_cells(&self, cells: u64) -> Result<(), ImportError> {
        let most = self.cells;
        if cells > most {
            return Err(refused(format!("this sheet has more than {most} cells; {SAVE_AS_CSV}")));
        }
        Ok(())
    }

    /// Refuses a cell with more characters than the limit.
    pub(super) fn check_text(&self, row: u64, text: &str) -> Result<(), ImportError> {
        let most = self.cell_chars;
        if text.chars().count() > most {
            return Err(damaged(format!("row {row} has a cell of more than {most} characters")));
        }
        Ok(())
    }
}

/// Returns the error of a workbook that is not read.
pub(super) fn refused(message: impl Into<String>) -> ImportError {
    ImportError::unfit(message)
}

/// Returns the error of a workbook with a part that has no meaning.
pub(super) fn damaged(why: impl std::fmt::Display) -> ImportError {
    refused(format!("this workbook is damaged: {why}; open it and save it again"))
}
