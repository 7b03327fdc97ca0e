//! Tables of a program as grids, to be shown and edited like a spreadsheet: payout groups, restrictions, limits, bands, tiers and
//! bonuses of contracts, lists, and the CSV tables of `tables/`.
//!
//! An edit of cells or rows becomes text edits. Everything that is not edited, comments and blanks among it, stays as it is.

mod csv;
mod model;
mod write;

pub use model::{Cell, CellPlace, Column, Row, Table, TableKind, cell_of, tables};
pub use write::{CellEdit, GridError, delete_rows, insert_rows, move_rows, set_cells};
