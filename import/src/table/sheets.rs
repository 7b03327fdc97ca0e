//! The sheets of a workbook: those of a workbook that is read here, or those that were read before.
//!
//! Bytes of sheets begin with [`HEAD`] and the number of sheets. A sheet is its name; the number of its columns with formulas, and
//! for each the column from 0 and the row from 1 of the first formula; then 0 with the number of bytes of its rows and the rows, or 1
//! with the text of why it is refused. Numbers, texts and rows are written as [`super::spool`] says.

use std::collections::BTreeMap;
#[cfg(feature = "workbooks")]
use std::io::Read as _;
use std::sync::Arc;

use accrue::diagnostic::nearest;
use accrue::facts::{FactError, FactErrors};

use super::Opening;
use super::header::{Header, listed};
use super::limits::{SheetLimits, damaged, refused};
use super::spool::{Spool, read_more, read_row, read_text};
#[cfg(feature = "workbooks")]
use super::spool::{write_number, write_text};
#[cfg(feature = "workbooks")]
use super::workbook::Workbook;
use crate::error::ImportError;
use crate::mapping::Mapping;

/// The first bytes, with the version of the form.
const HEAD: &[u8; 16] = b"accrue-sheets/1\n";

/// By column (from 0), the row (from 1) of the first formula.
pub(super) type Formulas = BTreeMap<u32, u64>;

/// A sheet of a workbook.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) formulas: Formulas,
    pub(super) rows: Result<Spool, ImportError>,
}

/// Returns the sheet that is asked for, or the first one.
pub(super) fn one_sheet(opening: Opening<'_>) -> Result<(Spool, Formulas), ImportError> {
    let wanted = opening.form.sheet.as_deref();
    let sheet = match opening.export.as_sheets() {
        Some(bytes) => {
            let sheets = decode(bytes, opening.sheets)?;
            let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
            let at = place(&names, wanted)?;
            sheets.into_iter().nth(at).ok_or_else(|| damaged("it has no sheet"))?
        }
        None => read_one(opening, wanted)?,
    };
    Ok((sheet.rows?, sheet.formulas))
}

/// Returns every sheet, with the cells marked that are shown as percentages.
pub(super) fn all_sheets(opening: Opening<'_>) -> Result<Vec<Sheet>, ImportError> {
    match opening.export.as_sheets() {
        Some(bytes) => decode(bytes, opening.sheets),
        None => read_all(opening),
    }
}

#[cfg(feature = "workbooks")]
fn read_one(opening: Opening<'_>, wanted: Option<&str>) -> Result<Sheet, ImportError> {
    Workbook::open(opening.export, opening.sheets)?.one(|names| place(names, wanted))
}

#[cfg(feature = "workbooks")]
fn read_all(opening: Opening<'_>) -> Result<Vec<Sheet>, ImportError> {
    Workbook::open(opening.export, opening.sheets)?.all()
}

#[cfg(not(feature = "workbooks"))]
fn read_one(_: Opening<'_>, _: Option<&str>) -> Result<Sheet, ImportError> {
    Err(unread())
}

#[cfg(not(feature = "workbooks"))]
fn read_all(_: Opening<'_>) -> Result<Vec<Sheet>, ImportError> {
    Err(unread())
}

/// Returns the error of a workbook where none can be read.
#[cfg(not(feature = "workbooks"))]
fn unread() -> ImportError {
    refused("this is a workbook, and its sheets were not read before; save the sheet as CSV")
}

/// Returns the place of the sheet that is wanted, or of the first one.
fn place(names: &[String], wanted: Option<&str>) -> Result<usize, ImportError> {
    if names.is_empty() {
        return Err(damaged("it has no sheet"));
    }
    let Some(wanted) = wanted else { return Ok(0) };
    if let Some(at) = names.iter().position(|name| name == wanted) {
        return Ok(at);
    }
    let help = match nearest(wanted, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", listed(names.iter().map(String::as_str))),
    };
    Err(ImportError::unfit(format!("the workbook has no sheet `{wanted}`; {help}")))
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

/// Reads every sheet of a workbook (.xlsx, .ods) into bytes that [`Export::sheets`](crate::Export::sheets) takes in the place of the
/// workbook, with the same results. So a program that reads few workbooks can leave the reader of workbooks to another one, such as a
/// second module of a web page.
///
/// A sheet that cannot be read is an error once it is asked for, as it is in a workbook.
///
/// # Errors
///
/// [`ImportError::Unfit`] if the export is no workbook that can be read or is beyond the limits, [`ImportError::Io`] if it cannot be
/// read.
///
/// ```no_run
/// use accrue_import::{Export, ImportOptions, SheetLimits, guess, read_workbook};
///
/// let workbook = Export::file("orders.xlsx");
/// let sheets = read_workbook(&workbook, &SheetLimits::default())?;
/// let rows = Export::sheets(workbook.name(), sheets);
/// assert_eq!(guess(&rows, &ImportOptions::default())?, guess(&workbook, &ImportOptions::default())?);
/// # Ok::<(), accrue_import::ImportError>(())
/// ```
#[cfg(feature = "workbooks")]
pub fn read_workbook(export: &crate::Export, limits: &SheetLimits) -> Result<Vec<u8>, ImportError> {
    if super::Format::of(export)? == super::Format::Text {
        return Err(refused("this file is no workbook: it is neither .xlsx nor .ods"));
    }
    let sheets = match export.as_sheets() {
        Some(bytes) => decode(bytes, limits)?,
        None => Workbook::open(export, limits)?.all()?,
    };
    let mut to = HEAD.to_vec();
    write_number(&mut to, sheets.len() as u64)?;
    for sheet in sheets {
        write_text(&mut to, &sheet.name)?;
        write_number(&mut to, sheet.formulas.len() as u64)?;
        for (column, row) in &sheet.formulas {
            write_number(&mut to, u64::from(*column))?;
            write_number(&mut to, *row)?;
        }
        match sheet.rows {
            Ok(rows) => {
                let mut bytes = Vec::new();
                rows.bytes().read_to_end(&mut bytes)?;
                write_number(&mut to, 0)?;
                write_number(&mut to, bytes.len() as u64)?;
                to.append(&mut bytes);
            }
            Err(ImportError::Unfit(errors)) => {
                write_number(&mut to, 1)?;
                // A sheet is refused as a whole, by one sentence.
                write_text(
                    &mut to,
                    errors.0.first().map(|error| error.message.as_str()).unwrap_or_default(),
                )?;
            }
            Err(error @ ImportError::Io(_)) => return Err(error),
        }
    }
    Ok(to)
}

/// Reads sheets, which may come from anybody, and checks all of them.
fn decode(bytes: &Arc<[u8]>, limits: &SheetLimits) -> Result<Vec<Sheet>, ImportError> {
    let Some(mut from) = bytes.strip_prefix(HEAD) else {
        return Err(refused(
            "these are no sheets that can be read here, or another version wrote them; read the workbook again",
        ));
    };
    if from.len() as u64 > limits.inflated_bytes {
        let most = limits.inflated_bytes;
        return Err(refused(format!("the sheets of this workbook have more than {most} bytes")));
    }
    let mut sheets = Vec::new();
    for _ in 0..read_more(&mut from).map_err(broken)? {
        if sheets.len() >= limits.entries {
            return Err(refused(format!("this workbook has more than {} sheets", limits.entries)));
        }
        sheets.push(decode_sheet(bytes, &mut from, limits)?);
    }
    if from.is_empty() { Ok(sheets) } else { Err(broken("there are bytes behind them")) }
}

fn decode_sheet(bytes: &Arc<[u8]>, from: &mut &[u8], limits: &SheetLimits) -> Result<Sheet, ImportError> {
    let name = read_text(from).map_err(broken)?;
    let mut formulas = Formulas::new();
    for _ in 0..read_more(from).map_err(broken)? {
        let column = u32::try_from(read_more(from).map_err(broken)?).map_err(broken)?;
        formulas.insert(column, read_more(from).map_err(broken)?);
    }
    let rows = match read_more(from).map_err(broken)? {
        0 => {
            let length = usize::try_from(read_more(from).map_err(broken)?).map_err(broken)?;
            let start = bytes.len().saturating_sub(from.len());
            let rows = from.split_off(..length).ok_or_else(|| broken("they end early"))?;
            check_rows(rows, limits)?;
            Ok(Spool::Bytes(Arc::clone(bytes), start..start.saturating_add(length)))
        }
        1 => Err(refused(read_text(from).map_err(broken)?)),
        _ => return Err(broken("a sheet is neither read nor refused")),
    };
    Ok(Sheet { name, formulas, rows })
}

/// Checks that rows can be read, that they rise, and that they are within the limits.
fn check_rows(mut rows: &[u8], limits: &SheetLimits) -> Result<(), ImportError> {
    let (mut last, mut cells) = (0u64, 0u64);
    while let Some((number, row)) = read_row(&mut rows).map_err(broken)? {
        if number <= last {
            return Err(broken(format!("row {number} is out of order")));
        }
        limits.check_place(number, row.len() as u64)?;
        cells = cells.saturating_add(row.len() as u64);
        limits.check_cells(cells)?;
        row.iter().try_for_each(|(text, _)| limits.check_text(number, text))?;
        last = number;
    }
    Ok(())
}

/// Returns the error of sheets that contradict their form.
fn broken(why: impl std::fmt::Display) -> ImportError {
    refused(format!("the sheets of this workbook are damaged: {why}; read the workbook again"))
}
