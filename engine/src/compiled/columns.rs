//! Facts by column into a module's memory: cases by column are bound to the places of a module once, and then written one
//! column after the other, many rows at a time. What a dictionary says is looked up once and not for each row.

use std::ops::Range;

use rust_decimal::Decimal;

use super::encode::{NONE, Symbols};
use super::host::{Loaded, Promo};
use super::memory::{Memory, Missed, Written, moment, word};
use super::{BATCH, BATCH_BYTES, OUT_BYTES, OUT_BYTES_MOST, Runner};
use crate::compile::entry::{self, Answer};
use crate::compile::layout::{FACT_BITS, HEAD, LIST, Slot, Slots, Source, Stored};
use crate::facts::FactError;
use crate::rule::catalog::Field;
use crate::rule::{Bits, CaseColumns, Column, Digits, Keyed, Nested, Tick, Values};
use crate::terms::{Contract, Terms, Version};
use crate::time::Timestamp;

/// Bytes of dictionaries that stand in memory for all rows, so that a text has one address; texts of longer ones are written
/// where a row has them.
const KEPT_BYTES: usize = 256 << 10;

/// Codes that are kept from one call to the next, where they have no symbol for all rows.
const PROMO_KEPT: usize = 64;

/// Bytes of facts in one call at the most.
const FACT_BYTES: usize = BATCH_BYTES / 2;

/// Bytes of facts of one row at the most.
const ROW_BYTES: usize = 16 << 20;

/// The version that cases are of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'c> {
    pub(crate) terms: &'c Terms,
    pub(crate) contract: &'c Contract,
    pub(crate) version: &'c Version,
}

/// Cases by column, with the place of each in a module's memory.
#[derive(Debug)]
pub(crate) struct Bound<'c> {
    action: Places<'c>,
    item: Places<'c>,
    /// Of the item that stands for an order without items.
    whole: Places<'c>,
    touch: Places<'c>,
    cases: &'c CaseColumns<'c>,
    /// Which of the action's places holds promo codes, where rules ask whose they are.
    promo_codes: Option<usize>,
    /// Where records may begin.
    start: usize,
    ahead: Ahead,
}

/// Rows that stand in memory before they are asked for, since columns are written faster than rows: twice as many each time
/// that the next row is asked for, and one where it is another.
#[derive(Debug, Default)]
struct Ahead {
    /// Those that were not run yet. A module writes into the record of one that it gives up, so each is run once.
    rows: Range<usize>,
    /// The record of the first of them, and how far it is from one to the next.
    record: usize,
    stride: usize,
    /// A bit for each of them with a number that does not fit.
    odd: u64,
    /// Where output may begin.
    out: usize,
    /// How many rows were written at once.
    count: usize,
}

impl Ahead {
    /// How many rows to write when this one is asked for.
    fn count(&self, row: usize) -> usize {
        if row == self.rows.start && self.count > 0 { (self.count * 2).min(BATCH as usize) } else { 1 }
    }

    /// The record of the next row, and whether a number of it does not fit.
    #[inline]
    fn next(&mut self) -> Option<(usize, bool)> {
        let next = (self.record, self.odd & 1 == 1);
        self.rows.next()?;
        self.record += self.stride;
        self.odd >>= 1;
        Some(next)
    }
}

/// The columns of one kind of record.
#[derive(Debug, Default)]
struct Places<'c> {
    places: Vec<Place<'c>>,
    flags: Vec<Flags<'c>>,
}

/// A column, and where in a record it belongs.
#[derive(Debug)]
struct Place<'c> {
    offset: usize,
    known: Known<'c>,
    values: Content<'c>,
}

/// What is known of up to eight columns, whose bytes stand beside each other.
#[derive(Debug)]
struct Flags<'c> {
    offset: usize,
    /// A byte that is 1 for each column that is known in all rows.
    all: u64,
    /// The others, each with its place among the eight.
    each: Vec<(u32, &'c Bits)>,
}

impl<'c> Flags<'c> {
    /// The columns that may not be known, with where their bytes are: one after the other.
    fn of(columns: &[(usize, Known<'c>)]) -> Vec<Self> {
        let eight = |columns: &[(usize, Known<'c>)]| {
            let offset = columns.first().map_or(0, |(flag, _)| *flag);
            let mut flags = Self { offset, all: 0, each: Vec::new() };
            for ((_, known), place) in columns.iter().zip(0..) {
                match known {
                    Known::All => flags.all |= 1 << (place * 8),
                    Known::None => {}
                    Known::Each(bits) => flags.each.push((place, bits)),
                }
            }
            flags
        };
        columns.chunks(8).map(eight).collect()
    }

    /// Of eight rows from this one on, what is known: a byte for each row, with a bit for each column.
    #[inline]
    fn eight(&self, row: usize) -> u64 {
        let columns =
            self.each.iter().fold(0, |all, (place, bits)| all | u64::from(bits.eight(row)) << (place * 8));
        transposed(columns)
    }

    #[inline]
    fn write(&self, memory: &mut Memory<'_>, rows: Range<usize>, records: Records) -> Written {
        let all = self.all;
        if let [(place, bits)] = self.each.as_slice() {
            // For one column there is nothing to gain.
            let flags = |row| all | u64::from(bits.get(row)) << (place * 8);
            return memory.fill(records, self.offset, rows.map(|row| flags(row).to_le_bytes()));
        }
        let mut eight = 0;
        let flags = rows.clone().map(|row| {
            if (row - rows.start).is_multiple_of(8) {
                eight = self.eight(row);
            }
            let [bits, ..] = eight.to_le_bytes();
            eight >>= 8;
            (apart(bits) | all).to_le_bytes()
        });
        memory.fill(records, self.offset, flags)
    }
}

/// A square of eight bytes, with its rows as columns: halves change places, then quarters, then single bits.
#[inline]
fn transposed(mut square: u64) -> u64 {
    for (far, those) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)]
    {
        let change = (square ^ (square >> far)) & those;
        square ^= change ^ (change << far);
    }
    square
}

/// Eight bits as eight bytes.
#[inline]
fn apart(bits: u8) -> u64 {
    APART.get(usize::from(bits)).copied().unwrap_or_default()
}

/// Each byte of bits as eight bytes.
#[allow(clippy::indexing_slicing, reason = "worked out by the compiler, which would stop")]
static APART: [u64; 256] = {
    let mut all = [0; 256];
    let mut bits = 0;
    while bits < all.len() {
        let mut bit = 0;
        while bit < 8 {
            all[bits] |= ((bits as u64 >> bit) & 1) << (bit * 8);
            bit += 1;
        }
        bits += 1;
    }
    all
};

impl<'c> Places<'c> {
    /// Writes all columns of these rows; whose number does not fit, is told to `odd`.
    #[inline]
    fn write(
        &self,
        memory: &mut Memory<'_>,
        rows: Range<usize>,
        records: Records,
        odd: &mut impl FnMut(usize),
    ) -> Written {
        self.flags.iter().try_for_each(|flags| flags.write(memory, rows.clone(), records))?;
        self.places.iter().try_for_each(|place| place.write(memory, rows.clone(), records, odd))
    }
}

/// Which rows are known.
#[derive(Clone, Copy, Debug)]
enum Known<'c> {
    All,
    None,
    Each(&'c Bits),
}

/// Values as they are written.
#[derive(Debug)]
enum Content<'c> {
    /// None is ever read.
    Nothing,
    /// Lists that nobody reports.
    Empty,
    /// The same in all rows.
    Integer(i64),
    Time(Timestamp),
    /// By its symbol, where it has one.
    Text(Option<u32>, &'c str),
    Bools(&'c [bool]),
    Integers(&'c [i64]),
    Fixed(Digits<'c>, Scaling),
    Wide(Digits<'c>, u32),
    Texts(&'c [i32], Texts<'c>),
    Lists(&'c [i32], &'c [i32], Texts<'c>),
    Times(&'c [i64], Tick),
    Dates(&'c [i32]),
}

/// A dictionary with the symbols of its texts; [`NONE`] for one that is no constant.
#[derive(Debug)]
struct Texts<'c> {
    symbols: Vec<u32>,
    /// Those that a row has to write in full.
    full: Option<&'c [&'c str]>,
}

impl Texts<'_> {
    /// The bytes of symbols by their keys, where no text has to be written for one. A key that is negative is beyond every
    /// dictionary.
    #[inline(always)]
    fn symbols<'k>(&self, keys: &'k [i32]) -> impl ExactSizeIterator<Item = [u8; 4]> + use<'k, '_> {
        // Not through `self`, which would be read again for each key, as memory is written between.
        let symbols = self.symbols.as_slice();
        keys.iter().map(move |key| symbols.get(key.cast_unsigned() as usize).unwrap_or(&NONE).to_le_bytes())
    }
}

/// The most digits that a slot holds.
const MOST_DIGITS: u64 = (1 << FACT_BITS) - 1;

/// From the decimals of a column to those of a slot.
#[derive(Clone, Copy, Debug)]
enum Scaling {
    /// The factor, and the most digits that fit with it.
    Times(i64, u64),
    Over(i128),
    /// Only zero fits.
    Far,
}

impl Scaling {
    fn new(has: u32, wanted: u32) -> Self {
        if has <= wanted {
            let times = |factor: i64| Self::Times(factor, MOST_DIGITS / factor.unsigned_abs());
            return 10_i64.checked_pow(wanted - has).map_or(Self::Far, times);
        }
        10_i128.checked_pow(has - wanted).map_or(Self::Far, Self::Over)
    }

    #[inline(always)]
    fn scaled(self, digits: i128) -> Option<i64> {
        let (digits, factor, most) = match self {
            Self::Times(factor, most) => (digits, factor, most),
            Self::Over(divisor) if digits % divisor == 0 => (digits / divisor, 1, MOST_DIGITS),
            Self::Far if digits == 0 => (0, 1, MOST_DIGITS),
            Self::Over(_) | Self::Far => return None,
        };
        times(i64::try_from(digits).ok()?, factor, most)
    }
}

/// Digits with more decimals, where they fit.
#[inline(always)]
fn times(digits: i64, factor: i64, most: u64) -> Option<i64> {
    // What is not more than that cannot wrap.
    (digits.wrapping_add(most.cast_signed()).cast_unsigned() <= most * 2).then(|| digits.wrapping_mul(factor))
}

/// Records one after the other.
#[derive(Clone, Copy, Debug)]
struct Records {
    first: usize,
    stride: usize,
}

impl Memory<'_> {
    /// Writes a value into each of these records.
    #[inline]
    fn fill<const N: usize>(
        &mut self,
        records: Records,
        offset: usize,
        values: impl ExactSizeIterator<Item = [u8; N]>,
    ) -> Written {
        let Records { first, stride } = records;
        // Of the compiler's making: a record is as long as its slots. The first says nothing new, and spares each record a look.
        if stride < N || offset.checked_add(N).is_none_or(|end| end > stride) {
            return Err(Missed::Room);
        }
        // From the place in one record to the same place in the next, so that each is as long as all others.
        let start = first.checked_add(offset).ok_or(Missed::Room)?;
        let end = start.checked_add(stride * values.len()).ok_or(Missed::Room)?;
        let places = self.bytes.get_mut(start..end).ok_or(Missed::Room)?.chunks_exact_mut(stride);
        for (place, value) in places.zip(values) {
            if let Some(place) = place.first_chunk_mut() {
                *place = value;
            }
        }
        Ok(())
    }

    /// The symbol of a text by its key.
    #[inline]
    fn symbol(&mut self, texts: &Texts<'_>, key: i32) -> Written<u32> {
        let key = usize::try_from(key).unwrap_or(usize::MAX);
        let symbol = texts.symbols.get(key).copied().unwrap_or(NONE);
        match texts.full {
            Some(full) if symbol == NONE => self.text(full.get(key).copied().unwrap_or_default()),
            _ => Ok(symbol),
        }
    }
}

/// Texts that are fetched at a time.
const TEXTS: usize = 64;

/// Reads a byte at both ends of each text, none of which waits for another: they stand anywhere in memory, and what works on
/// them one by one would wait for each.
fn fetch(texts: &[&str]) {
    let ends = |text: &&str| text.as_bytes().first().zip(text.as_bytes().last()).map_or(0, |(a, b)| a ^ b);
    std::hint::black_box(texts.iter().fold(0, |all, text| all ^ ends(text)));
}

/// Where some columns are looked for.
struct Finder<'f, 'c> {
    of: Of<'c>,
    symbols: &'f Symbols,
    cases: &'c CaseColumns<'c>,
}

impl<'c> Finder<'_, 'c> {
    /// The column of a fact of the case.
    fn of_action(&self, source: Source) -> (String, Option<&'c Column<'c>>) {
        let name = source.name(self.of.terms, self.of.version);
        let instead = || match source {
            Source::Fact(field) => self.cases.column(&field.instead()?.spec().full_name()),
            Source::Attribute(_) | Source::Total(..) => None,
        };
        let column = self.cases.column(&name).or_else(instead);
        (name, column)
    }

    /// The column of a fact of items.
    fn of_item(&self, source: Source) -> (String, Option<&'c Column<'c>>) {
        let Source::Fact(field) = source else { return (String::new(), None) };
        let column = |field: Field| self.cases.items()?.column(field.spec().name);
        let found = column(field).or_else(|| column(field.instead()?));
        (format!("action.items.{}", field.spec().name), found)
    }

    /// The column that tells the same of an order as a whole as one of items does of each.
    fn of_whole(&self, source: Source) -> (String, Option<&'c Column<'c>>) {
        self.of_action(match source {
            Source::Fact(Field::ItemAmount) => Source::Fact(Field::ActionAmount),
            Source::Fact(Field::ItemBase) => Source::Fact(Field::ActionBase),
            other => other,
        })
    }

    /// The column of a fact of touches.
    fn of_touch(&self, source: Source) -> (String, Option<&'c Column<'c>>) {
        let Source::Fact(field) = source else { return (String::new(), None) };
        let name = field.spec().name;
        (format!("action.touches.{name}"), self.cases.touches().and_then(|touches| touches.column(name)))
    }

    /// Binds the slots of a record; `whole` for the item that stands for a whole order.
    fn places(
        &self,
        slots: &Slots,
        memory: &mut Memory<'_>,
        whole: bool,
        column: &dyn Fn(Source) -> (String, Option<&'c Column<'c>>),
    ) -> Result<Places<'c>, FactError> {
        let places = slots.slots.iter().map(|slot| self.place(slot, memory, whole, column));
        let places = places.collect::<Result<Vec<_>, _>>()?;
        let flags = slots.slots.iter().zip(&places);
        let flags: Vec<_> =
            flags.filter_map(|(slot, place)| Some((slot.flag? as usize, place.known))).collect();
        Ok(Places { flags: Flags::of(&flags), places })
    }

    fn place(
        &self,
        slot: &Slot,
        memory: &mut Memory<'_>,
        whole: bool,
        column: &dyn Fn(Source) -> (String, Option<&'c Column<'c>>),
    ) -> Result<Place<'c>, FactError> {
        let offset = slot.offset as usize;
        let always = |values| Ok(Place { offset, known: Known::All, values });
        let never = Ok(Place { offset, known: Known::None, values: Content::Nothing });
        if let Source::Fact(field) = slot.source {
            match field {
                Field::ContractName => {
                    return always(self.text(slot, &self.of.contract.name));
                }
                Field::ContractVersion => return always(Content::Integer(i64::from(self.of.version.number))),
                Field::ContractStartedAt => {
                    let at = self.of.contract.started_at().unwrap_or(Timestamp(chrono::DateTime::UNIX_EPOCH));
                    return always(Content::Time(at));
                }
                Field::ItemSku if whole => return always(self.text(slot, "")),
                Field::ItemCategory if whole => return never,
                Field::ItemQuantity if whole => return always(Content::Integer(1)),
                _ => {}
            }
        }
        let (name, found) = column(slot.source);
        let Some(column) = found else {
            if slot.flag.is_some() {
                return never;
            }
            if slot.stored == Stored::Texts {
                return always(Content::Empty);
            }
            return Err(FactError::field(name, "the rules read it, and there is no such column"));
        };
        if slot.flag.is_none()
            && slot.stored != Stored::Texts
            && let Some(row) = column.first_unknown()
        {
            let message = format!("it is not known in row {row}, and the rules rely on it");
            return Err(FactError::field(name, message));
        }
        let known = match &column.known {
            Some(known) if column.first_unknown().is_some() => Known::Each(known),
            _ => Known::All,
        };
        let values = match (slot.stored, &column.values, column.digits()) {
            (Stored::Bool, Values::Bools(values), _) => Content::Bools(values),
            (Stored::Integer, Values::Integers(values), _) => Content::Integers(values),
            (Stored::Fixed(scale), _, Some((digits, has))) => {
                Content::Fixed(digits, Scaling::new(has, u32::from(scale)))
            }
            (Stored::Wide, _, Some((digits, scale))) => Content::Wide(digits, scale),
            (Stored::Text, Values::Texts(Keyed { keys, dictionary }), _) => {
                Content::Texts(keys, self.texts(slot, dictionary, memory))
            }
            (Stored::Texts, Values::TextLists(offsets, Keyed { keys, dictionary }), _) => {
                Content::Lists(offsets, keys, self.texts(slot, dictionary, memory))
            }
            (Stored::Time, Values::Times(ticks, tick), _) => Content::Times(ticks, *tick),
            (Stored::Date, Values::Dates(days), _) => Content::Dates(days),
            (stored, ..) => {
                let expected = match stored {
                    Stored::Bool => "true and false",
                    Stored::Integer => "whole numbers",
                    Stored::Fixed(_) | Stored::Wide => "decimals",
                    Stored::Text => "texts",
                    Stored::Texts => "lists of texts",
                    Stored::Time => "moments",
                    Stored::Date => "dates",
                    Stored::Duration => "lengths of time",
                };
                return Err(FactError::field(name, format!("its values are not {expected}")));
            }
        };
        Ok(Place { offset, known, values })
    }

    /// A text that is the same in all rows.
    fn text(&self, slot: &Slot, text: &'c str) -> Content<'c> {
        let symbol = self.symbols.find(text).or_else(|| (!slot.full).then_some(NONE));
        Content::Text(symbol, text)
    }

    /// Looks a dictionary up. What is needed in full is put into memory for all rows, as long as there is room.
    fn texts(&self, slot: &Slot, dictionary: &'c [&'c str], memory: &mut Memory<'_>) -> Texts<'c> {
        let mut missing = false;
        let mut symbol = |text: &&str| {
            let symbol = self.symbols.find(text).or_else(|| {
                let kept = slot.full.then(|| memory.text(text).ok()).flatten();
                missing |= slot.full && kept.is_none();
                kept
            });
            symbol.unwrap_or(NONE)
        };
        let mut symbols = Vec::with_capacity(dictionary.len());
        for texts in dictionary.chunks(TEXTS) {
            fetch(texts);
            symbols.extend(texts.iter().map(&mut symbol));
        }
        Texts { symbols, full: missing.then_some(dictionary) }
    }
}

impl<'c> Place<'c> {
    /// Writes the values of these rows into records; whose number does not fit, is told to `odd`.
    #[inline]
    fn write(
        &self,
        memory: &mut Memory<'_>,
        rows: Range<usize>,
        records: Records,
        odd: &mut impl FnMut(usize),
    ) -> Written {
        let count = rows.len();
        let at = self.offset;
        let known = |row: usize| match &self.known {
            Known::All => true,
            Known::None => false,
            Known::Each(known) => known.get(row),
        };
        match &self.values {
            Content::Nothing => Ok(()),
            Content::Empty => memory.fill(records, at, std::iter::repeat_n([0; LIST.bytes as usize], count)),
            Content::Integer(value) => {
                memory.fill(records, at, std::iter::repeat_n(value.to_le_bytes(), count))
            }
            Content::Time(time) => memory.fill(records, at, std::iter::repeat_n(moment(*time), count)),
            Content::Bools(values) => {
                let values = values.get(rows).ok_or(Missed::Room)?;
                memory.fill(records, at, values.iter().map(|value| u32::from(*value).to_le_bytes()))
            }
            Content::Integers(values) => {
                let values = values.get(rows).ok_or(Missed::Room)?;
                memory.fill(records, at, values.iter().map(|value| value.to_le_bytes()))
            }
            Content::Fixed(digits, scaling) => {
                let mut bytes = |row: usize, scaled: Option<i64>| {
                    if scaled.is_none() && known(row) {
                        odd(row);
                    }
                    scaled.unwrap_or_default().to_le_bytes()
                };
                match (digits, *scaling) {
                    (Digits::Short(digits), Scaling::Times(factor, most)) => {
                        let digits = digits.get(rows.clone()).ok_or(Missed::Room)?;
                        // No number is larger than the bits of all of them together, unless one is below zero.
                        let together = digits.iter().fold(0, |all, digits| all | digits.cast_unsigned());
                        if together <= most {
                            let scaled =
                                digits.iter().map(|digits| digits.wrapping_mul(factor).to_le_bytes());
                            return memory.fill(records, at, scaled);
                        }
                        let scaled = |(row, digits): (usize, &i64)| bytes(row, times(*digits, factor, most));
                        memory.fill(records, at, rows.zip(digits).map(scaled))
                    }
                    (digits, scaling) => {
                        let scaled = |row| digits.get(row).and_then(|digits| scaling.scaled(digits));
                        memory.fill(records, at, rows.map(|row| bytes(row, scaled(row))))
                    }
                }
            }
            Content::Wide(digits, scale) => {
                let mut value = |row: usize| {
                    let value = Decimal::try_from_i128_with_scale(digits.get(row)?, *scale);
                    if value.is_err() && known(row) {
                        odd(row);
                    }
                    let (low, high) = entry::wide(value.unwrap_or_default());
                    Some(u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64)
                };
                memory.fill(records, at, rows.map(|row| value(row).unwrap_or_default().to_le_bytes()))
            }
            Content::Text(symbol, text) => {
                let symbol = symbol.map_or_else(|| memory.text(text), Ok)?;
                memory.fill(records, at, std::iter::repeat_n(symbol.to_le_bytes(), count))
            }
            Content::Texts(keys, texts) => {
                let keys = keys.get(rows.clone()).ok_or(Missed::Room)?;
                if texts.full.is_none() {
                    return memory.fill(records, at, texts.symbols(keys));
                }
                for ((row, key), at) in rows.zip(keys).zip((records.first + at..).step_by(records.stride)) {
                    if known(row) {
                        let symbol = memory.symbol(texts, *key)?;
                        memory.put(at, symbol.to_le_bytes())?;
                    }
                }
                Ok(())
            }
            Content::Lists(offsets, keys, texts) => {
                let ends = offsets.get(rows.start..=rows.end).ok_or(Missed::Room)?;
                let index = |at: i32| usize::try_from(at).unwrap_or_default();
                let (from, to) =
                    (ends.first().copied().map_or(0, index), ends.last().copied().map_or(0, index));
                let keys = keys.get(from..to).ok_or(Missed::Room)?;
                let list = memory.take(keys.len() * 4)?;
                // Where the first of all keys would stand.
                let base = word(list).wrapping_sub(word(from).wrapping_mul(4));
                let heads = ends.iter().zip(ends.get(1..).unwrap_or_default()).map(|(a, b)| {
                    // They do not fall: a column whose offsets do is refused.
                    let count = b.wrapping_sub(*a).cast_unsigned();
                    let first = base.wrapping_add(a.cast_unsigned().wrapping_mul(4));
                    let [head @ .., _, _, _, _] = (u128::from(count) | u128::from(first) << 64).to_le_bytes();
                    head
                });
                memory.fill(records, at, heads)?;
                if texts.full.is_none() {
                    return memory.fill(Records { first: list, stride: 4 }, 0, texts.symbols(keys));
                }
                for (key, at) in keys.iter().zip((list..).step_by(4)) {
                    let symbol = memory.symbol(texts, *key)?;
                    memory.put(at, symbol.to_le_bytes())?;
                }
                Ok(())
            }
            Content::Times(ticks, tick) => {
                let ticks = ticks.get(rows).ok_or(Missed::Room)?.iter();
                // Divisions by constants are far cheaper than one by a variable.
                match tick {
                    Tick::Second => memory.fill(records, at, ticks.map(ticked::<1>)),
                    Tick::Millisecond => memory.fill(records, at, ticks.map(ticked::<1_000>)),
                    Tick::Microsecond => memory.fill(records, at, ticks.map(ticked::<1_000_000>)),
                    Tick::Nanosecond => memory.fill(records, at, ticks.map(ticked::<1_000_000_000>)),
                }
            }
            Content::Dates(days) => {
                let days = days.get(rows).ok_or(Missed::Room)?;
                memory.fill(records, at, days.iter().map(|days| days.to_le_bytes()))
            }
        }
    }
}

/// Ticks since 1970 as a module has moments.
#[inline]
fn ticked<const PER_SECOND: i64>(ticks: &i64) -> [u8; 16] {
    let seconds = ticks.div_euclid(PER_SECOND);
    let nanoseconds = ticks.rem_euclid(PER_SECOND) * (1_000_000_000 / PER_SECOND);
    (u128::from(seconds.cast_unsigned()) | u128::from(nanoseconds.cast_unsigned()) << 64).to_le_bytes()
}

/// Rows in memory.
struct Rows {
    first: u32,
    count: u32,
    /// A bit for each row with a number that does not fit.
    odd: u64,
}

impl<'c> Bound<'c> {
    /// The codes of the cases with their symbols, where each text has one for all rows.
    fn codes(&self, symbols: &Symbols, memory: &mut Memory<'_>) -> hashbrown::HashMap<u32, Promo> {
        let mut codes = hashbrown::HashMap::new();
        let Some(Values::TextLists(_, Keyed { dictionary, .. })) = self.code_column() else { return codes };
        let Some(texts) = self.code_texts() else { return codes };
        for (text, symbol) in dictionary.iter().zip(&texts.symbols).filter(|(_, symbol)| **symbol != NONE) {
            let mut promo = Promo::of(text, self.cases.reference());
            if let Some(owner) = &promo.owner {
                let Some(owner) = symbols.find(owner).or_else(|| memory.text(owner).ok()) else { continue };
                promo.symbol = owner;
            }
            codes.insert(*symbol, promo);
        }
        codes
    }

    /// Adds the codes of these rows that have no symbol of their own.
    fn ask_about(&self, rows: Range<usize>, promo: &mut Vec<Promo>) {
        let Some(Texts { symbols, full: Some(full) }) = self.code_texts() else { return };
        let Some(Values::TextLists(offsets, Keyed { keys, .. })) = self.code_column() else { return };
        if promo.len() > PROMO_KEPT {
            promo.clear();
        }
        let index = |at: &i32| usize::try_from(*at).unwrap_or_default();
        let from = offsets.get(rows.start).map_or(0, index);
        let to = offsets.get(rows.end).map_or(0, index);
        for key in keys.get(from..to).unwrap_or_default().iter().map(index) {
            let Some(code) = full.get(key).filter(|_| symbols.get(key) == Some(&NONE)) else { continue };
            if !promo.iter().any(|promo| promo.is(code)) {
                promo.push(Promo::of(code, self.cases.reference()));
            }
        }
    }

    fn code_column(&self) -> Option<&'c Values<'c>> {
        Some(&self.cases.column(&Field::ActionPromoCodes.spec().full_name())?.values)
    }

    /// The symbols of the codes of the cases.
    fn code_texts(&self) -> Option<&Texts<'c>> {
        match &self.action.places.get(self.promo_codes?)?.values {
            Content::Lists(_, _, texts) => Some(texts),
            _ => None,
        }
    }

    /// Writes rows, no more than [`BATCH`].
    fn write(&self, loaded: &Loaded, memory: &mut Memory<'_>, rows: Range<usize>) -> Written<Rows> {
        let layout = &loaded.module.layout;
        let (from, count) = (rows.start, rows.len());
        let stride = record_bytes(loaded);
        let first = memory.take(stride * count)?;
        let records = Records { first, stride };
        memory.fill(
            records,
            HEAD.next as usize,
            (0..count).map(|n| record_head(first + (n + 1) * stride)),
        )?;
        let mut odd = 0u64;
        let mut is_odd = |row: usize| odd |= 1 << ((row - from) & 63);
        self.action.write(memory, rows.clone(), records, &mut is_odd)?;
        if layout.items {
            let items = NestedRecords {
                places: &self.item,
                of: self.cases.items(),
                bytes: layout.item.bytes as usize,
            };
            items.write(memory, rows.clone(), records, HEAD.items as usize, &mut is_odd)?;
            if layout.each_item {
                for (row, record) in rows.clone().zip((first..).step_by(stride)) {
                    if !items.of_row(row).is_empty() {
                        continue;
                    }
                    let whole = memory.take(items.bytes)?;
                    memory.put(record + HEAD.whole_item as usize, word(whole).to_le_bytes())?;
                    let records = Records { first: whole, stride: items.bytes };
                    self.whole.write(memory, row..row + 1, records, &mut is_odd)?;
                }
            }
        }
        if layout.touches {
            let touches = NestedRecords {
                places: &self.touch,
                of: self.cases.touches(),
                bytes: layout.touch.bytes as usize,
            };
            touches.write(memory, rows, records, HEAD.touches as usize, &mut is_odd)?;
        }
        Ok(Rows { first: word(first), count: word(count), odd })
    }
}

/// The items or the touches of the cases: for each row a list of records.
struct NestedRecords<'b, 'c> {
    places: &'b Places<'c>,
    /// Nothing where no case has any.
    of: Option<&'b Nested<'c>>,
    /// Of one record.
    bytes: usize,
}

impl NestedRecords<'_, '_> {
    /// The records of a row among those of all rows.
    fn of_row(&self, row: usize) -> Range<usize> {
        self.of.map_or(0..0, |lists| lists.range(row))
    }

    /// Writes the lists of these rows, and where each is into its row's record.
    fn write(
        &self,
        memory: &mut Memory<'_>,
        rows: Range<usize>,
        records: Records,
        head: usize,
        odd: &mut impl FnMut(usize),
    ) -> Written {
        let range = self.of_row(rows.start).start..self.of_row(rows.end.saturating_sub(1)).end;
        let list = Records { first: memory.take(range.len() * self.bytes)?, stride: self.bytes };
        let row_of = |record: usize| {
            rows.clone().find(|row| self.of_row(*row).contains(&record)).unwrap_or(rows.start)
        };
        self.places.write(memory, range.clone(), list, &mut |record| odd(row_of(record)))?;
        memory.fill(records, head, rows.clone().map(|row| list_head(self.of_row(row), range.start, list)))
    }
}

/// From the record of one row to that of the next.
fn record_bytes(loaded: &Loaded) -> usize {
    (loaded.module.layout.action.bytes as usize).next_multiple_of(8)
}

/// The head of a record before the next one: no fault, pay, nothing said.
#[inline]
fn record_head(next: usize) -> [u8; 16] {
    (u128::from(word(next)) | 1 << 64).to_le_bytes()
}

/// The head of a list of records.
#[inline]
fn list_head(list: Range<usize>, from: usize, records: Records) -> [u8; LIST.bytes as usize] {
    let first = u128::from(word(records.first + (list.start - from) * records.stride));
    let [head @ .., _, _, _, _] = (u128::from(word(list.len())) | first << 64).to_le_bytes();
    head
}

impl Runner {
    /// Binds cases by column to the places of a module.
    pub(super) fn bind<'c>(
        &mut self,
        loaded: &Loaded,
        of: Of<'c>,
        cases: &'c CaseColumns<'c>,
    ) -> Result<Bound<'c>, FactError> {
        let layout = &loaded.module.layout;
        let start = loaded.module.free as usize;
        let memory_full = |_| FactError::whole("there is no memory for the facts");
        self.reserve(start + KEPT_BYTES + FACT_BYTES + OUT_BYTES * BATCH as usize).map_err(memory_full)?;
        let bytes = self.instance.bytes().get_mut(..start + KEPT_BYTES).unwrap_or_default();
        let mut memory = Memory { bytes, at: start };
        let finder = Finder { of, symbols: &loaded.symbols, cases };
        let action = finder.places(&layout.action, &mut memory, false, &|source| finder.of_action(source))?;
        // Where there is no record at all, nothing of one is missing.
        let item = match cases.items() {
            Some(_) => finder.places(&layout.item, &mut memory, false, &|source| finder.of_item(source))?,
            None => Places::default(),
        };
        let whole = if layout.each_item {
            finder.places(&layout.item, &mut memory, true, &|source| finder.of_whole(source))?
        } else {
            Places::default()
        };
        let touch = match cases.touches() {
            Some(_) => finder.places(&layout.touch, &mut memory, false, &|source| finder.of_touch(source))?,
            None => Places::default(),
        };
        let codes = Source::Fact(Field::ActionPromoCodes);
        let promo_codes = layout.action.slots.iter().position(|slot| layout.promo && slot.source == codes);
        let ahead = Ahead::default();
        let mut bound = Bound { action, item, whole, touch, cases, promo_codes, start: 0, ahead };
        let codes = bound.codes(&loaded.symbols, &mut memory);
        bound.start = memory.at.next_multiple_of(8);
        let data = self.instance.store.data_mut();
        data.missing = None;
        data.promo.clear();
        data.codes = codes;
        Ok(bound)
    }

    /// Makes memory at least this large.
    fn reserve(&mut self, bytes: usize) -> Written {
        match self.instance.bytes().len() < bytes {
            true => self.instance.grow(bytes).ok_or(Missed::Room),
            false => Ok(()),
        }
    }

    /// Runs the rules of some of these rows, at least one; how many. What they answer goes to `take`, nothing where a number
    /// does not fit or the module gives up.
    #[inline(always)]
    pub(super) fn run_rows(
        &mut self,
        loaded: &Loaded,
        bound: &mut Bound<'_>,
        rows: Range<usize>,
        mut take: impl FnMut(usize, Option<Answer<'_>>),
    ) -> usize {
        let ran = self.run_some(loaded, bound, rows.clone());
        let mut answer = Answer::read(self.instance.bytes().get(ran.out..ran.end).unwrap_or_default());
        let mut told = 0;
        // One place that tells, so that whoever takes it is built into this.
        loop {
            let (first, rest) = answer.map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
            take(rows.start + told, first.filter(|_| ran.odd >> told & 1 == 0));
            told += 1;
            answer = Answer::read(rest);
            if answer.is_none() {
                return told;
            }
        }
    }

    /// Runs the rules of some of these rows. There is an answer for the first of them at least, or none at all where it could
    /// not be given.
    fn run_some(&mut self, loaded: &Loaded, bound: &mut Bound<'_>, rows: Range<usize>) -> Ran {
        bound.ahead = Ahead::default();
        let mut count = rows.len().min(BATCH as usize);
        while count > 1 {
            let some = rows.start..rows.start + count;
            if let Ok(ran) = self.run_written(loaded, bound, some, FACT_BYTES, OUT_BYTES * count)
                && self.answer(ran.out, ran.end).is_some()
            {
                return ran;
            }
            count /= 2;
        }
        self.ran_alone(loaded, bound, rows.start).unwrap_or_default()
    }

    /// Runs the rules of one row; `None` where they could not answer.
    #[inline]
    pub(super) fn run_row(
        &mut self,
        loaded: &Loaded,
        bound: &mut Bound<'_>,
        row: usize,
    ) -> Option<Answer<'_>> {
        if bound.ahead.rows.start != row || bound.ahead.rows.is_empty() {
            self.write_ahead(loaded, bound, row);
        }
        let out = bound.ahead.out;
        if let Some((record, odd)) = bound.ahead.next() {
            if odd {
                return None;
            }
            let end = self.instance.decide(word(record), 1, word(out), word(out + OUT_BYTES));
            if let Some(end) = end.map(|end| end as usize)
                && self.has_answered(out, end)
            {
                return self.answer(out, end);
            }
        }
        self.run_alone(loaded, bound, row)
    }

    /// Writes a row, and some of those after it; none where there is no room.
    #[cold]
    fn write_ahead(&mut self, loaded: &Loaded, bound: &mut Bound<'_>, row: usize) {
        let mut count = bound.ahead.count(row).min(bound.cases.rows().saturating_sub(row));
        bound.ahead = Ahead::default();
        while count > 0 {
            let rows = row..row + count;
            if let Ok((written, out)) = self.write(loaded, bound, rows.clone(), FACT_BYTES) {
                let Rows { first, odd, .. } = written;
                let stride = record_bytes(loaded);
                bound.ahead = Ahead { rows, record: first as usize, stride, odd, out, count };
                return;
            }
            count /= 2;
        }
    }

    /// Runs the rules of one row, in as much memory as it takes.
    #[cold]
    fn run_alone(&mut self, loaded: &Loaded, bound: &mut Bound<'_>, row: usize) -> Option<Answer<'_>> {
        let ran = self.ran_alone(loaded, bound, row)?;
        self.answer(ran.out, ran.end)
    }

    /// The same; where the answer is.
    fn ran_alone(&mut self, loaded: &Loaded, bound: &mut Bound<'_>, row: usize) -> Option<Ran> {
        bound.ahead = Ahead::default();
        let mut ran = self.run_written(loaded, bound, row..row + 1, FACT_BYTES, OUT_BYTES).ok();
        if ran.is_none_or(|ran| !self.has_answered(ran.out, ran.end)) {
            // It gave up, perhaps for want of room.
            ran = self.run_written(loaded, bound, row..row + 1, ROW_BYTES, OUT_BYTES_MOST).ok();
        }
        ran.filter(|ran| ran.odd == 0)
    }

    /// Writes these rows and runs their rules in one call, in so much memory.
    fn run_written(
        &mut self,
        loaded: &Loaded,
        bound: &Bound<'_>,
        rows: Range<usize>,
        fact_bytes: usize,
        out_bytes: usize,
    ) -> Written<Ran> {
        if fact_bytes + out_bytes > FACT_BYTES + OUT_BYTES * BATCH as usize {
            self.reserve(bound.start + fact_bytes + out_bytes)?;
        }
        loop {
            let (written, out) = self.write(loaded, bound, rows.clone(), fact_bytes)?;
            let end = self.instance.decide(written.first, written.count, word(out), word(out + out_bytes));
            let end = end.ok_or(Missed::Room)? as usize;
            if !loaded.module.layout.promo || !self.look_up_code(bound) {
                return Ok(Ran { out, end, odd: written.odd });
            }
        }
    }

    /// Writes these rows in so much memory; where they are, and where output may begin.
    fn write(
        &mut self,
        loaded: &Loaded,
        bound: &Bound<'_>,
        rows: Range<usize>,
        fact_bytes: usize,
    ) -> Written<(Rows, usize)> {
        let facts = bound.start + fact_bytes;
        let bytes = self.instance.bytes().get_mut(..facts).ok_or(Missed::Room)?;
        let mut memory = Memory { bytes, at: bound.start };
        let written = bound.write(loaded, &mut memory, rows.clone())?;
        let mut at = memory.at;
        if loaded.module.layout.promo {
            at = self.owners(loaded, bound, &rows, facts, at)?;
        }
        Ok((written, at.next_multiple_of(16)))
    }

    /// Puts the owners of codes that have no symbol of their own into memory; where it is free after them.
    fn owners(
        &mut self,
        loaded: &Loaded,
        bound: &Bound<'_>,
        rows: &Range<usize>,
        facts: usize,
        at: usize,
    ) -> Written<usize> {
        let data = self.instance.store.data_mut();
        data.missing = None;
        let mut promo = std::mem::take(&mut data.promo);
        bound.ask_about(rows.clone(), &mut promo);
        let mut memory = Memory { bytes: self.instance.bytes().get_mut(..facts).ok_or(Missed::Room)?, at };
        memory.owners(&mut promo, &loaded.symbols)?;
        let at = memory.at;
        self.instance.store.data_mut().promo = promo;
        Ok(at)
    }

    /// Looks up a code that was asked for; whether there was one.
    fn look_up_code(&mut self, bound: &Bound<'_>) -> bool {
        let data = self.instance.store.data_mut();
        let Some(code) = data.missing.take() else { return false };
        data.promo.push(Promo::of(&code, bound.cases.reference()));
        true
    }
}

/// Where the answers of a call are, and a bit for each row with a number that does not fit.
#[derive(Clone, Copy, Debug, Default)]
struct Ran {
    out: usize,
    end: usize,
    odd: u64,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_many_columns_is_a_byte_for_each() {
        const ROWS: usize = 150;
        let known = |column: usize, row: usize| match column {
            3 => true,
            5 => false,
            _ => (row * 31 + column * 7).is_multiple_of(column + 2),
        };
        let values = || Values::Integers(vec![0; ROWS].into());
        let columns: Vec<Column<'_>> = (0..13)
            .map(|column| Column::new(values()).known((0..ROWS).map(move |row| known(column, row))))
            .collect();
        // One alone, some, and more than eight.
        for count in [1, 6, 13] {
            let flag = |column: usize| match column {
                3 => Known::All,
                5 => Known::None,
                _ => Known::Each(columns[column].known.as_ref().unwrap()),
            };
            let flags: Vec<_> = (0..count).map(|column| (56 + column, flag(column))).collect();
            let rows = 3..ROWS - 6;
            let mut bytes = vec![9; 80 * (rows.len() + 1)];
            let mut memory = Memory { bytes: &mut bytes, at: 0 };
            for flags in Flags::of(&flags) {
                flags.write(&mut memory, rows.clone(), Records { first: 0, stride: 80 }).unwrap();
            }
            for (row, record) in rows.zip(bytes.chunks(80)) {
                let expected: Vec<u8> = (0..count).map(|column| u8::from(known(column, row))).collect();
                assert_eq!(record[56..56 + count], expected, "row {row} of {count} columns");
            }
        }
    }
}
