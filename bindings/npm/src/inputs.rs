//! The actions and adjustments of a history: bytes of files become facts, and rejects for what is none.

use std::collections::HashMap;

use accrue::facts::{
    Adjustment, AdjustmentRecord, CsvActions, CsvAdjustments, FactError, FactErrors, JsonlActions,
    JsonlAdjustments, Record, Reject,
};
use accrue::{Action, Program};
use accrue_import::{Imported, MappedActions};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused, json};
use crate::import::{export, import_options, parsed};

/// The files of a history: what is decided, and what happened to it afterwards.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Inputs {
    actions: Vec<Input>,
    adjustments: Vec<Input>,
}

/// A file of a history.
#[derive(Debug)]
struct Input {
    name: String,
    content: Vec<u8>,
    /// The text of the mapping, if the file is an export.
    mapping: Option<String>,
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Inputs {
    /// Returns a history without files.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file of actions, or an export with the text of its mapping.
    #[wasm_bindgen(js_name = addActions)]
    pub fn add_actions(&mut self, name: String, content: Vec<u8>, mapping: Option<String>) {
        self.actions.push(Input { name, content, mapping });
    }

    /// Adds a file of adjustments.
    #[wasm_bindgen(js_name = addAdjustments)]
    pub fn add_adjustments(&mut self, name: String, content: Vec<u8>) {
        self.adjustments.push(Input { name, content, mapping: None });
    }
}

/// A line or a row that was not decided.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rejected {
    /// The name of the file.
    file: String,
    /// The first line of the text in the file, from 1.
    line: u64,
    /// The text. Bytes that are no text are replaced.
    text: String,
    errors: FactErrors,
}

impl Rejected {
    fn new(file: &str, reject: Reject) -> Self {
        let Reject { first_line, text, errors, .. } = reject;
        let text = String::from_utf8_lossy(&text).into_owned();
        Self { file: file.to_owned(), line: first_line, text, errors }
    }
}

/// Where a fact was read.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    file: u32,
    line: u64,
}

/// What was read from the files of a history.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// In the order in which they are decided: by (occurred-at, id).
    pub(crate) actions: Vec<Action>,
    /// The place of each action.
    origins: Vec<Origin>,
    /// The names of the files of actions.
    files: Vec<String>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) rejected: Vec<Rejected>,
    /// The number of rows that exports say are reversed, which are not decided.
    pub(crate) set_aside: u64,
}

impl Inputs {
    /// Reads everything. Files that cannot be read at all are errors; lines that are no facts are rejects.
    pub(crate) fn read(&self, program: &Program) -> Answer<Read> {
        let (limits, zone) = (program.limits(), program.zone());
        let mut read = Read::default();
        let mut actions = Actions::default();
        for input in &self.actions {
            read.files.push(input.name.clone());
            let content = input.content.as_slice();
            if let Some(mapping) = &input.mapping {
                let (mapping, options) = (parsed(&input.name, mapping)?, import_options(program));
                let rows = MappedActions::open(&export(&input.name, content), &mapping, &options)
                    .map_err(|error| Refused::from(error).of_file(&input.name))?;
                let mut set_aside: u64 = 0;
                let records = rows.filter_map(|imported| match imported {
                    Ok(Imported::Action(record)) => Some(Ok(record)),
                    Ok(Imported::SetAside(_) | Imported::Reversed(..)) => {
                        set_aside = set_aside.saturating_add(1);
                        None
                    }
                    Err(reject) => Some(Err(reject)),
                });
                actions.add(records, &mut read);
                read.set_aside = read.set_aside.saturating_add(set_aside);
            } else if is_csv(&input.name) {
                let rows = CsvActions::new(content, limits).map_err(unreadable(&input.name))?;
                actions.add(rows.in_zone(zone), &mut read);
            } else {
                actions.add(JsonlActions::new(content, limits), &mut read);
            }
        }
        actions.finish(&mut read);
        for input in &self.adjustments {
            let content = input.content.as_slice();
            if is_csv(&input.name) {
                let rows = CsvAdjustments::new(content, limits).map_err(unreadable(&input.name))?;
                read.adjustments(&input.name, rows.in_zone(zone));
            } else {
                read.adjustments(&input.name, JsonlAdjustments::new(content, limits));
            }
        }
        Ok(read)
    }
}

/// Actions while they are read.
#[derive(Debug, Default)]
struct Actions {
    read: Vec<(Action, Origin)>,
    /// Where each id was read first. An id on a line that is no action is taken, too: nobody knows which of two lines is right.
    taken: HashMap<String, Origin>,
}

impl Actions {
    /// Adds the actions of the last of the files.
    fn add(&mut self, records: impl Iterator<Item = Result<Record, Reject>>, read: &mut Read) {
        let number = read.files.len().saturating_sub(1);
        let file = u32::try_from(number).unwrap_or(u32::MAX);
        for record in records {
            let (id, line) = match &record {
                Ok(record) => (Some(record.action.id.as_str()), record.first_line),
                Err(reject) => (reject.id.as_deref(), reject.first_line),
            };
            let origin = Origin { file, line };
            let first = id.and_then(|id| self.taken.get(id)).cloned();
            if let (Some(id), None) = (id, &first) {
                self.taken.insert(id.to_owned(), origin.clone());
            }
            let checked = match (record, first) {
                (Ok(record), None) => Ok(record),
                (Ok(record), Some(first)) => {
                    let error = repeated(&record.action.id, &first, file, &read.files);
                    Err(record.reject(error.into()))
                }
                (Err(reject), _) => Err(reject),
            };
            match checked {
                Ok(record) => self.read.push((record.action, origin)),
                Err(reject) => read.rejected.push(Rejected::new(read.file(file), reject)),
            }
        }
    }

    /// Brings the actions into their order.
    fn finish(mut self, read: &mut Read) {
        self.read.sort_by(|(a, _), (b, _)| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        (read.actions, read.origins) = self.read.into_iter().unzip();
    }
}

/// Returns the error of a line whose id stands on an earlier line.
fn repeated(id: &str, first: &Origin, file: u32, files: &[String]) -> FactError {
    let other = files.get(first.file as usize).filter(|_| first.file != file);
    let of_file = other.map_or(String::new(), |name| format!(" of `{name}`"));
    FactError::field(
        "id",
        format!("`{id}` is on line {}{of_file} already; an action counts once", first.line),
    )
}

impl Read {
    fn file(&self, number: u32) -> &str {
        self.files.get(number as usize).map_or("", String::as_str)
    }

    /// Returns the reject of an action that was read and cannot be decided, by its index.
    pub(crate) fn refused(&self, index: usize, action: &Action, errors: FactErrors) -> Rejected {
        let (file, line) = self.origins.get(index).map_or(("", 0), |at| (self.file(at.file), at.line));
        Rejected { file: file.to_owned(), line, text: json(action), errors: errors.on_line(line) }
    }

    fn adjustments(&mut self, file: &str, records: impl Iterator<Item = Result<AdjustmentRecord, Reject>>) {
        for record in records {
            match record {
                Ok(record) => self.adjustments.push(record.adjustment),
                Err(reject) => self.rejected.push(Rejected::new(file, reject)),
            }
        }
    }
}

/// Returns whether a file has rows of CSV, by its name.
fn is_csv(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("csv"))
}

fn unreadable(file: &str) -> impl Fn(FactErrors) -> Refused + '_ {
    move |errors| Refused::from(errors).of_file(file)
}
