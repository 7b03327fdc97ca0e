//! Readers of workbooks and Parquet files for web pages. A page loads this module when a file needs it: most exports are CSV, which
//! the module with the engine reads, and this one is larger than that reader.
//!
//! Bytes of a file enter; what leaves is read by the module with the engine. [`workbook`] returns the sheets of a workbook, which
//! `accrue_import::Export::sheets` takes. [`ParquetReader`] returns actions as JSON Lines. Nothing is decided here.
//!
//! Every error is a text of JSON: `{"errors": [{"line": 3, "field": "amount", "message": "…"}]}`, with `line` and `field` where they are
//! known. A panic of a library on a damaged file ends the module, since WebAssembly does not unwind: a page that catches a
//! `WebAssembly.RuntimeError` drops the module, tells that the file is damaged, and loads the module again for the next file.

use accrue::facts::{FactError, FactErrors};
use accrue::limits::Limits;
use accrue_arrow::{FileError, ParquetActions, ParquetRecords};
use accrue_import::{Export, ImportError, SheetLimits, read_workbook};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;

/// The most bytes of the texts of a [`Chunk`], unless one action has more.
const CHUNK_BYTES: usize = 1 << 20;

/// Reads every sheet of a workbook (.xlsx, .ods) into bytes that the module with the engine takes in the place of the workbook.
///
/// `name` is the name of the file. `limits` is empty, or JSON with limits that replace the defaults, such as `{"cells": 2000000}`: the
/// fields of `accrue_import::SheetLimits`.
///
/// # Errors
///
/// A text of JSON if the bytes are no workbook, or pass a limit.
#[wasm_bindgen]
pub fn workbook(name: &str, bytes: Vec<u8>, limits: &str) -> Result<Vec<u8>, String> {
    let limits: SheetLimits = options(limits)?;
    read_workbook(&Export::bytes(name, bytes), &limits).map_err(|error| match error {
        ImportError::Unfit(errors) => told(&errors),
        error @ ImportError::Io(_) => told(&FactError::whole(error.to_string()).into()),
    })
}

/// Reads the actions of a Parquet file, some rows at a time, because all of them as text may be longer than a text of JavaScript can
/// be.
#[wasm_bindgen]
pub struct ParquetReader {
    rows: u64,
    records: ParquetRecords,
}

#[wasm_bindgen]
impl ParquetReader {
    /// Opens a file and finds its columns.
    ///
    /// # Errors
    ///
    /// A text of JSON if the bytes are no Parquet file that can be read, or if the columns are not those of actions.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: Vec<u8>) -> Result<Self, String> {
        let actions = ParquetActions::open(bytes, &Limits::default()).map_err(|error| unread(&error))?;
        Ok(Self { rows: actions.count(), records: ParquetRecords::new(actions) })
    }

    /// Returns how many rows the file says it has, for a progress bar.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> u32 {
        u32::try_from(self.rows).unwrap_or(u32::MAX)
    }

    /// Reads the next rows. Returns nothing at the end of the file.
    ///
    /// # Errors
    ///
    /// A text of JSON if the file is damaged behind the rows that were read. Nothing more is read then.
    pub fn read(&mut self) -> Result<Option<Chunk>, String> {
        let mut chunk = Chunk { actions: String::new(), rejects: String::new() };
        while chunk.actions.len().saturating_add(chunk.rejects.len()) < CHUNK_BYTES {
            match self.records.next() {
                Some(Ok(record)) => push(&mut chunk.actions, &record.text),
                Some(Err(reject)) => {
                    let row = Row { row: reject.first_line, id: reject.id, errors: reject.errors };
                    push(&mut chunk.rejects, &json(&row));
                }
                None if chunk.actions.is_empty() && chunk.rejects.is_empty() => {
                    return self.records.failure().map_or(Ok(None), |error| Err(unread(error)));
                }
                None => break,
            }
        }
        Ok(Some(chunk))
    }
}

/// Some rows of a Parquet file.
#[wasm_bindgen]
pub struct Chunk {
    actions: String,
    rejects: String,
}

#[wasm_bindgen]
impl Chunk {
    /// Returns the rows that are valid actions, as JSON Lines in the order of the rows.
    #[wasm_bindgen(getter)]
    pub fn actions(&self) -> String {
        self.actions.clone()
    }

    /// Returns the rows that are no valid actions, as JSON Lines: `{"row": 3, "id": "a3", "errors": [{"line": 3, "field": "amount",
    /// "message": "…"}]}`. Rows count from 1. `id` is there if it can be read: a later action with this id must not be decided instead.
    #[wasm_bindgen(getter)]
    pub fn rejects(&self) -> String {
        self.rejects.clone()
    }
}

/// A row that is no valid action.
#[derive(Serialize)]
struct Row {
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    errors: FactErrors,
}

fn push(to: &mut String, line: &str) {
    to.push_str(line);
    to.push('\n');
}

/// Reads options from JSON; the defaults if there are none.
fn options<T: DeserializeOwned + Default>(text: &str) -> Result<T, String> {
    if text.trim().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(text)
        .map_err(|error| told(&FactError::whole(format!("these limits cannot be read: {error}")).into()))
}

fn unread(error: &FileError) -> String {
    match error {
        FileError::Columns(errors) => told(errors),
        error => told(&FactError::whole(error.to_string()).into()),
    }
}

/// Returns errors as a text of JSON.
fn told(errors: &FactErrors) -> String {
    #[derive(Serialize)]
    struct Told<'a> {
        errors: &'a FactErrors,
    }
    json(&Told { errors })
}

fn json(value: &impl Serialize) -> String {
    // Texts and numbers are always JSON.
    serde_json::to_string(value).unwrap_or_default()
}
