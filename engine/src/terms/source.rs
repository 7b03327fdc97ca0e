//! The files of a program as a host passes them: paths and bytes. Nothing is read from disk.

use std::collections::BTreeMap;

/// The files of a program folder, by path inside it with `/` between parts.
///
/// Only the files of the terms matter: `program.toml`, `contracts/`, `rules/`, `functions/`, `lists/` and `components/`. Other
/// files of a folder (facts, actions, tests, a README) may be inserted and are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, Vec<u8>>,
}

impl Source {
    /// Returns a source without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a source with these files.
    pub fn from_files<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let mut source = Self::new();
        for (path, bytes) in files {
            source.insert(path, bytes);
        }
        source
    }

    /// Adds a file; replaces a file with the same path.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// Returns the bytes of a file; `None` if there is no such file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Returns the text of a file, to draw diagnostics over it; `None` if there is no such file or it is not UTF-8.
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(path)?).ok()
    }

    /// Returns every path, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Returns whether a path belongs to the terms of a program, and not to its facts, actions or tests.
    pub fn is_terms(path: &str) -> bool {
        path == "program.toml"
            || ["contracts/", "rules/", "functions/", "lists/", "components/"]
                .iter()
                .any(|folder| path.starts_with(folder))
    }
}
