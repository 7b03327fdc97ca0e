//! Exports of networks and shops: guesses and checks of mappings, and what rows become.

use accrue::Program;
use accrue::time::Zone;
use accrue_import::{Export, ImportOptions, Mapping, SHIPPED, guess, preview};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused, json};

/// How the bytes of a workbook begin that the module of readers has read.
const SHEETS: &[u8] = b"accrue-sheets/";

/// Returns the mappings that ship.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
pub fn mappings() -> String {
    json(SHIPPED)
}

/// Returns a first mapping for an export, with what was assumed and what is left to say. `zone` is that of the program.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen(js_name = guessMapping)]
pub fn guess_mapping(name: &str, content: &[u8], zone: Option<String>) -> Answer<String> {
    let options = options_in(zone)?;
    Ok(json(&guess(&export(name, content), &options)?))
}

/// Returns what is wrong with a mapping.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen(js_name = checkMapping)]
pub fn check_mapping(name: &str, text: &str) -> String {
    json(&Mapping::parse(name, text).err().unwrap_or_default())
}

/// Returns what the first rows of an export become through a mapping.
#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen(js_name = previewImport)]
pub fn preview_import(
    name: &str,
    content: &[u8],
    mapping: &str,
    zone: Option<String>,
    entries: usize,
) -> Answer<String> {
    let options = options_in(zone)?;
    Ok(json(&preview(&export(name, content), &parsed(name, mapping)?, &options, entries)?))
}

/// Returns the export of a file.
pub(crate) fn export(name: &str, content: &[u8]) -> Export {
    if content.starts_with(SHEETS) { Export::sheets(name, content) } else { Export::bytes(name, content) }
}

/// Reads a mapping.
pub(crate) fn parsed(name: &str, mapping: &str) -> Answer<Mapping> {
    Mapping::parse(name, mapping).map_err(Refused::mapping)
}

/// Returns the options of an import for a program.
pub(crate) fn import_options(program: &Program) -> ImportOptions {
    ImportOptions { zone: Some(program.zone()), limits: program.limits().clone(), ..ImportOptions::default() }
}

/// Returns options with the time zone of a program.
fn options_in(zone: Option<String>) -> Answer<ImportOptions> {
    let zone = zone.map(|name| {
        let unknown = || Refused::argument("`zone` is the name of a time zone, such as `Europe/Berlin`");
        Zone::parse(&name).ok_or_else(unknown)
    });
    Ok(ImportOptions { zone: zone.transpose()?, ..ImportOptions::default() })
}
