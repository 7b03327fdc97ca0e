//! What an editor asks while somebody types: the functions of `accrue-assist` on a folder that stays open.
//!
//! Places are UTF-16 code units here, as JavaScript counts.

use accrue::diagnostic::{Diagnostic, Span};
use accrue::overview::ProgramOverview;
use accrue::{Limits, Rules};
use accrue_assist::grid::{self, CellEdit};
use accrue_assist::{
    Project, TextEdit, complete, definition, format, hover, prepare_rename, quick_fixes, references, rename,
    signature_help, symbols, tokens,
};
use accrue_history::{FileKind, TestFile, Tests};
use accrue_import::{Mapping, mapping_schema};
use schemars::schema_for;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Answer, Refused, json};
use crate::files::{Files, read_tables};
use crate::program::{Program, engine, read, ways};
use crate::utf16::Places;

/// A program folder that is being edited.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Workspace {
    limits: Option<String>,
    project: Project,
}

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Workspace {
    /// Opens the files of a program folder.
    pub fn open(files: &Files, limits: Option<String>) -> Answer<Workspace> {
        let quick = engine(limits.clone(), Rules::Interpreted)?;
        let mut project = Project::new(quick, files.unread())
            .with_schema("tests/", &schema_for!(TestFile))
            .with_schema("imports/", &mapping_schema());
        for (path, text) in files.texts() {
            project.set(path, text);
        }
        Ok(Self { limits, project })
    }

    /// Sets the text of a file.
    pub fn set(&mut self, path: &str, text: &str) {
        self.project.set(path, text);
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.project.remove(path);
    }

    /// Returns what is wrong with the program and, if it has no errors, what it consists of.
    pub fn check(&self) -> String {
        #[derive(Serialize)]
        struct Checked {
            diagnostics: Vec<Diagnostic>,
            #[serde(skip_serializing_if = "Option::is_none")]
            overview: Option<ProgramOverview>,
        }
        let overview = self.project.program().map(|program| program.overview());
        let mut diagnostics = self.project.diagnostics().to_vec();
        diagnostics.extend(self.beside());
        self.told("", &Checked { diagnostics, overview })
    }

    /// Returns the program. Fails if it has errors.
    pub fn program(&self, interpreted: bool) -> Answer<Program> {
        let mut source = self.project.source().clone();
        read_tables(&mut source);
        Program::of_source(&engine(self.limits.clone(), ways(interpreted))?, source)
    }

    /// Returns what may be written at a place.
    pub fn complete(&self, path: &str, at: u32) -> String {
        self.told(path, &complete(&self.project, path, self.byte(path, at)))
    }

    /// Returns what is known of the word at a place.
    pub fn hover(&self, path: &str, at: u32) -> String {
        self.told(path, &hover(&self.project, path, self.byte(path, at)))
    }

    /// Returns the call that a place is in.
    pub fn signature(&self, path: &str, at: u32) -> String {
        self.told(path, &signature_help(&self.project, path, self.byte(path, at)))
    }

    /// Returns the repairs of what is wrong in a range.
    pub fn fixes(&self, path: &str, from: u32, to: u32) -> String {
        let range = Span { start: self.byte(path, from), end: self.byte(path, to) };
        self.told(path, &quick_fixes(&self.project, path, range))
    }

    /// Returns the outline of a file.
    pub fn symbols(&self, path: &str) -> String {
        self.told(path, &symbols(&self.project, path))
    }

    /// Returns where the name at a place is declared.
    pub fn definition(&self, path: &str, at: u32) -> String {
        self.told(path, &definition(&self.project, path, self.byte(path, at)))
    }

    /// Returns where the name at a place is used.
    pub fn references(&self, path: &str, at: u32) -> String {
        self.told(path, &references(&self.project, path, self.byte(path, at)))
    }

    /// Returns the name at a place, if it can be renamed.
    pub fn renamed(&self, path: &str, at: u32) -> String {
        #[derive(Serialize)]
        struct Renamed {
            span: Span,
            name: String,
        }
        let found = prepare_rename(&self.project, path, self.byte(path, at));
        self.told(path, &found.map(|(span, name)| Renamed { span, name }))
    }

    /// Returns the edits that rename the name at a place, in all files.
    pub fn rename(&self, path: &str, at: u32, to: &str) -> Answer<String> {
        let edits = rename(&self.project, path, self.byte(path, at), to);
        self.edits(edits.map_err(|error| error.to_string()))
    }

    /// Returns the text of a file as it is usually written.
    pub fn format(&self, path: &str) -> Answer<String> {
        let text = self.project.text(path).unwrap_or_default();
        format(path, text).map_err(|error| Refused::argument(error.to_string()))
    }

    /// Returns the words of a file, for its colours.
    pub fn tokens(&self, path: &str) -> String {
        let text = self.project.text(path).unwrap_or_default();
        self.told(path, &tokens(path, text))
    }

    /// Returns the tables of the program as grids.
    pub fn tables(&self) -> String {
        self.told("", &grid::tables(&self.project))
    }

    /// Returns for each diagnostic in which cell it is; `null` for those that are in none.
    pub fn cells(&self) -> String {
        let tables = grid::tables(&self.project);
        let cells: Vec<_> =
            self.project.diagnostics().iter().map(|found| grid::cell_of(&tables, found)).collect();
        json(&cells)
    }

    /// Returns the edits that write cells of a table.
    #[wasm_bindgen(js_name = setCells)]
    pub fn set_cells(&self, table: &str, cells: &str) -> Answer<String> {
        let cells: Vec<CellEdit> = read("cells", cells)?;
        self.edits(grid::set_cells(&self.project, table, &cells).map_err(|error| error.to_string()))
    }

    /// Returns the edits that add rows before a row of a table. Each row is a list of pairs of column and text.
    #[wasm_bindgen(js_name = insertRows)]
    pub fn insert_rows(&self, table: &str, at: usize, rows: &str) -> Answer<String> {
        let rows: Vec<Vec<(String, String)>> = read("rows", rows)?;
        self.edits(grid::insert_rows(&self.project, table, at, &rows).map_err(|error| error.to_string()))
    }

    /// Returns the edits that take rows out of a table.
    #[wasm_bindgen(js_name = deleteRows)]
    pub fn delete_rows(&self, table: &str, rows: &str) -> Answer<String> {
        let rows: Vec<usize> = read("rows", rows)?;
        self.edits(grid::delete_rows(&self.project, table, &rows).map_err(|error| error.to_string()))
    }

    /// Returns the edits that move rows of a table before another row.
    #[wasm_bindgen(js_name = moveRows)]
    pub fn move_rows(&self, table: &str, from: usize, count: usize, to: usize) -> Answer<String> {
        let moved = grid::move_rows(&self.project, table, from, count, to);
        self.edits(moved.map_err(|error| error.to_string()))
    }
}

impl Workspace {
    /// Returns what is wrong with the files beside the terms: tests, and mappings of exports.
    fn beside(&self) -> Vec<Diagnostic> {
        let texts =
            || self.project.source().paths().filter_map(|path| Some((path, self.project.text(path)?)));
        let limits = Limits::default();
        let tests = Tests::read(texts().map(|(path, text)| (path, text.as_bytes())), &limits);
        let mut found = tests.into_parts().1.0;
        for (path, text) in texts().filter(|(path, _)| FileKind::of(path) == FileKind::Import) {
            found.extend(Mapping::parse(path, text).err().into_iter().flat_map(|faults| faults.0));
        }
        found
    }

    fn places<'w>(&'w self) -> Places<impl Fn(&str) -> Option<&'w str>> {
        Places::new(|path: &str| self.project.text(path))
    }

    fn byte(&self, path: &str, at: u32) -> u32 {
        self.places().byte(path, at)
    }

    /// Returns a value as JSON. Its places are in the files that it names, or in `path`.
    fn told<T: Serialize>(&self, path: &str, value: &T) -> String {
        self.places().told(path, value)
    }

    fn edits(&self, edits: Result<Vec<TextEdit>, String>) -> Answer<String> {
        Ok(self.told("", &edits.map_err(Refused::argument)?))
    }
}
