//! Sheets that were read of a workbook before: whatever their bytes are, they are read or refused with a word.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod files;

use accrue_import::{Export, ImportOptions, SheetLimits, guess, read_tables, read_workbook};
use files::{temporary, xlsx};
use proptest::prelude::*;

const ROWS: &str = r#"<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Order</t></is></c><c r="B1" t="inlineStr"><is><t>Total</t></is></c></row>
<row r="2"><c r="A2"><v>1001</v></c><c r="B2"><f>1+1</f><v>2</v></c></row><row r="300"><c r="A300" t="e"><v>#REF!</v></c></row></sheetData>"#;

fn sheets() -> Vec<u8> {
    read_workbook(&Export::bytes("a.xlsx", xlsx(ROWS, &[])), &SheetLimits::default()).unwrap()
}

fn refused(bytes: Vec<u8>, limits: SheetLimits) -> String {
    let options = ImportOptions { sheets: limits, ..ImportOptions::default() };
    guess(&Export::sheets("a.xlsx", bytes), &options).unwrap_err().to_string()
}

#[test]
fn sheets_are_held_to_the_limits_of_a_workbook() {
    let default = SheetLimits::default;
    assert!(refused(sheets(), SheetLimits { cells: 4, ..default() }).contains("more than 4 cells"));
    assert!(refused(sheets(), SheetLimits { columns: 1, ..default() }).contains("row 1 has 2 columns"));
    assert!(refused(sheets(), SheetLimits { cell_chars: 3, ..default() }).contains("more than 3 characters"));
    assert!(refused(sheets(), SheetLimits { entries: 0, ..default() }).contains("more than 0 sheets"));
    assert!(refused(sheets(), SheetLimits { inflated_bytes: 9, ..default() }).contains("more than 9 bytes"));
    let mut other = sheets();
    other[14] = b'2';
    assert!(refused(other, default()).contains("another version wrote them"));
    let mut longer = sheets();
    longer.push(0);
    assert!(refused(longer, default()).contains("there are bytes behind them"));
}

#[test]
fn only_a_workbook_is_read_into_sheets() {
    let limits = SheetLimits::default();
    let refused = |bytes: &[u8]| read_workbook(&Export::bytes("a", bytes), &limits).unwrap_err().to_string();
    assert!(refused(b"Order;Total\n1;2\n").contains("neither .xlsx nor .ods"));
    assert!(refused(b"PAR1").contains("another format"));
    // A file is never taken for sheets because of its first bytes.
    let file = temporary(&sheets());
    assert!(guess(&Export::file(file.path()), &ImportOptions::default()).is_err());
    let twice = read_workbook(&Export::sheets("a.xlsx", sheets()), &limits).unwrap();
    assert_eq!(twice, sheets());
}

proptest! {
    #[test]
    fn damaged_sheets_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = sheets();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let export = Export::sheets("a.xlsx", bytes);
        match guess(&export, &ImportOptions::default()) {
            Ok(guess) => prop_assert!(!guess.toml.is_empty()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        if let Ok(tables) = read_tables(&export, "tables/a.xlsx", 1 << 20, &SheetLimits::default()) {
            prop_assert!(tables.iter().all(|table| table.rows.len() < 40));
        }
    }
}
