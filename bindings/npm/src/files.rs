//! The files of a program folder, as JavaScript hands them over.

use std::collections::BTreeMap;

use accrue::Source;
use wasm_bindgen::prelude::wasm_bindgen;

/// Folders of a program folder that hold terms.
const TERMS: [&str; 6] = ["contracts/", "rules/", "functions/", "lists/", "components/", "tables/"];

/// The files of a program folder, by path.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Files(pub(crate) BTreeMap<String, Vec<u8>>);

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
        let terms = self.0.iter().filter(|(path, _)| {
            *path == "program.toml" || TERMS.iter().any(|folder| path.starts_with(folder))
        });
        Source::from_files(terms.map(|(path, content)| (path.clone(), content.clone())))
    }
}
