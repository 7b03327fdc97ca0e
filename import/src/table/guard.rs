//! Checks a workbook against its limits before it is opened: inflates each entry once through a counter, and counts cells.
//!
//! The same pass finds formulas, because their results are what a spreadsheet computed when it was saved last.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::limits::{SAVE_AS_CSV, SheetLimits, damaged, refused};
use super::scan::{check_closed, is_usual, scan_ods, scan_xlsx, sheet_paths};
use super::sheets::Formulas;
use crate::error::ImportError;
use crate::export::{Export, Input};

/// The most bytes between two tags, or of one tag. A cell of the most characters has less, however they are escaped.
const TOKEN_BYTES: usize = 1 << 20;

/// The parts that say where the others are.
const TEXTS: [&str; 4] =
    ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "META-INF/manifest.xml"];

/// What to do about cells that come from other files.
pub(super) const OTHER_FILES: &str =
    "this workbook takes values from other files; paste the values of its cells, and save it again";

/// The format of a workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Xlsx,
    Ods,
}

/// What the check found.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) format: Format,
    /// The formulas of each sheet.
    pub(super) formulas: BTreeMap<String, Formulas>,
}

/// Checks a workbook.
///
/// # Errors
///
/// A sentence about the limit or the part that is refused.
pub(super) fn check(export: &Export, limits: &SheetLimits) -> Result<Checked, ImportError> {
    let input = export.open()?;
    let (bytes, most) = (input.length()?, limits.file_bytes);
    if bytes > most {
        return Err(refused(format!(
            "this workbook has {bytes} bytes, and at most {most} are read; {SAVE_AS_CSV}"
        )));
    }
    let mut archive = ZipArchive::new(BufReader::new(input)).map_err(unreadable)?;
    let (count, most) = (archive.len(), limits.entries);
    if count > most {
        return Err(refused(format!(
            "this workbook has {count} parts, and at most {most} are read; {SAVE_AS_CSV}"
        )));
    }
    let format = format(&archive)?;
    let mut left = limits.inflated_bytes;
    let (mut sheets, mut texts, mut formulas) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for at in 0..count {
        let entry = archive.by_index(at).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        let is_xml = [".xml", ".rels"].iter().any(|ending| name.ends_with(ending));
        let most = limits.inflated_bytes;
        let mut counted = Counted { from: entry, left: &mut left, most, is_xml, token: 0 };
        if format == Format::Xlsx && name.starts_with("xl/worksheets/") && is_xml {
            let found = scan_xlsx(&mut counted, limits)?;
            sheets.insert(name, found);
        } else if format == Format::Ods && name == "content.xml" {
            formulas = scan_ods(&mut counted, limits)?;
        } else if TEXTS.contains(&name.as_str()) {
            let mut text = Vec::new();
            counted.read_to_end(&mut text).map_err(|error| unread(&error))?;
            check_closed(&mut text.as_slice())?;
            texts.insert(name, text);
        } else if is_xml {
            check_closed(&mut counted)?;
        }
        io::copy(&mut counted, &mut io::sink()).map_err(|error| unread(&error))?;
    }
    let text = |name: &str| texts.get(name).map(Vec::as_slice).unwrap_or_default();
    match format {
        Format::Xlsx => {
            if !is_usual(text("_rels/.rels"))? {
                return Err(damaged("its parts are at odd places"));
            }
            for (name, path) in sheet_paths(text("xl/workbook.xml"), text("xl/_rels/workbook.xml.rels"))? {
                formulas.extend(sheets.remove(&path).map(|found| (name, found)));
            }
        }
        Format::Ods => {
            if String::from_utf8_lossy(text("META-INF/manifest.xml")).contains("encryption-data") {
                return Err(refused("this workbook is encrypted; save it without a password"));
            }
        }
    }
    Ok(Checked { format, formulas })
}

/// Returns the error of reading an entry: of the file system, of a limit, or of what was compressed.
pub(super) fn unread(error: &io::Error) -> ImportError {
    match error.kind() {
        // The reader that counts has said why.
        io::ErrorKind::FileTooLarge => refused(error.to_string()),
        io::ErrorKind::Other
        | io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof => damaged(error),
        kind => ImportError::Io(io::Error::new(kind, error.to_string())),
    }
}

/// Returns the error of a zip file that cannot be read.
fn unreadable(error: ZipError) -> ImportError {
    match error {
        ZipError::Io(error) => unread(&error),
        ZipError::UnsupportedArchive(why) if why.contains("assword") => {
            refused("this workbook is encrypted; save it without a password")
        }
        error => damaged(error),
    }
}

/// Returns the format of a workbook, and refuses what a workbook must not have.
fn format(archive: &ZipArchive<BufReader<Input>>) -> Result<Format, ImportError> {
    let names = archive.file_names().map(|name| name.map(Cow::into_owned));
    let names = names.collect::<Result<Vec<String>, ZipError>>().map_err(unreadable)?;
    let has = |name: &str| names.iter().any(|entry| entry == name);
    if names.iter().any(|entry| entry.starts_with("xl/externalLinks/")) {
        return Err(refused(OTHER_FILES));
    }
    match (has("xl/workbook.xml"), has("content.xml")) {
        (true, _) => Ok(Format::Xlsx),
        (false, true) => Ok(Format::Ods),
        _ if has("xl/workbook.bin") => {
            Err(refused("this is a binary workbook (.xlsb); save it as .xlsx or CSV"))
        }
        _ => Err(refused(
            "this is a zip file without a workbook; unpack it, and name the file of the export in it",
        )),
    }
}

/// Counts the bytes of an entry while it is inflated.
struct Counted<'a, R> {
    from: R,
    left: &'a mut u64,
    most: u64,
    is_xml: bool,
    /// Bytes since the last `<` or `>`.
    token: usize,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            let most = self.most;
            let message =
                format!("this workbook has more than {most} bytes when it is unpacked; {SAVE_AS_CSV}");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        };
        *self.left = left;
        if self.is_xml {
            for byte in buffer.iter().take(read) {
                self.token = if matches!(byte, b'<' | b'>') { 0 } else { self.token.saturating_add(1) };
                if self.token > TOKEN_BYTES {
                    let message = format!(
                        "this workbook has a text of more than {TOKEN_BYTES} bytes, which no cell may have"
                    );
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
                }
            }
        }
        Ok(read)
    }
}
