//! Writes rows of CSV as they came, but so that a spreadsheet takes no cell for a formula.
//!
//! A cell that would be a formula gets a `'` before it, as [`disarmed`](accrue::facts::fields::disarmed) writes it. All readers of CSV take
//! the `'` away again, so a row that is written so is read as the row that came in.

use std::io::{self, Write};

use accrue::facts::fields::{Dialect, NUMBER_BYTES, is_armed};

/// Passes rows on to `to`, with a `'` before each cell that is a formula. Holds at most the beginning of one cell.
pub(super) struct Disarm<W> {
    to: W,
    dialect: Dialect,
    at: At,
    is_quoted: bool,
    /// The beginning of a cell of which it is not known yet whether it is a formula.
    held: Vec<u8>,
}

/// Where in a cell the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before its first byte that is no blank.
    Start,
    /// Behind a beginning that is held, or behind a `'`.
    Held,
    /// Inside.
    Inside,
    /// Behind a quote inside of quotes: a second quote is a part of the cell.
    Quote,
}

impl<W: Write> Disarm<W> {
    pub(super) fn new(to: W, dialect: Dialect) -> Self {
        Self { to, dialect, at: At::Start, is_quoted: false, held: Vec::new() }
    }

    /// Writes what is held.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.release()
    }

    /// Writes the beginning of a cell, as what it is by what is known of it.
    fn release(&mut self) -> io::Result<()> {
        if is_armed(&String::from_utf8_lossy(&self.held)) {
            self.to.write_all(b"'")?;
        }
        self.to.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> io::Result<()> {
        let Dialect { delimiter, quote } = self.dialect;
        let ends = !self.is_quoted && (byte == delimiter || byte == b'\n');
        match self.at {
            At::Start | At::Held | At::Inside if ends => {
                self.release()?;
                self.at = At::Start;
            }
            At::Start if byte == quote && !self.is_quoted => self.is_quoted = true,
            At::Start if byte == b' ' || (byte == b'\r' && !self.is_quoted) => {}
            At::Held | At::Inside | At::Start if byte == quote && self.is_quoted => {
                self.release()?;
                self.at = At::Quote;
            }
            At::Start | At::Held => {
                // Where the new one stands among several `'` makes no difference.
                if byte == b'\'' && self.held.is_empty() {
                    self.at = At::Held;
                    return self.to.write_all(&[byte]);
                }
                self.held.push(byte);
                self.at = At::Held;
                let is_first = self.held.len() == 1;
                let may_be_number = match byte {
                    b'+' | b'-' => is_first,
                    b'.' | b',' | b'%' | b'0'..=b'9' => !is_first,
                    _ => false,
                };
                if !may_be_number || self.held.len() > NUMBER_BYTES {
                    self.release()?;
                    self.at = At::Inside;
                }
                return Ok(());
            }
            At::Inside => {}
            At::Quote if byte == quote => self.at = At::Inside,
            At::Quote => {
                self.is_quoted = false;
                self.at = if byte == delimiter || byte == b'\n' { At::Start } else { At::Inside };
            }
        }
        self.to.write_all(&[byte])
    }
}

impl<W: Write> Write for Disarm<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            // Most bytes stand inside of a cell, and end nothing.
            let Dialect { delimiter, quote } = self.dialect;
            let ends = |byte: &u8| *byte == delimiter || *byte == quote || *byte == b'\n';
            let inside =
                if self.at == At::Inside { rest.iter().position(ends).unwrap_or(rest.len()) } else { 0 };
            if inside > 0 {
                self.to.write_all(rest.get(..inside).unwrap_or_default())?;
                rest = rest.get(inside..).unwrap_or_default();
            } else {
                self.byte(*first)?;
                rest = after;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use accrue::facts::fields::Rows;

    fn disarmed(text: &str, dialect: Dialect) -> String {
        let mut to = Vec::new();
        let mut disarm = Disarm::new(&mut to, dialect);
        // A byte at a time puts a boundary everywhere.
        text.as_bytes().chunks(1).for_each(|byte| disarm.write_all(byte).unwrap());
        disarm.finish().unwrap();
        let mut whole = Vec::new();
        let mut disarm = Disarm::new(&mut whole, dialect);
        disarm.write_all(text.as_bytes()).unwrap();
        disarm.finish().unwrap();
        assert!(to == whole, "{text}");
        String::from_utf8(to).unwrap()
    }

    fn cells(text: &str, dialect: Dialect) -> Vec<Vec<String>> {
        let mut rows = Rows::with_dialect(text.as_bytes(), 1_000, dialect);
        let mut all = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            all.push(row.cells().map(str::to_owned).collect());
        }
        all
    }

    #[test]
    fn formulas_are_disarmed_and_read_back() {
        let (comma, semicolon) = (Dialect::default(), Dialect { delimiter: b';', quote: b'"' });
        for (text, expected, dialect) in [
            ("a,=1+1,b\n", "a,'=1+1,b\n", comma),
            ("=1,\"=cmd|'/C calc'!A0\", @x\n", "'=1,\"'=cmd|'/C calc'!A0\", '@x\n", comma),
            ("-5,+49.30,-2+3,-,\"-1,5\",-x", "-5,+49.30,'-2+3,-,\"-1,5\",'-x", comma),
            ("'=1,''@,'a,'-5,'", "''=1,'''@,'a,'-5,'", comma),
            ("\"a\"\"=b\",\"\"\"=c\",\"\t=1\"\r\n", "\"a\"\"=b\",\"\"\"=c\",\"'\t=1\"\r\n", comma),
            ("a;b,=c;=d\n", "a;b,=c;'=d\n", semicolon),
            ("a,,\r\n\n=\n", "a,,\r\n\n'=\n", comma),
        ] {
            let written = disarmed(text, dialect);
            assert_eq!(written, expected);
            // What is read is what would have been read of the text that came in, but for a formula that was disarmed before.
            if !text.contains("'=") {
                assert_eq!(cells(&written, dialect), cells(text, dialect), "{text}");
            }
        }
    }
}
