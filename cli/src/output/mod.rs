//! Writes what a command has to say: to files and to the terminal.

pub(crate) mod decisions;
pub(crate) mod rejects;
pub(crate) mod summary;
pub(crate) mod terminal;
