//! Reads a sheet of a workbook (.xlsx, .ods) as rows of texts, numbers and dates.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use accrue::diagnostic::nearest;
use accrue::facts::{FactError, FactErrors};
use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader as _, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::guard::{Format, Formulas, check, damaged};
use super::header::{Header, listed};
use super::row::{CellKind, TableRow};
use super::spool::{Spool, SpoolWriter};
use super::{Opening, SheetLimits};
use crate::dates::plain;
use crate::error::ImportError;
use crate::mapping::Mapping;

/// The most digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;

/// A workbook that was checked against its limits.
pub(super) struct Workbook<'a> {
    opening: Opening<'a>,
    format: Format,
    formulas: BTreeMap<String, Formulas>,
}

/// Refuses formulas in the columns that the mapping reads.
pub(super) fn refuse(formulas: &Formulas, header: &Header, mapping: &Mapping) -> Result<(), FactErrors> {
    let mut errors: Vec<FactError> = Vec::new();
    for name in mapping.used() {
        let Some(at) = header.place(name).and_then(|at| u32::try_from(at).ok()) else { continue };
        let Some(row) = formulas.get(&at).filter(|row| **row > header.line) else { continue };
        let message = "this column has formulas, whose results may be out of date; copy the column, paste it as values, and save \
                       the file again";
        if errors.iter().all(|error| error.field.as_deref() != Some(name)) {
            errors.push(FactError::field(name, message).on_line(*row));
        }
    }
    FactErrors(errors).into_result()
}

thread_local! {
    /// Whether this thread is inside of the workbook library.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is reading a workbook with the workbook library, so that a panic becomes an error of the file. A
/// host whose panic hook prints panics asks this, and prints nothing.
pub fn is_reading() -> bool {
    READING.get()
}

/// Runs a function that reads an untrusted workbook, and turns its panic into an error.
fn guarded<T>(read: impl FnOnce() -> Result<T, ImportError>) -> Result<T, ImportError> {
    let before = READING.replace(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    READING.set(before);
    read.unwrap_or_else(|_| Err(damaged("a part of it has no meaning")))
}

impl<'a> Workbook<'a> {
    /// Checks a workbook against its limits.
    pub(super) fn open(opening: Opening<'a>) -> Result<Self, ImportError> {
        let checked = check(opening.path, opening.sheets)?;
        Ok(Self { opening, format: checked.format, formulas: checked.formulas })
    }

    /// Copies the rows of the sheet that is asked for into a temporary file. Returns them with the formulas of the sheet.
    pub(super) fn spool(mut self) -> Result<(Spool, Formulas), ImportError> {
        let (spool, sheet) = guarded(|| match self.format {
            Format::Xlsx => self.spool_xlsx(),
            Format::Ods => self.spool_ods(),
        })?;
        Ok((spool, self.formulas.remove(&sheet).unwrap_or_default()))
    }

    /// Copies the rows of every sheet into temporary files. Returns them with the names and the formulas of the sheets.
    pub(super) fn spool_all(mut self) -> Result<Vec<(String, Spool, Formulas)>, ImportError> {
        let sheets = guarded(|| -> Result<Vec<(String, Spool)>, ImportError> {
            let file = BufReader::new(File::open(self.opening.path)?);
            match self.format {
                Format::Xlsx => {
                    let mut workbook = Xlsx::new(file).map_err(damaged)?;
                    let names = self.checked(workbook.sheet_names())?;
                    names
                        .into_iter()
                        .map(|name| Ok((name.clone(), self.xlsx_sheet(&mut workbook, &name)?)))
                        .collect()
                }
                Format::Ods => {
                    let mut workbook = Ods::new(file).map_err(damaged)?;
                    let names = self.checked(workbook.sheet_names())?;
                    names
                        .into_iter()
                        .map(|name| Ok((name.clone(), self.ods_sheet(&mut workbook, &name)?)))
                        .collect()
                }
            }
        })?;
        let with_formulas = sheets.into_iter().map(|(name, spool)| {
            let formulas = self.formulas.remove(&name).unwrap_or_default();
            (name, spool, formulas)
        });
        Ok(with_formulas.collect())
    }

    /// Returns the names of all sheets, each of which was checked.
    fn checked(&self, names: Vec<String>) -> Result<Vec<String>, ImportError> {
        match names.iter().find(|name| !self.formulas.contains_key(*name)) {
            Some(missing) => Err(damaged(format!("the sheet `{missing}` is missing"))),
            None => Ok(names),
        }
    }

    fn spool_xlsx(&self) -> Result<(Spool, String), ImportError> {
        let file = BufReader::new(File::open(self.opening.path)?);
        let mut workbook = Xlsx::new(file).map_err(damaged)?;
        let sheet = self.sheet(workbook.sheet_names())?;
        Ok((self.xlsx_sheet(&mut workbook, &sheet)?, sheet))
    }

    fn xlsx_sheet(&self, workbook: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<Spool, ImportError> {
        let mut rows = Rows::new(self.opening.sheets)?;
        let mut cells = workbook.worksheet_cells_reader(sheet).map_err(damaged)?;
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            if let Some(cell) = of_xlsx(cell.get_value()) {
                rows.push(u64::from(row) + 1, column as usize, cell)?;
            }
        }
        rows.finish()
    }

    fn spool_ods(&self) -> Result<(Spool, String), ImportError> {
        let file = BufReader::new(File::open(self.opening.path)?);
        let mut workbook = Ods::new(file).map_err(damaged)?;
        let sheet = self.sheet(workbook.sheet_names())?;
        Ok((self.ods_sheet(&mut workbook, &sheet)?, sheet))
    }

    fn ods_sheet(&self, workbook: &mut Ods<BufReader<File>>, sheet: &str) -> Result<Spool, ImportError> {
        let range = workbook.worksheet_range(sheet).map_err(damaged)?;
        let mut rows = Rows::new(self.opening.sheets)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            if let Some(cell) = of_ods(cell) {
                rows.push(u64::from(first_row) + row as u64 + 1, first_column as usize + column, cell)?;
            }
        }
        rows.finish()
    }

    /// Returns the name of the sheet that is asked for, or of the first one.
    fn sheet(&self, names: Vec<String>) -> Result<String, ImportError> {
        let first = names.first().ok_or_else(|| damaged("it has no sheet"))?;
        let wanted = self.opening.form.sheet.as_ref().unwrap_or(first);
        if names.contains(wanted) {
            // A sheet at an odd place was not checked.
            let is_checked = self.formulas.contains_key(wanted);
            return if is_checked {
                Ok(wanted.clone())
            } else {
                Err(damaged(format!("the sheet `{wanted}` is missing")))
            };
        }
        let help = match nearest(wanted, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", listed(names.iter().map(String::as_str))),
        };
        Err(ImportError::unfit(format!("the workbook has no sheet `{wanted}`; {help}")))
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
        if cell.0.chars().count() > self.limits.cell_chars {
            let most = self.limits.cell_chars;
            return Err(damaged(format!("row {row} has a cell of more than {most} characters")));
        }
        self.cells.resize(column, Default::default());
        self.cells.push(cell);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ImportError> {
        if !self.cells.is_empty() {
            self.to.push(TableRow::of_sheet(self.number, &self.cells))?;
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
