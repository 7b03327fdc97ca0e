//! Finds the header among the first rows of a table.

use accrue::diagnostic::nearest;
use accrue::facts::{FactError, FactErrors};

use super::row::TableRow;

/// The most columns that a message lists.
const SHOWN_COLUMNS: usize = 30;

/// What the header must have.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// The columns, each once.
    pub(crate) columns: Vec<&'a str>,
    /// The number of lines above the header; `None` if they are not known.
    pub(crate) title_lines: Option<u32>,
}

/// The header of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The last line of the header, from 1.
    pub(crate) line: u64,
    /// The names of the columns. Columns without a name are empty.
    pub(crate) names: Vec<String>,
    /// The text of a CSV file from its beginning to the end of the header; empty for a sheet.
    pub(crate) text: String,
    /// The character between cells of a CSV file.
    pub(crate) delimiter: u8,
}

impl Header {
    pub(super) fn of(row: &TableRow) -> Self {
        let mut names: Vec<String> = row.cells().map(std::borrow::Cow::into_owned).collect();
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        Self { line: row.last_line(), names, text: String::new(), delimiter: b',' }
    }

    /// Returns the place of a column.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column == name)
    }

    /// Returns how many of these columns the header has.
    pub(super) fn count(&self, wanted: &Wanted<'_>) -> usize {
        wanted.columns.iter().filter(|name| self.place(name).is_some()).count()
    }
}

/// Returns the rows among which the header is: those below the title lines.
fn candidates<'r>(rows: &'r [TableRow], wanted: &Wanted<'_>) -> impl Iterator<Item = Header> + use<'r> {
    let above = u64::from(wanted.title_lines.unwrap_or_default());
    let only = if wanted.title_lines.is_some() { 1 } else { usize::MAX };
    let below =
        rows.iter().filter(move |row| row.first_line() > above && !row.is_blank() && row.fault().is_none());
    below.take(only).map(Header::of)
}

/// Returns the candidate with the most of the wanted columns, the first of them; `None` if there is no row.
pub(super) fn best(rows: &[TableRow], wanted: &Wanted<'_>) -> Option<Header> {
    let mut best: Option<Header> = None;
    for header in candidates(rows, wanted) {
        if best.as_ref().is_none_or(|best| header.count(wanted) > best.count(wanted)) {
            best = Some(header);
        }
    }
    best
}

/// Returns the header: the first row with all wanted columns. `hint` is a sentence about how the rows were read, for an error.
///
/// # Errors
///
/// The columns that the best candidate lacks.
pub(super) fn find(rows: &[TableRow], wanted: &Wanted<'_>, hint: Option<&str>) -> Result<Header, FactErrors> {
    let Some(header) = best(rows, wanted) else {
        let message = match rows.iter().find_map(TableRow::fault) {
            Some(fault) => fault.message.clone(),
            None => "there is no header: the table is empty".to_owned(),
        };
        return Err(FactError::whole(message).into());
    };
    if header.count(wanted) == wanted.columns.len() {
        return Ok(header);
    }
    Err(missing(&header, wanted, hint))
}

/// Returns the errors of a header that lacks columns.
fn missing(header: &Header, wanted: &Wanted<'_>, hint: Option<&str>) -> FactErrors {
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    if header.count(wanted) == 0 {
        let message = format!(
            "no row of the first {} has the columns that the mapping names ({}); this one has {}{hint}",
            super::HEADER_ROWS,
            listed(wanted.columns.iter().copied()),
            listed(header.names.iter().map(String::as_str)),
        );
        return FactError::whole(message).on_line(header.line).into();
    }
    let others: Vec<&str> =
        header.names.iter().map(String::as_str).filter(|name| !wanted.columns.contains(name)).collect();
    let absent = wanted.columns.iter().filter(|name| header.place(name).is_none());
    let errors = absent.map(|name| {
        let message = match nearest(name, others.iter().copied()) {
            Some(near) => format!("the export has no such column; it has `{near}`: correct the mapping, or the header{hint}"),
            None => format!(
                "the export has no such column; its other columns are {}; correct the mapping, or write `optional = true` beside \
                 the column{hint}",
                listed(others.iter().copied())
            ),
        };
        FactError::field(shown(name), message).on_line(header.line)
    });
    FactErrors(errors.collect())
}

/// Returns column names in backticks, separated by commas.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> =
        names.filter(|name| !name.is_empty()).map(|name| format!("`{}`", shown(name))).collect();
    match names.len().checked_sub(SHOWN_COLUMNS) {
        _ if names.is_empty() => "none".to_owned(),
        Some(more @ 1..) => format!(
            "{} and {more} more",
            names.iter().take(SHOWN_COLUMNS).cloned().collect::<Vec<_>>().join(", ")
        ),
        _ => names.join(", "),
    }
}

fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}
