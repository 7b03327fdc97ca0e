//! Checks the pages of a column before they are decoded: the levels, the dictionary and the values that a page must have.
//!
//! The Parquet reader checks lengths and sizes, but takes much else as given, and panics on a page whose levels break off or whose
//! values are fewer than its header says. A host may be built so that a panic ends it. So nothing is decoded that was not checked
//! here: whatever a page holds, the reader has every level and value that it asks for.

use std::sync::Arc;

use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader as _};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::file::{FileError, broken, guarded};
use crate::source::ParquetSource;

/// Checks every page of a row group.
pub(crate) fn check(
    file: &Arc<ParquetSource>,
    number: usize,
    group: &RowGroupMetaData,
) -> Result<(), FileError> {
    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
    for column in group.columns() {
        let fault = |message: String| {
            let path = column.column_path().string();
            broken(format!("row group {number}: column `{path}`: {message}"))
        };
        let count = usize::try_from(rows).map_err(|_| fault("more rows than can be counted".to_owned()))?;
        let pages = guarded(|| SerializedPageReader::new(Arc::clone(file), column, count, None));
        let mut pages = pages.map_err(|error| fault(error.detail()))?;
        let mut chunk = Chunk { column, dictionary: None, pages: 0, rows: 0 };
        while let Some(page) = guarded(|| pages.get_next_page()).map_err(|error| fault(error.detail()))? {
            let place = format!("page {}: ", chunk.pages);
            chunk.page(page).map_err(|message| fault(format!("{place}{message}")))?;
            chunk.pages = chunk.pages.saturating_add(1);
        }
        if chunk.rows != rows {
            return Err(fault(format!("its pages have {} rows, and there are {rows}", chunk.rows)));
        }
    }
    Ok(())
}

/// The pages of one column until now.
struct Chunk<'c> {
    column: &'c ColumnChunkMetaData,
    /// The number of values in the dictionary.
    dictionary: Option<u32>,
    pages: usize,
    rows: u64,
}

const ENDS_EARLY: &str = "its values end early";

impl Chunk<'_> {
    fn page(&mut self, page: Page) -> Result<(), String> {
        let (max_def, max_rep) =
            (self.column.column_descr().max_def_level(), self.column.column_descr().max_rep_level());
        let (max_def, max_rep) = (max_def.unsigned_abs(), max_rep.unsigned_abs());
        let (repetition, definition, values, count, encoding) = match &page {
            Page::DictionaryPage { buf, num_values, encoding, .. } => {
                return self.take_dictionary(buf, *num_values, *encoding);
            }
            Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, .. } => {
                let mut rest = buf.as_ref();
                let mut levels = |max: u16, encoding: Encoding| {
                    if max == 0 {
                        return Ok([].as_slice());
                    }
                    if encoding != Encoding::RLE {
                        return Err(format!("levels in encoding {encoding} are not read; write them as RLE"));
                    }
                    sized(&mut rest).ok_or_else(|| "its levels end early".to_owned())
                };
                let repetition = levels(max_rep, *rep_level_encoding)?;
                let definition = levels(max_def, *def_level_encoding)?;
                (repetition, definition, rest, *num_values, *encoding)
            }
            Page::DataPageV2 {
                buf, num_values, encoding, rep_levels_byte_len, def_levels_byte_len, ..
            } => {
                let lengths = usize::try_from(*rep_levels_byte_len)
                    .ok()
                    .zip(usize::try_from(*def_levels_byte_len).ok());
                let parts = lengths.and_then(|(repetition, definition)| {
                    let (repetition, rest) = buf.split_at_checked(repetition)?;
                    let (definition, values) = rest.split_at_checked(definition)?;
                    Some((repetition, definition, values))
                });
                let (repetition, definition, values) = parts.ok_or("its levels end early")?;
                (repetition, definition, values, *num_values, *encoding)
            }
        };
        let rows = self.rows_of(repetition, max_rep, count)?;
        let known = known(definition, max_def, count)?;
        if let Page::DataPageV2 { num_nulls, num_rows, .. } = &page
            && (u64::from(*num_rows) != rows || num_nulls.checked_add(known) != Some(count))
        {
            return Err(format!(
                "its header has {num_rows} rows and {num_nulls} nulls, and its levels have {rows} and {}",
                count.saturating_sub(known)
            ));
        }
        self.rows = self.rows.saturating_add(rows);
        self.values(values, known, encoding)
    }

    fn take_dictionary(&mut self, bytes: &[u8], count: u32, encoding: Encoding) -> Result<(), String> {
        if self.pages > 0 {
            return Err("a dictionary that is not the first page".to_owned());
        }
        if !matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY)
            || self.column.column_type() == Type::BOOLEAN
        {
            return Err("a dictionary that is not plain".to_owned());
        }
        self.plain(bytes, count)?;
        self.dictionary = Some(count);
        Ok(())
    }

    /// Returns the number of rows that begin in a page.
    fn rows_of(&self, levels: &[u8], max: u16, count: u32) -> Result<u64, String> {
        if max == 0 {
            return Ok(count.into());
        }
        let (mut rows, mut first) = (0u64, None);
        runs(levels, width_of(max), count, |level, times| {
            first.get_or_insert(level);
            if level == 0 {
                rows = rows.saturating_add(times.into());
            }
            (level <= max.into()).then_some(())
        })
        .ok_or("its repetition levels are not those of its values")?;
        if self.rows == 0 && first.is_some_and(|level| level > 0) {
            return Err("it begins inside of a list".to_owned());
        }
        Ok(rows)
    }

    /// Checks the values of a page.
    fn values(&self, bytes: &[u8], count: u32, encoding: Encoding) -> Result<(), String> {
        match encoding {
            Encoding::PLAIN => self.plain(bytes, count),
            Encoding::RLE if self.column.column_type() == Type::BOOLEAN => {
                let mut rest = bytes;
                let bits = sized(&mut rest).ok_or(ENDS_EARLY)?;
                runs(bits, 1, count, |_, _| Some(())).ok_or_else(|| ENDS_EARLY.to_owned())
            }
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => {
                let Some(size) = self.dictionary else {
                    return Err("it refers to a dictionary, and there is none".to_owned());
                };
                let (width, indices) = bytes.split_first().ok_or(ENDS_EARLY)?;
                let found = runs(indices, (*width).into(), count, |index, _| (index < size).then_some(()));
                found.ok_or_else(|| "it refers to values that its dictionary does not have".to_owned())
            }
            other => Err(format!("encoding {other} of this type is not read")),
        }
    }

    /// Checks that there are `count` plain values.
    fn plain(&self, bytes: &[u8], count: u32) -> Result<(), String> {
        let count = u64::from(count);
        let length = |each: u64| count.checked_mul(each);
        let needed = match self.column.column_type() {
            Type::BOOLEAN => Some(count.div_ceil(8)),
            Type::INT32 | Type::FLOAT => length(4),
            Type::INT64 | Type::DOUBLE => length(8),
            Type::INT96 => length(12),
            Type::FIXED_LEN_BYTE_ARRAY => {
                length(self.column.column_descr().type_length().unsigned_abs().into())
            }
            Type::BYTE_ARRAY => {
                let mut rest = bytes;
                let all = (0..count).try_for_each(|_| sized(&mut rest).map(drop));
                return all.ok_or_else(|| ENDS_EARLY.to_owned());
            }
        };
        let whole = needed.is_some_and(|needed| needed <= bytes.len() as u64);
        whole.then_some(()).ok_or_else(|| ENDS_EARLY.to_owned())
    }
}

/// Returns the number of values that are not null.
fn known(levels: &[u8], max: u16, count: u32) -> Result<u32, String> {
    if max == 0 {
        return Ok(count);
    }
    let mut known = 0u32;
    runs(levels, width_of(max), count, |level, times| {
        if level == u32::from(max) {
            known = known.saturating_add(times);
        }
        (level <= max.into()).then_some(())
    })
    .ok_or("its definition levels are not those of its values")?;
    Ok(known)
}

/// Returns the bits of a level.
fn width_of(max: u16) -> u32 {
    u16::BITS.saturating_sub(max.leading_zeros())
}

/// Takes bytes that follow their length.
fn sized<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (taken, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(taken)
}

/// Calls `each` with the next number and how many times it comes, until there were `count` numbers of this many bits. Returns `None`
/// if there are fewer, or when `each` does.
fn runs(bytes: &[u8], width: u32, count: u32, mut each: impl FnMut(u32, u32) -> Option<()>) -> Option<()> {
    if width > u32::BITS {
        return None;
    }
    let value_bytes = usize::try_from(width.div_ceil(8)).ok()?;
    let (mut rest, mut left) = (bytes, count);
    while left > 0 {
        let head = varint(&mut rest)?;
        let number = head >> 1;
        if number == 0 {
            return None;
        }
        if head & 1 == 0 {
            let (value, after) = rest.split_at_checked(value_bytes)?;
            let value = value.iter().rev().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
            if number > left {
                return None;
            }
            each(value, number)?;
            (rest, left) = (after, left.saturating_sub(number));
            continue;
        }
        // Eight numbers take as many bytes as one has bits.
        let packed = usize::try_from(u64::from(number).checked_mul(width.into())?).ok()?;
        let (packed, after) = rest.split_at_checked(packed)?;
        // The last run is filled up to a multiple of eight numbers.
        if number.saturating_sub(1) >= left.div_ceil(8) {
            return None;
        }
        let numbers = number.saturating_mul(8).min(left);
        unpack(packed, width, numbers, &mut each)?;
        (rest, left) = (after, left.saturating_sub(numbers));
    }
    Some(())
}

/// Calls `each` with the packed numbers.
fn unpack(
    packed: &[u8],
    width: u32,
    count: u32,
    each: &mut impl FnMut(u32, u32) -> Option<()>,
) -> Option<()> {
    if width == 0 {
        return each(0, count);
    }
    let mask = u64::MAX >> u64::BITS.saturating_sub(width);
    let (mut bits, mut filled, mut bytes) = (0u64, 0u32, packed.iter());
    for _ in 0..count {
        while filled < width {
            bits |= u64::from(*bytes.next()?) << filled;
            filled = filled.saturating_add(8);
        }
        each(u32::try_from(bits & mask).ok()?, 1)?;
        bits >>= width;
        filled = filled.saturating_sub(width);
    }
    Some(())
}

/// Takes a number of seven bits a byte.
fn varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0u64;
    for shift in (0..32).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return u32::try_from(number).ok();
        }
    }
    None
}
