//! Coverage: what of a program's contracts and rules its tests reach.
//!
//! `points` lists what can be reached from the terms alone; a program that records counts what its decisions reach. Neither knows how
//! a test is written or run.

mod lcov;
mod points;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Cell, Place};
pub use crate::run::PointKind;
use crate::run::{Marks, Reached};
use crate::terms::Terms;

/// What of a program its tests reach. [`Program::coverage`](crate::Program::coverage) makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Coverage {
    /// The names of the tests, in the order in which they ran.
    pub tests: Vec<String>,
    /// Everything that can be reached, by file and place.
    pub points: Vec<Point>,
}

/// One thing that a test can reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Point {
    /// What has to happen.
    pub kind: PointKind,
    /// What it is a point of: the name of a payout group, restriction, limit or bonus, or the text of a condition, arm or verb.
    pub name: String,
    /// Where it is written. In a table, the bytes of the cell or row.
    pub place: Place,
    /// The line, from 1; 0 in a workbook, which has none.
    pub line: u32,
    /// The cell or row, if it stands in a table; `None` elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,
    /// How often it was reached. One action may reach it several times, for example once for each item.
    pub hits: u64,
    /// The tests that reached it, by their indexes in [`Coverage::tests`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<usize>,
}

/// How much was reached, of a file or of all files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Share {
    /// The number of points that were reached.
    pub reached: usize,
    /// The number of points.
    pub all: usize,
}

impl Point {
    /// Returns whether a test has reached it.
    pub fn is_reached(&self) -> bool {
        self.hits > 0
    }

    /// Returns what no test has done, for a point that was not reached: ``group `vip` never pays``.
    pub fn missing(&self) -> String {
        let name = &self.name;
        match self.kind {
            PointKind::Group => format!("`{name}` never pays"),
            PointKind::Restriction => format!("restriction `{name}` never matches"),
            PointKind::Holds => format!("`{name}` never holds"),
            PointKind::Fails => format!("`{name}` always holds"),
            PointKind::Arm => format!("arm `{name}` never runs"),
            PointKind::DefaultArm => "arm `_` never runs".to_owned(),
            PointKind::Verb => format!("`{name}` is never given"),
            PointKind::Band => format!("no value in the band from {name}"),
            PointKind::BandEdge => format!("no value of exactly {name}"),
            PointKind::Tier => format!("no measure in the tier from {name}"),
            PointKind::TierEdge => format!("no measure of exactly {name}"),
            PointKind::LimitBelow => format!("`{name}` never lets a payout through whole"),
            PointKind::LimitReached => format!("`{name}` never takes effect"),
            PointKind::Bonus => format!("bonus `{name}` never pays"),
            PointKind::ReturnBelow => format!("no return of at most {name}"),
            PointKind::ReturnAbove => format!("no return of a part above {name}"),
            PointKind::Age => format!("no return from day {name} on"),
        }
    }
}

impl Share {
    /// Returns the share in whole hundredths of a percent, rounded down; all of it if there are no points. Only a share of everything is
    /// 10,000.
    pub fn basis_points(self) -> u64 {
        let (reached, all) = (self.reached as u64, self.all as u64);
        reached.saturating_mul(10_000).checked_div(all).unwrap_or(10_000)
    }

    fn add(&mut self, point: &Point) {
        self.all = self.all.saturating_add(1);
        self.reached = self.reached.saturating_add(usize::from(point.is_reached()));
    }
}

impl Coverage {
    pub(crate) fn of(terms: &Terms, marks: Option<&Marks>) -> Self {
        let (tests, mut reached) = marks.map(Marks::reached).unwrap_or_default();
        let mut points: Vec<Point> = Vec::new();
        for ((place, kind), name) in points::points(terms) {
            let hits = reached.remove(&(place.clone(), kind)).unwrap_or_default();
            points.push(point(terms, kind, name, place, &hits));
        }
        points.sort_by(|a, b| (&a.place, a.kind).cmp(&(&b.place, b.kind)));
        Self { tests, points }
    }

    /// Returns how much of the whole program was reached.
    pub fn share(&self) -> Share {
        let mut share = Share::default();
        self.points.iter().for_each(|point| share.add(point));
        share
    }

    /// Returns each file with how much of it was reached, sorted by path. Files with nothing to reach are left out.
    pub fn files(&self) -> Vec<(&str, Share)> {
        let mut files: Vec<(&str, Share)> = Vec::new();
        for point in &self.points {
            match files.last_mut() {
                Some((file, share)) if *file == point.place.file => share.add(point),
                _ => {
                    let mut share = Share::default();
                    share.add(point);
                    files.push((&point.place.file, share));
                }
            }
        }
        files
    }
}

fn point(terms: &Terms, kind: PointKind, name: String, mut place: Place, hits: &Reached) -> Point {
    let cell = terms.tables.cell(&mut place);
    let line = match &cell {
        Some(cell) if cell.sheet.is_some() => 0,
        Some(cell) => cell.row,
        None => {
            let text = terms.sources.get(&place.file).map_or("", |text| &**text);
            u32::try_from(crate::diagnostic::line_column(text, place.span.start).0).unwrap_or(u32::MAX)
        }
    };
    let count = hits.values().fold(0, |sum: u64, hits| sum.saturating_add(*hits));
    Point { kind, name, place, line, cell, hits: count, tests: hits.keys().copied().collect() }
}
