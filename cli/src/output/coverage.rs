//! Draws coverage: the share of each file, then what no test reaches, with its place.

use std::path::Path;

use accrue::coverage::{Coverage, Point, Share};

use super::format::{heading, plural, thousands, wrapped};
use super::table::{Column, number, table, text};
use super::terminal::{DIM, GREEN, RESET, YELLOW, clean, room};

/// The most points that are listed. `--json` has all of them.
const LISTED: usize = 200;

const COLUMNS: [Column; 4] = [text("File"), number("Reached"), number("Points"), number("Share")];

/// Returns the table of files and the list of what is not reached.
pub(crate) fn coverage_text(coverage: &Coverage) -> String {
    let row = |file: &str, of: Share| {
        [file.to_owned(), thousands(of.reached as u64), thousands(of.all as u64), percent(of)].to_vec()
    };
    let files = coverage.files();
    let mut rows: Vec<Vec<String>> = files.iter().map(|(file, of)| row(file, *of)).collect();
    if files.len() != 1 {
        rows.push(row("all files", coverage.share()));
    }
    let mut drawn = format!("\n{}", heading("Coverage"));
    drawn.push_str(&table(&COLUMNS, rows));
    let missing: Vec<&Point> = coverage.points.iter().filter(|point| !point.is_reached()).collect();
    if missing.is_empty() {
        drawn.push_str(&format!("{GREEN}the tests reach every point{RESET}\n"));
        return drawn;
    }
    drawn.push_str(&format!("\n{YELLOW}not reached: {}{RESET}\n", plural(missing.len() as u64, "point")));
    for point in missing.iter().take(LISTED) {
        let line = format!("{}: {}", place(point), point.missing());
        drawn.push_str(&wrapped(&clean(&line), 2, room()));
    }
    if let Some(more) = missing.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let more = thousands(more as u64);
        drawn.push_str(&format!("{DIM}  and {more} more, which `--json` and `--lcov` list{RESET}\n"));
    }
    drawn
}

/// Returns a share as a percentage, cut to one decimal.
pub(crate) fn percent(share: Share) -> String {
    let tenths = share.basis_points() / 10;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Returns the place of a point: a cell or row of a table, or a line of a file.
fn place(point: &Point) -> String {
    match &point.cell {
        Some(cell) if cell.sheet.is_some() || cell.column.is_some() => cell.to_string().replace('`', ""),
        Some(_) | None => format!("{}:{}", point.place.file, point.line),
    }
}

/// Returns the coverage as an lcov tracefile, with the paths of files as they are from where the command runs.
pub(crate) fn lcov(coverage: &Coverage, program: &Path) -> String {
    coverage.lcov(|file| program.join(file).display().to_string())
}
