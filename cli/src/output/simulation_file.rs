//! Writes what a draft changes to a file: as data, as tables, as Markdown or as a chart.

use std::io::{self, Write as _};
use std::path::Path;

use super::csv::Units;
use super::simulation::Report;
use super::simulation_chart::chart;
use super::simulation_markdown::markdown;
use super::simulation_tables::tables;
use super::summary_file::write_csv;
use super::target::Target;
use super::workbook::Workbook;
use crate::exit::Failure;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SimulationFormat {
    /// One object.
    Json,
    /// The rows of all tables below each other, with the columns of all.
    Csv,
    /// A sheet for each table.
    Xlsx,
    /// Markdown, for the description of a pull request.
    Markdown,
    /// A chart of bars.
    Svg,
}

impl SimulationFormat {
    /// Returns the format that a file's name promises.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "md" => Some(Self::Markdown),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Writes a file that was opened.
pub(crate) fn write_simulation(
    report: &Report<'_>,
    mut target: Target,
    format: SimulationFormat,
) -> Result<(), Failure> {
    let written = match format {
        SimulationFormat::Json => serde_json::to_writer_pretty(&mut target, report)
            .map_err(io::Error::from)
            .and_then(|()| target.write_all(b"\n")),
        SimulationFormat::Csv => {
            let mut csv = csv::Writer::from_writer(&mut target);
            write_csv(&mut csv, &tables(report.comparison), Units::Main)
                .map_err(io::Error::from)
                .and_then(|()| csv.flush())
        }
        SimulationFormat::Markdown => target.write_all(markdown(report).as_bytes()),
        SimulationFormat::Svg => chart(report).and_then(|svg| target.write_all(svg.as_bytes())),
        SimulationFormat::Xlsx => {
            let mut workbook = Workbook::new();
            workbook.tables(&tables(report.comparison)).map_err(|error| target.failure(error))?;
            workbook.save(&mut target)?;
            Ok(())
        }
    };
    written.map_err(|error| target.failure(error))?;
    target.finish()
}
