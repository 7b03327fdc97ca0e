//! Facts into a module's memory: a case enters; a record leaves, laid out as the module says. What does not fit into the
//! numbers of the module is said, and so is how much room is missing.

use rust_decimal::Decimal;

use super::host::Promo;
use crate::compile::layout::{FACT_BITS, HEAD, LIST, Slot, Source, Stored};
use crate::compile::{Layout, entry};
use crate::money::{Money, small};
use crate::rule::{Case, List, Sink, Value};
use crate::time::Timestamp;

/// Why a case is not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// A number has too many digits or decimals for the module.
    Number,
    /// Memory is too small.
    Room,
}

/// Symbols of the constant texts of a module. Each text of each action is looked up, so a text of up to 16 bytes, as nearly
/// all are, is told apart by two words and its length.
#[derive(Debug)]
pub(super) struct Symbols {
    /// Texts by their hash, those that share one behind each other; empty where too many do.
    table: Vec<Option<Symbol>>,
    by_text: hashbrown::HashMap<Box<str>, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Symbol {
    key: Key,
    number: u32,
}

/// The first and the last bytes of a text, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    length: usize,
}

/// Texts of one hash that are looked through. Whoever writes more of them than chance would is looked up another way.
const SAME_HASH: usize = 8;

impl Key {
    #[inline]
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let length = bytes.len();
        let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
                }
                _ => match bytes {
                    [] => (0, 0),
                    [a] => (u64::from(*a), 0),
                    [a, b, rest @ ..] => {
                        (u64::from(*a), u64::from(*b) | u64::from(rest.first().copied().unwrap_or(0)) << 8)
                    }
                },
            },
        };
        Self { first, last, length }
    }

    /// A place in a table of so many places, a power of two.
    #[inline]
    fn place(self, places: usize) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(29) ^ (self.length as u64) << 56)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(mixed >> 32).unwrap_or_default() & (places - 1)
    }
}

impl Symbols {
    pub(super) fn new(layout: &Layout) -> Self {
        let numbered = || layout.texts.iter().zip(0u32..);
        let places = (layout.texts.len() * 4).next_power_of_two();
        let mut table: Vec<Option<Symbol>> = vec![None; places + SAME_HASH];
        let fits = numbered().all(|(text, number)| {
            let key = Key::of(text);
            let place = key.place(places);
            let free = table.iter_mut().skip(place).take(SAME_HASH).find(|symbol| symbol.is_none());
            match free {
                // A longer text is not told apart by its ends.
                Some(free) if key.length <= 16 => {
                    *free = Some(Symbol { key, number });
                    true
                }
                free => free.is_some(),
            }
        });
        if !fits {
            table.clear();
        }
        let by_text = numbered().map(|(text, number)| (text.as_str().into(), number)).collect();
        Self { table, by_text }
    }

    #[inline]
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        if text.len() > 16 || self.table.is_empty() {
            return self.by_text.get(text).copied();
        }
        let key = Key::of(text);
        let place = key.place(self.table.len() - SAME_HASH);
        for symbol in self.table.get(place..place + SAME_HASH)? {
            match symbol {
                Some(symbol) if symbol.key == key => return Some(symbol.number),
                Some(_) => {}
                None => return None,
            }
        }
        None
    }
}

/// Writes records one after the other.
pub(super) struct Encoder<'m> {
    pub(super) layout: &'m Layout,
    pub(super) symbols: &'m Symbols,
    pub(super) memory: &'m mut [u8],
    /// The first free address.
    pub(super) at: usize,
}

/// Where a record is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) address: u32,
    /// Of the items, and of the one that stands for a whole order.
    pub(super) items: u32,
    pub(super) whole: u32,
    pub(super) touches: u32,
}

type Written<T = ()> = Result<T, Missed>;

impl Encoder<'_> {
    /// Writes a record; `pay` says whether the pay phase may run.
    pub(super) fn record(&mut self, case: &Case<'_>, pay: bool, promo: &mut [Promo]) -> Written<Record> {
        let layout = self.layout;
        let address = self.take(layout.action.bytes as usize)?;
        for slot in &layout.action.slots {
            let into = Into { encoder: self, base: address, slot };
            match slot.source {
                Source::Fact(field) => case.give(field, into)?,
                Source::Attribute(index) => {
                    into.value(case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown))?;
                }
                Source::Total(index, field) => {
                    into.value(case.total(index, field).unwrap_or(Value::Unknown))?;
                }
            }
        }
        let mut record = Record { address: word(address), items: 0, whole: 0, touches: 0 };
        if layout.items {
            let items = case.action.items.len();
            let stride = layout.item.bytes as usize;
            let first = self.take(items * stride)?;
            let mut base = first;
            for n in (0..).take(items) {
                for slot in &layout.item.slots {
                    if let Source::Fact(field) = slot.source {
                        case.give_item(field, n, Into { encoder: self, base, slot })?;
                    }
                }
                base += stride;
            }
            self.list(address + HEAD.items as usize, items, first)?;
            record.items = word(first);
            if layout.each_item {
                let whole = self.take(stride)?;
                for slot in &layout.item.slots {
                    if let Source::Fact(field) = slot.source {
                        case.give_whole_order(field, Into { encoder: self, base: whole, slot })?;
                    }
                }
                self.put(address + HEAD.whole_item as usize, &word(whole).to_le_bytes())?;
                record.whole = word(whole);
            }
        }
        if layout.touches {
            let touches = case.action.touches.len();
            let stride = layout.touch.bytes as usize;
            let first = self.take(touches * stride)?;
            let mut base = first;
            for n in (0..).take(touches) {
                for slot in &layout.touch.slots {
                    if let Source::Fact(field) = slot.source {
                        case.give_touch(field, n, Into { encoder: self, base, slot })?;
                    }
                }
                base += stride;
            }
            self.list(address + HEAD.touches as usize, touches, first)?;
            record.touches = word(first);
        }
        for code in promo {
            code.symbol = match &code.owner {
                Some(owner) => self.symbol(owner, true)?,
                None => u32::from_ne_bytes(crate::compile::UNKNOWN.to_ne_bytes()),
            };
        }
        self.at = self.at.next_multiple_of(8);
        // The next record, no fault, whether to pay, nothing said.
        let head = u128::from(word(self.at)) | u128::from(pay) << 64;
        self.put(address + HEAD.next as usize, &head.to_le_bytes())?;
        Ok(record)
    }

    fn symbol(&mut self, text: &str, full: bool) -> Written<u32> {
        if let Some(symbol) = self.symbols.find(text) {
            return Ok(symbol);
        }
        if !full {
            return Ok(u32::MAX);
        }
        let address = self.take(text.len() + 4)?;
        self.put(address, &word(text.len()).to_le_bytes())?;
        self.put(address + 4, text.as_bytes())?;
        Ok(word(address))
    }

    #[inline]
    fn list(&mut self, head: usize, count: usize, first: usize) -> Written {
        // Of facts, so not named.
        let bytes = u128::from(word(count)) | u128::from(word(first)) << (8 * LIST.first);
        let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = bytes.to_le_bytes();
        self.put(head, &[a, b, c, d, e, f, g, h, i, j, k, l])
    }

    /// Room for so many bytes, at a multiple of 8.
    #[inline]
    fn take(&mut self, bytes: usize) -> Written<usize> {
        let address = self.at.next_multiple_of(8);
        self.at = address.checked_add(bytes).filter(|end| *end <= self.memory.len()).ok_or(Missed::Room)?;
        Ok(address)
    }

    #[inline]
    fn put(&mut self, at: usize, bytes: &[u8]) -> Written {
        self.memory.get_mut(at..at + bytes.len()).ok_or(Missed::Room)?.copy_from_slice(bytes);
        Ok(())
    }
}

/// A slot that a value goes into.
struct Into<'e, 'm> {
    encoder: &'e mut Encoder<'m>,
    base: usize,
    slot: &'e Slot,
}

impl Into<'_, '_> {
    /// Writes a word of a value that is known.
    #[inline]
    fn word<const N: usize>(&mut self, bytes: [u8; N]) -> Written {
        if let Some(flag) = self.slot.flag {
            self.encoder.put(self.base + flag as usize, &[1])?;
        }
        self.encoder.put(self.base + self.slot.offset as usize, &bytes)
    }

    fn second<const N: usize>(&mut self, bytes: [u8; N]) -> Written {
        self.encoder.put(self.base + self.slot.offset as usize + 8, &bytes)
    }

    fn value(mut self, value: Value<'_>) -> Written {
        match value {
            Value::Bool(value) => self.boolean(value),
            Value::Integer(value) => self.integer(value),
            Value::Decimal(value) => self.decimal(value),
            Value::Money(value) => self.money(value),
            Value::Text(value) => self.text(value),
            Value::Time(value) => self.time(value),
            Value::Date(date) => self.word(crate::compile::days(date).to_le_bytes()),
            Value::Duration(duration) => self.word(duration.seconds.to_le_bytes()),
            Value::List(list) => self.list(list),
            Value::Unit | Value::Unknown | Value::Record(_) | Value::Item(_) | Value::Touch(_) => {
                self.unknown()
            }
        }
    }
}

impl<'a> Sink<'a> for Into<'_, '_> {
    type Out = Written;

    #[inline]
    fn unknown(self) -> Written {
        // What stands in the slot is not read then.
        match self.slot.flag {
            Some(flag) => self.encoder.put(self.base + flag as usize, &[0]),
            None => Ok(()),
        }
    }

    #[inline]
    fn boolean(mut self, value: bool) -> Written {
        self.word(u32::from(value).to_le_bytes())
    }

    #[inline]
    fn integer(mut self, value: i64) -> Written {
        self.word(value.to_le_bytes())
    }

    #[inline]
    fn decimal(mut self, value: Decimal) -> Written {
        match self.slot.stored {
            Stored::Fixed(scale) => {
                let digits = fixed(value, scale).ok_or(Missed::Number)?;
                self.word(digits.to_le_bytes())
            }
            _ => {
                let (low, high) = entry::wide(value);
                self.word(low.to_le_bytes())?;
                self.second(high.to_le_bytes())
            }
        }
    }

    #[inline]
    fn money(self, value: Money) -> Written {
        self.decimal(value.0)
    }

    #[inline]
    fn text(mut self, value: &'a str) -> Written {
        let symbol = self.encoder.symbol(value, self.slot.full)?;
        self.word(symbol.to_le_bytes())
    }

    #[inline]
    fn time(mut self, value: Timestamp) -> Written {
        self.word(value.seconds().to_le_bytes())?;
        self.second(value.0.timestamp_subsec_nanos().to_le_bytes())
    }

    #[inline]
    fn list(self, value: List<'a>) -> Written {
        // Items and touches have records of their own; named lists are the module's.
        let List::Text(texts) = value else { return Ok(()) };
        let first = self.encoder.take(texts.len() * 4)?;
        self.encoder.list(self.base + self.slot.offset as usize, texts.len(), first)?;
        let mut at = first;
        for text in texts {
            let symbol = self.encoder.symbol(text, self.slot.full)?;
            self.encoder.put(at, &symbol.to_le_bytes())?;
            at += 4;
        }
        Ok(())
    }
}

/// An address or a length as a module has it. Memory is far smaller than 4 GiB.
fn word(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// A decimal's digits at a scale; `None` when they do not fit.
#[inline]
fn fixed(value: Decimal, scale: u8) -> Option<i64> {
    let mut digits = small::digits(value)?;
    let (has, wanted) = (value.scale(), u32::from(scale));
    if has + 2 == wanted {
        // Cents, to the scale of amounts: nearly always.
        digits = digits.checked_mul(100)?;
    } else if has < wanted {
        digits = digits.checked_mul(10_i64.checked_pow(wanted - has)?)?;
    } else if has > wanted {
        let divisor = 10_i64.checked_pow(has - wanted)?;
        if digits % divisor != 0 {
            return None;
        }
        digits /= divisor;
    }
    (digits.unsigned_abs() >> FACT_BITS == 0).then_some(digits)
}
