//! Facts into a module's memory: a case enters; a record leaves, laid out as the module says. What does not fit into the
//! numbers of the module is said, and so is how much room is missing.

use rust_decimal::Decimal;

use super::host::Promo;
use crate::compile::layout::{FACT_BITS, HEAD, LIST, Slot, Source, Stored};
use crate::compile::{Layout, entry};
use crate::rule::{Case, List, Value};

/// Why a case is not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// A number has too many digits or decimals for the module.
    Number,
    /// Memory is too small.
    Room,
}

/// Symbols of the constant texts of a module.
#[derive(Debug)]
pub(super) struct Symbols {
    by_text: hashbrown::HashMap<Box<str>, u32>,
}

impl Symbols {
    pub(super) fn new(layout: &Layout) -> Self {
        let numbered = layout.texts.iter().zip(0u32..);
        Self { by_text: numbered.map(|(text, number)| (text.as_str().into(), number)).collect() }
    }

    #[inline]
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.by_text.get(text).copied()
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
        self.put(address + HEAD.site as usize, &[0; 4])?;
        self.put(address + HEAD.pay as usize, &u32::from(pay).to_le_bytes())?;
        for slot in &layout.action.slots {
            let value = match slot.source {
                Source::Fact(field) => case.fact(field),
                Source::Attribute(index) => {
                    case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown)
                }
                Source::Total(index, field) => case.total(index, field).unwrap_or(Value::Unknown),
            };
            self.slot(address, slot, value)?;
        }
        let mut record = Record { address: word(address), items: 0, whole: 0, touches: 0 };
        if layout.items {
            let items = case.action.items.len();
            let stride = layout.item.bytes as usize;
            let first = self.take(items * stride)?;
            for n in 0..items {
                for slot in &layout.item.slots {
                    if let Source::Fact(field) = slot.source {
                        self.slot(first + n * stride, slot, case.item_fact(field, word(n)))?;
                    }
                }
            }
            self.list(address + HEAD.items as usize, items, first)?;
            record.items = word(first);
            if layout.each_item {
                let whole = self.take(stride)?;
                for slot in &layout.item.slots {
                    if let Source::Fact(field) = slot.source {
                        self.slot(whole, slot, case.whole_order(field))?;
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
            for n in 0..touches {
                for slot in &layout.touch.slots {
                    if let Source::Fact(field) = slot.source {
                        self.slot(first + n * stride, slot, case.touch_fact(field, word(n)))?;
                    }
                }
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
        self.put(address + HEAD.next as usize, &word(self.at).to_le_bytes())?;
        Ok(record)
    }

    fn slot(&mut self, base: usize, slot: &Slot, value: Value<'_>) -> Written {
        let at = base + slot.offset as usize;
        if let Some(flag) = slot.flag {
            self.put(base + flag as usize, &[u8::from(value != Value::Unknown)])?;
        }
        match (slot.stored, value) {
            (Stored::Fixed(scale), Value::Money(crate::money::Money(value)) | Value::Decimal(value)) => {
                let digits = fixed(value, scale).ok_or(Missed::Number)?;
                self.put(at, &digits.to_le_bytes())
            }
            (Stored::Text, Value::Text(text)) => {
                let symbol = self.symbol(text, slot.full)?;
                self.put(at, &symbol.to_le_bytes())
            }
            (Stored::Integer, Value::Integer(value)) => self.put(at, &value.to_le_bytes()),
            (Stored::Wide, Value::Money(crate::money::Money(value)) | Value::Decimal(value)) => {
                let (low, high) = entry::wide(value);
                self.put(at, &low.to_le_bytes())?;
                self.put(at + 8, &high.to_le_bytes())
            }
            (Stored::Bool, Value::Bool(value)) => self.put(at, &u32::from(value).to_le_bytes()),
            (Stored::Time, Value::Time(time)) => {
                self.put(at, &time.seconds().to_le_bytes())?;
                self.put(at + 8, &time.0.timestamp_subsec_nanos().to_le_bytes())
            }
            (Stored::Date, Value::Date(date)) => self.put(at, &crate::compile::days(date).to_le_bytes()),
            (Stored::Duration, Value::Duration(duration)) => self.put(at, &duration.seconds.to_le_bytes()),
            (Stored::Texts, Value::List(List::Text(texts))) => {
                let first = self.take(texts.len() * 4)?;
                self.list(at, texts.len(), first)?;
                for (n, text) in texts.iter().enumerate() {
                    let symbol = self.symbol(text, slot.full)?;
                    self.put(first + n * 4, &symbol.to_le_bytes())?;
                }
                Ok(())
            }
            // Unknown: the flag says so, and what stands there is not read.
            _ => Ok(()),
        }
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

    fn list(&mut self, head: usize, count: usize, first: usize) -> Written {
        self.put(head + LIST.count as usize, &word(count).to_le_bytes())?;
        self.put(head + LIST.named as usize, &0u32.to_le_bytes())?;
        self.put(head + LIST.first as usize, &word(first).to_le_bytes())
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

/// An address or a length as a module has it. Memory is far smaller than 4 GiB.
fn word(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// A decimal's digits at a scale; `None` when they do not fit.
#[inline]
fn fixed(value: Decimal, scale: u8) -> Option<i64> {
    let (has, wanted) = (value.scale(), u32::from(scale));
    let mut digits = i64::try_from(value.mantissa()).ok()?;
    if has < wanted {
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
