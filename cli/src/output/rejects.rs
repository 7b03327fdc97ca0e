//! Keeps rejected lines, as they came, in a file that can be corrected and decided again.
//!
//! A file appears only if a line was rejected. It is written beside its final path and renamed at the end, so that an input
//! may be a rejects file itself.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use accrue::facts::Reject;
use accrue_arrow::{FileError, copy_rows};
use accrue_import::sort::Sorter;
use tempfile::NamedTempFile;

use crate::actions::input::{FileFormat, Input};
use crate::exit::Failure;
use crate::source::files::{persist, temporary_beside};

/// Memory for the numbers of rejected rows, in bytes: half a million rows at a time.
const ROWS_BYTES: usize = 4 << 20;

/// The rejects files of a run.
pub(crate) struct Rejects {
    /// The path that the user gave, or a path without an ending.
    base: PathBuf,
    given: bool,
    files: Vec<RejectsFile>,
}

/// A rejects file. Rows of CSV go into a file with their own header.
struct RejectsFile {
    kind: Kind,
    path: PathBuf,
    to: BufWriter<NamedTempFile>,
    /// The numbers of the rows of Parquet to be copied, from 1.
    rows: Sorter<u64>,
}

/// What a rejects file holds.
#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Jsonl,
    /// Rows below this header.
    Csv(String),
    /// Rows of this Parquet file.
    Rows(PathBuf),
    /// A whole Parquet file.
    WholeParquet,
}

impl Rejects {
    /// Returns files at the path that was given, or at `NAME.rejects.jsonl`, `.csv` or `.parquet` in `dir`.
    pub(crate) fn new(given: Option<&Path>, dir: &Path, name: &str) -> Self {
        match given {
            Some(path) => Self { base: path.to_owned(), given: true, files: Vec::new() },
            None => Self::beside(dir, &format!("{name}.rejects")),
        }
    }

    /// Returns files with this name and the ending of their format in `dir`.
    pub(crate) fn beside(dir: &Path, name: &str) -> Self {
        Self { base: dir.join(name), given: false, files: Vec::new() }
    }

    /// Keeps a line.
    pub(crate) fn keep(&mut self, input: &Input, reject: &Reject) -> Result<(), Failure> {
        let kind = match input.format {
            FileFormat::Jsonl => Kind::Jsonl,
            FileFormat::Csv => Kind::Csv(input.header().to_owned()),
            FileFormat::Parquet => {
                let file = self.file(Kind::Rows(input.path.clone()))?;
                return file.rows.push(reject.first_line).map_err(Failure::temporary);
            }
        };
        let text = if reject.complete { None } else { Some(input.text()?) };
        let RejectsFile { path, to, .. } = self.file(kind)?;
        let written = match text {
            None => to.write_all(&reject.text),
            // Only the beginning of the line is in memory.
            Some(text) => whole_line(text, reject.first_line, to),
        };
        written.and_then(|()| to.write_all(b"\n")).map_err(|error| Failure::file("write", path, error))
    }

    /// Keeps a whole input. Returns the number of lines below its header, or 1 for Parquet.
    pub(crate) fn keep_all(&mut self, input: &Input) -> Result<u64, Failure> {
        let fail = |error| input.failed(error);
        let mut from = BufReader::new(File::open(&input.path).map_err(fail)?);
        if input.format == FileFormat::Parquet {
            let RejectsFile { path, to, .. } = self.file(Kind::WholeParquet)?;
            io::copy(&mut from, to).map_err(|error| Failure::file("write", path, error))?;
            return Ok(1);
        }
        let mut header = Vec::new();
        from.read_until(b'\n', &mut header).map_err(fail)?;
        let header = String::from_utf8_lossy(header.trim_ascii_end()).into_owned();
        let RejectsFile { path, to, .. } = self.file(Kind::Csv(header))?;
        let mut lines = 0u64;
        loop {
            let buffer = from.fill_buf().map_err(fail)?;
            if buffer.is_empty() {
                return Ok(lines);
            }
            lines = lines.saturating_add(buffer.iter().filter(|byte| **byte == b'\n').count() as u64);
            let used = buffer.len();
            to.write_all(buffer).map_err(|error| Failure::file("write", path, error))?;
            from.consume(used);
        }
    }

    /// Returns the file for this kind of rejects. Each whole Parquet file has a file of its own.
    fn file(&mut self, kind: Kind) -> Result<&mut RejectsFile, Failure> {
        let found = self.files.iter().position(|file| file.kind == kind && kind != Kind::WholeParquet);
        let at = match found {
            Some(at) => at,
            None => {
                let path = self.path(&kind);
                let fail = |error| Failure::file("write", &path, error);
                let mut to = BufWriter::new(temporary_beside(&path)?);
                if let Kind::Csv(header) = &kind {
                    to.write_all(header.as_bytes()).and_then(|()| to.write_all(b"\n")).map_err(fail)?;
                }
                self.files.push(RejectsFile { kind, path, to, rows: Sorter::new(ROWS_BYTES) });
                self.files.len().saturating_sub(1)
            }
        };
        self.files.get_mut(at).ok_or_else(|| Failure::temporary(io::ErrorKind::NotFound.into()))
    }

    /// Returns a path that no other rejects file has. A path that the user did not give never replaces a file.
    fn path(&self, kind: &Kind) -> PathBuf {
        let ending = match kind {
            Kind::Jsonl => "jsonl",
            Kind::Csv(_) => "csv",
            Kind::Rows(_) | Kind::WholeParquet => "parquet",
        };
        let taken =
            |path: &Path| self.files.iter().any(|file| file.path == path) || (!self.given && path.exists());
        if self.given && self.files.is_empty() {
            return self.base.clone();
        }
        let base = if self.given { self.base.with_extension("") } else { self.base.clone() };
        let numbered = |n: u32| {
            let mut name = base.clone().into_os_string();
            name.push(if n == 1 { format!(".{ending}") } else { format!("-{n}.{ending}") });
            PathBuf::from(name)
        };
        (1..).map(numbered).find(|path| !taken(path)).unwrap_or_else(|| numbered(1))
    }

    /// Publishes the files and returns their paths.
    pub(crate) fn finish(self) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::new();
        for file in self.files {
            let fail = |error| Failure::file("write", &file.path, error);
            let mut temporary = file.to.into_inner().map_err(|error| fail(error.into_error()))?;
            if let Kind::Rows(from) = &file.kind {
                let rows = file.rows.finish().map_err(Failure::temporary)?;
                let unread = |error| Failure::file("read", from, error);
                let copied = copy_rows(File::open(from).map_err(unread)?, temporary, rows);
                temporary = copied.map_err(|error| match error {
                    FileError::Rows(error) => Failure::temporary(error),
                    FileError::Broken(_) | FileError::Columns(_) => unread(error.into()),
                    FileError::Write(_) | FileError::Output(_) => fail(error.into()),
                })?;
            }
            persist(temporary, &file.path)?;
            paths.push(file.path);
        }
        Ok(paths)
    }
}

/// Copies one line of a file, however long it is.
fn whole_line(mut from: impl BufRead, line: u64, to: &mut impl Write) -> io::Result<()> {
    for _ in 1..line {
        from.skip_until(b'\n')?;
    }
    loop {
        let buffer = from.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        to.write_all(part)?;
        let used = part.len();
        if end.is_some() || used == 0 {
            return Ok(());
        }
        from.consume(used);
    }
}
