//! Turns the exports of networks and shops into actions.
//!
//! A [`Mapping`] says which column of an export is which field of an action, and how cells are read: the marks in numbers, the form
//! of dates, the time zone. [`MappedActions`] reads an export through it, row by row. The engine's own reader checks each action, so
//! an imported action is held to the same rules as one from an actions file. Nothing about money or time is guessed: what a cell
//! may mean in two ways is an error that says what to write into the mapping.
//!
//! An [`Export`] is a file or bytes in memory. The crate works in a browser too (`wasm32-unknown-unknown`): without files, threads
//! and a clock, with memory in the place of temporary files.
//!
//! The feature `workbooks` (on by default) reads .xlsx and .ods. Without it, a workbook is read from the bytes that
//! `read_workbook` has made of it elsewhere ([`Export::sheets`]).
//!
//! This crate must not know contracts or decisions.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "workbooks"),
    allow(dead_code, reason = "what writes the rows of workbooks is not needed where they are only read")
)]

mod actions;
mod convert;
mod dates;
mod error;
mod export;
mod guess;
mod mapping;
mod numbers;
mod preview;
mod render;
mod rows;
mod scratch;
mod shipped;
#[doc(hidden)]
pub mod sort;
mod table;

pub use actions::{ImportOptions, Imported, MappedActions, SetAside};
pub use error::ImportError;
pub use export::Export;
pub use guess::{Candidate, Guess, guess};
pub use mapping::{Mapping, mapping_schema};
pub use preview::{Preview, PreviewEntry, PreviewError, PreviewOutcome, preview};
pub use shipped::{SHIPPED, Shipped};
pub use table::{RawRow, SheetLimits, TableForm, decoded, read_tables};
#[cfg(feature = "workbooks")]
pub use table::{is_reading, read_workbook};
