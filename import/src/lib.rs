//! Turns the exports of networks and shops into actions.
//!
//! A [`Mapping`] says which column of an export is which field of an action, and how cells are read: the marks in numbers, the form
//! of dates, the time zone. [`MappedActions`] reads an export through it, row by row. The engine's own reader checks each action, so
//! an imported action is held to the same rules as one from an actions file. Nothing about money or time is guessed: what a cell
//! may mean in two ways is an error that says what to write into the mapping.
//!
//! This crate must not know contracts or decisions.

#![forbid(unsafe_code)]

mod actions;
mod convert;
mod dates;
mod error;
mod guess;
mod mapping;
mod numbers;
mod render;
mod rows;
mod shipped;
#[doc(hidden)]
pub mod sort;
mod table;

pub use actions::{ImportOptions, Imported, MappedActions, SetAside};
pub use error::ImportError;
pub use guess::{Guess, guess};
pub use mapping::{Mapping, mapping_schema};
pub use shipped::{SHIPPED, Shipped};
pub use table::{SheetLimits, decoded, is_reading, read_tables};
