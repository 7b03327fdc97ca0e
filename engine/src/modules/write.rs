//! Writes the facts of an input to the memory for facts, laid out as the module says. Reports whether a number does not fit the
//! module or memory is too small.

use rust_decimal::Decimal;

use super::memory::{Memory, Missed, Written, moment, word};
use super::promo::Promo;
use super::symbols::{NONE, Symbols};
use crate::codegen::layout::{FACT_BITS, HEAD, LIST, Slot, Slots, Stored};
use crate::codegen::{Layout, entry};
use crate::lang::{FactRef, List, Value};
use crate::money::Money;
use crate::run::{Accessor, GetMoney, GetText, GetTexts, RuleInput, SELF};

/// The facts that are written for an input, each with the function that reads it.
#[derive(Debug)]
pub(super) struct WritePlan {
    action: Steps,
    item: Steps,
    touch: Steps,
}

/// The facts that are written for one record, grouped by type. Amounts come first, because an amount may not fit.
#[derive(Debug)]
struct Steps {
    amounts: Vec<(GetMoney, Slot)>,
    texts: Vec<(GetText, Slot)>,
    lists: Vec<(GetTexts, Slot)>,
    others: Vec<Slot>,
    bytes: usize,
}

impl WritePlan {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            action: Steps::new(&layout.action),
            item: Steps::new(&layout.item),
            touch: Steps::new(&layout.touch),
        }
    }
}

impl Steps {
    fn new(slots: &Slots) -> Self {
        let mut steps = Self {
            amounts: Vec::new(),
            texts: Vec::new(),
            lists: Vec::new(),
            others: Vec::new(),
            bytes: slots.bytes as usize,
        };
        for slot in &slots.slots {
            let access = match slot.source {
                FactRef::Field(field) => Some(field.accessor()),
                FactRef::Attribute(_) | FactRef::ItemAttribute(_) | FactRef::Total(..) => None,
            };
            match access {
                Some(Accessor::Money(get)) => steps.amounts.push((get, *slot)),
                Some(Accessor::Text(get)) => steps.texts.push((get, *slot)),
                Some(Accessor::Texts(get)) => steps.lists.push((get, *slot)),
                _ => steps.others.push(*slot),
            }
        }
        steps
    }
}

/// Writes records one after the other.
pub(super) struct FactWriter<'m> {
    pub(super) layout: &'m Layout,
    pub(super) plan: &'m WritePlan,
    pub(super) symbols: &'m Symbols,
    pub(super) memory: Memory<'m>,
    /// The addresses of the last record.
    pub(super) record: Record,
}

/// The addresses of a record and its lists.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    pub(super) address: u32,
    /// The address of the items. `whole` is the address of the item record that stands for a whole order.
    pub(super) items: u32,
    pub(super) whole: u32,
    pub(super) touches: u32,
}

impl FactWriter<'_> {
    /// Writes a record. `pay` says whether the pay phase may run.
    pub(super) fn record(&mut self, case: &RuleInput<'_>, pay: bool, promo: &mut [Promo]) -> Written {
        let (layout, plan) = (self.layout, self.plan);
        let address = self.memory.take(plan.action.bytes)?;
        self.steps(&plan.action, case, SELF, address)?;
        self.record.address = self.memory.address(address);
        if layout.items {
            let head = address + HEAD.items as usize;
            self.record.items = self.records(&plan.item, case, case.action.items.len(), head)?;
            if layout.each_item {
                let whole = self.memory.take(plan.item.bytes)?;
                self.steps(&plan.item, case, SELF, whole)?;
                self.record.whole = self.memory.address(whole);
                self.memory.put(address + HEAD.whole_item as usize, self.record.whole.to_le_bytes())?;
            }
        }
        if layout.touches {
            let head = address + HEAD.touches as usize;
            self.record.touches = self.records(&plan.touch, case, case.action.touches.len(), head)?;
        }
        self.memory.owners(promo, self.symbols)?;
        self.memory.at = self.memory.at.next_multiple_of(8);
        // The head: the next record, no fault site, whether the pay phase may run, no verbs given yet.
        let head = u128::from(self.memory.address(self.memory.at)) | u128::from(pay) << 64;
        self.memory.put(address + HEAD.next as usize, head.to_le_bytes())
    }

    /// Writes a list of records, whose head is at an offset. Returns the address of the first record.
    fn records(&mut self, steps: &Steps, case: &RuleInput<'_>, count: usize, head: usize) -> Written<u32> {
        let first = self.memory.take(count * steps.bytes)?;
        for (n, base) in (0..).zip((first..).step_by(steps.bytes.max(1))).take(count) {
            self.steps(steps, case, n, base)?;
        }
        self.list(head, count, first)?;
        Ok(self.memory.address(first))
    }

    /// Writes the facts of one record: of the action, or of the item or touch at this index.
    #[inline]
    fn steps(&mut self, steps: &Steps, case: &RuleInput<'_>, at: u32, base: usize) -> Written {
        for (get, slot) in &steps.amounts {
            let amount = get(case, at);
            self.known(base, slot, amount.is_some())?;
            let Some(Money(amount)) = amount else { continue };
            match slot.stored {
                Stored::Fixed(scale) => {
                    let digits = fixed(amount, scale).ok_or(Missed::Number)?;
                    self.memory.put(base + slot.offset as usize, digits.to_le_bytes())?;
                }
                _ => self.decimal(base, slot, amount)?,
            }
        }
        for (get, slot) in &steps.texts {
            let text = get(case, at);
            self.known(base, slot, text.is_some())?;
            if let Some(text) = text {
                let symbol = self.symbol(text, slot.full)?;
                self.memory.put(base + slot.offset as usize, symbol.to_le_bytes())?;
            }
        }
        for (get, slot) in &steps.lists {
            self.texts(base, slot, get(case, at))?;
        }
        for slot in &steps.others {
            let value = match slot.source {
                FactRef::Field(field) => field.accessor().value(case, at),
                FactRef::Attribute(index) => {
                    case.attributes.get(usize::from(index)).copied().unwrap_or(Value::Unknown)
                }
                FactRef::ItemAttribute(index) => case.item_attribute(index, Some(at)),
                FactRef::Total(index, field) => case.total(index, field).unwrap_or(Value::Unknown),
            };
            self.value(base, slot, value)?;
        }
        Ok(())
    }

    /// Writes whether a fact is known. The slot of an unknown fact has no effect.
    #[inline]
    fn known(&mut self, base: usize, slot: &Slot, known: bool) -> Written {
        match slot.flag {
            Some(flag) => self.memory.put(base + flag as usize, [u8::from(known)]),
            None => Ok(()),
        }
    }

    fn value(&mut self, base: usize, slot: &Slot, value: Value<'_>) -> Written {
        let at = base + slot.offset as usize;
        let known = match value {
            Value::Bool(value) => self.memory.put(at, u32::from(value).to_le_bytes()),
            Value::Integer(value) => self.memory.put(at, value.to_le_bytes()),
            Value::Decimal(value) | Value::Money(Money(value)) => self.decimal(base, slot, &value),
            Value::Text(text) => {
                let symbol = self.symbol(text, slot.full)?;
                self.memory.put(at, symbol.to_le_bytes())
            }
            Value::Time(time) => self.memory.put(at, moment(time)),
            Value::Date(date) => self.memory.put(at, crate::time::days_since_epoch(date).to_le_bytes()),
            Value::Duration(duration) => self.memory.put(at, duration.seconds.to_le_bytes()),
            Value::List(List::Text(texts)) => self.texts(base, slot, texts),
            // Items and touches are written as records; named lists belong to the module.
            Value::List(_) => Ok(()),
            Value::Unit | Value::Unknown | Value::Record(_) | Value::Item(_) | Value::Touch(_) => {
                return self.known(base, slot, false);
            }
        };
        known?;
        self.known(base, slot, true)
    }

    fn decimal(&mut self, base: usize, slot: &Slot, value: &Decimal) -> Written {
        let at = base + slot.offset as usize;
        if let Stored::Fixed(scale) = slot.stored {
            let digits = fixed(value, scale).ok_or(Missed::Number)?;
            self.memory.put(at, digits.to_le_bytes())
        } else {
            let (low, high) = entry::wide(*value);
            self.memory.put(at, low.to_le_bytes())?;
            self.memory.put(at + 8, high.to_le_bytes())
        }
    }

    #[inline]
    fn texts(&mut self, base: usize, slot: &Slot, texts: &[String]) -> Written {
        let first = self.memory.take(texts.len() * 4)?;
        self.list(base + slot.offset as usize, texts.len(), first)?;
        for (text, at) in texts.iter().zip((first..).step_by(4)) {
            let symbol = self.symbol(text, slot.full)?;
            self.memory.put(at, symbol.to_le_bytes())?;
        }
        Ok(())
    }

    #[inline]
    fn symbol(&mut self, text: &str, full: bool) -> Written<u32> {
        match self.symbols.find(text) {
            Some(symbol) => Ok(symbol),
            None if full => self.memory.text(text),
            None => Ok(NONE),
        }
    }

    #[inline]
    fn list(&mut self, head: usize, count: usize, first: usize) -> Written {
        // `named = 0`: this list comes from the facts, so `in` is charged for its length.
        self.memory.put(head + LIST.count as usize, u64::from(word(count)).to_le_bytes())?;
        self.memory.put(head + LIST.first as usize, self.memory.address(first).to_le_bytes())
    }
}

/// Returns a decimal's digits; `None` if they do not fit into 64 bits.
#[inline]
fn digits_of(value: &Decimal) -> Option<i64> {
    let parts = value.unpack();
    if parts.hi != 0 {
        return None;
    }
    let magnitude = i64::try_from(u64::from(parts.lo) | u64::from(parts.mid) << 32).ok()?;
    Some(if parts.negative { -magnitude } else { magnitude })
}

/// Returns a decimal's digits at a scale; `None` if they do not fit.
#[inline]
fn fixed(value: &Decimal, scale: u8) -> Option<i64> {
    let mut digits = digits_of(value)?;
    let (has, wanted) = (value.scale(), u32::from(scale));
    if has + 2 == wanted {
        // Fast path: nearly all amounts are cents, which are scaled to the scale of amounts.
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
