//! A scratch that is a temporary file without a name, so that nothing is left of it whatever ends the process.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Writes a temporary file.
pub(super) struct Writer {
    file: File,
}

impl Writer {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()? })
    }

    pub(super) fn finish(self) -> Written {
        Written { file: Arc::new(self.file) }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Bytes that were written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    file: Arc<File>,
}

impl Written {
    /// Returns a reader that begins at the first byte, whatever others read.
    pub(crate) fn reader(&self) -> Reader {
        Reader { file: Arc::clone(&self.file), at: 0 }
    }
}

/// Reads a temporary file.
#[derive(Debug)]
pub(crate) struct Reader {
    file: Arc<File>,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}
