//! Scans the XML of a workbook: counts cells against the limits, and finds formulas.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::guard::{OTHER_FILES, unread};
use super::limits::{SheetLimits, damaged, refused};
use super::sheets::Formulas;
use crate::error::ImportError;

/// Returns the error of XML that cannot be read.
fn broken(error: quick_xml::Error) -> ImportError {
    match error {
        quick_xml::Error::Io(error) => unread(&error),
        error => damaged(error),
    }
}

/// The number of open tags. A workbook whose tags are not closed is refused, because calamine would wait for their ends for ever.
#[derive(Debug, Default)]
struct Depth(u64);

impl Depth {
    fn count(&mut self, event: &Event<'_>) -> Result<(), ImportError> {
        match event {
            Event::Start(_) => self.0 = self.0.saturating_add(1),
            Event::End(_) => self.0 = self.0.saturating_sub(1),
            Event::Eof if self.0 > 0 => return Err(damaged("a part of it ends early")),
            _ => {}
        }
        Ok(())
    }
}

/// Refuses XML whose tags are not closed.
pub(super) fn check_closed(from: &mut impl Read) -> Result<(), ImportError> {
    let mut reader = Reader::from_reader(BufReader::new(from));
    let (mut buffer, mut depth) = (Vec::new(), Depth::default());
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(broken)?;
        depth.count(&event)?;
        if event == Event::Eof {
            return Ok(());
        }
    }
}

/// Returns an attribute of a tag by its name without a prefix.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

/// Scans a sheet of .xlsx.
pub(super) fn scan_xlsx(from: &mut impl Read, limits: &SheetLimits) -> Result<Formulas, ImportError> {
    let mut reader = Reader::from_reader(BufReader::new(from));
    let mut formulas = Formulas::new();
    // The row from 1; the column from 0 of the next cell and of the cell that is open; the last cell that is not empty.
    let (mut row, mut next, mut at, mut last) = (1u64, 0u64, 0u64, None::<(u64, u64)>);
    let mut cells = 0u64;
    let (mut buffer, mut depth) = (Vec::new(), Depth::default());
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(broken)?;
        depth.count(&event)?;
        match event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "row" => {
                    next = 0;
                    if let Some(number) = attribute(&tag, "r") {
                        let no_row = |_| damaged(format!("there is no row `{}`", shown(&number)));
                        row = number.trim().parse().map_err(no_row)?;
                    }
                }
                "c" => {
                    if let Some(place) = attribute(&tag, "r") {
                        let no_cell = || damaged(format!("there is no cell `{}`", shown(&place)));
                        (row, next) = cell_place(&place).ok_or_else(no_cell)?;
                    }
                    at = next;
                    next = next.saturating_add(1);
                }
                name @ ("v" | "is" | "f") => {
                    limits.check_place(row, at.saturating_add(1))?;
                    if name == "f" {
                        formulas.entry(u32::try_from(at).unwrap_or(u32::MAX)).or_insert(row);
                    }
                    if last.is_some_and(|last| last > (row, at)) {
                        return Err(damaged(format!("row {row} has cells out of order")));
                    }
                    // The cells of a row are counted up to its last one.
                    let before = last.filter(|last| last.0 == row).map_or(0, |last| last.1.saturating_add(1));
                    cells = cells.saturating_add(at.saturating_add(1).saturating_sub(before));
                    limits.check_cells(cells)?;
                    last = Some((row, at));
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "row" => row = row.saturating_add(1),
            Event::Eof => return Ok(formulas),
            _ => {}
        }
    }
}

/// Returns the row (from 1) and the column (from 0) of a place such as `B2`.
fn cell_place(place: &str) -> Option<(u64, u64)> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = place.split_at_checked(letters)?;
    if !(1..=3).contains(&letters) || row.len() > 7 {
        return None;
    }
    let digit = |letter: u8| u64::from(letter.to_ascii_uppercase() - b'A') + 1;
    let column = column.bytes().fold(0u64, |sum, letter| sum * 26 + digit(letter));
    Some((row.parse().ok().filter(|row| *row > 0)?, column.checked_sub(1)?))
}

/// Returns the names of the sheets of .xlsx and their paths.
pub(super) fn sheet_paths(workbook: &[u8], relations: &[u8]) -> Result<Vec<(String, String)>, ImportError> {
    let mut targets = BTreeMap::new();
    each_tag(relations, "Relationship", |tag| {
        if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
            let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            targets.insert(id, path);
        }
    })?;
    let mut sheets = Vec::new();
    each_tag(workbook, "sheet", |tag| {
        let path = attribute(tag, "id").and_then(|id| targets.get(&id).cloned());
        sheets.extend(attribute(tag, "name").zip(path));
    })?;
    Ok(sheets)
}

/// Returns whether the workbook of .xlsx is where every program puts it, so that what was scanned is what is read.
pub(super) fn is_usual(relations: &[u8]) -> Result<bool, ImportError> {
    let mut is_usual = true;
    each_tag(relations, "Relationship", |tag| {
        if attribute(tag, "Type").is_some_and(|kind| kind.ends_with("/officeDocument")) {
            let target = attribute(tag, "Target").unwrap_or_default();
            is_usual &= target.trim_start_matches('/') == "xl/workbook.xml";
        }
    })?;
    Ok(is_usual)
}

/// Returns the numbers of the cell styles of .xlsx that show percentages.
pub(super) fn percent_styles(styles: &[u8]) -> Result<HashSet<u32>, ImportError> {
    // The formats 9 and 10 are built in; the others are declared by their code.
    let mut formats: HashSet<String> = ["9", "10"].map(str::to_owned).into();
    each_tag(styles, "numFmt", |tag| {
        if attribute(tag, "formatCode").is_some_and(|code| code.contains('%')) {
            formats.extend(attribute(tag, "numFmtId"));
        }
    })?;
    let (mut found, mut number, mut inside) = (HashSet::new(), 0u32, false);
    let mut reader = Reader::from_reader(styles);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) if tag.local_name().as_ref() == "cellXfs" => inside = true,
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => inside = false,
            Event::Start(tag) | Event::Empty(tag) if inside && tag.local_name().as_ref() == "xf" => {
                if attribute(&tag, "numFmtId").is_some_and(|format| formats.contains(&format)) {
                    found.insert(number);
                }
                number = number.saturating_add(1);
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// Returns the cells of a sheet that have one of these styles: their rows from 1, their columns from 0.
pub(super) fn styled_cells(
    from: &mut impl Read,
    styles: &HashSet<u32>,
) -> Result<HashSet<(u32, usize)>, ImportError> {
    let mut reader = Reader::from_reader(BufReader::new(from));
    let (mut found, mut row, mut next) = (HashSet::new(), 1u64, 0u64);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "row" => {
                    next = 0;
                    row = attribute(&tag, "r").and_then(|number| number.trim().parse().ok()).unwrap_or(row);
                }
                "c" => {
                    if let Some(place) = attribute(&tag, "r").as_deref().and_then(cell_place) {
                        (row, next) = place;
                    }
                    let style = attribute(&tag, "s").and_then(|style| style.trim().parse().ok());
                    if style.is_some_and(|style| styles.contains(&style))
                        && let (Ok(row), Ok(column)) = (u32::try_from(row), usize::try_from(next))
                    {
                        found.insert((row, column));
                    }
                    next = next.saturating_add(1);
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "row" => row = row.saturating_add(1),
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// Calls `take` with each tag of this name.
fn each_tag(xml: &[u8], name: &str, mut take: impl FnMut(&BytesStart<'_>)) -> Result<(), ImportError> {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == name => take(&tag),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Scans the sheets of .ods, whose rows and cells have repeat counts.
pub(super) fn scan_ods(
    from: &mut impl Read,
    limits: &SheetLimits,
) -> Result<BTreeMap<String, Formulas>, ImportError> {
    let mut reader = Reader::from_reader(BufReader::new(from));
    reader.config_mut().expand_empty_elements = true;
    let mut found = BTreeMap::new();
    let (mut name, mut sheet) = (String::new(), OdsSheet::default());
    let (mut buffer, mut depth) = (Vec::new(), Depth::default());
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(broken)?;
        depth.count(&event)?;
        match event {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table" => {
                    name = attribute(&tag, "name").unwrap_or_default();
                    sheet = OdsSheet::default();
                }
                "table:table-row" => sheet.row(&tag)?,
                "table:table-cell" | "table:covered-table-cell" => sheet.cell(&tag, limits)?,
                "table:table-source" => return Err(refused(OTHER_FILES)),
                "text:p" => sheet.fill(limits)?,
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "table:table-row" => sheet.above = sheet.above.saturating_add(sheet.rows),
                "table:table" => {
                    found.insert(std::mem::take(&mut name), std::mem::take(&mut sheet).formulas);
                }
                _ => {}
            },
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// The extent of a sheet of .ods while it is scanned.
#[derive(Debug, Default)]
struct OdsSheet {
    formulas: Formulas,
    /// Rows above the row that is scanned.
    above: u64,
    /// How often the row that is scanned is repeated.
    rows: u64,
    /// The column after the last cell.
    column: u64,
    /// The columns of the widest row until now.
    widest: u64,
}

impl OdsSheet {
    fn row(&mut self, tag: &BytesStart<'_>) -> Result<(), ImportError> {
        self.rows = repeated(tag, "number-rows-repeated")?;
        self.column = 0;
        Ok(())
    }

    fn cell(&mut self, tag: &BytesStart<'_>, limits: &SheetLimits) -> Result<(), ImportError> {
        let first = self.column;
        self.column = self.column.saturating_add(repeated(tag, "number-columns-repeated")?);
        let has_formula = attribute(tag, "formula").is_some();
        if has_formula || attribute(tag, "value-type").is_some() {
            self.fill(limits)?;
        }
        if has_formula {
            let row = self.above.saturating_add(1);
            for column in first..self.column {
                self.formulas.entry(u32::try_from(column).unwrap_or(u32::MAX)).or_insert(row);
            }
        }
        Ok(())
    }

    /// Counts the cells up to the last one, which is not empty. All rows are as wide as the widest in memory.
    fn fill(&mut self, limits: &SheetLimits) -> Result<(), ImportError> {
        self.widest = self.widest.max(self.column);
        let rows = self.above.saturating_add(self.rows);
        limits.check_place(rows, self.widest)?;
        limits.check_cells(rows.saturating_mul(self.widest))
    }
}

/// Returns a repeat count; 1 if there is none.
fn repeated(tag: &BytesStart<'_>, name: &str) -> Result<u64, ImportError> {
    let Some(text) = attribute(tag, name) else { return Ok(1) };
    text.trim().parse().map_err(|_| damaged(format!("`{}` is no repeat count", shown(&text))))
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_cells() {
        assert_eq!(cell_place("A1"), Some((1, 0)));
        assert_eq!(cell_place("XFD1048576"), Some((1_048_576, 16_383)));
        for wrong in ["", "A", "1", "A0", "AAAA1", "A-1", "A99999999"] {
            assert_eq!(cell_place(wrong), None, "{wrong}");
        }
    }
}
