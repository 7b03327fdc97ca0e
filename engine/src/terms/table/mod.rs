//! Tables in a program: payout groups, bands, limits and lists as rows of `tables/NAME.csv`.
//!
//! A table becomes the text of a contract, a line for each row, and is read and checked like a contract: `grid` has its cells,
//! `condition` turns a cell below a fact into a condition, `translate` makes the text and its values, `place` leads what is
//! reported about the text back to the cells. This module must not read files and must not know workbooks.

mod condition;
mod export;
mod grid;
mod place;
#[cfg(test)]
mod tests;
mod text;
mod translate;

pub use export::GroupsTable;
pub(crate) use export::groups_table;
pub(super) use grid::Grid;
pub use place::TablePlaces;
pub(super) use place::{Sheet, settle};
pub(super) use text::{canonical, table_path, write};
pub(super) use translate::{Conditions, Entry, entries, rows};
