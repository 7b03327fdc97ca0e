//! A scratch that is memory, for WebAssembly. All of them together have a limit, because nothing else would stop them.

use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes of all scratches together. A WebAssembly module has at most 4 GiB, and the export is in it too.
const MOST_BYTES: usize = 1 << 30;

/// The bytes of all scratches.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Bytes that count until they are dropped.
#[derive(Debug)]
struct Held {
    bytes: Vec<u8>,
    counted: &'static AtomicUsize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counted.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Writes memory.
pub(super) struct Writer {
    held: Held,
    most: usize,
}

impl Writer {
    #[cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "tests have a limit of their own"))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self::bounded(&HELD, MOST_BYTES))
    }

    fn bounded(counted: &'static AtomicUsize, most: usize) -> Self {
        Self { held: Held { bytes: Vec::new(), counted }, most }
    }

    pub(super) fn finish(self) -> Written {
        Written { held: Arc::new(self.held) }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let full = || {
            let most = self.most >> 20;
            let message = format!(
                "this export needs more than {most} MiB beside itself, which a page does not have; read it with the command line"
            );
            io::Error::new(io::ErrorKind::OutOfMemory, message)
        };
        let before = self.held.counted.load(Ordering::Relaxed);
        if before.saturating_add(bytes.len()) > self.most {
            return Err(full());
        }
        self.held.bytes.try_reserve(bytes.len()).map_err(|_| full())?;
        self.held.bytes.extend_from_slice(bytes);
        self.held.counted.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that were written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    held: Arc<Held>,
}

impl Written {
    /// Returns a reader that begins at the first byte, whatever others read.
    pub(crate) fn reader(&self) -> Reader {
        Reader { from: Cursor::new(Shared(Arc::clone(&self.held))) }
    }
}

#[derive(Debug)]
struct Shared(Arc<Held>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// Reads memory.
#[derive(Debug)]
pub(crate) struct Reader {
    from: Cursor<Shared>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn all_scratches_together_have_a_limit_until_they_are_dropped() {
        static COUNTED: AtomicUsize = AtomicUsize::new(0);
        let mut first = Writer::bounded(&COUNTED, 10);
        first.write_all(b"123456").unwrap();
        let first = first.finish();
        let mut second = Writer::bounded(&COUNTED, 10);
        second.write_all(b"7890").unwrap();
        assert_eq!(second.write_all(b"1").unwrap_err().kind(), io::ErrorKind::OutOfMemory);
        let mut read = String::new();
        first.reader().read_to_string(&mut read).unwrap();
        first.clone().reader().read_to_string(&mut read).unwrap();
        assert_eq!(read, "123456123456");
        drop(first);
        second.write_all(b"123456").unwrap();
        drop(second);
        assert_eq!(COUNTED.load(Ordering::Relaxed), 0);
    }
}
