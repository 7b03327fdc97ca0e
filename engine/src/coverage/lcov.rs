//! Writes coverage as an lcov tracefile: a record for each file, with its lines and their branches.

use std::collections::BTreeMap;

use super::{Coverage, Point, PointKind};

impl Coverage {
    /// Returns the coverage as an lcov tracefile, as editors read it. `path` turns the path of a file inside the program folder into
    /// the path that the editor knows.
    ///
    /// A line is reached if one of its points is. Points that are one of several outcomes (of a condition, an arm, a band, a limit) are
    /// branches of their line too. Workbooks have no lines and are left out.
    pub fn lcov(&self, path: impl Fn(&str) -> String) -> String {
        let mut files: BTreeMap<&str, BTreeMap<u32, Vec<&Point>>> = BTreeMap::new();
        for point in self.points.iter().filter(|point| point.line > 0) {
            files.entry(&point.place.file).or_default().entry(point.line).or_default().push(point);
        }
        let mut text = String::new();
        for (file, lines) in files {
            // A line break would begin another record.
            let path = path(file).replace(['\r', '\n'], " ");
            text.push_str(&format!("TN:\nSF:{path}\n"));
            let (mut branches, mut branches_hit, mut lines_hit) = (0, 0, 0);
            for (line, points) in &lines {
                let reached = points.iter().any(|point| point.is_reached());
                for (n, point) in points.iter().filter(|point| is_branch(point.kind)).enumerate() {
                    let taken = if reached { point.hits.to_string() } else { "-".to_owned() };
                    text.push_str(&format!("BRDA:{line},0,{n},{taken}\n"));
                    branches += 1;
                    branches_hit += usize::from(point.is_reached());
                }
                lines_hit += usize::from(reached);
            }
            text.push_str(&format!("BRF:{branches}\nBRH:{branches_hit}\n"));
            for (line, points) in &lines {
                let hits = points.iter().map(|point| point.hits).max().unwrap_or_default();
                text.push_str(&format!("DA:{line},{hits}\n"));
            }
            text.push_str(&format!("LF:{}\nLH:{lines_hit}\nend_of_record\n", lines.len()));
        }
        text
    }
}

/// Returns whether a point is one of several outcomes of its line.
fn is_branch(kind: PointKind) -> bool {
    match kind {
        PointKind::Group | PointKind::Restriction | PointKind::Verb | PointKind::Bonus | PointKind::Age => {
            false
        }
        PointKind::Holds
        | PointKind::Fails
        | PointKind::Arm
        | PointKind::DefaultArm
        | PointKind::Band
        | PointKind::BandEdge
        | PointKind::Tier
        | PointKind::TierEdge
        | PointKind::LimitBelow
        | PointKind::LimitReached
        | PointKind::ReturnBelow
        | PointKind::ReturnAbove => true,
    }
}
