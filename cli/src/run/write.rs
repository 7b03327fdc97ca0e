//! Decisions for programs: a decision enters, a line of JSON or rows of CSV leave.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use accrue::Decision;
use accrue::decide::PartnerPayout;
use tempfile::NamedTempFile;

use crate::exit::Failure;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 256 << 10;

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

    fn failure(&self, error: io::Error) -> Failure {
        match self {
            Self::Stdout(_) => Failure::output(error),
            Self::Whole(_, path) | Self::Stream(_, path) => Failure::file("write", path, error),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(to) => to.write(bytes),
            Self::Whole(to, _) => to.write(bytes),
            Self::Stream(to, _) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(to) => to.flush(),
            Self::Whole(to, _) => to.flush(),
            Self::Stream(to, _) => to.flush(),
        }
    }
}

/// Writes decisions.
pub(crate) enum Writer {
    /// As JSON Lines.
    Jsonl(BufWriter<Target>),
    /// As CSV.
    Csv(Box<csv::Writer<Target>>),
}

impl Writer {
    /// A writer of JSON Lines.
    pub(crate) fn jsonl(target: Target) -> Self {
        Self::Jsonl(BufWriter::with_capacity(BUFFER_BYTES, target))
    }

    /// A writer of CSV, its header written.
    pub(crate) fn csv(target: Target) -> Result<Self, Failure> {
        let mut csv = csv::WriterBuilder::new().buffer_capacity(BUFFER_BYTES).from_writer(target);
        match csv.write_record(COLUMNS) {
            Ok(()) => Ok(Self::Csv(Box::new(csv))),
            Err(error) => Err(csv.get_ref().failure(error.into())),
        }
    }

    /// Writes one decision.
    pub(crate) fn write(&mut self, decision: &Decision) -> Result<(), Failure> {
        match self {
            Self::Jsonl(to) => serde_json::to_writer(&mut *to, decision)
                .map_err(io::Error::from)
                .and_then(|()| to.write_all(b"\n"))
                .map_err(|error| to.get_ref().failure(error)),
            Self::Csv(csv) => rows(csv, decision).map_err(|error| csv.get_ref().failure(error.into())),
        }
    }

    /// Writes what is left, and gives the file its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let target = match self {
            Self::Jsonl(to) => to.into_inner().map_err(|error| {
                let failed = io::Error::new(error.error().kind(), error.error().to_string());
                error.into_inner().get_ref().failure(failed)
            })?,
            Self::Csv(mut csv) => {
                if let Err(error) = csv.flush() {
                    return Err(csv.get_ref().failure(error));
                }
                match csv.into_inner() {
                    Ok(target) => target,
                    Err(error) => return Err(Failure::output(io::Error::other(error.to_string()))),
                }
            }
        };
        match target {
            Target::Stdout(mut to) => to.flush().map_err(Failure::output),
            Target::Stream(mut to, path) => to.flush().map_err(|error| Failure::file("write", &path, error)),
            Target::Whole(file, path) => match file.persist(&path) {
                Ok(_) => Ok(()),
                Err(error) => Err(Failure::file("write", &path, error.error)),
            },
        }
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
