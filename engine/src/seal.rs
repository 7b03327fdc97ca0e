//! How values are written into a receipt: as bytes and not as JSON, which would take several times as long and would change with
//! the name of a field. [`crate::decide`] seals decisions and [`crate::facts`] facts; this module must not know either.
//!
//! - A record: every field in the order of its type, nothing between them.
//! - A whole number: groups of 7 bits, the lowest first; the high bit of a byte says that another byte follows. A number that may
//!   be negative is first mapped to a positive number: -1 to 1, 1 to 2, -2 to 3.
//! - Text and lists: preceded by their length.
//! - A value that may be missing: preceded by a byte 1, or a byte 0 alone. A case of an enum: its number, one byte.
//! - A decimal: normalised, its scale and its digits, so that equal amounts give equal bytes.
//! - A moment: seconds since 1970 and nanoseconds. A date: days since 1970. A digest: its 32 bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::digest::Digest;
use crate::money::{Currency, Money, Number};
use crate::time::{Timestamp, days_since_epoch};

/// A value that can be written into a receipt.
pub(crate) trait Seal {
    /// Appends the bytes of the value.
    fn seal(&self, out: &mut Vec<u8>);
}

/// Seals records field by field, in this order. A record is destructured without `..`, so that a new field cannot be forgotten.
macro_rules! seal_records {
    ($($record:ident { $($field:ident),+ $(; but $skipped:ident)* })+) => {
        $(impl $crate::seal::Seal for $record {
            fn seal(&self, out: &mut Vec<u8>) {
                let Self { $($field,)+ $($skipped: _,)* } = self;
                $($crate::seal::Seal::seal($field, out);)+
            }
        })+
    };
}
pub(crate) use seal_records;

/// Seals the cases of an enum as the numbers given here.
macro_rules! seal_cases {
    ($($name:ident { $($case:ident = $number:literal),+ })+) => {
        $(impl $crate::seal::Seal for $name {
            fn seal(&self, out: &mut Vec<u8>) {
                out.push(match self { $(Self::$case => $number,)+ });
            }
        })+
    };
}
pub(crate) use seal_cases;

fn number(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Appends a length.
pub(crate) fn length(of: usize, out: &mut Vec<u8>) {
    number(of as u64, out);
}

impl Seal for u32 {
    fn seal(&self, out: &mut Vec<u8>) {
        number(u64::from(*self), out);
    }
}

impl Seal for u64 {
    fn seal(&self, out: &mut Vec<u8>) {
        number(*self, out);
    }
}

impl Seal for i64 {
    fn seal(&self, out: &mut Vec<u8>) {
        number(((*self << 1) ^ (*self >> 63)).cast_unsigned(), out);
    }
}

impl Seal for i128 {
    fn seal(&self, out: &mut Vec<u8>) {
        let mut left = ((*self << 1) ^ (*self >> 127)).cast_unsigned();
        loop {
            if let Ok(low) = u64::try_from(left) {
                return number(low, out);
            }
            out.push(u8::try_from(left & 0x7f).unwrap_or_default() | 0x80);
            left >>= 7;
        }
    }
}

impl Seal for bool {
    fn seal(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Seal for str {
    fn seal(&self, out: &mut Vec<u8>) {
        length(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl Seal for String {
    fn seal(&self, out: &mut Vec<u8>) {
        self.as_str().seal(out);
    }
}

impl Seal for Cow<'_, str> {
    fn seal(&self, out: &mut Vec<u8>) {
        str::seal(self, out);
    }
}

impl<T: Seal + ?Sized> Seal for &T {
    fn seal(&self, out: &mut Vec<u8>) {
        (**self).seal(out);
    }
}

impl<T: Seal> Seal for Option<T> {
    fn seal(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => {
                out.push(1);
                value.seal(out);
            }
            None => out.push(0),
        }
    }
}

impl<T: Seal> Seal for Vec<T> {
    fn seal(&self, out: &mut Vec<u8>) {
        length(self.len(), out);
        for value in self {
            value.seal(out);
        }
    }
}

impl<K: Seal, V: Seal> Seal for BTreeMap<K, V> {
    fn seal(&self, out: &mut Vec<u8>) {
        length(self.len(), out);
        for (key, value) in self {
            key.seal(out);
            value.seal(out);
        }
    }
}

impl Seal for Decimal {
    fn seal(&self, out: &mut Vec<u8>) {
        // Fast path: nearly all mantissas fit into 64 bits, where division is many times as fast. The bytes are the same.
        if let Ok(mut digits) = i64::try_from(self.mantissa()) {
            let mut scale = self.scale();
            while scale > 0 && digits % 10 == 0 {
                digits /= 10;
                scale -= 1;
            }
            scale.seal(out);
            return digits.seal(out);
        }
        let normal = self.normalize();
        normal.scale().seal(out);
        normal.mantissa().seal(out);
    }
}

impl Seal for Money {
    fn seal(&self, out: &mut Vec<u8>) {
        self.0.seal(out);
    }
}

impl Seal for Number {
    fn seal(&self, out: &mut Vec<u8>) {
        self.0.seal(out);
    }
}

impl Seal for Currency {
    fn seal(&self, out: &mut Vec<u8>) {
        self.code().seal(out);
    }
}

impl Seal for Digest {
    fn seal(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Seal for Timestamp {
    fn seal(&self, out: &mut Vec<u8>) {
        self.seconds().seal(out);
        self.nanoseconds().seal(out);
    }
}

impl Seal for NaiveDate {
    fn seal(&self, out: &mut Vec<u8>) {
        i64::from(days_since_epoch(*self)).seal(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_amount_has_the_bytes_of_a_long_one() {
        for (digits, scale) in [
            (0, 0),
            (0, 9),
            (-1_990, 2),
            (500, 3),
            (i128::from(i64::MAX), 4),
            (i128::from(i64::MIN), 0),
            (10_000_000_000_000_000_000_000, 6),
            (i128::from(i64::MAX) + 1, 28),
        ] {
            let amount = Decimal::from_i128_with_scale(digits, scale);
            let normal = amount.normalize();
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            normal.scale().seal(&mut expected);
            normal.mantissa().seal(&mut expected);
            amount.seal(&mut found);
            assert_eq!(found, expected, "{amount}");
        }
    }
}
