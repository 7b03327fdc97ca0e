//! Reports the errors of rejected lines.

use std::path::PathBuf;

use accrue::facts::FactErrors;

use super::diagnostics::fact_error;
use super::format::plural;
use super::terminal::{shown, tell};
use crate::actions::input::Input;

/// The most errors that are printed. All of them are counted, and their lines are in the rejects file.
const SHOWN_ERRORS: u64 = 20;

/// Counts errors and keeps the text of the first ones.
#[derive(Default)]
pub(crate) struct ErrorReport {
    /// The number of rejected lines.
    pub(crate) lines: u64,
    count: u64,
    first: Vec<String>,
}

impl ErrorReport {
    /// Adds the errors of a line.
    pub(crate) fn add(&mut self, input: &Input, errors: &FactErrors) {
        for error in &errors.0 {
            if self.count < SHOWN_ERRORS {
                self.first.push(fact_error(&input.shown, error));
            }
            self.count += 1;
        }
    }

    /// Prints the first errors.
    pub(crate) fn tell(&self) {
        self.first.iter().for_each(|text| tell(&format!("{text}\n")));
    }

    /// Prints how many more errors there are, the rejects files that keep the lines, and what to do with them.
    pub(crate) fn conclude(&self, files: &[PathBuf], again: &str) {
        if let Some(more) = self.count.checked_sub(SHOWN_ERRORS).filter(|more| *more > 0) {
            tell(&format!("… and {}\n", plural(more, "more error")));
        }
        if self.lines > 0 {
            let files: Vec<String> = files.iter().map(|path| shown(path)).collect();
            let (count, files) = (plural(self.lines, "line"), files.join(", "));
            tell(&format!("{count} rejected, kept in {files}: {again}\n"));
        }
    }
}
