//! Reads the lines of a file with bounded length. Never holds more than one bounded line.

use std::io::{self, BufRead};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of the line, from 1.
    pub(super) number: u64,
    /// The bytes without `\n` or `\r\n`, cut off at the limit.
    pub(super) bytes: Vec<u8>,
    /// Whether the line was cut off.
    pub(super) cut: bool,
}

/// Reads lines of at most `limit` bytes. The rest of a longer line is skipped.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    limit: usize,
    number: u64,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        Self { input, limit, number: 0 }
    }

    /// Returns the next line; `None` at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line { number: self.number.saturating_add(1), bytes: Vec::new(), cut: false };
        let mut any = false;
        loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            // One byte more than the limit, for the `\r` of a line of exactly the limit.
            let room = self.limit.saturating_add(1 + BYTE_ORDER_MARK.len()).saturating_sub(line.bytes.len());
            line.bytes.extend(part.get(..part.len().min(room)).unwrap_or_default());
            line.cut |= part.len() > room;
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number = line.number;
        if line.number == 1 && line.bytes.starts_with(BYTE_ORDER_MARK) {
            line.bytes.drain(..BYTE_ORDER_MARK.len());
        }
        if !line.cut && line.bytes.last() == Some(&b'\r') {
            line.bytes.pop();
        }
        if line.bytes.len() > self.limit {
            line.bytes.truncate(self.limit);
            line.cut = true;
        }
        Ok(Some(line))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn lines(text: &[u8], limit: usize) -> Vec<(u64, String, bool)> {
        // A buffer of two bytes puts a boundary everywhere.
        let mut lines = Lines::new(io::BufReader::with_capacity(2, text), limit);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push((line.number, String::from_utf8(line.bytes).unwrap(), line.cut));
        }
        all
    }

    #[test]
    fn ends_marks_and_blank_lines() {
        let read = lines(b"\xEF\xBB\xBFa\r\n\nbc", 10);
        assert_eq!(read, [(1, "a".into(), false), (2, String::new(), false), (3, "bc".into(), false)]);
        assert!(lines(b"", 10).is_empty());
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_whole() {
        let read = lines(b"abcdefghijklm\nxyz\nabc\r\n", 3);
        assert_eq!(read, [(1, "abc".into(), true), (2, "xyz".into(), false), (3, "abc".into(), false)]);
    }
}
