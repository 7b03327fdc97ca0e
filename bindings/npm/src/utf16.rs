//! Places in texts: bytes of UTF-8 in the engine, UTF-16 code units in JavaScript.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::json;

/// The texts of files, to turn places in them.
pub(crate) struct Places<F> {
    text: F,
}

impl<'t, F: Fn(&str) -> Option<&'t str>> Places<F> {
    pub(crate) fn new(text: F) -> Self {
        Self { text }
    }

    /// Returns the byte of a code unit. What is beyond the text is its end.
    pub(crate) fn byte(&self, path: &str, at: u32) -> u32 {
        let text = (self.text)(path).unwrap_or_default();
        let mut units = 0;
        for (byte, char) in text.char_indices() {
            if units >= at {
                return u32::try_from(byte).unwrap_or(u32::MAX);
            }
            units = units.saturating_add(if char.len_utf16() == 1 { 1 } else { 2 });
        }
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    }

    /// Returns a value as JSON with its places turned. A span is in the file that the table around it names, or in `path`.
    pub(crate) fn told<T: Serialize>(&self, path: &str, value: &T) -> String {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        self.turn(path, &mut value, &mut BTreeMap::new());
        json(&value)
    }

    fn turn(&self, path: &str, value: &mut Value, known: &mut BTreeMap<String, Units<'t>>) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| self.turn(path, value, known)),
            Value::Object(table) if is_span(table) => {
                if !known.contains_key(path) {
                    known.insert(path.to_owned(), Units::of((self.text)(path).unwrap_or_default()));
                }
                let Some(units) = known.get(path) else { return };
                for place in table.values_mut() {
                    let byte = place.as_u64().and_then(|byte| usize::try_from(byte).ok()).unwrap_or_default();
                    *place = units.at(byte).into();
                }
            }
            Value::Object(table) => {
                let file = table.get("file").and_then(Value::as_str).map(str::to_owned);
                let path = file.as_deref().unwrap_or(path);
                table.values_mut().for_each(|value| self.turn(path, value, known));
            }
            _ => {}
        }
    }
}

fn is_span(table: &Map<String, Value>) -> bool {
    table.len() == 2 && ["start", "end"].iter().all(|key| table.get(*key).is_some_and(Value::is_u64))
}

/// The code units of a text, counted every so many bytes.
struct Units<'t> {
    text: &'t str,
    /// The code units before each [`STEP`] bytes; empty if bytes and code units are the same.
    marks: Vec<usize>,
}

/// The number of bytes from one mark to the next.
const STEP: usize = 256;

impl<'t> Units<'t> {
    fn of(text: &'t str) -> Self {
        let mut marks = Vec::new();
        if !text.is_ascii() {
            let mut units = 0_usize;
            for (at, byte) in text.bytes().enumerate() {
                if at % STEP == 0 {
                    marks.push(units);
                }
                units = units.saturating_add(units_of(byte));
            }
        }
        Self { text, marks }
    }

    /// Returns the code unit of a byte.
    fn at(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        let Some(mark) = self.marks.get(byte / STEP) else { return byte };
        let from = byte.saturating_sub(byte % STEP);
        let rest = self.text.as_bytes().get(from..byte).unwrap_or_default();
        rest.iter().fold(*mark, |units, byte| units.saturating_add(units_of(*byte)))
    }
}

/// Returns the code units that a byte begins: none within a character, two where one has four bytes.
fn units_of(byte: u8) -> usize {
    match byte {
        0x80..=0xBF => 0,
        0xF0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_text_is_turned_and_back() {
        let text = "ä€𝄞 rate = \"8%\" — ".repeat(60);
        let units = Units::of(&text);
        let places = Places::new(|_: &str| Some(text.as_str()));
        for (byte, _) in text.char_indices() {
            let counted = text.get(..byte).unwrap_or_default().encode_utf16().count();
            assert_eq!(units.at(byte), counted);
            assert_eq!(places.byte("", u32::try_from(counted).unwrap_or_default()) as usize, byte);
        }
    }
}
