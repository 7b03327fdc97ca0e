//! Reads the sheets of a workbook (.xlsx, .ods) as rows of texts, numbers and dates.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader as _, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::guard::{Format, check};
use super::limits::{SheetLimits, damaged};
use super::percent::Percents;
use super::row::CellKind;
use super::sheets::{Formulas, Sheet};
use super::spool::{Spool, SpoolWriter};
use crate::dates::plain;
use crate::error::ImportError;
use crate::export::{Export, Input};

/// The most digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;

thread_local! {
    /// Whether this thread is inside of the workbook library.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is reading a workbook with the workbook library, so that a panic becomes an error of the file. A
/// host whose panic hook prints panics asks this, and prints nothing.
pub fn is_reading() -> bool {
    READING.get()
}

/// Runs a function that reads an untrusted workbook, and turns its panic into an error. Where a panic aborts, as in WebAssembly, it
/// ends the module.
fn guarded<T>(read: impl FnOnce() -> Result<T, ImportError>) -> Result<T, ImportError> {
    let before = READING.replace(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    READING.set(before);
    read.unwrap_or_else(|_| Err(damaged("a part of it has no meaning")))
}

/// A workbook that was checked against its limits.
pub(super) struct Workbook<'a> {
    export: &'a Export,
    limits: &'a SheetLimits,
    formulas: BTreeMap<String, Formulas>,
    library: Library,
}

/// The library's reader of a workbook.
enum Library {
    Xlsx(Box<Xlsx<BufReader<Input>>>),
    Ods(Box<Ods<BufReader<Input>>>),
}

impl<'a> Workbook<'a> {
    /// Checks a workbook against its limits, and opens it.
    pub(super) fn open(export: &'a Export, limits: &'a SheetLimits) -> Result<Self, ImportError> {
        let checked = check(export, limits)?;
        let input = BufReader::new(export.open()?);
        let library = guarded(|| {
            Ok(match checked.format {
                Format::Xlsx => Library::Xlsx(Box::new(Xlsx::new(input).map_err(damaged)?)),
                Format::Ods => Library::Ods(Box::new(Ods::new(input).map_err(damaged)?)),
            })
        })?;
        Ok(Self { export, limits, formulas: checked.formulas, library })
    }

    /// Reads one sheet: that whose place among the names `choose` returns.
    pub(super) fn one(
        mut self,
        choose: impl FnOnce(&[String]) -> Result<usize, ImportError>,
    ) -> Result<Sheet, ImportError> {
        let names = self.names();
        let name = names.get(choose(&names)?).ok_or_else(|| damaged("it has no sheet"))?;
        self.sheet(name, &Percents::default())
    }

    /// Reads every sheet, and marks the cells that are shown as percentages.
    pub(super) fn all(mut self) -> Result<Vec<Sheet>, ImportError> {
        let percents = match self.library {
            Library::Xlsx(_) => Percents::read(self.export)?,
            Library::Ods(_) => Percents::default(),
        };
        self.names().iter().map(|name| self.sheet(name, &percents)).collect()
    }

    fn names(&self) -> Vec<String> {
        match &self.library {
            Library::Xlsx(workbook) => workbook.sheet_names(),
            Library::Ods(workbook) => workbook.sheet_names(),
        }
    }

    /// Reads a sheet. A sheet that cannot be read is one without rows; an error of the file system is an error of the workbook.
    fn sheet(&mut self, name: &str, percents: &Percents) -> Result<Sheet, ImportError> {
        let rows = match self.formulas.contains_key(name) {
            true => guarded(|| self.rows(name, percents)),
            // A sheet at an odd place was not checked.
            false => Err(damaged(format!("the sheet `{name}` is missing"))),
        };
        if let Err(ImportError::Io(error)) = rows {
            return Err(error.into());
        }
        let formulas = self.formulas.get(name).cloned().unwrap_or_default();
        Ok(Sheet { name: name.to_owned(), formulas, rows })
    }

    fn rows(&mut self, name: &str, percents: &Percents) -> Result<Spool, ImportError> {
        let mut rows = Rows::new(self.limits)?;
        let shown = |row: u64, column: usize, (text, kind): (String, CellKind)| match kind {
            CellKind::Number if percents.has(name, row, column) => (text, CellKind::Percent),
            kind => (text, kind),
        };
        match &mut self.library {
            Library::Xlsx(workbook) => {
                let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
                while let Some(cell) = cells.next_cell().map_err(damaged)? {
                    let (row, column) = cell.get_position();
                    let (row, column) = (u64::from(row) + 1, column as usize);
                    if let Some(cell) = of_xlsx(cell.get_value()) {
                        rows.push(row, column, shown(row, column, cell))?;
                    }
                }
            }
            Library::Ods(workbook) => {
                let range = workbook.worksheet_range(name).map_err(damaged)?;
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (row, column, cell) in range.used_cells() {
                    if let Some(cell) = of_ods(cell) {
                        rows.push(
                            u64::from(first_row) + row as u64 + 1,
                            first_column as usize + column,
                            cell,
                        )?;
                    }
                }
            }
        }
        rows.finish()
    }
}

/// Makes rows of cells that come in order.
struct Rows<'a> {
    limits: &'a SheetLimits,
    to: SpoolWriter,
    number: u64,
    cells: Vec<(String, CellKind)>,
}

impl<'a> Rows<'a> {
    fn new(limits: &'a SheetLimits) -> Result<Self, ImportError> {
        Ok(Self { limits, to: SpoolWriter::new()?, number: 0, cells: Vec::new() })
    }

    /// Adds a cell: its row from 1, its column from 0, its text and kind.
    fn push(&mut self, row: u64, column: usize, cell: (String, CellKind)) -> Result<(), ImportError> {
        if row != self.number {
            self.end_row()?;
            self.number = row;
        }
        if column < self.cells.len() || column >= self.limits.columns as usize {
            return Err(damaged(format!("row {row} has cells out of order")));
        }
        self.limits.check_text(row, &cell.0)?;
        self.cells.resize(column, Default::default());
        self.cells.push(cell);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ImportError> {
        if !self.cells.is_empty() {
            self.to.push(self.number, &self.cells)?;
            self.cells.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Spool, ImportError> {
        self.end_row()?;
        Ok(self.to.finish()?)
    }
}

fn of_xlsx(cell: &DataRef<'_>) -> Option<(String, CellKind)> {
    match cell {
        DataRef::Int(number) => Some(exact(number.to_string())),
        DataRef::Float(number) => Some(decimal(*number)),
        DataRef::String(text) => Some((text.clone(), CellKind::Text)),
        DataRef::SharedString(text) => Some(((*text).to_owned(), CellKind::Text)),
        DataRef::Bool(is) => Some((is.to_string(), CellKind::Text)),
        DataRef::DateTime(at) => Some(date(at)),
        DataRef::DateTimeIso(text) => Some(iso_date(text)),
        DataRef::DurationIso(text) => Some(iso_time(text)),
        DataRef::Error(error) => Some((error.to_string(), CellKind::Broken)),
        DataRef::Empty => None,
    }
}

fn of_ods(cell: &Data) -> Option<(String, CellKind)> {
    match cell {
        Data::Int(number) => Some(exact(number.to_string())),
        Data::Float(number) => Some(decimal(*number)),
        Data::String(text) => Some((text.clone(), CellKind::Text)),
        Data::Bool(is) => Some((is.to_string(), CellKind::Text)),
        Data::DateTime(at) => Some(date(at)),
        Data::DateTimeIso(text) => Some(iso_date(text)),
        Data::DurationIso(text) => Some(iso_time(text)),
        Data::Error(error) => Some((error.to_string(), CellKind::Broken)),
        Data::Empty => None,
    }
}

/// Returns the shortest decimal text that is this number.
fn decimal(number: f64) -> (String, CellKind) {
    if !number.is_finite() {
        return (number.to_string(), CellKind::Broken);
    }
    exact(number.to_string())
}

/// Returns a number with its kind, by how many digits it has. Digits beyond those that a spreadsheet keeps are not the user's.
fn exact(text: String) -> (String, CellKind) {
    let text = if text == "-0" { "0".to_owned() } else { text };
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let kind = if digits > DIGITS { CellKind::Inexact } else { CellKind::Number };
    (text, kind)
}

fn date(at: &ExcelDateTime) -> (String, CellKind) {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let time = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)).and_then(|date| {
        date.and_hms_milli_opt(u32::from(hour), u32::from(minute), u32::from(second), u32::from(milli))
    });
    match time {
        Some(time) if (0.0..1.0).contains(&at.as_f64()) => (clock(time.time()), CellKind::Time),
        Some(time) if at.is_datetime() && at.as_f64() >= 1.0 => (plain(time), CellKind::Date),
        _ => (at.as_f64().to_string(), CellKind::Broken),
    }
}

/// Returns a date of .ods, such as `2026-03-02T09:01:00` or `2026-03-02`. Any other text stays a text.
fn iso_date(text: &str) -> (String, CellKind) {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    let date = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    match time.or_else(date) {
        Some(at) => (plain(at), CellKind::Date),
        None => (text.to_owned(), CellKind::Text),
    }
}

/// Returns a time of .ods, such as `PT09H01M00S`. Any other text stays a text.
fn iso_time(text: &str) -> (String, CellKind) {
    let time = || {
        let (hour, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minute, rest) = rest.split_once('M')?;
        let second = rest.strip_suffix('S')?;
        NaiveTime::parse_from_str(&format!("{hour}:{minute}:{second}"), "%H:%M:%S%.f").ok()
    };
    match time() {
        Some(time) => (clock(time), CellKind::Time),
        None => (text.to_owned(), CellKind::Text),
    }
}

fn clock(time: NaiveTime) -> String {
    time.format("%H:%M:%S%.f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_shortest_text_or_not_exact() {
        let number = |text: &str| (text.to_owned(), CellKind::Number);
        assert_eq!(decimal(1537.66), number("1537.66"));
        assert_eq!(decimal(0.000_012), number("0.000012"));
        assert_eq!(decimal(-0.0), number("0"));
        // What 0.1 + 0.2 is in a spreadsheet.
        assert_eq!(decimal(0.300_000_000_000_000_04).1, CellKind::Inexact);
        assert_eq!(decimal(1_234_567_890_123_450_000.0).1, CellKind::Inexact);
        assert_eq!(decimal(f64::NAN).1, CellKind::Broken);
        assert_eq!(exact("1001".to_owned()), number("1001"));
    }

    #[test]
    fn dates_and_times_of_ods() {
        assert_eq!(iso_date("2026-03-02T09:01:00").0, "2026-03-02 09:01:00");
        assert_eq!(iso_date("2026-03-02"), ("2026-03-02".to_owned(), CellKind::Date));
        assert_eq!(iso_time("PT09H01M00S"), ("09:01:00".to_owned(), CellKind::Time));
        assert_eq!(iso_time("soon").1, CellKind::Text);
    }
}
