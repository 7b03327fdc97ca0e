//! The rejects file: lines that are not actions of the program enter as they came, a file that can be corrected and
//! fed again leaves.
//!
//! A file appears only when something was rejected. It is written beside its final name and renamed at the end, so
//! that an input may be a rejects file itself.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use accrue::facts::Reject;
use accrue_arrow::{FileError, copy_rows};
use tempfile::NamedTempFile;

use crate::actions::input::{Input, InputFormat};
use crate::actions::sort::Sorter;
use crate::exit::Failure;

/// Memory for the numbers of rejected rows: half a million at a time.
const ROWS_BYTES: usize = 4 << 20;

/// Where rejects go.
pub(crate) struct Rejects {
    /// The path to use, without an ending when it was not given by the user.
    base: PathBuf,
    given: bool,
    files: Vec<RejectsFile>,
}

/// One file. Rows of CSV only go where their own header stands.
struct RejectsFile {
    kind: Kind,
    path: PathBuf,
    to: BufWriter<NamedTempFile>,
    /// Of Parquet, the numbers of the rows to be copied, from 1.
    rows: Sorter<u64>,
}

/// What may stand in one file.
#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Jsonl,
    /// Rows below this header.
    Csv(String),
    /// Rows of this file.
    Parquet(PathBuf),
}

impl Rejects {
    /// Rejects go to the path that was given, or to `NAME.rejects.jsonl` or `.csv` in `dir`.
    pub(crate) fn new(given: Option<&Path>, dir: &Path, name: &str) -> Self {
        match given {
            Some(path) => Self { base: path.to_owned(), given: true, files: Vec::new() },
            None => Self { base: dir.join(format!("{name}.rejects")), given: false, files: Vec::new() },
        }
    }

    /// Keeps a line.
    pub(crate) fn keep(
        &mut self,
        input: &Input,
        header: Option<&str>,
        reject: &Reject,
    ) -> Result<(), Failure> {
        let kind = match input.format {
            InputFormat::Jsonl => Kind::Jsonl,
            InputFormat::Csv => Kind::Csv(header.unwrap_or_default().to_owned()),
            InputFormat::Parquet => {
                let file = self.file(Kind::Parquet(input.path.clone()))?;
                return file.rows.push(reject.first_line).map_err(Failure::temporary);
            }
        };
        let RejectsFile { path, to, .. } = self.file(kind)?;
        let written = if reject.complete {
            to.write_all(&reject.text)
        } else {
            // Only its beginning was kept in memory.
            whole_line(&input.path, reject.first_line, to)
        };
        written.and_then(|()| to.write_all(b"\n")).map_err(|error| Failure::file("write", path, error))
    }

    /// Keeps a whole input; returns how many lines it has below its header.
    pub(crate) fn keep_all(&mut self, input: &Input) -> Result<u64, Failure> {
        let fail = |error| input.failed(error);
        let mut from = BufReader::new(File::open(&input.path).map_err(fail)?);
        if input.format == InputFormat::Parquet {
            // Of a path that no input has: there is nothing to be copied row by row.
            let RejectsFile { path, to, .. } = self.file(Kind::Parquet(PathBuf::new()))?;
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

    fn file(&mut self, kind: Kind) -> Result<&mut RejectsFile, Failure> {
        let whole = kind == Kind::Parquet(PathBuf::new());
        let found = self.files.iter().position(|file| file.kind == kind && !whole);
        let at = match found {
            Some(at) => at,
            None => {
                let path = self.path(&kind);
                let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let fail = |error| Failure::file("write", &path, error);
                let mut to = BufWriter::new(NamedTempFile::new_in(dir).map_err(fail)?);
                if let Kind::Csv(header) = &kind {
                    to.write_all(header.as_bytes()).and_then(|()| to.write_all(b"\n")).map_err(fail)?;
                }
                self.files.push(RejectsFile { kind, path, to, rows: Sorter::new(ROWS_BYTES) });
                self.files.len().saturating_sub(1)
            }
        };
        self.files.get_mut(at).ok_or_else(|| Failure::temporary(io::ErrorKind::NotFound.into()))
    }

    /// A name that no other file of this run has. One that was not asked for by name never replaces a file.
    fn path(&self, kind: &Kind) -> PathBuf {
        let ending = match kind {
            Kind::Jsonl => "jsonl",
            Kind::Csv(_) => "csv",
            Kind::Parquet(_) => "parquet",
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

    /// Moves the files to their places and names them.
    pub(crate) fn finish(self) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::new();
        for file in self.files {
            let fail = |error| Failure::file("write", &file.path, error);
            let mut temporary = file.to.into_inner().map_err(|error| fail(error.into_error()))?;
            if let Kind::Parquet(from) = &file.kind
                && !from.as_os_str().is_empty()
            {
                let rows = file.rows.finish().map_err(Failure::temporary)?;
                let unread = |error| Failure::file("read", from, error);
                let copied = copy_rows(File::open(from).map_err(unread)?, temporary, rows);
                temporary = copied.map_err(|error| match error {
                    FileError::Rows(error) => Failure::temporary(error),
                    FileError::Broken(_) | FileError::Columns(_) => unread(error.into()),
                    FileError::Write(_) | FileError::Output(_) => fail(error.into()),
                })?;
            }
            temporary.persist(&file.path).map_err(|error| fail(error.error))?;
            paths.push(file.path);
        }
        Ok(paths)
    }
}

/// Copies one line of a file, however long it is.
fn whole_line(path: &Path, line: u64, to: &mut impl Write) -> io::Result<()> {
    let mut from = BufReader::new(File::open(path)?);
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
