//! Writes decisions as JSON Lines, CSV, Parquet or a workbook.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use accrue::time::Zone;
use accrue::{Decision, Program};
use accrue_arrow::{DecisionColumns, ParquetDecisions};
use accrue_history::Summary;

use super::csv::{RowKind, Rows, Units};
use super::target::Target;
use super::workbook::DecisionSheets;
use crate::exit::Failure;

/// Writes encoded decisions to a target.
pub(crate) enum DecisionWriter {
    /// JSON Lines or CSV.
    Text(Encoding, Target),
    /// Parquet, and the name of the file for messages.
    Parquet(Box<ParquetDecisions<Target>>, PathBuf),
    /// A workbook.
    Xlsx(Box<DecisionSheets>, Target),
}

/// How decisions are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Lines of JSON.
    Jsonl,
    /// CSV with these rows.
    Csv(Rows),
    /// Parquet.
    Parquet,
    /// A workbook that shows moments in this time zone.
    Xlsx(Zone),
}

/// Returns the encoding that the name of a file promises. CSV has these rows.
pub(crate) fn encoding_of_name(path: &Path, rows: Rows, program: &Program) -> Result<Encoding, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("jsonl") => Ok(Encoding::Jsonl),
        Some("csv") => Ok(Encoding::Csv(rows)),
        Some("parquet") => Ok(Encoding::Parquet),
        Some("xlsx") => Ok(Encoding::Xlsx(program.zone())),
        _ => Err(Failure::usage(
            format!("the name `{}` does not say in which format decisions are written", path.display()),
            "end it in `.jsonl`, `.csv`, `.parquet` or `.xlsx`",
        )),
    }
}

/// Returns how a command writes a few decisions: to a file as its name says, as lines on standard output, or not at all.
pub(crate) fn encoding_of_list(
    out: Option<&Path>,
    json: bool,
    program: &Program,
) -> Result<Option<Encoding>, Failure> {
    let rows = Rows { kind: RowKind::Award, units: Units::Main };
    match out {
        Some(out) => encoding_of_name(out, rows, program).map(Some),
        None => Ok(json.then_some(Encoding::Jsonl)),
    }
}

/// Writes these decisions to a target, a workbook with this summary.
pub(crate) fn write_all(
    encoding: Encoding,
    target: Target,
    decisions: &[Decision],
    summary: &Summary,
    program: &Program,
) -> Result<(), Failure> {
    // A Parquet file and a workbook cannot be read without their ends.
    let whole = matches!(encoding, Encoding::Parquet | Encoding::Xlsx(_));
    let mut writer = DecisionWriter::new(encoding, if whole { target.held()? } else { target })?;
    let mut encoder = Encoder::new(encoding);
    decisions.iter().try_for_each(|decision| encoder.add(decision.clone()))?;
    writer.write(&mut encoder)?;
    writer.finish(summary, program)
}

/// Encodes decisions into memory. Each thread has an encoder, so that encoding needs no lock.
pub(crate) enum Encoder {
    /// Lines of JSON.
    Jsonl(Vec<u8>),
    /// Rows of CSV, without a header.
    Csv(Box<csv::Writer<Vec<u8>>>, Rows),
    /// Columns.
    Parquet(Box<DecisionColumns>),
    /// Decisions, which are encoded when they are written.
    Xlsx(Vec<Decision>),
}

impl DecisionWriter {
    /// Begins an output. CSV begins with its header.
    pub(crate) fn new(encoding: Encoding, mut target: Target) -> Result<Self, Failure> {
        match encoding {
            Encoding::Jsonl => {}
            Encoding::Csv(rows) => {
                let mut header = csv_writer();
                let written = header.write_record(rows.header()).map_err(io::Error::from);
                let text = written.and_then(|()| csv_text(header)).map_err(Failure::output)?;
                target.write_all(&text).map_err(|error| target.failure(error))?;
            }
            Encoding::Parquet => {
                let name = target.name();
                return match ParquetDecisions::new(target) {
                    Ok(file) => Ok(Self::Parquet(Box::new(file), name)),
                    Err(error) => Err(Failure::file("write", &name, error.into())),
                };
            }
            Encoding::Xlsx(zone) => {
                let sheets = DecisionSheets::new(zone).map_err(|error| target.failure(error))?;
                return Ok(Self::Xlsx(Box::new(sheets), target));
            }
        }
        Ok(Self::Text(encoding, target))
    }

    /// Returns how the decisions are encoded.
    pub(crate) fn encoding(&self) -> Encoding {
        match self {
            Self::Text(encoding, _) => *encoding,
            Self::Parquet(..) => Encoding::Parquet,
            Self::Xlsx(sheets, _) => Encoding::Xlsx(sheets.zone()),
        }
    }

    /// Writes the decisions of an encoder and empties it.
    pub(crate) fn write(&mut self, encoder: &mut Encoder) -> Result<(), Failure> {
        match (self, encoder) {
            (Self::Text(_, target), Encoder::Jsonl(text)) => {
                target.write_all(text).map_err(|error| target.failure(error))?;
                text.clear();
                Ok(())
            }
            (Self::Text(_, target), Encoder::Csv(rows, _)) => {
                let text = csv_text(std::mem::replace(rows, csv_writer())).map_err(Failure::output)?;
                target.write_all(&text).map_err(|error| target.failure(error))
            }
            (Self::Parquet(file, name), Encoder::Parquet(columns)) => {
                if columns.is_empty() {
                    return Ok(());
                }
                let batch = columns.finish().map_err(|error| Failure::output(io::Error::other(error)))?;
                file.write(&batch).map_err(|error| Failure::file("write", name, error.into()))
            }
            (Self::Xlsx(sheets, target), Encoder::Xlsx(decisions)) => decisions
                .drain(..)
                .try_for_each(|decision| sheets.add(&decision))
                .map_err(|error| target.failure(error)),
            (Self::Text(..) | Self::Parquet(..) | Self::Xlsx(..), _) => {
                Err(Failure::output(io::Error::other("the encoder has another format")))
            }
        }
    }

    /// Writes what is buffered and publishes the output. A workbook gets the summary, too.
    pub(crate) fn finish(self, summary: &Summary, program: &Program) -> Result<(), Failure> {
        match self {
            Self::Xlsx(sheets, mut target) => {
                sheets.finish(summary, program, &mut target)?;
                target
            }
            Self::Text(_, target) => target,
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

impl Encoder {
    /// Returns an empty encoder.
    pub(crate) fn new(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Jsonl => Self::Jsonl(Vec::new()),
            Encoding::Csv(rows) => Self::Csv(csv_writer(), rows),
            Encoding::Parquet => Self::Parquet(Box::new(DecisionColumns::new())),
            Encoding::Xlsx(_) => Self::Xlsx(Vec::new()),
        }
    }

    /// Adds a decision.
    pub(crate) fn add(&mut self, decision: Decision) -> Result<(), Failure> {
        let added = match self {
            Self::Jsonl(text) => {
                let added = serde_json::to_writer(&mut *text, &decision).map_err(io::Error::from);
                text.push(b'\n');
                added
            }
            Self::Csv(csv, rows) => rows.write(csv, &decision).map_err(io::Error::from),
            Self::Parquet(columns) => columns.push(&decision).map_err(io::Error::other),
            Self::Xlsx(decisions) => {
                decisions.push(decision);
                Ok(())
            }
        };
        added.map_err(Failure::output)
    }
}
