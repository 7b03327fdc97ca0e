//! Writes the output of commands: decisions, rejected lines, and text for people.
//!
//! This module must not know the commands. It imports `actions` and `source` only for the types of inputs and folders.

pub(crate) mod bundle;
pub(crate) mod coverage;
pub(crate) mod csv;
pub(crate) mod decisions;
pub(crate) mod diagnostics;
mod disarm;
pub(crate) mod errors;
pub(crate) mod explanation;
pub(crate) mod findings;
pub(crate) mod format;
pub(crate) mod imported;
pub(crate) mod rejects;
pub(crate) mod simulation;
mod simulation_chart;
pub(crate) mod simulation_file;
mod simulation_markdown;
mod simulation_tables;
pub(crate) mod simulation_text;
pub(crate) mod summary_file;
mod summary_tables;
pub(crate) mod summary_text;
pub(crate) mod table;
pub(crate) mod target;
pub(crate) mod terminal;
pub(crate) mod waterfall;
pub(crate) mod workbook;
