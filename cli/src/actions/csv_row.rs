//! Parses single rows of a CSV file whose header is known.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use accrue::Action;
use accrue::facts::{CsvActions, FactError, FactErrors};
use accrue::limits::Limits;
use accrue::time::Zone;

/// Parses rows one by one: a reader that has read the header is fed one row at a time.
pub(super) struct CsvRowParser {
    pipe: Pipe,
    reader: Option<CsvActions<BufReader<Pipe>>>,
    zone: Zone,
}

/// The bytes that the reader has not taken yet.
#[derive(Clone, Debug, Default)]
struct Pipe(Arc<Mutex<VecDeque<u8>>>);

impl Pipe {
    fn bytes(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, line: &str) {
        let mut bytes = self.bytes();
        bytes.extend(line.as_bytes());
        bytes.push_back(b'\n');
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Pipe::bytes(self).read(buffer)
    }
}

impl CsvRowParser {
    /// Returns a parser of the rows below a header.
    pub(super) fn new(header: &str, zone: Zone) -> Self {
        let pipe = Pipe::default();
        pipe.put(header);
        Self { pipe, reader: None, zone }
    }

    /// Parses the text of a row.
    pub(super) fn parse(&mut self, text: &str, limits: &Limits) -> Result<Action, FactErrors> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => {
                let reader = CsvActions::new(BufReader::new(self.pipe.clone()), limits)?;
                self.reader.insert(reader.in_zone(self.zone))
            }
        };
        self.pipe.put(text);
        match reader.next() {
            Some(Ok(record)) => Ok(record.action),
            Some(Err(reject)) => Err(reject.errors),
            None => Err(FactError::whole("this row could not be read a second time").into()),
        }
    }
}
