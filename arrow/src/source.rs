//! Where the bytes of a Parquet file come from: a file or memory.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// The bytes of a Parquet file: an open [`File`], or memory. A clone reads the same bytes.
///
/// ```
/// use accrue::limits::Limits;
/// use accrue_arrow::{ParquetActions, ParquetSource};
///
/// let from_memory = ParquetSource::from(b"PAR1".to_vec());
/// assert!(ParquetActions::open(from_memory, &Limits::default()).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct ParquetSource(Content);

#[derive(Clone, Debug)]
enum Content {
    File(Arc<File>),
    Bytes(Bytes),
}

impl From<File> for ParquetSource {
    fn from(file: File) -> Self {
        Self(Content::File(Arc::new(file)))
    }
}

impl From<Bytes> for ParquetSource {
    fn from(bytes: Bytes) -> Self {
        Self(Content::Bytes(bytes))
    }
}

impl From<Vec<u8>> for ParquetSource {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<Arc<[u8]>> for ParquetSource {
    fn from(bytes: Arc<[u8]>) -> Self {
        Bytes::from_owner(bytes).into()
    }
}

impl ParquetSource {
    /// Returns the number of bytes.
    pub(crate) fn length(&self) -> io::Result<u64> {
        match &self.0 {
            Content::File(file) => Ok(file.metadata()?.len()),
            Content::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }
}

impl Length for ParquetSource {
    fn len(&self) -> u64 {
        self.length().unwrap_or_default()
    }
}

impl ChunkReader for ParquetSource {
    type T = SourceReader;

    fn get_read(&self, start: u64) -> Result<SourceReader> {
        Ok(SourceReader(match &self.0 {
            Content::File(file) => Reader::File(file.get_read(start)?),
            Content::Bytes(bytes) => {
                let at = usize::try_from(start).ok().filter(|at| *at <= bytes.len());
                let at = at.ok_or_else(|| ParquetError::EOF(format!("there is no byte {start}")))?;
                Reader::Bytes(bytes.slice(at..).reader())
            }
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match &self.0 {
            Content::File(file) => file.get_bytes(start, length),
            Content::Bytes(bytes) => {
                let range = usize::try_from(start).ok().and_then(|at| Some(at..at.checked_add(length)?));
                let range = range.filter(|range| range.end <= bytes.len());
                let range = range.ok_or_else(|| {
                    ParquetError::EOF(format!("there are no {length} bytes from byte {start}"))
                })?;
                Ok(bytes.slice(range))
            }
        }
    }
}

/// Reads the bytes of a Parquet file from one place on.
pub struct SourceReader(Reader);

enum Reader {
    File(BufReader<File>),
    Bytes(bytes::buf::Reader<Bytes>),
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reader::File(file) => file.read(buffer),
            Reader::Bytes(bytes) => bytes.read(buffer),
        }
    }
}
