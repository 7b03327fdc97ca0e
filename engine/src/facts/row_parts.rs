//! Reads a fact of several rows: the cells that its rows agree on, and the part that each row may add.

use super::columns::{columns, read_cell, set_attribute};
use super::error::{FactError, FactErrors};
use super::record::{FactField, FactRecord};
use super::rows::Row;
use super::words::shown;
use crate::time::Zone;

/// What a column fills in a part: an item, a touch, a credit, or a line that is taken back.
pub(super) enum PartCell<'t, R: 'static> {
    Field(&'static FactField<R>),
    Attribute(&'t str),
}

/// Fails if a row is faulty, or has more or fewer cells than the header. Its cells would be reported as errors of other columns.
pub(super) fn check_rows(group: &[Row], columns: usize) -> Result<(), FactErrors> {
    let mut errors = Vec::new();
    for row in group {
        if let Some(fault) = &row.fault {
            errors.push(fault.clone().on_line(row.first_line));
        } else if row.len() != columns {
            let message = format!("this row has {} cells, but the header has {columns}", row.len());
            errors.push(FactError::whole(message).on_line(row.first_line));
        }
    }
    FactErrors(errors).into_result()
}

/// Returns the cell of a column that the rows of a fact agree on, with the first row that has it.
pub(super) fn agreed<'r>(
    group: &'r [Row],
    (at, name): (usize, &str),
    fact: &str,
    errors: &mut Vec<FactError>,
) -> Option<(&'r Row, &'r str)> {
    let mut filled = group.iter().map(|row| (row, row.cell(at))).filter(|(_, cell)| !cell.is_empty());
    let first = filled.next()?;
    for (row, cell) in filled.filter(|(_, cell)| *cell != first.1) {
        let (here, there) = (shown(cell), shown(first.1));
        let message =
            format!("`{here}` here, but `{there}` on line {} of the same {fact}", first.0.first_line);
        errors.push(FactError::field(name, message).on_line(row.first_line));
    }
    Some(first)
}

/// Reads the part of a row; `None` if all its cells are empty. `of` says what a column fills in it.
pub(super) fn part<T, R: FactRecord>(
    row: &Row,
    targets: &[T],
    zone: Option<Zone>,
    what: &str,
    errors: &mut Vec<FactError>,
    of: fn(&T) -> Option<PartCell<'_, R>>,
) -> Option<R> {
    let mut part: Option<R> = None;
    let mut filled: Vec<&str> = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        let (Some(of), cell) = (of(target), row.cell(at)) else { continue };
        if cell.is_empty() {
            continue;
        }
        let part = part.get_or_insert_with(R::blank);
        let field = match of {
            PartCell::Field(field) => field,
            PartCell::Attribute(name) => {
                set_attribute(part, name, cell);
                continue;
            }
        };
        filled.push(field.name);
        if let Err(message) = read_cell((field.get_mut)(part), cell, zone) {
            let name = format!("{what}.{}", field.name);
            errors.push(FactError::field(name, message).on_line(row.first_line));
        }
    }
    if part.is_some() {
        for field in columns::<R>().filter(|field| field.required && !filled.contains(&field.name)) {
            let name = format!("{what}.{}", field.name);
            let message = format!("needed, since other `{what}` cells of this row are filled");
            errors.push(FactError::field(name, message).on_line(row.first_line));
        }
    }
    part
}
