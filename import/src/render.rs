//! Writes rows of a sheet as CSV that the same mapping reads: numbers and dates in the forms of the mapping.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::dates::DateForm;
use crate::mapping::{Mapping, Source};
use crate::numbers::NumberForm;
use crate::table::{CellKind, Header, TableRow};

/// The most lines above a header.
const HEADER_LINES: u32 = 1_000;

/// Writes rows below a known header.
#[derive(Debug)]
pub(crate) struct Renderer {
    delimiter: char,
    numbers: NumberForm,
    /// The form of dates of each column, if the mapping has one.
    dates: Vec<Option<DateForm>>,
}

impl Renderer {
    pub(crate) fn new(mapping: &Mapping, header: &Header) -> Self {
        let form = |name: &String| {
            mapping.columns.iter().find_map(|column| match &column.source {
                Source::Cells(cells) if cells.names == [name.clone()] || cells.or.contains(name) => {
                    cells.dates.first().cloned()
                }
                _ => None,
            })
        };
        Self {
            delimiter: char::from(header.delimiter),
            numbers: mapping.numbers.clone(),
            dates: header.names.iter().map(form).collect(),
        }
    }

    /// Returns the text of the header, below as many lines as the mapping says.
    pub(crate) fn header(&self, mapping: &Mapping, header: &Header) -> String {
        let above = mapping.file.title_lines.unwrap_or_default().min(HEADER_LINES);
        let header = self.line(header.names.iter().cloned());
        (0..above).map(|_| '\n').chain(header.chars()).collect()
    }

    /// Returns the text of a row with as many cells as the header has.
    pub(crate) fn row(&self, row: &TableRow) -> String {
        let width = self.dates.len().max(row.len());
        self.line((0..width).map(|at| {
            let text = row.cell(at);
            match row.kind(at) {
                CellKind::Number | CellKind::Percent => self.numbers.write(&text),
                CellKind::Date => self.date(at, &text),
                _ => text.into_owned(),
            }
        }))
    }

    fn date(&self, at: usize, text: &str) -> String {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok();
        let date = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
        let Some(local) = local.or_else(date) else { return text.to_owned() };
        let form = self.dates.get(at).and_then(Option::as_ref);
        form.and_then(|form| form.write(local))
            .unwrap_or_else(|| local.format("%Y-%m-%d %H:%M:%S%.f").to_string())
    }

    fn line(&self, cells: impl Iterator<Item = String>) -> String {
        let mut line = String::new();
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                line.push(self.delimiter);
            }
            if cell.contains([self.delimiter, '"', '\n', '\r']) {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(&cell);
            }
        }
        line
    }
}
