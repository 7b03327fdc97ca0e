//! Reads every cell of a file as a table of a program: payout groups, bands, limits or lists.
//!
//! Nothing is interpreted here. What a cell means is the engine's to say.

use accrue::facts::{FactError, FactErrors};
use accrue::{CellFault, TableFile, TableRow as Cells};

use super::delimited::Delimited;
use super::encoding::detect;
use super::header::Wanted;
use super::row::{CellKind, TableRow};
use super::sheets::{Formulas, Sheet, all_sheets};
use super::{Format, Opening, SheetLimits};
use crate::error::ImportError;
use crate::export::Export;
use crate::mapping::FileForm;

/// Reads the tables of a file: CSV in any dialect and encoding, or every sheet of a workbook that has a cell. `file` is the path of
/// the file inside of its program.
///
/// Cells whose value cannot be trusted (formulas, errors of the spreadsheet, numbers with more digits than it keeps) are listed in
/// [`TableFile::faults`].
///
/// # Errors
///
/// [`ImportError::Unfit`] if the file is no table or passes a limit, [`ImportError::Io`] if it cannot be read.
pub fn read_tables(
    export: &Export,
    file: &str,
    row_bytes: usize,
    sheets: &SheetLimits,
) -> Result<Vec<TableFile>, ImportError> {
    let opening = Opening { export, form: &FileForm::default(), row_bytes, sheets };
    match Format::of(export)? {
        Format::Text => {
            // The settings of a mapping, which the message of `detect` names, do not exist here.
            if let Err(ImportError::Unfit(FactErrors(errors))) = detect(export, None) {
                let line = errors.iter().find_map(|error| error.line);
                let error = FactError::whole("this file is not UTF-8 text; spreadsheets call it `CSV UTF-8`");
                return Err(ImportError::Unfit(
                    line.map_or(error.clone(), |line| error.on_line(line)).into(),
                ));
            }
            let wanted = Wanted { columns: Vec::new(), title_lines: None };
            let (delimited, _) = Delimited::find(opening, &wanted)?;
            let mut rows = delimited.rows(None)?;
            let mut table = TableFile { file: file.to_owned(), ..TableFile::default() };
            while let Some(row) = rows.next_row()? {
                add(&mut table, &row);
            }
            Ok(vec![table])
        }
        Format::Workbook => {
            let mut tables = Vec::new();
            for Sheet { name, formulas, rows } in all_sheets(opening)? {
                let mut rows = rows?.rows();
                let mut table =
                    TableFile { file: file.to_owned(), sheet: Some(name), ..TableFile::default() };
                while let Some(row) = rows.next_row()? {
                    add(&mut table, &row);
                }
                distrust(&mut table, &formulas);
                if !table.rows.is_empty() {
                    tables.push(table);
                }
            }
            Ok(tables)
        }
    }
}

/// Adds a row to a table.
fn add(table: &mut TableFile, row: &TableRow) {
    let number = u32::try_from(row.first_line()).unwrap_or(u32::MAX);
    let mut fault = |column: Option<usize>, message: &str, help: &str| {
        let column = column.map_or(0, |at| u32::try_from(at + 1).unwrap_or(u32::MAX));
        table.faults.push(CellFault {
            row: number,
            column,
            message: message.to_owned(),
            help: help.to_owned(),
        });
    };
    if let Some(wrong) = row.fault() {
        fault(None, &wrong.message, "correct the row, and save the file as `CSV UTF-8`");
        return;
    }
    let mut cells = Vec::with_capacity(row.len());
    for (at, cell) in row.cells().enumerate() {
        cells.push(match row.kind(at) {
            CellKind::Percent => percent(&cell).unwrap_or_else(|| cell.into_owned()),
            CellKind::Inexact => {
                fault(
                    Some(at),
                    "this number has more digits than a spreadsheet keeps",
                    "round it, or format the cell as text",
                );
                cell.into_owned()
            }
            CellKind::Broken => {
                fault(Some(at), "this cell has an error of the spreadsheet", "correct the cell");
                cell.into_owned()
            }
            CellKind::Text | CellKind::Number | CellKind::Date | CellKind::Time => cell.into_owned(),
        });
    }
    if row.last_line() != row.first_line() {
        fault(None, "a cell of this row has a line break", "write each cell on one line");
    }
    if cells.iter().any(|cell| !cell.is_empty()) {
        table.rows.push(Cells { number, cells });
    }
}

/// Lists the first formula of each column as a fault: its result is what a spreadsheet computed when it was saved last.
fn distrust(table: &mut TableFile, formulas: &Formulas) {
    for (column, row) in formulas {
        table.faults.push(CellFault {
            row: u32::try_from(*row).unwrap_or(u32::MAX),
            column: column.saturating_add(1),
            message: "this cell is a formula, whose result may be out of date".to_owned(),
            help: "copy the column, paste it as values, and save the file again".to_owned(),
        });
    }
}

/// Returns a fraction as a percentage: `0.085` as `8.5%`. `None` if it is no plain number.
fn percent(fraction: &str) -> Option<String> {
    let (sign, digits) = fraction.strip_prefix('-').map_or(("", fraction), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = [whole, decimals].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number || whole.is_empty() {
        return None;
    }
    let decimals = format!("{decimals:0<2}");
    let (moved, rest) = decimals.split_at(2);
    let whole = format!("{whole}{moved}");
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{rest}%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_percentages() {
        for (fraction, shown) in [
            ("0.08", "8%"),
            ("0.085", "8.5%"),
            ("1", "100%"),
            ("0", "0%"),
            ("-0.005", "-0.5%"),
            ("0.1", "10%"),
            ("12.5", "1250%"),
        ] {
            assert_eq!(percent(fraction).as_deref(), Some(shown));
        }
        assert_eq!(percent("1e5"), None);
        assert_eq!(percent(""), None);
    }
}
