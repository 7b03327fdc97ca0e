//! Reads the tables of a program folder: CSV in any dialect, and the sheets of workbooks.

use std::path::Path;

use accrue::limits::Limits;
use accrue::{CellFault, Source, TableFile};
use accrue_import::{Export, ImportError, SheetLimits, read_tables};

use super::tree::{Entry, Tree};
use crate::exit::Failure;

/// The endings of files that are read as tables. Any other file of the folder is reported as one that nothing reads.
const ENDINGS: [&str; 3] = [".csv", ".xlsx", ".ods"];

/// The most bytes of all workbooks of a program: a workbook of 20,000 rows has some 1 MB.
const WORKBOOKS_BYTES: usize = 64 << 20;

/// Limits on the workbooks of a program. They are small beside exports: a table has at most 20,000 rows.
fn sheet_limits() -> SheetLimits {
    SheetLimits {
        file_bytes: 16 << 20,
        inflated_bytes: 256 << 20,
        cells: 2_000_000,
        ..SheetLimits::default()
    }
}

/// Reads the files of `tables/`. A file that cannot be read as a table becomes a table with a fault, so that it is reported if a
/// contract uses it.
///
/// `left` is the number of bytes that the program may still have. Nothing more is read once it is 0.
pub(super) fn read(
    tree: &Tree,
    dir: &Path,
    limits: &Limits,
    left: &mut usize,
    source: &mut Source,
) -> Result<(), Failure> {
    let sheets = sheet_limits();
    let mut workbooks_left = WORKBOOKS_BYTES;
    tree.each_file(dir, "tables", &mut |Entry { name, path, .. }, file| {
        // A spreadsheet keeps such a file beside a workbook that is open.
        if *left == 0 || name.starts_with("~$") {
            return Ok(());
        }
        let is_table = ENDINGS.iter().any(|ending| name.ends_with(ending));
        if !is_table || name.ends_with(".csv") {
            let bytes = tree.read(path, limits.source_bytes.min(*left))?;
            *left = left.saturating_sub(bytes.len());
            if !is_table || *left == 0 || bytes.len() > limits.source_bytes {
                // The engine reports what is too large or unknown.
                source.insert(file, bytes);
                return Ok(());
            }
            return add(path, bytes, file, limits, &sheets, source).map(drop);
        }
        let most = usize::try_from(sheets.file_bytes).unwrap_or(usize::MAX).min(workbooks_left);
        let bytes = tree.read(path, most)?;
        let Some(rest) = workbooks_left.checked_sub(bytes.len()) else {
            let message = format!("the workbooks of `tables/` have more than the {WORKBOOKS_BYTES} bytes that all of them may have");
            let fault = CellFault { message, help: "save the sheets that are used as CSV".to_owned(), ..CellFault::default() };
            source.insert_table(TableFile { file, faults: vec![fault], ..TableFile::default() });
            return Ok(());
        };
        workbooks_left = rest;
        let text = add(path, bytes, file, limits, &sheets, source)?;
        *left = left.saturating_sub(text);
        Ok(())
    })
}

/// Adds the tables of a file. Returns the bytes of their cells.
fn add(
    path: &Path,
    bytes: Vec<u8>,
    file: String,
    limits: &Limits,
    sheets: &SheetLimits,
    source: &mut Source,
) -> Result<usize, Failure> {
    // What is read is what was counted, even if the file changes meanwhile.
    let export = Export::bytes(file.as_str(), bytes);
    let mut text = 0usize;
    match read_tables(&export, &file, limits.source_bytes, sheets) {
        Ok(tables) => {
            for table in tables {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                text = cells.fold(text, |sum, cell| sum.saturating_add(cell.len()).saturating_add(1));
                source.insert_table(table);
            }
        }
        Err(ImportError::Io(error)) => return Err(Failure::file("read", path, error)),
        Err(ImportError::Unfit(errors)) => {
            let fault = |error: &accrue::facts::FactError| CellFault {
                row: error.line.and_then(|line| u32::try_from(line).ok()).unwrap_or_default(),
                column: 0,
                message: error.message.clone(),
                help: "open the file, correct it and save it again".to_owned(),
            };
            let faults = errors.0.iter().map(fault).collect();
            source.insert_table(TableFile { file, faults, ..TableFile::default() });
        }
    }
    Ok(text)
}
