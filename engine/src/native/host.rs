//! The host of a compiled module: its imports, and instances with memory for facts and answers.

use std::sync::Arc;

use rust_decimal::Decimal;
use wasmtime::{Caller, InstancePre, Linker, Memory, Store, TypedFunc};

use super::promo::Promo;
use super::symbols::Symbols;
use super::write::WritePlan;
use crate::codegen::{AGAIN, BAD_STEP, BY_ZERO, Import, Module, NO_DATE, OVERFLOW, entry, mode_of};
use crate::money::{ArithmeticError, checked, rounded_to};
use crate::time::{Timestamp, Zone, date_at, days_since_epoch, end_of_month, months_between, plus_months};
use chrono::{Datelike, Timelike};

/// The most bytes of memory of a module: the longest valid action needs less than a megabyte.
const MEMORY_BYTES: usize = 64 << 20;

/// The state that the imports of a module use.
#[derive(Debug)]
pub(super) struct Data {
    memory: Option<Memory>,
    zone: Zone,
    texts: Arc<[Box<str>]>,
    pub(super) promo: Vec<Promo>,
    /// A code that the module asked for and that is not in `promo`.
    pub(super) missing: Option<String>,
    /// What a traced module reported, in order.
    pub(super) saw: Vec<[i32; 3]>,
}

/// A module as native code, and what its instances share.
pub(super) struct NativeModule {
    pre: InstancePre<Data>,
    zone: Zone,
    texts: Arc<[Box<str>]>,
    pub(super) module: Module,
    pub(super) symbols: Symbols,
    pub(super) plan: WritePlan,
}

impl std::fmt::Debug for NativeModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeModule").field("way", &self.module.way).finish_non_exhaustive()
    }
}

impl NativeModule {
    pub(super) fn new(pre: InstancePre<Data>, module: Module, zone: Zone) -> Self {
        let (symbols, plan) = (Symbols::new(&module.layout), WritePlan::new(&module.layout));
        let texts = module.layout.texts.iter().map(|text| text.as_str().into()).collect();
        Self { pre, zone, texts, module, symbols, plan }
    }

    /// Returns whether this is the native code of `module` for this time zone.
    pub(super) fn is(&self, module: &Module, zone: Zone) -> bool {
        self.zone == zone && self.module == *module
    }

    /// Returns a new instance.
    pub(super) fn instance(&self) -> wasmtime::Result<Instance> {
        let data = Data {
            memory: None,
            zone: self.zone,
            texts: Arc::clone(&self.texts),
            promo: Vec::new(),
            missing: None,
            saw: Vec::new(),
        };
        let mut store = Store::new(self.pre.module().engine(), data);
        let instance = self.pre.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| no("memory"))?;
        store.data_mut().memory = Some(memory);
        let decide = instance.get_typed_func(&mut store, "decide").ok();
        let rule = instance.get_typed_func(&mut store, "rule").ok();
        Ok(Instance { store, memory, decide, rule })
    }
}

fn no(what: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("the module exports no {what}"))
}

/// Parameters of `decide`: the first record, the number of records, and where output begins and ends.
type Decide = (u32, u32, u32, u32);

/// Parameters of `rule`: the number of the rule, its record and item, and where output begins and ends.
type RunRule = (u32, u32, u32, u32, u32);

/// An instance of a module. Keeps no state from one call to the next.
pub(super) struct Instance {
    pub(super) store: Store<Data>,
    pub(super) memory: Memory,
    decide: Option<TypedFunc<Decide, u32>>,
    rule: Option<TypedFunc<RunRule, u32>>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}

impl Instance {
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    /// Grows memory to at least this many bytes. Returns `None` beyond [`MEMORY_BYTES`].
    pub(super) fn grow(&mut self, bytes: usize) -> Option<()> {
        let missing = bytes.saturating_sub(self.memory.data_size(&self.store));
        if bytes > MEMORY_BYTES {
            return None;
        }
        self.memory.grow(&mut self.store, missing.div_ceil(1 << 16) as u64).ok().map(|_| ())
    }

    /// Runs records. Returns the address after the last answer.
    pub(super) fn decide(&mut self, first: u32, count: u32, out: u32, end: u32) -> Option<u32> {
        self.decide.as_ref()?.call(&mut self.store, (first, count, out, end)).ok()
    }

    /// Runs one rule. Returns the address after the last entry.
    pub(super) fn rule(&mut self, number: u32, record: u32, item: u32, out: u32, end: u32) -> Option<u32> {
        self.rule.as_ref()?.call(&mut self.store, (number, record, item, out, end)).ok()
    }
}

/// Returns the text of a symbol.
fn text<'d>(data: &'d Data, memory: &'d [u8], symbol: i32) -> &'d str {
    let symbol = u32::from_ne_bytes(symbol.to_ne_bytes()) as usize;
    if let Some(text) = data.texts.get(symbol) {
        return text;
    }
    let length =
        memory.get(symbol..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes));
    let bytes = length.and_then(|length| memory.get(symbol + 4..)?.get(..length as usize));
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Returns the text of a symbol that a traced module reported.
pub(super) fn told(instance: &Instance, symbol: i32) -> String {
    text(instance.store.data(), instance.memory.data(&instance.store), symbol).to_owned()
}

/// Returns a linker with the imports of modules.
pub(super) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Data>> {
    let mut linker = Linker::new(engine);
    type Operation = fn(Decimal, Decimal) -> Result<Decimal, ArithmeticError>;
    let operations: [(Import, Operation); 5] = [
        (Import::Add, checked::add),
        (Import::Sub, checked::sub),
        (Import::Mul, checked::mul),
        (Import::Div, checked::div),
        (Import::Rem, checked::rem),
    ];
    for (import, operation) in operations {
        linker.func_wrap("accrue", import.name(), move |a: i64, b: i64, c: i64, d: i64| {
            match operation(entry::number(a, b), entry::number(c, d)) {
                Ok(value) => entry::wide(value),
                Err(ArithmeticError::Overflow) => (0, OVERFLOW),
                Err(ArithmeticError::DivisionByZero) => (0, BY_ZERO),
            }
        })?;
    }
    linker.func_wrap("accrue", Import::Compare.name(), |a: i64, b: i64, c: i64, d: i64| {
        entry::number(a, b).cmp(&entry::number(c, d)) as i32
    })?;
    linker.func_wrap("accrue", Import::Floor.name(), |a: i64, b: i64| {
        entry::wide(entry::number(a, b).floor())
    })?;
    linker.func_wrap("accrue", Import::Round.name(), |a: i64, b: i64, c: i64, d: i64, mode: i32| {
        let (amount, step) = (entry::number(a, b), entry::number(c, d));
        if step <= Decimal::ZERO {
            return (0, BAD_STEP);
        }
        rounded_to(amount, step, mode_of(mode)).map_or((0, OVERFLOW), entry::wide)
    })?;
    linker.func_wrap(
        "accrue",
        Import::Contains.name(),
        |caller: Caller<'_, Data>, whole: i32, part: i32| {
            let data = caller.data();
            let memory = data.memory.map(|memory| memory.data(&caller)).unwrap_or_default();
            i32::from(text(data, memory, whole).contains(text(data, memory, part)))
        },
    )?;
    let local = |caller: &Caller<'_, Data>, seconds: i64| {
        let at = Timestamp::at(seconds, 0).unwrap_or(Timestamp::UNIX_EPOCH);
        caller.data().zone.local(at)
    };
    linker.func_wrap("accrue", Import::LocalDate.name(), move |caller: Caller<'_, Data>, seconds: i64| {
        days_since_epoch(local(&caller, seconds).date())
    })?;
    linker.func_wrap("accrue", Import::LocalHour.name(), move |caller: Caller<'_, Data>, seconds: i64| {
        local(&caller, seconds).hour()
    })?;
    linker.func_wrap("accrue", Import::Civil.name(), |days: i32| {
        let date = date_at(days).unwrap_or_default();
        let part = |of: u32| i32::try_from(of).unwrap_or_default();
        date.year() << 9 | part(date.month()) << 5 | part(date.day())
    })?;
    linker.func_wrap(
        "accrue",
        Import::LocalMinute.name(),
        move |caller: Caller<'_, Data>, seconds: i64| local(&caller, seconds).minute(),
    )?;
    linker.func_wrap("accrue", Import::PlusMonths.name(), |days: i32, count: i64, months: i64| {
        let date = date_at(days).zip(count.checked_mul(months));
        date.and_then(|(date, months)| plus_months(date, months)).map_or(NO_DATE, days_since_epoch)
    })?;
    linker.func_wrap("accrue", Import::MonthsBetween.name(), |from: i32, to: i32| {
        date_at(from).zip(date_at(to)).map_or(0, |(from, to)| months_between(from, to))
    })?;
    linker.func_wrap("accrue", Import::EndOfMonth.name(), |days: i32| {
        date_at(days).map_or(days, |date| days_since_epoch(end_of_month(date)))
    })?;
    linker.func_wrap("accrue", Import::PromoOwner.name(), |mut caller: Caller<'_, Data>, code: i32| {
        about(&mut caller, code, |promo| i32::from_ne_bytes(promo.symbol.to_ne_bytes()))
    })?;
    linker.func_wrap(
        "accrue",
        Import::PromoActive.name(),
        |mut caller: Caller<'_, Data>, code: i32, seconds: i64, nanoseconds: u32| {
            let at = Timestamp::at(seconds, nanoseconds);
            about(&mut caller, code, |promo| {
                let valid = promo.validity.zip(at).is_some_and(|(validity, at)| validity.contains(at));
                i32::from(valid)
            })
        },
    )?;
    linker.func_wrap(
        "accrue",
        Import::Saw.name(),
        |mut caller: Caller<'_, Data>, kind: i32, what: i32, arg: i32| {
            caller.data_mut().saw.push([kind, what, arg]);
        },
    )?;
    Ok(linker)
}

/// Answers a question about a code, or notes that the code must be looked up.
fn about(caller: &mut Caller<'_, Data>, code: i32, answer: impl FnOnce(&Promo) -> i32) -> i32 {
    let data = caller.data();
    let memory = data.memory.map(|memory| memory.data(&*caller)).unwrap_or_default();
    let code = text(data, memory, code);
    if let Some(promo) = data.promo.iter().find(|promo| promo.is(code)) {
        return answer(promo);
    }
    let code = code.to_owned();
    caller.data_mut().missing = Some(code);
    AGAIN
}
