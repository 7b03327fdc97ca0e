//! The actions and adjustments of a history: bytes of files become facts, and rejects for what is none.

use accrue::facts::{
    Adjustment, AdjustmentRecord, CsvActions, CsvAdjustments, JsonlActions, JsonlAdjustments, Record, Reject,
};
use accrue::{Action, Program};
use accrue_import::{Export, ImportOptions, Imported, MappedActions, Mapping};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused};

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

/// A line or a row that is no fact, with its file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rejected {
    pub(crate) file: String,
    #[serde(flatten)]
    pub(crate) reject: Reject,
}

/// What was read from the files of a history.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) actions: Vec<Action>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) rejected: Vec<Rejected>,
    /// The number of rows that exports say are reversed, which are not decided.
    pub(crate) set_aside: u64,
}

impl Inputs {
    /// Reads everything. Files that cannot be read at all are errors; lines that are no facts are rejects.
    pub(crate) fn read(&self, program: &Program) -> Answer<Read> {
        let mut read = Read::default();
        for input in &self.actions {
            let file = input.name.as_str();
            match &input.mapping {
                Some(mapping) => read.export(input, mapping, program)?,
                None if is_csv(file) => {
                    let rows = CsvActions::new(input.content.as_slice(), program.limits()).map_err(unreadable(file))?;
                    read.records(file, rows.in_zone(program.zone()));
                }
                None => read.records(file, JsonlActions::new(input.content.as_slice(), program.limits())),
            }
        }
        for input in &self.adjustments {
            let file = input.name.as_str();
            match is_csv(file) {
                true => {
                    let rows =
                        CsvAdjustments::new(input.content.as_slice(), program.limits()).map_err(unreadable(file))?;
                    read.adjustment_records(file, rows.in_zone(program.zone()));
                }
                false => read.adjustment_records(
                    file,
                    JsonlAdjustments::new(input.content.as_slice(), program.limits()),
                ),
            }
        }
        Ok(read)
    }
}

impl Read {
    fn records(&mut self, file: &str, records: impl Iterator<Item = Result<Record, Reject>>) {
        for record in records {
            match record {
                Ok(record) => self.actions.push(record.action),
                Err(reject) => self.reject(file, reject),
            }
        }
    }

    fn adjustment_records(
        &mut self,
        file: &str,
        records: impl Iterator<Item = Result<AdjustmentRecord, Reject>>,
    ) {
        for record in records {
            match record {
                Ok(record) => self.adjustments.push(record.adjustment),
                Err(reject) => self.reject(file, reject),
            }
        }
    }

    fn export(&mut self, input: &Input, mapping: &str, program: &Program) -> Answer<()> {
        let mapping = Mapping::parse(&input.name, mapping)?;
        let options = ImportOptions {
            zone: Some(program.zone()),
            limits: program.limits().clone(),
            ..ImportOptions::default()
        };
        let export = Export::bytes(input.name.clone(), input.content.clone());
        for imported in MappedActions::open(&export, &mapping, &options)? {
            match imported {
                Ok(Imported::Action(record)) => self.actions.push(record.action),
                Ok(Imported::SetAside(_) | Imported::Reversed(..)) => {
                    self.set_aside = self.set_aside.saturating_add(1);
                }
                Err(reject) => self.reject(&input.name, reject),
            }
        }
        Ok(())
    }

    fn reject(&mut self, file: &str, reject: Reject) {
        self.rejected.push(Rejected { file: file.to_owned(), reject });
    }
}

/// Returns whether a file has rows of CSV, by its name.
fn is_csv(name: &str) -> bool {
    name.len() > 4 && name.get(name.len().saturating_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(".csv"))
}

fn unreadable(file: &str) -> impl Fn(accrue::facts::FactErrors) -> Refused {
    let file = file.to_owned();
    move |errors| Refused::from(errors).of_file(&file)
}
