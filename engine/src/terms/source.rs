//! The files of a program, as a host hands them over: paths and bytes enter, nothing is read from disk here.

use std::collections::BTreeMap;

/// The files of a program folder, by path inside it with `/` between parts.
///
/// Only the terms matter: `program.toml`, `contracts/`, `rules/`, `lists/` and `components/`. Whatever else a folder holds (facts,
/// actions, tests, a README) may be inserted too and is ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, Vec<u8>>,
}

impl Source {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A source of these files.
    pub fn from_files<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let mut source = Self::new();
        for (path, bytes) in files {
            source.insert(path, bytes);
        }
        source
    }

    /// Adds a file, or replaces the one of the same path.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// A file's bytes.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// A file's text, to draw diagnostics over; `None` when there is no such file or it is not UTF-8.
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(path)?).ok()
    }

    /// Every path, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether a path belongs to the terms of a program, rather than to its facts, actions or tests.
    pub fn is_terms(path: &str) -> bool {
        path == "program.toml"
            || ["contracts/", "rules/", "lists/", "components/"].iter().any(|folder| path.starts_with(folder))
    }
}
