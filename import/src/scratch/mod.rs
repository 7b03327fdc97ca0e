//! Keeps bytes that do not belong into the memory of an import: in temporary files, or in memory on WebAssembly, which has no files.

#[cfg(not(target_family = "wasm"))]
mod file;
#[cfg(any(target_family = "wasm", test))]
mod memory;

use std::io::{self, BufWriter, Write};

#[cfg(not(target_family = "wasm"))]
pub(crate) use file::{Reader, Written};
#[cfg(target_family = "wasm")]
pub(crate) use memory::{Reader, Written};

#[cfg(not(target_family = "wasm"))]
use file::Writer;
#[cfg(target_family = "wasm")]
use memory::Writer;

/// Takes bytes, which can be read once all of them are written.
pub(crate) struct Scratch {
    to: BufWriter<Writer>,
}

impl Scratch {
    /// Returns a scratch without bytes. `buffer_bytes` are held before they are written.
    pub(crate) fn new(buffer_bytes: usize) -> io::Result<Self> {
        Ok(Self { to: BufWriter::with_capacity(buffer_bytes, Writer::new()?) })
    }

    /// Returns what was written.
    pub(crate) fn finish(self) -> io::Result<Written> {
        Ok(self.to.into_inner().map_err(io::IntoInnerError::into_error)?.finish())
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
