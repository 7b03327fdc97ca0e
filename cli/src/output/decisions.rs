//! Decisions for programs: a decision enters; a line of JSON, rows of CSV or a row of Parquet leave, a piece at a time.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use accrue::Decision;
use accrue::decide::PartnerPayout;
use accrue_arrow::{DecisionColumns, ParquetDecisions};
use tempfile::NamedTempFile;

use crate::exit::Failure;

/// The columns of CSV.
const COLUMNS: [&str; 22] = [
    "action",
    "event_type",
    "occurred_at",
    "status",
    "currency",
    "base",
    "partner",
    "payout",
    "lines",
    "groups",
    "reasons",
    "release_at",
    "limits",
    "limit_cut",
    "notices",
    "contract",
    "version",
    "terms_as_of",
    "counts",
    "fuel",
    "engine",
    "receipt",
];

/// How decisions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// A line of JSON each.
    Jsonl,
    /// A header, then rows.
    Csv,
    /// Columns.
    Parquet,
}

/// Where decisions go.
pub(crate) enum Target {
    /// Standard output.
    Stdout(io::Stdout),
    /// A file that takes its name once it is complete.
    Whole(NamedTempFile, PathBuf),
    /// A pipe or a device.
    Stream(File, PathBuf),
    /// A temporary file, until it is known that what is in it holds.
    Held(File, Box<Target>),
}

impl Target {
    /// Writes to standard output.
    pub(crate) fn stdout() -> Self {
        Self::Stdout(io::stdout())
    }

    /// Writes to a path.
    pub(crate) fn file(path: &Path) -> Result<Self, Failure> {
        let fail = |error| Failure::file("write", path, error);
        if path.exists() && !path.is_file() {
            let file = File::options().write(true).open(path).map_err(fail)?;
            return Ok(Self::Stream(file, path.to_owned()));
        }
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self::Whole(NamedTempFile::new_in(dir).map_err(fail)?, path.to_owned()))
    }

    /// Whether what is written can be seen before the end.
    pub(crate) fn is_seen_at_once(&self) -> bool {
        matches!(self, Self::Stdout(_) | Self::Stream(..))
    }

    /// The same, but nothing is seen of it before the end.
    pub(crate) fn held(self) -> Result<Self, Failure> {
        if !self.is_seen_at_once() {
            return Ok(self);
        }
        Ok(Self::Held(tempfile::tempfile().map_err(Failure::temporary)?, Box::new(self)))
    }

    fn failure(&self, error: io::Error) -> Failure {
        match self {
            Self::Stdout(_) => Failure::output(error),
            Self::Whole(_, path) | Self::Stream(_, path) => Failure::file("write", path, error),
            Self::Held(..) => Failure::temporary(error),
        }
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> PathBuf {
        match self {
            Self::Stdout(_) => PathBuf::from("standard output"),
            Self::Whole(_, path) | Self::Stream(_, path) => path.clone(),
            Self::Held(_, to) => to.name(),
        }
    }

    /// Lets go of what was held, and gives the file its name.
    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut to) => to.flush().map_err(Failure::output),
            Self::Stream(mut to, path) => to.flush().map_err(|error| Failure::file("write", &path, error)),
            Self::Whole(file, path) => match file.persist(&path) {
                Ok(_) => Ok(()),
                Err(error) => Err(Failure::file("write", &path, error.error)),
            },
            Self::Held(mut file, mut to) => {
                file.seek(SeekFrom::Start(0)).map_err(Failure::temporary)?;
                let copied = match &mut *to {
                    Self::Stdout(to) => io::copy(&mut file, &mut to.lock()),
                    Self::Stream(to, _) => io::copy(&mut file, to),
                    other => io::copy(&mut file, other),
                };
                copied.map_err(|error| to.failure(error))?;
                to.finish()
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(to) => to.write(bytes),
            Self::Whole(to, _) => to.write(bytes),
            Self::Stream(to, _) | Self::Held(to, _) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(to) => to.flush(),
            Self::Whole(to, _) => to.flush(),
            Self::Stream(to, _) | Self::Held(to, _) => to.flush(),
        }
    }
}

/// Writes decisions, a piece at a time.
pub(crate) enum Output {
    /// Text.
    Text(Target),
    /// Parquet, and what the file is called in messages.
    Parquet(Box<ParquetDecisions<Target>>, PathBuf),
}

/// A few decisions on their way into an output. Whoever has one of its own can encode without the others.
pub(crate) enum Piece {
    /// Lines of JSON.
    Jsonl(Vec<u8>),
    /// Rows of CSV, without a header.
    Csv(Box<csv::Writer<Vec<u8>>>),
    /// Columns.
    Parquet(Box<DecisionColumns>),
}

impl Output {
    /// Begins an output, with a header if it is CSV.
    pub(crate) fn new(kind: OutputFormat, mut target: Target) -> Result<Self, Failure> {
        match kind {
            OutputFormat::Jsonl => Ok(Self::Text(target)),
            OutputFormat::Csv => {
                let mut header = csv_writer();
                let written = header.write_record(COLUMNS).map_err(io::Error::from);
                let text = written.and_then(|()| csv_text(header)).map_err(Failure::output)?;
                target.write_all(&text).map_err(|error| target.failure(error))?;
                Ok(Self::Text(target))
            }
            OutputFormat::Parquet => {
                let name = target.name();
                match ParquetDecisions::new(target) {
                    Ok(file) => Ok(Self::Parquet(Box::new(file), name)),
                    Err(error) => Err(Failure::file("write", &name, error.into())),
                }
            }
        }
    }

    /// Writes a piece, which is empty after.
    pub(crate) fn write(&mut self, piece: &mut Piece) -> Result<(), Failure> {
        match (self, piece) {
            (Self::Text(target), Piece::Jsonl(text)) => {
                target.write_all(text).map_err(|error| target.failure(error))?;
                text.clear();
                Ok(())
            }
            (Self::Text(target), Piece::Csv(rows)) => {
                let text = csv_text(std::mem::replace(rows, csv_writer())).map_err(Failure::output)?;
                target.write_all(&text).map_err(|error| target.failure(error))
            }
            (Self::Parquet(file, name), Piece::Parquet(columns)) => {
                if columns.is_empty() {
                    return Ok(());
                }
                let batch = columns.finish().map_err(|error| Failure::output(io::Error::other(error)))?;
                file.write(&batch).map_err(|error| Failure::file("write", name, error.into()))
            }
            (Self::Text(_), Piece::Parquet(_)) | (Self::Parquet(..), Piece::Jsonl(_) | Piece::Csv(_)) => {
                Err(Failure::output(io::Error::other("this is a piece of another format")))
            }
        }
    }

    /// Writes what is left, and lets it be seen.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Text(target) => target,
            Self::Parquet(file, name) => {
                file.finish().map_err(|error| Failure::file("write", &name, error.into()))?
            }
        }
        .finish()
    }
}

fn csv_writer() -> Box<csv::Writer<Vec<u8>>> {
    Box::new(csv::Writer::from_writer(Vec::new()))
}

fn csv_text(rows: Box<csv::Writer<Vec<u8>>>) -> io::Result<Vec<u8>> {
    rows.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

impl Piece {
    /// A piece of this format.
    pub(crate) fn new(kind: OutputFormat) -> Self {
        match kind {
            OutputFormat::Jsonl => Self::Jsonl(Vec::new()),
            OutputFormat::Csv => Self::Csv(csv_writer()),
            OutputFormat::Parquet => Self::Parquet(Box::new(DecisionColumns::new())),
        }
    }

    /// Adds a decision.
    pub(crate) fn add(&mut self, decision: &Decision) -> Result<(), Failure> {
        let added = match self {
            Self::Jsonl(text) => {
                let added = serde_json::to_writer(&mut *text, decision).map_err(io::Error::from);
                text.push(b'\n');
                added
            }
            Self::Csv(csv) => rows(csv, decision).map_err(io::Error::from),
            Self::Parquet(columns) => columns.push(decision).map_err(io::Error::other),
        };
        added.map_err(Failure::output)
    }
}

/// One row for each partner, and one for a decision that names none.
fn rows(csv: &mut csv::Writer<Vec<u8>>, decision: &Decision) -> csv::Result<()> {
    if decision.partners.is_empty() {
        return row(csv, decision, None);
    }
    decision.partners.iter().try_for_each(|payout| row(csv, decision, Some(payout)))
}

fn row(
    csv: &mut csv::Writer<Vec<u8>>,
    decision: &Decision,
    payout: Option<&PartnerPayout>,
) -> csv::Result<()> {
    let joined = |parts: Vec<String>| parts.join("|");
    let lines = payout.map(|payout| payout.lines.as_slice()).unwrap_or_default();
    let mut groups: Vec<String> = Vec::new();
    for step in lines.iter().flat_map(|line| &line.steps) {
        if !groups.contains(&step.group) {
            groups.push(step.group.clone());
        }
    }
    let contract = decision.contract.as_ref();
    csv.write_record([
        decision.action.clone(),
        decision.event_type.clone(),
        decision.occurred_at.to_string(),
        decision.status.text().to_owned(),
        decision.currency.to_string(),
        decision.base.to_string(),
        payout.map(|payout| payout.partner.clone()).unwrap_or_default(),
        payout.map_or(decision.payout, |payout| payout.payout).to_string(),
        joined(lines.iter().map(|line| line.payout.to_string()).collect()),
        joined(groups),
        joined(decision.reasons.iter().map(|reason| reason.code.clone()).collect()),
        decision.release_at.map(|at| at.to_string()).unwrap_or_default(),
        joined(decision.limits.iter().map(|limit| limit.limit.clone()).collect()),
        joined(decision.limits.iter().map(|limit| limit.cut.to_string()).collect()),
        joined(decision.notices.iter().map(|notice| notice.code.clone()).collect()),
        contract.map(|contract| contract.name.clone()).unwrap_or_default(),
        contract.map(|contract| contract.version.to_string()).unwrap_or_default(),
        contract.map(|contract| contract.terms_as_of.to_string()).unwrap_or_default(),
        decision.counts.to_string(),
        decision.fuel.to_string(),
        decision.engine.clone(),
        decision.receipt.to_string(),
    ])
}
