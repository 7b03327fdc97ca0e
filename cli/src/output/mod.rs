//! Writes what leaves a command: decisions, rejected lines, and text for people.
//!
//! Knows nothing of the commands. Imports `actions` and `source` only for what an input and a folder are.

pub(crate) mod bundle;
pub(crate) mod csv;
pub(crate) mod decisions;
pub(crate) mod diagnostics;
pub(crate) mod errors;
pub(crate) mod explanation;
pub(crate) mod format;
pub(crate) mod rejects;
pub(crate) mod summary;
pub(crate) mod target;
pub(crate) mod terminal;
