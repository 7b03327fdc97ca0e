//! Leads places in the text that was made of a table back to its cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::grid::Grid;
use crate::diagnostic::{Cell, Diagnostics, Place, Span};

/// A table as text of a contract.
#[derive(Debug)]
pub(in crate::terms) struct Sheet {
    pub(in crate::terms) grid: Arc<Grid>,
    /// A line for each row: the line of the text is the row of the table.
    pub(in crate::terms) text: String,
    /// The bytes at which parts of the text begin, in order, each with the row and column (from 0) that it is made of.
    pub(super) parts: Vec<(u32, u32, Option<usize>)>,
}

impl Sheet {
    /// Returns the path of the table.
    pub(in crate::terms) fn path(&self) -> &str {
        &self.grid.path
    }

    /// Returns the row and the column that a place of the text is made of.
    fn origin(&self, span: Span) -> Option<(u32, Option<usize>)> {
        let after = self.parts.partition_point(|(start, ..)| *start <= span.start);
        let (_, row, column) = self.parts.get(after.checked_sub(1)?)?;
        Some((*row, *column))
    }

    /// Moves a place of the text to the table, and returns the name of the cell.
    fn settle(&self, place: &mut Place) -> Option<Cell> {
        let (row, column) = self.origin(place.span)?;
        place.span = self.grid.span(row, column);
        Some(self.grid.name(row, column))
    }
}

/// The tables of loaded terms, to lead places of rules back to cells.
#[derive(Clone, Debug, Default)]
pub struct TablePlaces {
    sheets: BTreeMap<String, Arc<Sheet>>,
}

impl TablePlaces {
    pub(in crate::terms) fn new(sheets: &BTreeMap<String, Arc<Sheet>>) -> Self {
        Self { sheets: sheets.clone() }
    }

    /// Moves a place in the text of a table to the table, and returns the name of the cell. Returns `None` and changes nothing if the
    /// place is in another file.
    pub(crate) fn cell(&self, place: &mut Place) -> Option<Cell> {
        self.sheets.get(&place.file)?.settle(place)
    }

    /// Moves what was reported about the texts of tables to their cells.
    pub(crate) fn settle(&self, out: &mut Diagnostics) {
        settle(&self.sheets, out);
    }
}

/// Moves what was reported about the texts of tables to their cells.
pub(in crate::terms) fn settle(sheets: &BTreeMap<String, Arc<Sheet>>, out: &mut Diagnostics) {
    if sheets.is_empty() {
        return;
    }
    for diagnostic in &mut out.0 {
        if let (None, Some(place)) = (&diagnostic.cell, &mut diagnostic.place)
            && let Some(sheet) = sheets.get(&place.file)
        {
            diagnostic.cell = sheet.settle(place);
            diagnostic.message = unquoted(&diagnostic.message);
            diagnostic.help = diagnostic.help.as_deref().map(unquoted);
            // An edit would be of the text that was made, and no file has that text.
            diagnostic.replacements.clear();
        }
        for label in diagnostic.labels.iter_mut().filter(|label| label.cell.is_none()) {
            if let Some(sheet) = sheets.get(&label.place.file) {
                label.cell = sheet.settle(&mut label.place);
                label.message = unquoted(&label.message);
            }
        }
    }
}

/// Returns a message about a value as one about a cell, in which a value stands without quotes.
fn unquoted(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for (n, part) in message.split('`').enumerate() {
        if n > 0 {
            text.push('`');
        }
        // Every second part stands in backticks.
        let bare = part.strip_prefix('"').and_then(|part| part.strip_suffix('"')).filter(|_| n % 2 == 1);
        text.push_str(bare.unwrap_or(part));
    }
    text.replace(" in quotes", "")
}
