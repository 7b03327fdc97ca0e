//! Files for tests: workbooks that are built in memory.
#![allow(dead_code, reason = "not every test needs each of them")]

use std::fmt::Debug;
use std::io::{Cursor, Write as _};

use accrue_import::{Export, ImportError, SheetLimits, read_workbook};
use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Returns a file with these bytes.
pub(crate) fn temporary(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Reads an export from a file, from memory, and, if it is a workbook, from the sheets that were read of it before. Returns what
/// was read, which is the same each time.
pub(crate) fn each_way<T: Debug + PartialEq>(
    bytes: &[u8],
    limits: &SheetLimits,
    read: impl Fn(&Export) -> Result<T, ImportError>,
) -> Result<T, String> {
    let read = |export: &Export| read(export).map_err(|error| error.to_string());
    let file = temporary(bytes);
    let found = read(&Export::file(file.path()));
    let memory = Export::bytes("export.xlsx", bytes);
    assert_eq!(read(&memory), found);
    match read_workbook(&memory, limits) {
        Ok(sheets) => assert_eq!(read(&Export::sheets("export.xlsx", sheets)), found),
        // CSV is no workbook; what is wrong with a whole workbook is wrong with it before a sheet is asked for.
        Err(error) if bytes.starts_with(b"PK") => assert_eq!(Err(error.to_string()), found),
        Err(_) => {}
    }
    found
}

/// Returns a zip file with these entries.
pub(crate) fn zipped(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Returns a zip file with these entries in the place of its own.
pub(crate) fn zipped_over(file: &[u8], entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut texts: Vec<(String, String)> = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        let name = entry.name().unwrap().into_owned();
        let over = entries.iter().find(|(of, _)| *of == name).map(|(_, text)| (*text).to_owned());
        texts.push((name, over.unwrap_or(text)));
    }
    let all: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    zipped(&all)
}

/// Returns a workbook of one sheet with this XML. Style 1 is a date.
pub(crate) fn xlsx(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let main = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#;
    let sheet = format!("<?xml version=\"1.0\"?><worksheet {main}>{sheet}</worksheet>");
    let workbook = format!(
        r#"<?xml version="1.0"?><workbook {main} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let relations = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let styles = format!(
        r#"<?xml version="1.0"?><styleSheet {main}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#
    );
    let package = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let mut entries = vec![
        ("_rels/.rels", package),
        ("xl/workbook.xml", workbook.as_str()),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/styles.xml", styles.as_str()),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    entries.extend(more);
    zipped(&entries)
}

/// Returns a workbook of .ods with these tables.
pub(crate) fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<a/>"),
        ("content.xml", &content),
    ])
}
