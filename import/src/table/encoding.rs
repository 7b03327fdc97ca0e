//! Finds out the encoding of a text, and decodes it while it is read.

use std::io::{self, BufRead, Read};

use accrue::facts::{FactError, FactErrors};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::open_text;
use crate::error::ImportError;
use crate::export::Export;

/// Bytes that are decoded at once.
const CHUNK_BYTES: usize = 16 << 10;

/// Returns the encoding of a file: that of its byte order mark, else the one that is given, else UTF-16 if every second byte is
/// zero, else UTF-8.
///
/// # Errors
///
/// The error that asks for the encoding if the text is none of these: encodings with one byte for each letter cannot be told apart.
pub(super) fn detect(
    export: &Export,
    given: Option<&'static Encoding>,
) -> Result<&'static Encoding, ImportError> {
    let mut start = Vec::new();
    open_text(export, None)?.take(512).read_to_end(&mut start)?;
    if let Some((encoding, _)) = Encoding::for_bom(&start) {
        return Ok(encoding);
    }
    if let Some(encoding) = given {
        return Ok(encoding);
    }
    if let Some(encoding) = utf16(&start) {
        return Ok(encoding);
    }
    match first_not_utf8(&mut open_text(export, None)?)? {
        None => Ok(UTF_8),
        Some(line) => {
            let message = "this text is not UTF-8, and its encoding cannot be told from its bytes; write `encoding = \
                           \"windows-1252\"` under [file] if it comes from a spreadsheet of Western Europe, or the label of its \
                           encoding";
            Err(FactErrors::from(FactError::whole(message).on_line(line)).into())
        }
    }
}

/// Returns the encoding of a text in which every second byte is zero, as UTF-16 without a mark has it.
fn utf16(start: &[u8]) -> Option<&'static Encoding> {
    let pairs = start.len() / 2;
    let zeros = |first: usize| start.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 2 {
        None
    } else if odd > pairs * 3 / 4 && even == 0 {
        Some(UTF_16LE)
    } else if even > pairs * 3 / 4 && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Returns the line of the first byte that is not UTF-8. Holds no more than a few bytes.
fn first_not_utf8(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut scratch = vec![0; CHUNK_BYTES * 3 + 16];
    let mut line = 1u64;
    loop {
        let buffer = input.fill_buf()?;
        let chunk = buffer.get(..buffer.len().min(CHUNK_BYTES)).unwrap_or_default();
        let (result, read, _) =
            decoder.decode_to_utf8_without_replacement(chunk, &mut scratch, chunk.is_empty());
        let before = chunk.get(..read).unwrap_or_default();
        line = line.saturating_add(before.iter().filter(|byte| **byte == b'\n').count() as u64);
        match result {
            encoding_rs::DecoderResult::Malformed(..) => return Ok(Some(line)),
            _ if chunk.is_empty() => return Ok(None),
            _ => {}
        }
        let used = read.max(1).min(chunk.len());
        input.consume(used);
    }
}

/// A text that is decoded into UTF-8 while it is read.
pub(crate) struct Decoded<R> {
    input: R,
    /// `None` for UTF-8, which is passed on as it is.
    decoder: Option<Decoder>,
    ready: Vec<u8>,
    taken: usize,
    is_over: bool,
}

impl<R: BufRead> Decoded<R> {
    pub(crate) fn new(input: R, encoding: &'static Encoding) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        Self { input, decoder, ready: Vec::new(), taken: 0, is_over: false }
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(to.len());
        if let (Some(to), Some(ready)) = (to.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(ready);
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Some(decoder) = &mut self.decoder else { return self.input.fill_buf() };
        while self.taken >= self.ready.len() && !self.is_over {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let chunk = buffer.get(..buffer.len().min(CHUNK_BYTES)).unwrap_or_default();
            let most = decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(CHUNK_BYTES * 4);
            self.ready.resize(most, 0);
            self.taken = 0;
            let last = chunk.is_empty();
            let (result, read, written, _) = decoder.decode_to_utf8(chunk, &mut self.ready, last);
            self.ready.truncate(written);
            self.is_over = last && result == CoderResult::InputEmpty;
            self.input.consume(read);
        }
        Ok(self.ready.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        if self.decoder.is_none() {
            self.input.consume(count);
        } else {
            self.taken = self.taken.saturating_add(count).min(self.ready.len());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::BufReader;

    use encoding_rs::WINDOWS_1252;

    use super::*;

    fn decoded(bytes: &[u8], encoding: &'static Encoding, buffer: usize) -> String {
        let mut text = String::new();
        Decoded::new(BufReader::with_capacity(buffer, bytes), encoding).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn letters_are_whole_across_buffers() {
        let utf16: Vec<u8> = "Größe €\n😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for buffer in 1..5 {
            assert_eq!(decoded(&utf16, UTF_16LE, buffer), "Größe €\n😀");
            assert_eq!(decoded(b"Gr\xF6\xDFe \x80", WINDOWS_1252, buffer), "Größe €");
        }
    }

    #[test]
    fn utf16_without_a_mark() {
        let little: Vec<u8> = "id;Größe".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "id;Größe".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(utf16(&little), Some(UTF_16LE));
        assert_eq!(utf16(&big), Some(UTF_16BE));
        assert_eq!(utf16("id;größe".as_bytes()), None);
        assert_eq!(utf16(b"\0\0\0\0\0\0"), None);
    }

    #[test]
    fn the_line_of_the_first_byte_that_is_not_utf8() {
        let first = |bytes: &[u8]| first_not_utf8(&mut BufReader::with_capacity(2, bytes)).unwrap();
        assert_eq!(first("a\nGröße\n".as_bytes()), None);
        assert_eq!(first(b"a\nb\nGr\xF6\xDFe\n"), Some(3));
        assert_eq!(first(b"a\n\xC3"), Some(2));
    }
}
