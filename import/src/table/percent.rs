//! Finds the cells of .xlsx that are shown as percentages. Their numbers are fractions: `8%` is stored as `0.08`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufReader, Read};

use zip::ZipArchive;

use super::guard::unread;
use super::limits::damaged;
use super::scan::{percent_styles, sheet_paths, styled_cells};
use crate::error::ImportError;
use crate::export::Export;

/// The cells that are shown as percentages, by sheet.
#[derive(Debug, Default)]
pub(super) struct Percents {
    cells: HashMap<String, HashSet<(u32, usize)>>,
}

impl Percents {
    /// Reads the formats of a workbook that was checked against its limits.
    pub(super) fn read(export: &Export) -> Result<Self, ImportError> {
        let mut archive = ZipArchive::new(BufReader::new(export.open()?)).map_err(damaged)?;
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
    pub(super) fn has(&self, sheet: &str, row: u64, column: usize) -> bool {
        let Some(cells) = self.cells.get(sheet) else { return false };
        u32::try_from(row).is_ok_and(|row| cells.contains(&(row, column)))
    }
}
