//! Decisions for programs: a decision enters; a line of JSON, rows of CSV or a row of Parquet leave.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use accrue::Decision;
use accrue::decide::PartnerPayout;
use accrue_columnar::DecisionColumns;
use tempfile::NamedTempFile;

use super::behind::Behind;
use crate::exit::Failure;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 256 << 10;
/// Rows of Parquet encoded at once.
const BATCH_ROWS: usize = 1_024;

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
    pub(super) fn name(&self) -> PathBuf {
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

/// Writes decisions.
pub(crate) enum Writer {
    /// As JSON Lines.
    Jsonl(Lines),
    /// As CSV.
    Csv(Box<csv::Writer<Target>>),
    /// As Parquet.
    Parquet(Box<Columns>),
}

/// Text on its way into a target.
pub(crate) struct Lines {
    text: Vec<u8>,
    target: Target,
}

/// Decisions on their way into columns.
pub(crate) struct Columns {
    columns: DecisionColumns,
    file: Behind,
}

impl Writer {
    /// A writer of JSON Lines.
    pub(crate) fn jsonl(target: Target) -> Self {
        Self::Jsonl(Lines { text: Vec::with_capacity(BUFFER_BYTES + (BUFFER_BYTES >> 2)), target })
    }

    /// A writer of CSV, its header written.
    pub(crate) fn csv(target: Target) -> Result<Self, Failure> {
        let mut csv = csv::WriterBuilder::new().buffer_capacity(BUFFER_BYTES).from_writer(target);
        match csv.write_record(COLUMNS) {
            Ok(()) => Ok(Self::Csv(Box::new(csv))),
            Err(error) => Err(csv.get_ref().failure(error.into())),
        }
    }

    /// A writer of Parquet.
    pub(crate) fn parquet(target: Target) -> Result<Self, Failure> {
        let file = Behind::new(target)?;
        Ok(Self::Parquet(Box::new(Columns { columns: DecisionColumns::new(), file })))
    }

    /// Writes one decision.
    pub(crate) fn write(&mut self, decision: &Decision) -> Result<(), Failure> {
        match self {
            Self::Jsonl(lines) => lines.write(decision),
            Self::Csv(csv) => rows(csv, decision).map_err(|error| csv.get_ref().failure(error.into())),
            Self::Parquet(columns) => columns.write(decision),
        }
    }

    /// Writes what is left, and lets it be seen.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let target = match self {
            Self::Jsonl(mut lines) => {
                lines.flush()?;
                lines.target
            }
            Self::Csv(mut csv) => {
                if let Err(error) = csv.flush() {
                    return Err(csv.get_ref().failure(error));
                }
                match csv.into_inner() {
                    Ok(target) => target,
                    Err(error) => return Err(Failure::output(io::Error::other(error.to_string()))),
                }
            }
            Self::Parquet(columns) => columns.finish()?,
        };
        target.finish()
    }
}

impl Lines {
    fn write(&mut self, decision: &Decision) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.text, decision).map_err(|error| self.target.failure(error.into()))?;
        self.text.push(b'\n');
        if self.text.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.target.write_all(&self.text).map_err(|error| self.target.failure(error))?;
        self.text.clear();
        Ok(())
    }
}

impl Columns {
    fn write(&mut self, decision: &Decision) -> Result<(), Failure> {
        self.columns.push(decision).map_err(|error| Failure::output(io::Error::other(error)))?;
        if self.columns.len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let batch = self.columns.finish().map_err(|error| Failure::output(io::Error::other(error)))?;
        self.file.write(batch)
    }

    fn finish(mut self) -> Result<Target, Failure> {
        if !self.columns.is_empty() {
            self.flush()?;
        }
        self.file.finish()
    }
}

/// One row for each partner, and one for a decision that names none.
fn rows(csv: &mut csv::Writer<Target>, decision: &Decision) -> csv::Result<()> {
    if decision.partners.is_empty() {
        return row(csv, decision, None);
    }
    decision.partners.iter().try_for_each(|payout| row(csv, decision, Some(payout)))
}

fn row(
    csv: &mut csv::Writer<Target>,
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
