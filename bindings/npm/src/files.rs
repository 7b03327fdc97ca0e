//! The files of a program folder, as JavaScript hands them over.

use std::collections::BTreeMap;

use accrue::{Program, Reference, Source};
use accrue_history::{FileKind, read_reference};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::Answer;

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

impl Files {
    /// Returns the files of the terms.
    pub(crate) fn source(&self) -> Source {
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

    fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }
}
