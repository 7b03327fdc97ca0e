//! Limits on workbooks, which are checked before they are opened.

/// Limits on a workbook. A workbook is a zip file of XML, so that a small file can be a very large table. Every entry is inflated
/// once through a counter, and cells are counted, before anything is allocated for them. CSV has no such limits: it is read row by
/// row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetLimits {
    /// Bytes of the file. A workbook with a million rows has some 50 MB.
    pub file_bytes: u64,
    /// Entries of the zip file. A workbook has some ten, and one for each sheet and picture.
    pub entries: usize,
    /// Bytes of all entries together, inflated. A row with ten cells takes some 400 bytes of XML.
    pub inflated_bytes: u64,
    /// Cells of one sheet, from the first to the last one that is not empty. Sheets of .ods are held in memory.
    pub cells: u64,
    /// Columns of one sheet. An export has ten to a hundred.
    pub columns: u32,
    /// Characters of one cell, which is the limit of spreadsheets.
    pub cell_chars: usize,
}

impl Default for SheetLimits {
    fn default() -> Self {
        Self {
            file_bytes: 128 << 20,
            entries: 2_000,
            inflated_bytes: 768 << 20,
            cells: 5_000_000,
            columns: 1_000,
            cell_chars: 32_767,
        }
    }
}
