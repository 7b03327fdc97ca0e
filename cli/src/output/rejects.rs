//! Keeps rejected lines, as they came, in a file that can be corrected and decided again.
//!
//! A file appears only if a line was rejected. It gets its name at the end, and never takes that of another file, which may hold
//! the rejects of another run. So runs may share a folder, one after the other or at the same time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use accrue::facts::Reject;
use accrue_arrow::{FileError, copy_rows};
use accrue_import::sort::Sorter;

use super::disarm::Disarm;
use super::target::Target;
use crate::actions::input::{FileFormat, Input};
use crate::exit::Failure;

/// Memory for the numbers of rejected rows, in bytes: half a million rows at a time.
const ROWS_BYTES: usize = 4 << 20;

/// The most bytes of a header that is compared with others. An input with a longer first line is kept as a file of its own.
const HEADER_BYTES: u64 = 1 << 20;

/// The rejects files of a run.
pub(crate) struct Rejects {
    /// The path that the user gave, or a path without an ending.
    base: PathBuf,
    given: bool,
    files: Vec<RejectsFile>,
    /// The input that long lines are copied from.
    long: Option<LongLines>,
}

/// A rejects file. Rows of CSV go into a file with their own header.
struct RejectsFile {
    kind: Kind,
    /// The path that it gets if that is free.
    path: PathBuf,
    to: BufWriter<Target>,
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
    /// A whole file of this format.
    Whole(FileFormat),
}

impl Rejects {
    /// Returns files at the path that was given, or at `NAME.rejects.jsonl`, `.csv` or `.parquet` in `dir`.
    pub(crate) fn new(given: Option<&Path>, dir: &Path, name: &str) -> Self {
        match given {
            Some(path) => Self { base: path.to_owned(), given: true, files: Vec::new(), long: None },
            None => Self::beside(dir, &format!("{name}.rejects")),
        }
    }

    /// Returns files with this name and the ending of their format in `dir`.
    pub(crate) fn beside(dir: &Path, name: &str) -> Self {
        Self { base: dir.join(name), given: false, files: Vec::new(), long: None }
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
        // Of a long line only the beginning is in memory.
        let mut long = match self.long.take_if(|_| !reject.complete) {
            _ if reject.complete => None,
            Some(long) if long.input == input.number && long.next <= reject.first_line => Some(long),
            _ => Some(LongLines { input: input.number, next: 1, from: input.text()? }),
        };
        let RejectsFile { path, to, .. } = self.file(kind)?;
        let written = if input.format == FileFormat::Csv {
            let mut to = Disarm::new(&mut *to, input.dialect());
            write_line(reject, long.as_mut(), &mut to).and_then(|()| to.finish())
        } else {
            write_line(reject, long.as_mut(), to)
        };
        let written = written.and_then(|()| to.write_all(b"\n"));
        written.map_err(|error| Failure::file("write", path, error))?;
        self.long = long.or(self.long.take());
        Ok(())
    }

    /// Keeps a whole input. Returns the number of lines below its header, or 1 for Parquet.
    pub(crate) fn keep_all(&mut self, input: &Input) -> Result<u64, Failure> {
        let fail = |error| input.failed(error);
        let mut from = BufReader::new(File::open(&input.path).map_err(fail)?);
        if input.format == FileFormat::Parquet {
            let RejectsFile { path, to, .. } = self.file(Kind::Whole(input.format))?;
            io::copy(&mut from, to).map_err(|error| Failure::file("write", path, error))?;
            return Ok(1);
        }
        let mut header = Vec::new();
        from.by_ref().take(HEADER_BYTES).read_until(b'\n', &mut header).map_err(fail)?;
        let is_header = header.ends_with(b"\n") || (header.len() as u64) < HEADER_BYTES;
        let RejectsFile { path, to, .. } = if is_header {
            self.file(Kind::Csv(String::from_utf8_lossy(header.trim_ascii_end()).into_owned()))?
        } else {
            let file = self.file(Kind::Whole(input.format))?;
            file.to.write_all(&header).map_err(|error| Failure::file("write", &file.path, error))?;
            file
        };
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

    /// Returns the file for this kind of rejects. Each whole file has a file of its own.
    fn file(&mut self, kind: Kind) -> Result<&mut RejectsFile, Failure> {
        let is_whole = matches!(kind, Kind::Whole(_));
        let found = self.files.iter().position(|file| file.kind == kind && !is_whole);
        let at = match found {
            Some(at) => at,
            None => {
                let path = self.path(&kind);
                let fail = |error| Failure::file("write", &path, error);
                let target = if self.given { Target::file(&path)? } else { Target::whole(&path)? };
                let mut to = BufWriter::new(target);
                if let Kind::Csv(header) = &kind {
                    to.write_all(header.as_bytes()).and_then(|()| to.write_all(b"\n")).map_err(fail)?;
                }
                self.files.push(RejectsFile { kind, path, to, rows: Sorter::new(ROWS_BYTES) });
                self.files.len().saturating_sub(1)
            }
        };
        self.files.get_mut(at).ok_or_else(|| Failure::temporary(io::ErrorKind::NotFound.into()))
    }

    /// Returns the path that a new file gets if it is free: the path that the user gave, then that path with the ending of the format.
    fn path(&self, kind: &Kind) -> PathBuf {
        if self.given && self.files.is_empty() {
            return self.base.clone();
        }
        let ending = match kind {
            Kind::Jsonl | Kind::Whole(FileFormat::Jsonl) => "jsonl",
            Kind::Csv(_) | Kind::Whole(FileFormat::Csv) => "csv",
            Kind::Rows(_) | Kind::Whole(FileFormat::Parquet) => "parquet",
        };
        let mut name =
            if self.given { self.base.with_extension("") } else { self.base.clone() }.into_os_string();
        name.push(format!(".{ending}"));
        PathBuf::from(name)
    }

    /// Gives the files their names and returns their paths.
    pub(crate) fn finish(self) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::new();
        for file in self.files {
            let fail = |error| Failure::file("write", &file.path, error);
            let mut to = file.to.into_inner().map_err(|error| fail(error.into_error()))?;
            if let Kind::Rows(from) = &file.kind {
                let rows = file.rows.finish().map_err(Failure::temporary)?;
                let unread = |error| Failure::file("read", from, error);
                let copied = copy_rows(File::open(from).map_err(unread)?, to, rows);
                to = copied.map_err(|error| match error {
                    FileError::Rows(error) => Failure::temporary(error),
                    FileError::Broken(_) | FileError::Columns(_) => unread(error.into()),
                    FileError::Write(_) | FileError::Output(_) => fail(error.into()),
                })?;
            }
            paths.push(to.finish_new(numbered(&file.path))?);
        }
        Ok(paths)
    }
}

/// The most files of one name. A folder with more is one that nobody looks at.
const MOST_NUMBERED: u32 = 100_000;

/// Returns `rejects-2.csv`, `rejects-3.csv` and so on for `rejects.csv`.
fn numbered(path: &Path) -> impl Iterator<Item = PathBuf> {
    let (stem, ending) = (path.with_extension("").into_os_string(), path.extension().map(ToOwned::to_owned));
    (2..MOST_NUMBERED).map(move |n| {
        let mut name = stem.clone();
        name.push(format!("-{n}"));
        if let Some(ending) = &ending {
            name.push(".");
            name.push(ending);
        }
        PathBuf::from(name)
    })
}

/// Writes the text of a rejected line: from memory, or from the input if it is too long.
fn write_line(reject: &Reject, long: Option<&mut LongLines>, to: &mut impl Write) -> io::Result<()> {
    match long {
        None => to.write_all(&reject.text),
        Some(long) => long.copy(reject.first_line, to),
    }
}

/// Copies lines that are too long for memory from an input. The lines are asked for in order, so the input is read once for all of
/// them.
struct LongLines {
    /// The number of the input.
    input: u32,
    /// The number of the next line, from 1.
    next: u64,
    from: Box<dyn BufRead + Send>,
}

impl LongLines {
    /// Copies a line, however long it is, without its end.
    fn copy(&mut self, line: u64, to: &mut impl Write) -> io::Result<()> {
        let Self { next, from, .. } = self;
        while *next < line {
            from.skip_until(b'\n')?;
            *next = next.saturating_add(1);
        }
        *next = next.saturating_add(1);
        if line == 1 && from.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
            from.consume(BYTE_ORDER_MARK.len());
        }
        loop {
            let buffer = from.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            to.write_all(part)?;
            let used = part.len();
            from.consume(used.saturating_add(usize::from(end.is_some())));
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use accrue::Source;
    use accrue::facts::FactErrors;
    use accrue::time::Zone;

    use super::*;
    use crate::actions::input::inputs;
    use crate::source::folder::Folder;

    #[test]
    fn an_input_is_opened_once_for_all_long_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("in.jsonl");
        std::fs::write(&path, "first\nsecond\nthird\nfourth").unwrap();
        let (root, name) = (dir.path().to_owned(), String::new());
        let folder = Folder { root, tree: None, bundle: None, name, source: Source::new() };
        let inputs = inputs(std::slice::from_ref(&path), None, &folder, Zone::UTC).unwrap();
        let input = inputs.first().unwrap();
        let mut rejects = Rejects::beside(dir.path(), "r");
        for (first_line, complete) in [(1, false), (2, true), (3, false), (4, false)] {
            let text = if complete { b"second".to_vec() } else { b"cut".to_vec() };
            rejects
                .keep(input, &Reject { first_line, text, complete, id: None, errors: FactErrors::default() })
                .unwrap();
            // Whoever opens it again finds nothing.
            let _ = std::fs::remove_file(&path);
        }
        let kept = rejects.finish().unwrap();
        assert_eq!(std::fs::read_to_string(kept.first().unwrap()).unwrap(), "first\nsecond\nthird\nfourth\n");
    }
}
