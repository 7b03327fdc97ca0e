//! Writes the summary of a run to a file: as JSON, as CSV or as a workbook.

use std::io::{self, Write as _};
use std::path::Path;

use accrue::Program;
use accrue::facts::fields::disarmed;
use accrue_history::Summary;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::csv::Units;
use super::summary_tables::{DataTable, Value, tables};
use super::target::Target;
use super::workbook::Workbook;
use crate::exit::Failure;

/// The format of a summary file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SummaryFormat {
    /// One object, with an array for each table.
    Json,
    /// The rows of all tables below each other, with the columns of all.
    Csv,
    /// A sheet for each table.
    Xlsx,
}

impl SummaryFormat {
    /// Returns the format that a file's name promises.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// Writes the summary to a file that was opened. `rejected` is the number of lines that were not decided.
pub(crate) fn write_summary(
    summary: &Summary,
    mut target: Target,
    (format, units): (SummaryFormat, Units),
    program: &Program,
    rejected: u64,
) -> Result<(), Failure> {
    let tables = tables(summary, program);
    match format {
        SummaryFormat::Json => {
            let json = Json { summary, program, rejected, tables: &tables, units };
            let written = serde_json::to_writer_pretty(&mut target, &json).map_err(io::Error::from);
            written.and_then(|()| target.write_all(b"\n")).map_err(|error| target.failure(error))?;
        }
        SummaryFormat::Csv => {
            let mut csv = csv::Writer::from_writer(&mut target);
            let written = write_csv(&mut csv, &tables, units);
            let written = written.map_err(io::Error::from).and_then(|()| csv.flush());
            drop(csv);
            written.map_err(|error| target.failure(error))?;
        }
        SummaryFormat::Xlsx => {
            let mut workbook = Workbook::new();
            workbook.tables(&tables).map_err(|error| target.failure(error))?;
            workbook.save(&mut target)?;
        }
    }
    target.finish()
}
/// Writes the rows of all tables, with the columns of all. The first column names the table.
pub(super) fn write_csv(
    csv: &mut csv::Writer<&mut Target>,
    tables: &[DataTable],
    units: Units,
) -> csv::Result<()> {
    let mut columns: Vec<&str> = Vec::new();
    for column in tables.iter().flat_map(|table| table.columns) {
        if !columns.contains(column) {
            columns.push(column);
        }
    }
    csv.write_record(["table"].iter().chain(&columns))?;
    for table in tables {
        for row in &table.rows {
            csv.write_field(table.name)?;
            for column in &columns {
                let at = table.columns.iter().position(|own| own == column);
                csv.write_field(match at.and_then(|at| row.get(at)) {
                    Some(Value::Text(text)) => disarmed(text).into_owned(),
                    Some(Value::Count(count)) => count.to_string(),
                    Some(Value::Money(money, currency)) => units.write(*money, Some(*currency)),
                    Some(Value::Missing) | None => String::new(),
                })?;
            }
            csv.write_record(None::<&[u8]>)?;
        }
    }
    Ok(())
}

/// The summary as one object.
struct Json<'a> {
    summary: &'a Summary,
    program: &'a Program,
    rejected: u64,
    tables: &'a [DataTable],
    units: Units,
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("program", self.program.id())?;
        map.serialize_entry("digest", &self.program.digest())?;
        map.serialize_entry("engine", accrue::VERSION)?;
        map.serialize_entry("time_zone", self.program.zone().name())?;
        map.serialize_entry("minor_units", &(self.units == Units::Minor))?;
        map.serialize_entry("actions", &self.summary.actions())?;
        map.serialize_entry("rejected_lines", &self.rejected)?;
        for table in self.tables {
            map.serialize_entry(table.name, &JsonTable(table, self.units))?;
        }
        map.end()
    }
}

struct JsonTable<'a>(&'a DataTable, Units);

impl Serialize for JsonTable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table, units) = self;
        let mut rows = serializer.serialize_seq(Some(table.rows.len()))?;
        for row in &table.rows {
            rows.serialize_element(&JsonRow(table.columns, row, *units))?;
        }
        rows.end()
    }
}

struct JsonRow<'a>(&'a [&'a str], &'a [Value], Units);

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(columns, row, units) = self;
        let mut map = serializer.serialize_map(Some(row.len()))?;
        for (column, value) in columns.iter().zip(*row) {
            match value {
                Value::Text(text) => map.serialize_entry(column, text)?,
                Value::Count(count) => map.serialize_entry(column, count)?,
                Value::Money(money, currency) => {
                    map.serialize_entry(column, &units.write(*money, Some(*currency)))?;
                }
                Value::Missing => map.serialize_entry(column, &None::<()>)?,
            }
        }
        map.end()
    }
}
