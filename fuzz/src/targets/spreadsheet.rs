//! The reader of workbooks: a letter and a file, or the XML of a sheet, enter. The workbook is read or refused with a word, within its
//! limits.

use std::io::{Cursor, Write as _};

use accrue_import::Mapping;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::dialect::read_twice;

const MAPPING: &str = r#"
title = "x"
[values]
dates = ["DD.MM.YYYY"]
time_zone = "Europe/Berlin"
[columns]
id = "Order"
event_type = { value = "sale" }
occurred_at = "Date"
amount = "Total"
[rows]
ignore = "others"
"#;

/// Tries one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = data.split_first() else { return };
    let mapping = Mapping::parse("mapping.toml", MAPPING).expect("it is a mapping");
    let file = match letter {
        b'x' => xlsx(rest),
        b'o' => ods(rest),
        _ => rest.to_vec(),
    };
    read_twice(&file, &mapping);
}

/// Returns a workbook of .xlsx with this sheet. Style 1 is a date.
pub fn xlsx(sheet: &[u8]) -> Vec<u8> {
    const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/TYPE" Target="TARGET"/></Relationships>"#;
    let package = RELATIONS.replace("TYPE", "officeDocument").replace("TARGET", "xl/workbook.xml");
    let relations = RELATIONS.replace("TYPE", "worksheet").replace("TARGET", "worksheets/sheet1.xml");
    zipped(&[
        ("_rels/.rels", package.as_bytes()),
        (
            "xl/workbook.xml",
            br#"<workbook><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        (
            "xl/styles.xml",
            br#"<styleSheet><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// Returns a workbook of .ods with this content.
pub fn ods(content: &[u8]) -> Vec<u8> {
    let mimetype = b"application/vnd.oasis.opendocument.spreadsheet";
    zipped(&[("mimetype", mimetype), ("META-INF/manifest.xml", b"<a/>"), ("content.xml", content)])
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("there is room");
        zip.write_all(bytes).expect("there is room");
    }
    zip.finish().expect("there is room").into_inner()
}
