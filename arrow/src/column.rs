//! Columns of one record batch: checks the type of an array, and reads its values row by row as the facts' own types.
//!
//! A value is missing if its row is null, or if a struct that contains the column is null.

use std::ops::Range;

use accrue::facts::Attribute;
use accrue::money::{MAX_SCALE, Number, parse_decimal};
use accrue::time::{NotAMoment, Timestamp};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrowPrimitiveType, BooleanArray, LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::{NullBuffer, i256};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// The type of values that a column must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Texts,
    Moment,
    Amount,
    Number,
    Whole,
    Flagged,
}

/// An array and the rows in which it has no value.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    nulls: Option<NullBuffer>,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    /// No row has a value.
    Unknown,
    Strings(Strings<'a>),
    Decimals(Decimals<'a>),
    Moments(Moments<'a>),
    Whole(Integers<'a>),
    Flags(&'a BooleanArray),
    Dates(&'a PrimitiveArray<Date32Type>),
    Lists(Ranges<'a>, Strings<'a>),
}

#[derive(Debug)]
pub(crate) enum Strings<'a> {
    None,
    Short(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    Keyed(Vec<usize>, &'a dyn Array, Box<Strings<'a>>),
}

#[derive(Debug)]
struct Decimals<'a> {
    values: DecimalValues<'a>,
    precision: u8,
    scale: i8,
    /// The least number that has more digits than the precision.
    bound: i256,
}

#[derive(Debug)]
enum DecimalValues<'a> {
    D32(&'a PrimitiveArray<Decimal32Type>),
    D64(&'a PrimitiveArray<Decimal64Type>),
    D128(&'a PrimitiveArray<Decimal128Type>),
    D256(&'a PrimitiveArray<Decimal256Type>),
}

#[derive(Debug)]
enum Moments<'a> {
    Seconds(&'a PrimitiveArray<TimestampSecondType>),
    Millis(&'a PrimitiveArray<TimestampMillisecondType>),
    Micros(&'a PrimitiveArray<TimestampMicrosecondType>),
    Nanos(&'a PrimitiveArray<TimestampNanosecondType>),
}

#[derive(Debug)]
enum Integers<'a> {
    I8(&'a PrimitiveArray<Int8Type>),
    I16(&'a PrimitiveArray<Int16Type>),
    I32(&'a PrimitiveArray<Int32Type>),
    I64(&'a PrimitiveArray<Int64Type>),
    U8(&'a PrimitiveArray<UInt8Type>),
    U16(&'a PrimitiveArray<UInt16Type>),
    U32(&'a PrimitiveArray<UInt32Type>),
    U64(&'a PrimitiveArray<UInt64Type>),
}

/// The range of values of a list array that belongs to each row.
#[derive(Debug)]
pub(crate) enum Ranges<'a> {
    Short(&'a [i32]),
    Large(&'a [i64]),
}

impl Ranges<'_> {
    pub(crate) fn of(&self, row: usize) -> Range<usize> {
        let ends = match self {
            Self::Short(ends) => {
                ends.get(row).zip(ends.get(row + 1)).map(|(a, b)| (i64::from(*a), i64::from(*b)))
            }
            Self::Large(ends) => ends.get(row).zip(ends.get(row + 1)).map(|(a, b)| (*a, *b)),
        };
        let (from, until) = ends.unwrap_or_default();
        usize::try_from(from).unwrap_or(0)..usize::try_from(until).unwrap_or(0)
    }
}

/// Returns the ranges of a list array's rows, and the array of its values; `None` for an array of another type.
pub(crate) fn list(array: &dyn Array) -> Option<(Ranges<'_>, &dyn Array)> {
    if let Some(list) = array.as_list_opt::<i32>() {
        return Some((Ranges::Short(list.value_offsets()), list.values().as_ref()));
    }
    let list = array.as_list_opt::<i64>()?;
    Some((Ranges::Large(list.value_offsets()), list.values().as_ref()))
}

/// Returns why a column of this type cannot hold values of a kind; `None` if it can.
pub(crate) fn mismatch(kind: Kind, ty: &DataType) -> Option<String> {
    use DataType as T;
    let expected = match (kind, ty) {
        (_, T::Null) => return None,
        (Kind::Text, ty) if is_text(ty) => return None,
        (Kind::Texts, T::List(of) | T::LargeList(of)) if is_text(of.data_type()) => return None,
        (Kind::Moment, T::Timestamp(_, Some(_))) => return None,
        (Kind::Moment, T::Timestamp(_, None)) => {
            return Some(format!(
                "this column is `{ty}`: without a time zone its moments may be of any; write it with one, such as \
                 `timestamp(us, UTC)`"
            ));
        }
        (Kind::Moment | Kind::Amount | Kind::Number, ty) if is_text(ty) => return None,
        (Kind::Amount | Kind::Number, ty) if is_decimal(ty) => return None,
        (Kind::Amount | Kind::Number, ty) if ty.is_integer() => return None,
        (Kind::Amount | Kind::Number, ty) if ty.is_floating() => {
            return Some(format!(
                "this column is `{ty}`, a binary number that cannot hold 0.10; write it as a decimal, such as \
                 `decimal(18, 4)`, or as text"
            ));
        }
        (Kind::Whole, ty) if ty.is_integer() => return None,
        (Kind::Flagged, ty)
            if is_text(ty)
                || is_decimal(ty)
                || ty.is_integer()
                || matches!(ty, T::Boolean | T::Date32 | T::Timestamp(_, Some(_))) =>
        {
            return None;
        }
        (Kind::Flagged, ty) if ty.is_floating() => return mismatch(Kind::Number, ty),
        (Kind::Text, _) => "text (`utf8`)",
        (Kind::Texts, _) => "a list of texts",
        (Kind::Moment, _) => "a timestamp with a time zone, or text",
        (Kind::Amount | Kind::Number, _) => "a decimal, an integer or text",
        (Kind::Whole, _) => "an integer",
        (Kind::Flagged, _) => {
            "text, a decimal, an integer, a boolean, a date or a timestamp with a time zone"
        }
    };
    Some(format!("expected {expected}, but this column is `{ty}`"))
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, of) => matches!(**of, DataType::Utf8 | DataType::LargeUtf8),
        _ => false,
    }
}

fn is_decimal(ty: &DataType) -> bool {
    matches!(
        ty,
        DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..)
    )
}

impl<'a> Strings<'a> {
    pub(crate) fn of(array: &'a dyn Array) -> Self {
        if let Some(array) = array.as_string_opt::<i32>() {
            return Self::Short(array);
        }
        if let Some(array) = array.as_string_opt::<i64>() {
            return Self::Large(array);
        }
        if let Some(array) = array.as_string_view_opt() {
            return Self::View(array);
        }
        match array.as_any_dictionary_opt() {
            // Asking an empty dictionary for a value would panic.
            Some(keyed) if !keyed.values().is_empty() => {
                let strings = Box::new(Self::of(keyed.values().as_ref()));
                Self::Keyed(keyed.normalized_keys(), keyed.keys(), strings)
            }
            _ => Self::None,
        }
    }

    /// Returns the text of a row; `None` if it has no text.
    pub(crate) fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::None => None,
            Self::Short(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Self::Large(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Self::View(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Self::Keyed(numbers, keys, strings) => {
                let number = *numbers.get(row)?;
                if keys.is_valid(row) { strings.get(number) } else { None }
            }
        }
    }
}

impl<'a> Column<'a> {
    /// Returns a column whose type was checked before. `above` are the nulls of the structs that contain it.
    pub(crate) fn new(array: &'a dyn Array, above: Option<&NullBuffer>) -> Self {
        let values = match array.data_type() {
            DataType::Null => Some(Values::Unknown),
            DataType::Boolean => array.as_boolean_opt().map(Values::Flags),
            DataType::Date32 => array.as_primitive_opt().map(Values::Dates),
            DataType::List(_) | DataType::LargeList(_) => {
                list(array).map(|(ranges, values)| Values::Lists(ranges, Strings::of(values)))
            }
            ty if is_text(ty) => Some(Values::Strings(Strings::of(array))),
            ty if is_decimal(ty) => Decimals::of(array).map(Values::Decimals),
            DataType::Timestamp(unit, _) => Moments::of(array, *unit).map(Values::Moments),
            _ => Integers::of(array).map(Values::Whole),
        };
        Self { nulls: NullBuffer::union(above, array.nulls()), values: values.unwrap_or(Values::Unknown) }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| row >= nulls.len() || nulls.is_null(row))
    }

    /// Returns whether a row has no value.
    pub(crate) fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Unknown => true,
            Values::Strings(strings) => self.is_null(row) || strings.get(row).is_none(),
            _ => self.is_null(row),
        }
    }

    /// Returns the text of a row.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        match &self.values {
            Values::Strings(strings) if !self.is_null(row) => strings.get(row),
            _ => None,
        }
    }

    /// Returns the texts of a row's list, as a range of values.
    pub(crate) fn texts(&self, row: usize) -> Option<(Range<usize>, &Strings<'a>)> {
        match &self.values {
            Values::Lists(ranges, strings) if !self.is_null(row) => Some((ranges.of(row), strings)),
            _ => None,
        }
    }

    /// Returns the moment of a row, or why the value is not a moment.
    pub(crate) fn moment(&self, row: usize) -> Result<Option<Timestamp>, String> {
        if self.is_null(row) {
            return Ok(None);
        }
        match &self.values {
            Values::Moments(moments) => moments.get(row).map(Some),
            Values::Strings(strings) => strings.get(row).map(moment).transpose(),
            _ => Ok(None),
        }
    }

    /// Returns the decimal of a row, or why the value is not a decimal.
    pub(crate) fn decimal(&self, row: usize) -> Result<Option<Decimal>, String> {
        if self.is_null(row) {
            return Ok(None);
        }
        match &self.values {
            Values::Decimals(decimals) => decimals.get(row),
            Values::Strings(strings) => strings
                .get(row)
                .map(|text| parse_decimal(text).map_err(|error| error.to_string()))
                .transpose(),
            Values::Whole(integers) => Ok(integers.get(row).map(Decimal::from)),
            _ => Ok(None),
        }
    }

    /// Returns the whole number of a row, not negative, or why the value is not such a number.
    pub(crate) fn whole(&self, row: usize) -> Result<Option<u32>, String> {
        match &self.values {
            Values::Whole(integers) if !self.is_null(row) => match integers.get(row) {
                Some(number) => u32::try_from(number).map(Some).map_err(|_| {
                    format!("expected a whole number from 0 to {}, but this is `{number}`", u32::MAX)
                }),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Returns the value of one of the brand's own attributes, or why the value is not valid.
    pub(crate) fn attribute(&self, row: usize) -> Result<Option<Attribute>, String> {
        if self.is_null(row) {
            return Ok(None);
        }
        Ok(match &self.values {
            Values::Strings(strings) => strings.get(row).map(|text| Attribute::Text(text.to_owned())),
            Values::Flags(flags) => (row < flags.len()).then(|| Attribute::Bool(flags.value(row))),
            Values::Dates(dates) => {
                let date = (row < dates.len()).then(|| dates.value_as_date(row)).flatten();
                Some(Attribute::Text(date.ok_or("this date is outside the calendar")?.to_string()))
            }
            Values::Moments(moments) => Some(Attribute::Text(moments.get(row)?.to_string())),
            Values::Decimals(_) | Values::Whole(_) => {
                self.decimal(row)?.map(|number| Attribute::Number(Number(number)))
            }
            Values::Lists(..) | Values::Unknown => None,
        })
    }
}

/// Reads RFC 3339.
fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error: NotAMoment| error.to_string())
}

fn native<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.values().get(row).copied()
}

impl<'a> Moments<'a> {
    fn of(array: &'a dyn Array, unit: TimeUnit) -> Option<Self> {
        match unit {
            TimeUnit::Second => array.as_primitive_opt().map(Self::Seconds),
            TimeUnit::Millisecond => array.as_primitive_opt().map(Self::Millis),
            TimeUnit::Microsecond => array.as_primitive_opt().map(Self::Micros),
            TimeUnit::Nanosecond => array.as_primitive_opt().map(Self::Nanos),
        }
    }

    fn get(&self, row: usize) -> Result<Timestamp, String> {
        let moment: Option<DateTime<Utc>> = match self {
            Self::Seconds(array) => native(array, row).and_then(|at| DateTime::from_timestamp(at, 0)),
            Self::Millis(array) => native(array, row).and_then(DateTime::from_timestamp_millis),
            Self::Micros(array) => native(array, row).and_then(DateTime::from_timestamp_micros),
            Self::Nanos(array) => native(array, row).map(DateTime::from_timestamp_nanos),
        };
        let moment = moment.and_then(Timestamp::new);
        moment.ok_or_else(|| "this moment is not between the years 1900 and 2999".to_owned())
    }
}

impl<'a> Integers<'a> {
    fn of(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Int8 => Self::I8(array.as_primitive_opt()?),
            DataType::Int16 => Self::I16(array.as_primitive_opt()?),
            DataType::Int32 => Self::I32(array.as_primitive_opt()?),
            DataType::Int64 => Self::I64(array.as_primitive_opt()?),
            DataType::UInt8 => Self::U8(array.as_primitive_opt()?),
            DataType::UInt16 => Self::U16(array.as_primitive_opt()?),
            DataType::UInt32 => Self::U32(array.as_primitive_opt()?),
            DataType::UInt64 => Self::U64(array.as_primitive_opt()?),
            _ => return None,
        })
    }

    fn get(&self, row: usize) -> Option<i128> {
        match self {
            Self::I8(array) => native(array, row).map(i128::from),
            Self::I16(array) => native(array, row).map(i128::from),
            Self::I32(array) => native(array, row).map(i128::from),
            Self::I64(array) => native(array, row).map(i128::from),
            Self::U8(array) => native(array, row).map(i128::from),
            Self::U16(array) => native(array, row).map(i128::from),
            Self::U32(array) => native(array, row).map(i128::from),
            Self::U64(array) => native(array, row).map(i128::from),
        }
    }
}

impl<'a> Decimals<'a> {
    fn of(array: &'a dyn Array) -> Option<Self> {
        use DecimalValues::{D32, D64, D128, D256};
        let (values, precision, scale) = match array.data_type() {
            DataType::Decimal32(precision, scale) => (D32(array.as_primitive_opt()?), *precision, *scale),
            DataType::Decimal64(precision, scale) => (D64(array.as_primitive_opt()?), *precision, *scale),
            DataType::Decimal128(precision, scale) => (D128(array.as_primitive_opt()?), *precision, *scale),
            DataType::Decimal256(precision, scale) => (D256(array.as_primitive_opt()?), *precision, *scale),
            _ => return None,
        };
        let ten = i256::from_i128(10);
        let bound = (0..precision).try_fold(i256::ONE, |bound, _| bound.checked_mul(ten))?;
        Some(Self { values, precision, scale, bound })
    }

    fn get(&self, row: usize) -> Result<Option<Decimal>, String> {
        let digits = match &self.values {
            DecimalValues::D32(array) => native(array, row).map(i128::from),
            DecimalValues::D64(array) => native(array, row).map(i128::from),
            DecimalValues::D128(array) => native(array, row),
            DecimalValues::D256(array) => {
                let Some(wide) = native(array, row) else { return Ok(None) };
                self.check(wide)?;
                return narrow(wide, self.scale).and_then(|(digits, scale)| decimal(digits, scale)).map(Some);
            }
        };
        let Some(digits) = digits else { return Ok(None) };
        self.check(i256::from_i128(digits))?;
        decimal(digits, self.scale).map(Some)
    }

    /// Refuses a number of more digits than its column has: its writer, or what came between, has broken it.
    fn check(&self, digits: i256) -> Result<(), String> {
        if digits < self.bound && digits > self.bound.wrapping_neg() {
            return Ok(());
        }
        Err(format!("this number has more than the {} digits of its column", self.precision))
    }
}

/// Returns a number of up to 76 digits as one of up to 38, without the trailing zeros that its scale pads it with.
fn narrow(mut digits: i256, mut scale: i8) -> Result<(i128, i8), String> {
    let ten = i256::from_i128(10);
    while scale > 0 && digits.to_i128().is_none() {
        if digits.checked_rem(ten) != Some(i256::ZERO) {
            return Err(if i32::from(scale) > MAX_SCALE.cast_signed() {
                too_many_decimals()
            } else {
                too_large()
            });
        }
        digits = digits.checked_div(ten).ok_or_else(too_large)?;
        scale -= 1;
    }
    digits.to_i128().map(|digits| (digits, scale)).ok_or_else(too_large)
}

fn too_many_decimals() -> String {
    format!("this number has more than {MAX_SCALE} decimals")
}

fn too_large() -> String {
    "this number is too large".to_owned()
}

/// Returns a decimal without the trailing zeros that a column of fixed scale pads it with.
fn decimal(mut digits: i128, scale: i8) -> Result<Decimal, String> {
    let mut scale = i32::from(scale);
    // No currency has more than four decimals, and neither have most columns.
    if scale > 4 {
        // Fast path: nearly all digits fit into 64 bits, where division is many times as fast.
        if let Ok(mut short) = i64::try_from(digits) {
            while scale > 0 && short % 10 == 0 {
                short /= 10;
                scale -= 1;
            }
            digits = i128::from(short);
        }
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
    }
    while scale < 0 && digits != 0 {
        digits = digits.checked_mul(10).ok_or_else(too_large)?;
        scale += 1;
    }
    let scale = u32::try_from(scale).unwrap_or(0);
    if scale > MAX_SCALE {
        return Err(too_many_decimals());
    }
    Decimal::try_from_i128_with_scale(digits, scale).map_err(|_| too_large())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{decimal, narrow};
    use arrow_buffer::i256;

    #[test]
    fn decimals_of_any_scale_are_what_was_meant() {
        for (digits, scale, text) in [
            (1990, 2, "19.90"),
            (19_900_000_000_000_000_000, 18, "19.9"),
            (0, 38, "0"),
            (-5, -2, "-500"),
            (0, -128, "0"),
            (1, 12, "0.000000000001"),
        ] {
            assert_eq!(decimal(digits, scale).unwrap().to_string(), text);
        }
        assert!(decimal(1, 13).unwrap_err().contains("more than 12 decimals"));
        assert!(decimal(1, -100).unwrap_err().contains("too large"));
        assert!(decimal(i128::MAX, 2).unwrap_err().contains("too large"));
    }
    #[test]
    fn wide_decimals_are_read_to_their_last_digit() {
        let power = |n: u32| (0..n).fold(i256::ONE, |power, _| power.wrapping_mul(i256::from_i128(10)));
        let read = |digits: i256, scale| {
            narrow(digits, scale)
                .and_then(|(digits, scale)| decimal(digits, scale))
                .map(|read| read.to_string())
        };
        assert_eq!(read(power(74), 75).unwrap(), "0.1");
        assert_eq!(read(power(75).wrapping_neg(), 75).unwrap(), "-1");
        assert_eq!(read(power(64).wrapping_mul(i256::from_i128(1_234)), 66).unwrap(), "12.34");
        assert_eq!(read(i256::ZERO, 76).unwrap(), "0");
        assert_eq!(read(i256::from_i128(5), -2).unwrap(), "500");
        assert!(read(power(74).wrapping_add(i256::ONE), 75).unwrap_err().contains("more than 12 decimals"));
        assert!(read(power(50), 2).unwrap_err().contains("too large"));
        assert!(read(i256::MIN, 0).unwrap_err().contains("too large"));
        assert!(read(i256::MIN, 76).unwrap_err().contains("more than 12 decimals"));
    }
}
