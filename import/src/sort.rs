//! Sorts more entries than fit into memory.
//!
//! Entries are held up to a fixed number of bytes, then sorted and written to a scratch as a *run*. Runs are merged when
//! they are read. This module must not know actions.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader, Read, Write};

use crate::scratch::{Reader, Scratch, Written};

/// The number of runs merged at once. Each needs a buffer and an open file; 64 keep both small, and two rounds of merging
/// sort 64 × 64 runs, some 130 GB.
const FAN_IN: usize = 64;
/// Bytes buffered for each run that is read or written.
const BUFFER_BYTES: usize = 64 << 10;

/// A value that can be written to a file and read back.
pub trait Entry: Ord + Sized {
    /// Returns roughly how many bytes of memory the value takes.
    fn size(&self) -> usize;
    /// Writes the value to a file.
    fn write(&self, to: &mut impl Write) -> io::Result<()>;
    /// Reads the next value. Returns `None` at the end of the file.
    fn read(from: &mut impl Read) -> io::Result<Option<Self>>;
}

impl Entry for u64 {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.to_le_bytes())
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = [0u8; 8];
        Ok(read_or_end(from, &mut bytes)?.then(|| Self::from_le_bytes(bytes)))
    }
}

impl Entry for String {
    fn size(&self) -> usize {
        size_of::<Self>().saturating_add(self.capacity())
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        (self.len() as u64).write(to)?;
        to.write_all(self.as_bytes())
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(length) = u64::read(from)? else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        from.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map(Some).map_err(io::Error::other)
    }
}

/// Takes entries in any order and returns them sorted.
pub struct Sorter<T> {
    limit_bytes: usize,
    held: Vec<T>,
    held_bytes: usize,
    runs: Vec<Written>,
}

impl<T: Entry> Sorter<T> {
    /// Returns a sorter that holds about `limit_bytes` in memory.
    pub fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, held: Vec::new(), held_bytes: 0, runs: Vec::new() }
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: T) -> io::Result<()> {
        self.held_bytes = self.held_bytes.saturating_add(entry.size());
        self.held.push(entry);
        if self.held_bytes >= self.limit_bytes {
            self.held.sort_unstable();
            let held = std::mem::take(&mut self.held);
            self.held_bytes = 0;
            self.runs.push(write_run(held.into_iter().map(Ok))?);
        }
        Ok(())
    }

    /// Returns the entries in order.
    pub fn finish(mut self) -> io::Result<Sorted<T>> {
        self.held.sort_unstable();
        if self.runs.is_empty() {
            return Ok(Sorted::Held(self.held.into_iter()));
        }
        if !self.held.is_empty() {
            self.runs.push(write_run(std::mem::take(&mut self.held).into_iter().map(Ok))?);
        }
        while self.runs.len() > FAN_IN {
            let rest = self.runs.split_off(FAN_IN);
            let merged = write_run(Merge::<T>::new(std::mem::replace(&mut self.runs, rest))?)?;
            self.runs.push(merged);
        }
        Merge::new(self.runs).map(Sorted::Merged)
    }
}

fn write_run<T: Entry>(entries: impl Iterator<Item = io::Result<T>>) -> io::Result<Written> {
    let mut to = Scratch::new(BUFFER_BYTES)?;
    for entry in entries {
        entry?.write(&mut to)?;
    }
    to.finish()
}

/// Entries in order, one by one.
pub enum Sorted<T> {
    /// All entries fitted into memory.
    Held(std::vec::IntoIter<T>),
    /// The entries are merged from files.
    Merged(Merge<T>),
}

impl<T: Entry> Iterator for Sorted<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Held(entries) => entries.next().map(Ok),
            Self::Merged(merge) => merge.next(),
        }
    }
}

/// Runs that are merged while they are read.
pub struct Merge<T> {
    runs: Vec<BufReader<Reader>>,
    heads: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T: Entry> Merge<T> {
    fn new(written: Vec<Written>) -> io::Result<Self> {
        let readers = written.iter().map(|run| BufReader::with_capacity(BUFFER_BYTES, run.reader()));
        let mut merge = Self { runs: readers.collect(), heads: BinaryHeap::new() };
        for run in 0..merge.runs.len() {
            merge.refill(run)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        if let Some(from) = self.runs.get_mut(run)
            && let Some(entry) = T::read(from)?
        {
            self.heads.push(Reverse((entry, run)));
        }
        Ok(())
    }
}

impl<T: Entry> Iterator for Merge<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((entry, run)) = self.heads.pop()?;
        match self.refill(run) {
            Ok(()) => Some(Ok(entry)),
            Err(error) => Some(Err(error)),
        }
    }
}

/// Reads an entry that an entry before it says is there.
pub fn read_more<T: Entry>(from: &mut impl Read) -> io::Result<T> {
    T::read(from)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Fills `bytes`. Returns `false` if the file ends before the first byte.
pub fn read_or_end(from: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    let mut first = [0u8; 1];
    loop {
        match from.read(&mut first) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let Some((head, rest)) = bytes.split_first_mut() else { return Ok(true) };
    *head = first[0];
    from.read_exact(rest)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn scrambled(count: u64) -> Vec<u64> {
        (0..count).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40).collect()
    }

    #[test]
    fn sorts_in_memory_in_runs_and_in_rounds_of_merging() {
        // 80 bytes hold ten entries: 3 entries need no run, 50 a few runs, and 3,000 more than one round of merging.
        for count in [0, 3, 50, 3_000] {
            let mut sorter = Sorter::new(80);
            let mut expected = scrambled(count);
            for entry in &expected {
                sorter.push(*entry).unwrap();
            }
            expected.sort_unstable();
            let sorted: io::Result<Vec<u64>> = sorter.finish().unwrap().collect();
            assert_eq!(sorted.unwrap(), expected);
        }
    }
}
