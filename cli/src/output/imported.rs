//! Keeps what an import does not turn into actions, and tells of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use accrue::facts::{FactErrors, Reject};
use accrue_import::SetAside;

use super::format::plural;
use super::rejects::Rejects;
use super::terminal::{clean, shown, tell};
use crate::actions::content::Notes;
use crate::actions::input::Input;
use crate::exit::Failure;

/// What exports have beside their actions.
pub(crate) struct ImportReport {
    /// The folder of the output.
    beside: PathBuf,
    /// The rows that are reversed, by the number of the input.
    files: BTreeMap<u32, Rejects>,
    set_aside: u64,
    left_out: u64,
    /// The exports whose rows were sorted.
    sorted: Vec<String>,
}

impl ImportReport {
    /// Returns a report of nothing. Rows that are reversed go to `FILE.set-aside.csv` in the folder `beside`.
    pub(crate) fn new(beside: &Path) -> Self {
        Self {
            beside: beside.to_owned(),
            files: BTreeMap::new(),
            set_aside: 0,
            left_out: 0,
            sorted: Vec::new(),
        }
    }

    /// Keeps rows that are reversed.
    pub(crate) fn keep(&mut self, input: &Input, rows: &SetAside) -> Result<(), Failure> {
        self.set_aside += 1;
        let file = self.files.entry(input.number).or_insert_with(|| {
            let stem = Path::new(&input.shown).file_stem().unwrap_or_default().to_string_lossy();
            Rejects::beside(&self.beside, &format!("{stem}.set-aside"))
        });
        let (first_line, text) = (rows.first_line, rows.text.clone().into_bytes());
        file.keep(
            input,
            &Reject { first_line, text, complete: true, id: None, errors: FactErrors::default() },
        )
    }

    /// Keeps what there is to say about an export.
    pub(crate) fn note(&mut self, input: &Input, notes: Notes) {
        self.left_out += notes.left_out;
        if notes.were_sorted {
            self.sorted.push(clean(&input.shown));
        }
    }

    /// Publishes the files of reversed rows, and prints what there is to say.
    pub(crate) fn conclude(self) -> Result<(), Failure> {
        let mut paths = Vec::new();
        for file in self.files.into_values() {
            paths.extend(file.finish()?.iter().map(|path| shown(path)));
        }
        for file in self.sorted {
            tell(&format!(
                "{file}: the rows of one order did not stand beside each other, so they were sorted first\n"
            ));
        }
        if self.left_out > 0 {
            let rows = plural(self.left_out, "row");
            tell(&format!("{rows} left out, since `skip_when` says that they are no transactions\n"));
        }
        if self.set_aside > 0 {
            let count = plural(self.set_aside, "transaction");
            tell(&format!(
                "{count} set aside, since the export says that they are reversed: kept in {}\n",
                paths.join(", ")
            ));
        }
        Ok(())
    }
}
