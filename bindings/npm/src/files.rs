//! The files of a program folder, as JavaScript hands them over.

use std::collections::BTreeMap;

use accrue::{CellFault, Limits, Program, Reference, Source, TableFile};
use accrue_history::{FileKind, read_reference};
use accrue_import::SheetLimits;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::Answer;
use crate::import::export;

/// The files of a program folder, by path.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

#[allow(unsafe_code, reason = "written by a macro")]
#[wasm_bindgen]
impl Files {
    /// Returns a folder without files.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces it.
    pub fn set(&mut self, path: String, content: Vec<u8>) {
        self.0.insert(path, content);
    }
}

/// Replaces tables that came as files by their rows: CSV in any dialect, and workbooks that the module of readers has read.
pub(crate) fn read_tables(source: &mut Source) {
    let limits = SheetLimits { cells: 2_000_000, ..SheetLimits::default() };
    let is_table = |path: &&str| {
        path.starts_with("tables/") && [".csv", ".xlsx", ".ods"].iter().any(|ending| path.ends_with(ending))
    };
    let paths: Vec<String> = source.paths().filter(is_table).map(str::to_owned).collect();
    for path in paths {
        let content = source.bytes(&path).unwrap_or_default();
        let tables = accrue_import::read_tables(
            &export(&path, content),
            &path,
            Limits::default().source_bytes,
            &limits,
        );
        source.remove(&path);
        let tables = tables.unwrap_or_else(|error| {
            let fault = CellFault {
                message: error.to_string(),
                help: "open the file, correct it and save it again".to_owned(),
                ..CellFault::default()
            };
            vec![TableFile { file: path.clone(), faults: vec![fault], ..TableFile::default() }]
        });
        tables.into_iter().for_each(|table| source.insert_table(table));
    }
}

impl Files {
    /// Returns the files of the terms.
    pub(crate) fn source(&self) -> Source {
        let mut source = Source::new();
        for (path, content) in self.of_kind(FileKind::Terms) {
            source.insert(path, content);
        }
        read_tables(&mut source);
        source
    }

    /// Returns the files of the terms as they came: the tables among them are the texts that people edit.
    pub(crate) fn unread(&self) -> Source {
        let terms = self.of_kind(FileKind::Terms);
        Source::from_files(terms.map(|(path, content)| (path.to_owned(), content.to_vec())))
    }

    /// Returns the files of one kind, by path.
    pub(crate) fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = (&str, &[u8])> {
        self.all().filter(move |(path, _)| FileKind::of(path) == kind)
    }

    /// Reads the reference facts of the folder.
    pub(crate) fn reference(&self, program: &Program) -> Answer<Reference> {
        Ok(read_reference(self.all(), program)?)
    }

    /// Returns the files that are texts, but for actions and adjustments, which nobody edits here.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let edited = |path: &str| !matches!(FileKind::of(path), FileKind::Actions | FileKind::Adjustments);
        self.all()
            .filter(move |(path, _)| edited(path))
            .filter_map(|(path, content)| Some((path, std::str::from_utf8(content).ok()?)))
    }

    fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }
}
