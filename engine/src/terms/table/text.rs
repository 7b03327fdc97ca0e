//! Tables as CSV text: one form for the same cells, whatever they were read from.

use std::borrow::Cow;

use crate::facts::Rows;
use crate::facts::fields::disarmed;

/// Returns the path of a table: of a CSV file, or of the sheet of a workbook.
///
/// ```text
/// tables/rates.csv                   tables/rates.csv
/// tables/rates.xlsx, sheet `Gold`    tables/rates#Gold.csv
/// ```
pub(in crate::terms) fn table_path(file: &str, sheet: Option<&str>) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    match sheet {
        Some(sheet) => format!("{stem}#{sheet}.csv"),
        None => format!("{stem}.csv"),
    }
}

/// Returns the canonical text of a table: a line for each row, in which commas separate cells. Two files with the same cells in the
/// same rows have one canonical text. Text that is no table is returned as it is.
pub(in crate::terms) fn canonical(text: &[u8]) -> Cow<'_, [u8]> {
    let (rows, faults) = parse(text);
    if !faults.is_empty() {
        return Cow::Borrowed(text);
    }
    let written = write(rows.iter().map(|(number, cells)| (*number, cells.iter().map(String::as_str))));
    if written.as_bytes() == text { Cow::Borrowed(text) } else { Cow::Owned(written.into_bytes()) }
}

/// Writes the canonical text of rows with their numbers, which rise.
pub(in crate::terms) fn write<'c, C>(rows: impl IntoIterator<Item = (u32, C)>) -> String
where
    C: IntoIterator<Item = &'c str>,
{
    let mut text = String::new();
    let mut line = 1;
    for (number, cells) in rows {
        while line < number {
            text.push('\n');
            line += 1;
        }
        let start = text.len();
        let mut end = start;
        for (n, cell) in cells.into_iter().map(str::trim).enumerate() {
            if n > 0 {
                text.push(',');
            }
            text.push_str(&quoted(&disarmed(cell)));
            if !cell.is_empty() {
                end = text.len();
            }
        }
        text.truncate(end);
        if end > start {
            text.push('\n');
            line += 1;
        }
    }
    text
}

/// Returns a cell as it stands in CSV.
pub(super) fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")));
    }
    Cow::Borrowed(cell)
}

/// A row and what is wrong with it.
pub(super) type Wrong = (u32, String);

/// Returns the rows of CSV text that are not blank, with their lines.
pub(super) fn parse(text: &[u8]) -> (Vec<(u32, Vec<String>)>, Vec<Wrong>) {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut rows = Rows::new(text, text.len());
    // Cannot fail: the rows are read from memory.
    while let Ok(Some(row)) = rows.next_row() {
        let number = u32::try_from(row.first_line).unwrap_or(u32::MAX);
        if let Some(fault) = row.fault {
            faults.push((number, fault.message));
            continue;
        }
        if row.first_line != row.last_line {
            faults.push((number, "a cell of this row has a line break".to_owned()));
        }
        let mut cells: Vec<String> = row.cells().map(str::to_owned).collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if !cells.is_empty() {
            found.push((number, cells));
        }
    }
    (found, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_table_has_one_canonical_text() {
        let plain = b"a,b\n1,\"x \"\"y\"\"\"\n";
        assert_eq!(canonical(b"\xEF\xBB\xBFa , b,\r\n\"1\",\"x \"\"y\"\"\",,\r\n").as_ref(), plain);
        assert_eq!(canonical(plain).as_ref(), plain);
    }

    #[test]
    fn sheets_are_tables_of_their_own() {
        assert_eq!(table_path("tables/rates.xlsx", Some("Gold")), "tables/rates#Gold.csv");
        assert_eq!(table_path("tables/rates.csv", None), "tables/rates.csv");
    }
}
