//! The representation of values on the stack of a module.
//!
//! An amount is a 64-bit whole number with a scale that is known at compile time, if its scale and size are bounded. Otherwise it
//! is *wide*: a decimal of 96 bits in two words. The compiler tracks how many bits a number can need, so that an addition that
//! cannot overflow is not checked.

use rust_decimal::Decimal;
use wasm_encoder::ValType;

use crate::lang::Base;

/// The most decimals of a number of 64 bits. A rate on an amount has some eight; more would leave too few digits before the
/// point.
const MAX_SCALE: u8 = 12;

/// Bits of a number that may be any 64-bit integer.
pub(super) const ANY: u8 = 63;

/// The most bits of two numbers whose sum fits into 64 bits.
pub(super) const SAFE: u8 = 62;

/// The representation of a value on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rep {
    /// No value.
    Unit,
    /// 0 or 1.
    Bool,
    /// A whole number whose magnitude needs this many bits.
    Int(u8),
    /// A decimal with `scale` decimals; its digits are a whole number whose magnitude needs `bits` bits.
    Fixed {
        /// The number of decimals.
        scale: u8,
        /// The bits of the magnitude.
        bits: u8,
    },
    /// A decimal of 96 bits: low and middle word, then high word and flags.
    Wide,
    /// A symbol: the index of a constant, or the address of a text.
    Text,
    /// Seconds since 1970, and nanoseconds.
    Time,
    /// Days since 1970.
    Date,
    /// Seconds.
    Duration,
    /// The address of an item's or a touch's record.
    Record,
    /// The address of a list's head.
    List,
}

/// The kind of a local. Slots are reused by values of other kinds, and each kind gets a local of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Bool,
    Int,
    Number,
    Text,
    Time,
    Date,
    Duration,
    Record,
    List,
}

impl Kind {
    /// Returns the kind of a type; `None` for a type without values.
    pub(super) fn of(base: Base) -> Option<Self> {
        Some(match base {
            Base::Unit => return None,
            Base::Bool => Self::Bool,
            Base::Integer => Self::Int,
            Base::Decimal | Base::Money => Self::Number,
            Base::Text | Base::Code => Self::Text,
            Base::Time => Self::Time,
            Base::Date => Self::Date,
            Base::Duration => Self::Duration,
            Base::Record(_) => Self::Record,
            Base::List(_) => Self::List,
        })
    }
}

impl Rep {
    /// Returns the representation that holds any value of a type, as functions take and return it.
    pub(super) fn widest(base: Base) -> Self {
        match base {
            Base::Unit => Self::Unit,
            Base::Bool => Self::Bool,
            Base::Integer => Self::Int(ANY),
            Base::Decimal | Base::Money => Self::Wide,
            Base::Text | Base::Code => Self::Text,
            Base::Time => Self::Time,
            Base::Date => Self::Date,
            Base::Duration => Self::Duration,
            Base::Record(_) => Self::Record,
            Base::List(_) => Self::List,
        }
    }

    /// Returns the representation of a constant.
    pub(super) fn decimal(value: Decimal) -> Self {
        match digits(value) {
            Some((digits, scale)) => Self::Fixed { scale, bits: bits(digits) },
            None => Self::Wide,
        }
    }

    /// Returns the types of its words.
    pub(super) fn types(self) -> &'static [ValType] {
        match self {
            Self::Unit => &[],
            Self::Bool | Self::Text | Self::Date | Self::Record | Self::List => &[ValType::I32],
            Self::Int(_) | Self::Fixed { .. } | Self::Duration => &[ValType::I64],
            Self::Wide => &[ValType::I64, ValType::I64],
            Self::Time => &[ValType::I64, ValType::I32],
        }
    }

    /// Returns the representation that holds both.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unit, other) | (other, Self::Unit) => other,
            (Self::Int(a), Self::Int(b)) => Self::Int(a.max(b)),
            (Self::Fixed { scale: a, bits: x }, Self::Fixed { scale: b, bits: y }) => {
                let scale = a.max(b);
                Self::Fixed { scale, bits: scaled(x, scale - a).max(scaled(y, scale - b)) }
            }
            (Self::Wide, _) | (_, Self::Wide) => Self::Wide,
            (same, _) => same,
        }
    }

    /// Returns the representation of a sum or a difference.
    pub(super) fn sum(self, other: Self) -> Self {
        match self.join(other) {
            Self::Int(bits) => Self::Int((bits + 1).min(ANY)),
            Self::Fixed { scale, bits } => Self::Fixed { scale, bits: (bits + 1).min(ANY) },
            joined => joined,
        }
    }

    /// Returns the representation of a product.
    pub(super) fn product(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Self::Int(a.saturating_add(b).min(ANY)),
            (Self::Fixed { scale: a, bits: x }, Self::Fixed { scale: b, bits: y }) if a + b <= MAX_SCALE => {
                Self::Fixed { scale: a + b, bits: x.saturating_add(y).min(ANY) }
            }
            _ => Self::Wide,
        }
    }

    /// Returns the representation of a number divided by 100.
    pub(super) fn hundredth(self) -> Self {
        match self {
            Self::Int(bits) => Self::Fixed { scale: 2, bits },
            Self::Fixed { scale, bits } if scale + 2 <= MAX_SCALE => Self::Fixed { scale: scale + 2, bits },
            _ => Self::Wide,
        }
    }

    /// Returns the representation of a local that is assigned both. A representation that grows from one pass to the next becomes
    /// the widest, because it would grow without end.
    pub(super) fn widened(self, other: Self, pass: usize) -> Self {
        let joined = self.join(other);
        match (self, joined) {
            _ if joined == self || pass < 2 => joined,
            (Self::Fixed { scale: a, .. }, Self::Fixed { scale: b, .. }) if a == b => {
                Self::Fixed { scale: b, bits: ANY }
            }
            (Self::Fixed { .. }, Self::Fixed { .. }) => Self::Wide,
            (Self::Int(_), Self::Int(_)) => Self::Int(ANY),
            _ => joined,
        }
    }
}

/// Returns the bits of a number after `more` decimals are added.
pub(super) fn scaled(bits: u8, more: u8) -> u8 {
    // One decimal needs 3.33 bits.
    let grown = u32::from(bits) + (u32::from(more) * 10).div_ceil(3);
    u8::try_from(grown).unwrap_or(ANY).min(ANY)
}

/// Returns whether a number of `bits` bits has room for `more` decimals.
pub(super) fn is_safe(bits: u8, more: u8) -> bool {
    scaled(bits, more) <= SAFE
}

/// Returns whether every value of `from` fits into `to`, so that the conversion cannot fail.
pub(super) fn converts(from: Rep, to: Rep) -> bool {
    match (from, to) {
        (Rep::Fixed { scale, bits }, Rep::Fixed { scale: wanted, .. }) => {
            wanted <= scale || is_safe(bits, wanted - scale)
        }
        (Rep::Int(bits), Rep::Fixed { scale, .. }) => is_safe(bits, scale),
        _ => true,
    }
}

/// Returns the bits of a magnitude.
pub(super) fn bits(of: i64) -> u8 {
    u8::try_from(64 - of.unsigned_abs().leading_zeros()).unwrap_or(ANY).min(ANY)
}

/// Returns a decimal's digits and scale without trailing zeros; `None` if they do not fit.
pub(super) fn digits(value: Decimal) -> Option<(i64, u8)> {
    let value = value.normalize();
    let scale = u8::try_from(value.scale()).ok().filter(|scale| *scale <= MAX_SCALE)?;
    let digits = i64::try_from(value.mantissa()).ok()?;
    (bits(digits) <= SAFE).then_some((digits, scale))
}

/// Returns a decimal as two words: low and middle, then high and flags.
pub(super) fn words(value: Decimal) -> (i64, i64) {
    let bytes = value.serialize();
    let word = |at: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(bytes.get(at..at + 4).unwrap_or(&[0; 4]));
        u64::from(u32::from_le_bytes(four))
    };
    // `serialize` writes flags, low, middle, high.
    let pair = (word(4) | word(8) << 32, word(12) | word(0) << 32);
    (i64::from_ne_bytes(pair.0.to_ne_bytes()), i64::from_ne_bytes(pair.1.to_ne_bytes()))
}

/// Returns ten to this power, which must fit into 64 bits.
pub(super) fn power(of: u8) -> i64 {
    10_i64.saturating_pow(u32::from(of.min(18)))
}
