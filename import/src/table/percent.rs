//! Finds the cells of .xlsx that are shown as percentages. Their numbers are fractions: `8%` is stored as `0.08`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::SheetLimits;
use super::guard::{check, damaged, unread};
use super::scan::{percent_styles, sheet_paths, styled_cells};
use crate::error::ImportError;

/// The cells that are shown as percentages, by sheet.
#[derive(Debug, Default)]
pub(super) struct Percents {
    cells: HashMap<String, HashSet<(u32, usize)>>,
}

impl Percents {
    /// Reads the formats of a workbook, which is checked against its limits first.
    pub(super) fn read(path: &Path, limits: &SheetLimits) -> Result<Self, ImportError> {
        check(path, limits)?;
        let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(damaged)?;
        let mut texts = BTreeMap::new();
        for name in ["xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"] {
            let mut text = Vec::new();
            if let Ok(mut entry) = archive.by_name(name) {
                entry.read_to_end(&mut text).map_err(|error| unread(&error))?;
            }
            texts.insert(name, text);
        }
        let text = |name: &str| texts.get(name).map(Vec::as_slice).unwrap_or_default();
        let styles = percent_styles(text("xl/styles.xml"))?;
        let mut found = Self::default();
        if styles.is_empty() {
            return Ok(found);
        }
        for (sheet, path) in sheet_paths(text("xl/workbook.xml"), text("xl/_rels/workbook.xml.rels"))? {
            let Ok(mut entry) = archive.by_name(&path) else { continue };
            found.cells.insert(sheet, styled_cells(&mut entry, &styles)?);
        }
        Ok(found)
    }

    /// Returns whether a cell is shown as a percentage: its row from 1, its column from 0.
    pub(super) fn has(&self, sheet: &str, row: u32, column: usize) -> bool {
        self.cells.get(sheet).is_some_and(|cells| cells.contains(&(row, column)))
    }
}

/// Returns a fraction as a percentage: `0.085` as `8.5%`. `None` if it is no plain number.
pub(super) fn percent(fraction: &str) -> Option<String> {
    let (sign, digits) = fraction.strip_prefix('-').map_or(("", fraction), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = [whole, decimals].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number || whole.is_empty() {
        return None;
    }
    let decimals = format!("{decimals:0<2}");
    let (moved, rest) = decimals.split_at(2);
    let whole = format!("{whole}{moved}");
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{rest}%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_percentages() {
        for (fraction, shown) in [
            ("0.08", "8%"),
            ("0.085", "8.5%"),
            ("1", "100%"),
            ("0", "0%"),
            ("-0.005", "-0.5%"),
            ("0.1", "10%"),
            ("12.5", "1250%"),
        ] {
            assert_eq!(percent(fraction).as_deref(), Some(shown));
        }
        assert_eq!(percent("1e5"), None);
        assert_eq!(percent(""), None);
    }
}
