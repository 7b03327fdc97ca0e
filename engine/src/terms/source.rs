//! The files of a program as a host passes them: paths and bytes. Nothing is read from disk.

use std::collections::BTreeMap;

use super::table::{table_path, write};

/// The files of a program folder, by path inside it with `/` between parts.
///
/// Only the files of the terms matter: `program.toml`, `contracts/`, `rules/`, `functions/`, `lists/`, `tables/` and
/// `components/`. Other files of a folder (facts, actions, tests, a README) may be inserted and are ignored.
///
/// A table in plain CSV (UTF-8, commas) is inserted like any file. For a table in another form, such as a workbook, the host reads
/// the cells and hands them over by [`Source::insert_table`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, Vec<u8>>,
    origins: BTreeMap<String, Origin>,
}

/// Where a table comes from that the host has read. It is for messages only, and no digest depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) file: String,
    pub(super) sheet: Option<String>,
    pub(super) faults: Vec<CellFault>,
}

/// A table that a host has read: a CSV file in any form, or a sheet of a workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFile {
    /// Path of the file inside the program folder, such as `tables/rates.xlsx`.
    pub file: String,
    /// The sheet of a workbook; `None` for a file that is one table.
    pub sheet: Option<String>,
    /// The rows, in the order of their numbers. Blank rows may be left out.
    pub rows: Vec<TableRow>,
    /// Cells that cannot be trusted. A program that uses the table does not load.
    pub faults: Vec<CellFault>,
}

/// A row of a [`TableFile`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRow {
    /// The row of the sheet, or the line of the file, from 1.
    pub number: u32,
    /// The cells from the first column on. Cells at the end of a row may be missing.
    pub cells: Vec<String>,
}

/// Why a cell of a [`TableFile`] cannot be trusted, such as a formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellFault {
    /// The row, from 1; 0 if the whole table cannot be read.
    pub row: u32,
    /// The column, from 1; 0 for a whole row.
    pub column: u32,
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

impl Source {
    /// Returns the path of a file that is there.
    pub(super) fn path(&self, path: &str) -> Option<&str> {
        self.files.get_key_value(path).map(|(path, _)| path.as_str())
    }

    /// Returns the paths that begin with a text.
    pub(super) fn beginning_with(&self, start: String) -> impl Iterator<Item = &str> {
        let paths = self.files.range(start.clone()..).map(|(path, _)| path.as_str());
        paths.take_while(move |path| path.starts_with(&start))
    }

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
        let path = path.into();
        self.origins.remove(&path);
        self.files.insert(path, bytes.into());
    }

    /// Returns these files with those of another source laid over them: a file of both is that of the other one.
    ///
    /// ```
    /// use accrue::Source;
    /// let old = Source::from_files([("program.toml", "old"), ("lists/eu.txt", "DE")]);
    /// let draft = old.with(&Source::from_files([("program.toml", "new")]));
    /// assert_eq!((draft.text("program.toml"), draft.text("lists/eu.txt")), (Some("new"), Some("DE")));
    /// ```
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut source = self.clone();
        for (path, bytes) in &other.files {
            source.insert(path.as_str(), bytes.as_slice());
            source.origins.extend(other.origin(path).map(|origin| (path.clone(), origin.clone())));
        }
        source
    }

    /// Takes a file out. A path without a file changes nothing.
    pub fn remove(&mut self, path: &str) {
        self.origins.remove(path);
        self.files.remove(path);
    }

    /// Adds a table that the host has read; replaces a table with the same path.
    ///
    /// The table is kept as CSV: `tables/rates.csv` at this path, the sheet `Gold` of `tables/rates.xlsx` at
    /// `tables/rates#Gold.csv`. Diagnostics name the file, the sheet, the row and the column that the host has read.
    ///
    /// ```
    /// use accrue::{Source, TableFile, TableRow};
    /// let row = |number, cells: [&str; 2]| TableRow { number, cells: cells.map(str::to_owned).into() };
    /// let mut source = Source::new();
    /// source.insert_table(TableFile {
    ///     file: "tables/rates.xlsx".to_owned(),
    ///     sheet: Some("Gold".to_owned()),
    ///     rows: vec![row(1, ["item.sku", "rate"]), row(2, ["A-17", "8%"])],
    ///     faults: Vec::new(),
    /// });
    /// assert_eq!(source.text("tables/rates#Gold.csv"), Some("item.sku,rate\nA-17,8%\n"));
    /// ```
    pub fn insert_table(&mut self, table: TableFile) {
        let TableFile { file, sheet, rows, faults } = table;
        let path = table_path(&file, sheet.as_deref());
        let text = write(rows.iter().map(|row| (row.number, row.cells.iter().map(String::as_str))));
        self.files.insert(path.clone(), text.into_bytes());
        self.origins.insert(path, Origin { file, sheet, faults });
    }

    /// Returns where a table comes from; `None` if it was inserted as a file.
    pub(super) fn origin(&self, path: &str) -> Option<&Origin> {
        self.origins.get(path)
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
            || ["contracts/", "rules/", "functions/", "lists/", "tables/", "components/"]
                .iter()
                .any(|folder| path.starts_with(folder))
    }
}
