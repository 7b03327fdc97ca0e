//! Tables of programs: what the cells of files become, and which cells are not trusted.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod files;

use std::fmt::Write as _;

use accrue::TableFile;
use accrue_import::{SheetLimits, read_tables};
use files::{each_way, xlsx};

fn read(bytes: &[u8]) -> Result<Vec<TableFile>, String> {
    let limits = SheetLimits::default();
    each_way(bytes, &limits, |export| read_tables(export, "tables/rates.xlsx", 1 << 20, &limits))
}

fn text(cell: &str) -> String {
    format!("<is><t>{cell}</t></is>")
}

#[test]
fn csv_is_read_in_any_dialect() {
    let tables = read("item.sku;rate\r\n\r\n\"M\u{e4}ntel; lang\";8%\r\n".as_bytes()).unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].rows[1].number, 3);
    assert_eq!(tables[0].rows[1].cells, ["M\u{e4}ntel; lang", "8%"]);
    assert!(tables[0].faults.is_empty());
    let refused = read(b"item.sku;rate\r\nM\xE4ntel;8%\r\n").unwrap_err();
    assert!(refused.contains("`CSV UTF-8`"), "{refused}");
}

#[test]
fn cells_that_are_shown_as_percentages_are_percentages() {
    let styles = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
    let sheet = format!(
        "<sheetData><row r=\"2\"><c r=\"A2\" t=\"inlineStr\">{}</c><c r=\"B2\" t=\"inlineStr\">{}</c></row>\
         <row r=\"5\"><c r=\"A5\" t=\"inlineStr\">{}</c><c r=\"B5\" s=\"1\"><v>0.08</v></c><c r=\"C5\" s=\"2\"><v>0.085</v></c>\
         <c r=\"D5\"><v>0.08</v></c></row></sheetData>",
        text("item.sku"),
        text("rate"),
        text("A"),
    );
    // The entry replaces the styles of the other tests.
    let file = xlsx(&sheet, &[]);
    let plain = read(&file).unwrap();
    assert_eq!(plain[0].sheet.as_deref(), Some("Orders"));
    assert_eq!(plain[0].rows[1].cells[3], "0.08");
    let styled = files::zipped_over(&file, &[("xl/styles.xml", styles)]);
    let tables = read(&styled).unwrap();
    assert_eq!(tables[0].rows[1].number, 5);
    assert_eq!(tables[0].rows[1].cells, ["A", "8%", "8.5%", "0.08"]);
}

#[test]
fn formulas_are_not_trusted() {
    let sheet = format!(
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\">{}</c></row><row r=\"2\"><c r=\"A2\"><f>1+1</f><v>2</v></c></row></sheetData>",
        text("rate")
    );
    let tables = read(&xlsx(&sheet, &[])).unwrap();
    let fault = &tables[0].faults[0];
    assert_eq!((fault.row, fault.column), (2, 1));
    assert!(fault.message.contains("formula"), "{}", fault.message);
}

#[test]
fn a_million_columns_are_refused_before_they_are_read() {
    let mut row = String::new();
    write!(row, "<sheetData><row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row></sheetData>").unwrap();
    let refused = read(&xlsx(&row, &[])).unwrap_err();
    assert!(refused.contains("16384 columns"), "{refused}");
}
