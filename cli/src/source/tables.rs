//! Reads the tables of a program folder: CSV in any dialect, and the sheets of workbooks.

use std::path::Path;

use accrue::limits::Limits;
use accrue::{CellFault, Source, TableFile};
use accrue_import::{ImportError, SheetLimits, read_tables};

use super::files::{entries, read_bounded};
use crate::exit::Failure;

/// The endings of files that are read as tables. Any other file of the folder is reported as one that nothing reads.
const ENDINGS: [&str; 3] = [".csv", ".xlsx", ".ods"];

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
pub(super) fn read(dir: &Path, limits: &Limits, source: &mut Source) -> Result<(), Failure> {
    if !dir.is_dir() {
        return Ok(());
    }
    for path in entries(dir)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with('.') || name.starts_with("~$") || path.is_dir() {
            continue;
        }
        let file = format!("tables/{name}");
        let is_table = ENDINGS.iter().any(|ending| name.ends_with(ending));
        let is_csv = name.ends_with(".csv");
        let bytes = path.metadata().map_err(|error| Failure::file("read", &path, error))?.len();
        if !is_table || (is_csv && bytes > limits.source_bytes as u64) {
            // The engine reports what is too large or unknown.
            source.insert(file, read_bounded(&path, limits.source_bytes)?);
            continue;
        }
        match read_tables(&path, &file, limits.source_bytes, &sheet_limits()) {
            Ok(tables) => tables.into_iter().for_each(|table| source.insert_table(table)),
            Err(ImportError::Io(error)) => return Err(Failure::file("read", &path, error)),
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
    }
    Ok(())
}
