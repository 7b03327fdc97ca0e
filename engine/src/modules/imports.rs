//! The functions that compiled modules import, over plain numbers. Every runtime of modules calls them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, NaiveDateTime, Timelike};
use rust_decimal::Decimal;

use super::promo::Promo;
use crate::codegen::{AGAIN, BAD_STEP, BY_ZERO, Layout, NO_DATE, OVERFLOW, entry, mode_of};
use crate::money::{ArithmeticError, checked, rounded_to};
use crate::time::{Timestamp, Zone, date_at, days_since_epoch, end_of_month, months_between, plus_months};

/// What the imports of a module know of its program.
#[derive(Debug)]
pub(super) struct ImportContext {
    pub(super) zone: Zone,
    texts: Vec<Box<str>>,
}

/// What the imports of an instance know of the current input, and what they were told while it was decided.
#[derive(Debug, Default)]
pub(super) struct ImportState {
    pub(super) promo: Vec<Promo>,
    /// A code that the module asked for and that is not in `promo`.
    pub(super) missing: Option<String>,
    /// What a traced module reported, in order.
    pub(super) saw: Vec<[i32; 3]>,
}

/// The facts that were written for a call. `base` is the address of the first byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct FactBytes<'m> {
    pub(super) bytes: &'m [u8],
    pub(super) base: u32,
}

impl ImportContext {
    pub(super) fn new(layout: &Layout, zone: Zone) -> Self {
        Self { zone, texts: layout.texts.iter().map(|text| text.as_str().into()).collect() }
    }

    /// Returns the text of a symbol; empty for a symbol that has none.
    pub(super) fn text<'t>(&'t self, written: FactBytes<'t>, symbol: i32) -> &'t str {
        let symbol = symbol.cast_unsigned();
        if let Some(text) = self.texts.get(symbol as usize) {
            return text;
        }
        let text = || {
            let (length, rest) =
                written.bytes.get(symbol.checked_sub(written.base)? as usize..)?.split_first_chunk()?;
            std::str::from_utf8(rest.get(..u32::from_le_bytes(*length) as usize)?).ok()
        };
        text().unwrap_or_default()
    }

    pub(super) fn contains(&self, written: FactBytes<'_>, whole: i32, part: i32) -> i32 {
        i32::from(self.text(written, whole).contains(self.text(written, part)))
    }

    fn local(&self, seconds: i64) -> NaiveDateTime {
        self.zone.local(Timestamp::at(seconds, 0).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    pub(super) fn local_date(&self, seconds: i64) -> i32 {
        days_since_epoch(self.local(seconds).date())
    }

    pub(super) fn local_hour(&self, seconds: i64) -> i32 {
        self.local(seconds).hour().cast_signed()
    }

    pub(super) fn local_minute(&self, seconds: i64) -> i32 {
        self.local(seconds).minute().cast_signed()
    }

    pub(super) fn promo_owner(&self, state: &mut ImportState, written: FactBytes<'_>, code: i32) -> i32 {
        state.about(self.text(written, code), |promo| promo.symbol.cast_signed())
    }

    pub(super) fn promo_active(
        &self,
        state: &mut ImportState,
        written: FactBytes<'_>,
        (code, seconds, nanoseconds): (i32, i64, i32),
    ) -> i32 {
        let at = Timestamp::at(seconds, nanoseconds.cast_unsigned());
        state.about(self.text(written, code), |promo| {
            let valid = promo.validity.zip(at).is_some_and(|(validity, at)| validity.contains(at));
            i32::from(valid)
        })
    }
}

impl ImportState {
    /// Answers a question about a code, or notes that the code must be looked up.
    fn about(&mut self, code: &str, answer: impl FnOnce(&Promo) -> i32) -> i32 {
        if let Some(promo) = self.promo.iter().find(|promo| promo.is(code)) {
            return answer(promo);
        }
        self.missing = Some(code.to_owned());
        AGAIN
    }
}

/// An operation on two decimals.
pub(super) type Operation = fn(Decimal, Decimal) -> Result<Decimal, ArithmeticError>;

/// Returns the result of an operation on two decimals of two words each.
pub(super) fn compute(operation: Operation, [a, b, c, d]: [i64; 4]) -> (i64, i64) {
    match operation(entry::number(a, b), entry::number(c, d)) {
        Ok(value) => entry::wide(value),
        Err(ArithmeticError::Overflow) => (0, OVERFLOW),
        Err(ArithmeticError::DivisionByZero) => (0, BY_ZERO),
    }
}

pub(super) fn compare([a, b, c, d]: [i64; 4]) -> i32 {
    entry::number(a, b).cmp(&entry::number(c, d)) as i32
}

pub(super) fn floor(a: i64, b: i64) -> (i64, i64) {
    entry::wide(entry::number(a, b).floor())
}

pub(super) fn round([a, b, c, d]: [i64; 4], mode: i32) -> (i64, i64) {
    let (amount, step) = (entry::number(a, b), entry::number(c, d));
    if step <= Decimal::ZERO {
        return (0, BAD_STEP);
    }
    rounded_to(amount, step, mode_of(mode)).map_or((0, OVERFLOW), entry::wide)
}

pub(super) fn civil(days: i32) -> i32 {
    let date = date_at(days).unwrap_or_default();
    date.year() << 9 | date.month().cast_signed() << 5 | date.day().cast_signed()
}

pub(super) fn months_later(days: i32, count: i64, months: i64) -> i32 {
    let date = date_at(days).zip(count.checked_mul(months));
    date.and_then(|(date, months)| plus_months(date, months)).map_or(NO_DATE, days_since_epoch)
}

pub(super) fn months(from: i32, to: i32) -> i64 {
    date_at(from).zip(date_at(to)).map_or(0, |(from, to)| months_between(from, to))
}

pub(super) fn last_of_month(days: i32) -> i32 {
    date_at(days).map_or(days, |date| days_since_epoch(end_of_month(date)))
}

/// The functions that the modules of compiled rules import, for one instance. The engine hands it to
/// [`RuntimeModule::instantiate`](super::RuntimeModule::instantiate).
///
/// Each method is the import of its name in the module `accrue`, with the same numbers: `i32` and `i64` of WebAssembly. A decimal is two
/// `i64`, and a function that gives a decimal gives both. The methods read the facts of the call that is running from the
/// engine's own memory, never from the memory of the instance; while no call runs, no text and no promo code is known.
///
/// Cheap to clone; all clones are for the same instance.
#[derive(Clone, Debug)]
pub struct ModuleImports {
    context: Arc<ImportContext>,
    lent: Arc<Mutex<Lent>>,
}

/// What an instance lends to its imports while it runs.
#[derive(Debug, Default)]
struct Lent {
    state: ImportState,
    bytes: Arc<Vec<u8>>,
    base: u32,
}

impl ModuleImports {
    pub(super) fn new(context: &Arc<ImportContext>) -> Self {
        Self { context: Arc::clone(context), lent: Arc::default() }
    }

    /// Lends state and facts to the imports until [`ModuleImports::take_back`].
    pub(super) fn lend(&self, state: ImportState, bytes: &Arc<Vec<u8>>, base: u32) {
        *self.lent() = Lent { state, bytes: Arc::clone(bytes), base };
    }

    pub(super) fn take_back(&self) -> ImportState {
        std::mem::take(&mut *self.lent()).state
    }

    fn lent(&self) -> MutexGuard<'_, Lent> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds two decimals.
    pub fn add(&self, a: i64, b: i64, c: i64, d: i64) -> (i64, i64) {
        compute(checked::add, [a, b, c, d])
    }

    /// Subtracts the second decimal from the first.
    pub fn sub(&self, a: i64, b: i64, c: i64, d: i64) -> (i64, i64) {
        compute(checked::sub, [a, b, c, d])
    }

    /// Multiplies two decimals.
    pub fn mul(&self, a: i64, b: i64, c: i64, d: i64) -> (i64, i64) {
        compute(checked::mul, [a, b, c, d])
    }

    /// Divides the first decimal by the second.
    pub fn div(&self, a: i64, b: i64, c: i64, d: i64) -> (i64, i64) {
        compute(checked::div, [a, b, c, d])
    }

    /// Returns the remainder of dividing the first decimal by the second.
    pub fn rem(&self, a: i64, b: i64, c: i64, d: i64) -> (i64, i64) {
        compute(checked::rem, [a, b, c, d])
    }

    /// Compares two decimals: -1, 0 or 1.
    pub fn compare(&self, a: i64, b: i64, c: i64, d: i64) -> i32 {
        compare([a, b, c, d])
    }

    /// Rounds a decimal down to a whole number.
    pub fn floor(&self, a: i64, b: i64) -> (i64, i64) {
        floor(a, b)
    }

    /// Rounds the first decimal to a multiple of the second, by the rounding mode with this number.
    pub fn round(&self, a: i64, b: i64, c: i64, d: i64, mode: i32) -> (i64, i64) {
        round([a, b, c, d], mode)
    }

    /// Returns 1 if the first text contains the second, by their symbols.
    pub fn contains(&self, whole: i32, part: i32) -> i32 {
        let lent = self.lent();
        self.context.contains(lent.written(), whole, part)
    }

    /// Returns the local date of a moment, in days since 1970.
    pub fn local_date(&self, seconds: i64) -> i32 {
        self.context.local_date(seconds)
    }

    /// Returns the local hour of a moment.
    pub fn local_hour(&self, seconds: i64) -> i32 {
        self.context.local_hour(seconds)
    }

    /// Returns the local minute of a moment.
    pub fn local_minute(&self, seconds: i64) -> i32 {
        self.context.local_minute(seconds)
    }

    /// Returns year, month and day of a date, in one number.
    pub fn civil(&self, days: i32) -> i32 {
        civil(days)
    }

    /// Returns the date `count` times `months` months later.
    pub fn plus_months(&self, days: i32, count: i64, months: i64) -> i32 {
        months_later(days, count, months)
    }

    /// Returns the whole months between two dates.
    pub fn months_between(&self, from: i32, to: i32) -> i64 {
        months(from, to)
    }

    /// Returns the last day of the month of a date.
    pub fn end_of_month(&self, days: i32) -> i32 {
        last_of_month(days)
    }

    /// Returns the symbol of the owner of a promo code.
    pub fn promo_owner(&self, code: i32) -> i32 {
        let lent = &mut *self.lent();
        let (state, written) = lent.parts();
        self.context.promo_owner(state, written, code)
    }

    /// Returns 1 if a promo code is valid at a moment.
    pub fn promo_active(&self, code: i32, seconds: i64, nanoseconds: i32) -> i32 {
        let lent = &mut *self.lent();
        let (state, written) = lent.parts();
        self.context.promo_active(state, written, (code, seconds, nanoseconds))
    }

    /// Notes a fact that a rule has read.
    pub fn saw(&self, kind: i32, what: i32, argument: i32) {
        self.lent().state.saw.push([kind, what, argument]);
    }
}

impl Lent {
    fn written(&self) -> FactBytes<'_> {
        FactBytes { bytes: &self.bytes, base: self.base }
    }

    fn parts(&mut self) -> (&mut ImportState, FactBytes<'_>) {
        (&mut self.state, FactBytes { bytes: &self.bytes, base: self.base })
    }
}
