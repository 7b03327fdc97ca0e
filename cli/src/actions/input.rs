//! The files that actions come from: what was asked for enters, readable files of a known format leave.
//!
//! Every input is read more than once, so what cannot be read again (standard input, a pipe) is copied to a
//! temporary file first.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use accrue::facts::{Action, Attribute, CsvActions, FactErrors, JsonlActions, Record, Reject};
use accrue::limits::Limits;
use accrue_arrow::{FileError, ParquetActions, Rows};
use indicatif::ProgressBar;
use tempfile::NamedTempFile;

use crate::exit::Failure;
use crate::source::folder::{Folder, entries};

/// Bytes read at once: large enough that neither the system call nor the progress bar is felt.
const BUFFER_BYTES: usize = 256 << 10;

/// How a file of actions is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputFormat {
    /// An action a line.
    Jsonl,
    /// A header, then an action a row.
    Csv,
    /// Columns, by name.
    Parquet,
}

/// A file of actions.
#[derive(Debug)]
pub(crate) struct Input {
    /// Where it can be read.
    pub(crate) path: PathBuf,
    /// What it is called in messages.
    pub(crate) shown: String,
    /// How it is written.
    pub(crate) format: InputFormat,
    /// How long it is.
    pub(crate) bytes: u64,
    /// Keeps the copy of an input that cannot be read again.
    _copy: Option<NamedTempFile>,
}

/// The inputs that were named, or those of the program's own folder.
pub(crate) fn inputs(named: &[PathBuf], folder: &Folder) -> Result<Vec<Input>, Failure> {
    if !named.is_empty() {
        return named.iter().map(|path| Input::open(path)).collect();
    }
    let dir = folder.root.join("actions");
    let help = "name files of actions, such as `actions.jsonl`, `actions.csv` or `actions.parquet`, or `-` for standard input";
    if folder.bundle.is_some() {
        return Err(Failure::usage(
            format!("there are no actions: the bundle `{}` holds none", folder.name),
            help,
        ));
    }
    if !dir.is_dir() {
        return Err(Failure::usage(format!("there are no actions: no folder `{}`", dir.display()), help));
    }
    let mut inputs = Vec::new();
    for path in entries(&dir)? {
        if path.is_file() && by_name(&path).is_some() {
            inputs.push(Input::open(&path)?);
        }
    }
    if inputs.is_empty() {
        return Err(Failure::usage(
            format!("there are no actions: `{}` holds no .jsonl, .csv or .parquet file", dir.display()),
            help,
        ));
    }
    Ok(inputs)
}

/// The format that a file's name promises.
pub(crate) fn by_name(path: &Path) -> Option<InputFormat> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "jsonl" | "ndjson" => Some(InputFormat::Jsonl),
        "csv" => Some(InputFormat::Csv),
        "parquet" => Some(InputFormat::Parquet),
        _ => None,
    }
}

impl Input {
    fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Self::copied("standard input", path, &mut io::stdin().lock());
        }
        let fail = |error| Failure::file("read", path, error);
        let mut file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(Failure::usage(
                format!("`{}` is a folder", path.display()),
                "name the files of actions in it",
            ));
        }
        if !metadata.is_file() {
            return Self::copied(&path.display().to_string(), path, &mut file);
        }
        let Some(format) = by_name(path) else {
            return Err(Failure::usage(
                format!("`{}` is neither a .jsonl nor a .csv nor a .parquet file", path.display()),
                "name it so, or give it on standard input with `-`",
            ));
        };
        let shown = path.display().to_string();
        Ok(Self { path: path.to_owned(), shown, format, bytes: metadata.len(), _copy: None })
    }

    fn copied(shown: &str, path: &Path, from: &mut impl Read) -> Result<Self, Failure> {
        let mut copy = NamedTempFile::new().map_err(Failure::temporary)?;
        let bytes = io::copy(from, &mut copy).map_err(|error| Failure::file("read", path, error))?;
        let format = match by_name(path) {
            Some(format) => format,
            None => copy.reopen().and_then(by_content).map_err(Failure::temporary)?,
        };
        Ok(Self { path: copy.path().to_owned(), shown: shown.to_owned(), format, bytes, _copy: Some(copy) })
    }

    /// Opens it once more; the bar moves with what is read.
    pub(crate) fn read(&self, bar: &ProgressBar) -> Result<BufReader<Counted>, Failure> {
        let file = File::open(&self.path).map_err(|error| self.failed(error))?;
        Ok(BufReader::with_capacity(BUFFER_BYTES, Counted { file, bar: bar.clone() }))
    }

    /// Reads its actions. An input whose header cannot be used has none.
    pub(crate) fn actions(
        &self,
        limits: &Limits,
        bar: &ProgressBar,
    ) -> Result<Result<Actions<BufReader<Counted>>, FactErrors>, Failure> {
        let reader = self.read(bar)?;
        Ok(match self.format {
            InputFormat::Jsonl => Ok(Actions::Jsonl(JsonlActions::new(reader, limits))),
            InputFormat::Csv => CsvActions::new(reader, limits).map(Box::new).map(Actions::Csv),
            InputFormat::Parquet => {
                self.columns(limits, bar)?.map(Records::new).map(Box::new).map(Actions::Parquet)
            }
        })
    }

    /// Opens its columns. An input whose columns cannot be used has no actions.
    pub(crate) fn columns(
        &self,
        limits: &Limits,
        bar: &ProgressBar,
    ) -> Result<Result<InColumns, FactErrors>, Failure> {
        let file = File::open(&self.path).map_err(|error| self.failed(error))?;
        match ParquetActions::open(file, limits) {
            Ok(file) => {
                let row_bytes = self.bytes.checked_div(file.count()).unwrap_or(0);
                Ok(Ok(InColumns { file, row_bytes, bar: bar.clone() }))
            }
            Err(FileError::Columns(errors)) => Ok(Err(errors)),
            Err(error) => Err(self.failed(io::Error::other(error.to_string()))),
        }
    }

    /// Reading it failed.
    pub(crate) fn failed(&self, error: io::Error) -> Failure {
        Failure::file("read", Path::new(&self.shown), error)
    }
}

/// A Parquet file says so in its first bytes. JSON Lines begin with a brace; a CSV header does not.
fn by_content(mut file: File) -> io::Result<InputFormat> {
    let mut start = [0u8; 512];
    let mut filled = 0;
    while let Some(room) = start.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room)? {
            0 => break,
            read => filled += read,
        }
    }
    let start = start.get(..filled).unwrap_or_default();
    if start.starts_with(b"PAR1") {
        return Ok(InputFormat::Parquet);
    }
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    Ok(if start.first().is_none_or(|byte| *byte == b'{') { InputFormat::Jsonl } else { InputFormat::Csv })
}

/// A file whose reading moves a progress bar.
#[derive(Debug)]
pub(crate) struct Counted {
    file: File,
    bar: ProgressBar,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bar.inc(read as u64);
        Ok(read)
    }
}

/// Rows of a Parquet file, whose reading moves a progress bar.
pub(crate) struct InColumns {
    file: ParquetActions,
    row_bytes: u64,
    bar: ProgressBar,
}

impl InColumns {
    /// Reads the next rows; `false` at the end.
    pub(crate) fn read(&mut self, rows: &mut Rows) -> io::Result<bool> {
        let any = self.file.read(rows).map_err(|error| io::Error::other(error.to_string()))?;
        if any {
            self.bar.inc(self.row_bytes.saturating_mul(rows.len() as u64));
        }
        Ok(any)
    }
}

/// Rows of a Parquet file, one by one. Their text is what they would be in JSON.
pub(crate) struct Records {
    file: InColumns,
    rows: Rows,
    read: u64,
    ready: VecDeque<Result<Record, Reject>>,
    failure: Option<io::Error>,
}

/// A row as a record of its own.
pub(crate) fn record(row: u64, action: &Action) -> Record {
    let text = json(action).unwrap_or_default();
    Record { action: action.clone(), first_line: row, last_line: row, text }
}

/// An action as a line that is read as the same action. Decimals are written as text, which is the same for an amount;
/// but an attribute that is a number would come back as one that is text.
fn json(action: &Action) -> serde_json::Result<String> {
    let mut bare = action.clone();
    let attributes = std::mem::take(&mut bare.attributes);
    let mut text = serde_json::to_string(&bare)?;
    if attributes.is_empty() {
        return Ok(text);
    }
    // An action has an id, so that something stands before the last brace.
    text.truncate(text.len().saturating_sub(1));
    text.push_str(",\"attributes\":{");
    for (n, (name, value)) in attributes.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(name)?);
        text.push(':');
        match value {
            Attribute::Number(number) => text.push_str(&number.0.to_string()),
            Attribute::Bool(_) | Attribute::Text(_) => text.push_str(&serde_json::to_string(value)?),
        }
    }
    text.push_str("}}");
    Ok(text)
}

/// A row that is no action. The rejects file gets it from the input again.
pub(crate) fn rejected(row: u64, errors: &FactErrors) -> Reject {
    let errors = errors.0.iter().map(|error| error.clone().on_line(row)).collect();
    Reject { first_line: row, text: Vec::new(), complete: true, errors: FactErrors(errors) }
}

impl Records {
    fn new(file: InColumns) -> Self {
        Self { file, rows: Rows::default(), read: 0, ready: VecDeque::new(), failure: None }
    }
}

impl Iterator for Records {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && self.failure.is_none() {
            match self.file.read(&mut self.rows) {
                Ok(true) => {
                    for row in self.rows.iter() {
                        self.read = self.read.saturating_add(1);
                        self.ready.push_back(match row {
                            Ok(action) => Ok(record(self.read, action)),
                            Err(errors) => Err(rejected(self.read, errors)),
                        });
                    }
                }
                Ok(false) => return None,
                Err(error) => self.failure = Some(error),
            }
        }
        self.ready.pop_front()
    }
}

/// The actions of an input, whatever its format.
pub(crate) enum Actions<R> {
    /// From JSON Lines.
    Jsonl(JsonlActions<R>),
    /// From CSV.
    Csv(Box<CsvActions<R>>),
    /// From Parquet.
    Parquet(Box<Records>),
}

impl<R: BufRead> Actions<R> {
    /// Why reading stopped before the end, if it did.
    pub(crate) fn failure(&self) -> Option<io::Error> {
        let failure = match self {
            Self::Jsonl(actions) => actions.failure(),
            Self::Csv(actions) => actions.failure(),
            Self::Parquet(records) => records.failure.as_ref(),
        }?;
        Some(io::Error::new(failure.kind(), failure.to_string()))
    }

    /// The header of CSV.
    pub(crate) fn header(&self) -> Option<&str> {
        match self {
            Self::Jsonl(_) | Self::Parquet(_) => None,
            Self::Csv(actions) => Some(actions.header()),
        }
    }
}

impl<R: BufRead> Iterator for Actions<R> {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Jsonl(actions) => actions.next(),
            Self::Csv(actions) => actions.next(),
            Self::Parquet(records) => records.next(),
        }
    }
}
