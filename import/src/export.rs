//! Where the bytes of an export come from: a file, memory, or the rows of a workbook that was read before.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An export: CSV in any dialect (also compressed by gzip), .xlsx or .ods. Obtained from [`Export::file`], [`Export::bytes`] or
/// [`Export::sheets`].
///
/// An export is read more than once, and each reader begins at its first byte. A clone shares the bytes.
#[derive(Clone, Debug)]
pub struct Export {
    name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    File(PathBuf),
    Bytes(Arc<[u8]>),
    Sheets(Arc<[u8]>),
}

impl Export {
    /// Returns an export that is a file. Nothing is opened yet.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, content: Content::File(path) }
    }

    /// Returns an export that is in memory. `name` is the name that its file had, such as `orders.csv`.
    ///
    /// ```
    /// use accrue_import::{Export, ImportOptions, guess};
    ///
    /// let export = Export::bytes("orders.csv", *b"Order ID,Date,Amount\n1001,2026-03-28 09:01:00,12.50\n");
    /// let proposed = guess(&export, &ImportOptions::default())?;
    /// assert!(proposed.toml.starts_with("title = \"orders\""));
    /// # Ok::<(), accrue_import::ImportError>(())
    /// ```
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { name: name.into(), content: Content::Bytes(bytes.into()) }
    }

    /// Returns a workbook whose rows were read before, by `read_workbook` (feature `workbooks`). `name` is the name that the file of
    /// the workbook had.
    ///
    /// The bytes are checked against [`SheetLimits`](crate::SheetLimits) each time that the export is opened, as a workbook is.
    pub fn sheets(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { name: name.into(), content: Content::Sheets(bytes.into()) }
    }

    /// Returns the name of the file, without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the file without its last ending.
    pub(crate) fn stem(&self) -> String {
        Path::new(&self.name).file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Returns the rows of a workbook that was read before; `None` for any other export.
    pub(crate) fn as_sheets(&self) -> Option<&Arc<[u8]>> {
        match &self.content {
            Content::Sheets(bytes) => Some(bytes),
            Content::File(_) | Content::Bytes(_) => None,
        }
    }

    /// Opens the export at its first byte.
    pub(crate) fn open(&self) -> io::Result<Input> {
        Ok(match &self.content {
            Content::File(path) => Input::File(File::open(path)?),
            Content::Bytes(bytes) | Content::Sheets(bytes) => Input::Bytes(Cursor::new(Arc::clone(bytes))),
        })
    }
}

/// The bytes of an export.
#[derive(Debug)]
pub(crate) enum Input {
    File(File),
    Bytes(Cursor<Arc<[u8]>>),
}

impl Input {
    /// Returns the number of bytes.
    #[cfg(feature = "workbooks")]
    pub(crate) fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Bytes(bytes) => Ok(bytes.get_ref().len() as u64),
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
        }
    }
}
