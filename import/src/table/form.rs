//! How an export is written and what stands in it, as data for people.

use schemars::JsonSchema;
use serde::Serialize;

use super::header::Header;
use super::row::TableRow;

/// How an export is written, as it was found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TableForm {
    /// The encoding, such as `UTF-8`; `None` for a workbook.
    pub encoding: Option<String>,
    /// The character between cells; `None` for a workbook.
    pub delimiter: Option<char>,
    /// The last line of the header, from 1.
    pub header_line: u64,
    /// The names of the columns in their order. A column without a name is empty.
    pub columns: Vec<String>,
}

impl TableForm {
    /// Returns the form of a table with this header. `encoding` is `None` for a workbook.
    pub(super) fn of(header: &Header, encoding: Option<&str>) -> Self {
        Self {
            encoding: encoding.map(str::to_owned),
            delimiter: encoding.map(|_| char::from(header.delimiter)),
            header_line: header.line,
            columns: header.names.clone(),
        }
    }
}

/// A row of an export, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RawRow {
    /// The first line of the row in the file, from 1.
    pub first_line: u64,
    /// The last line of the row in the file, from 1.
    pub last_line: u64,
    /// The cells without the blanks around them. Numbers and dates of a workbook are written as `1537.66` and `2026-03-02 09:01:00`.
    pub cells: Vec<String>,
}

impl RawRow {
    pub(crate) fn of(row: &TableRow) -> Self {
        Self {
            first_line: row.first_line(),
            last_line: row.last_line(),
            cells: row.cells().map(std::borrow::Cow::into_owned).collect(),
        }
    }
}
