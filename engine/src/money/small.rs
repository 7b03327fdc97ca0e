//! Arithmetic and rounding of decimals whose digits fit into 64 bits, which nearly all amounts do. Each gives the same value as
//! the decimal type, or nothing where it does not fit.

use rust_decimal::Decimal;

use super::RoundingMode;

/// The most decimals that a decimal has.
const DECIMALS: u32 = 28;

/// A decimal's digits, when they fit.
#[inline]
pub(crate) fn digits(value: &Decimal) -> Option<i64> {
    let parts = value.unpack();
    if parts.hi != 0 {
        return None;
    }
    let magnitude = i64::try_from(u64::from(parts.lo) | u64::from(parts.mid) << 32).ok()?;
    Some(if parts.negative { -magnitude } else { magnitude })
}

/// A decimal of these digits.
#[inline(always)]
fn decimal(digits: i64, scale: u32) -> Decimal {
    let [a, b, c, d, e, f, g, h] = digits.unsigned_abs().to_le_bytes();
    let (low, middle) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    Decimal::from_parts(low, middle, 0, digits < 0, scale)
}

/// Powers of ten: beyond these nobody has amounts or rates of 64 bits.
const TENS: [i64; 13] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
];

/// A number of 64 bits with its decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Small {
    digits: i64,
    scale: u32,
}

impl Small {
    /// A decimal whose digits fit.
    #[inline]
    pub(crate) fn of(value: &Decimal) -> Option<Self> {
        Some(Self { digits: digits(value)?, scale: value.scale() })
    }

    #[inline]
    pub(crate) fn new(digits: i64, scale: u32) -> Self {
        Self { digits, scale }
    }

    #[inline(always)]
    pub(crate) fn decimal(self) -> Decimal {
        decimal(self.digits, self.scale)
    }
}

/// A rate, an amount more and how their sum is rounded: what is the same for every base is worked out once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    rate: Small,
    add: Small,
    /// Decimals of what is rounded.
    scale: u32,
    mode: RoundingMode,
}

impl Share {
    /// Of a rate and an amount whose digits fit.
    pub(crate) fn new(rate: &Decimal, add: &Decimal, scale: u32, mode: RoundingMode) -> Option<Self> {
        Some(Self { rate: Small::of(rate)?, add: Small::of(add)?, scale, mode })
    }

    /// `base × rate + add`, and the same rounded. Inlined, since what is handed over in memory costs more than the sum.
    #[inline(always)]
    pub(crate) fn of(&self, base: Small) -> Option<(Small, Small)> {
        let scale = base.scale + self.rate.scale;
        let mut digits = base.digits.checked_mul(self.rate.digits)?;
        if self.add.digits != 0 {
            digits =
                digits.checked_add(self.add.digits.checked_mul(ten(scale.checked_sub(self.add.scale)?)?)?)?;
        }
        let exact = Small { digits, scale };
        let Some(more) = scale.checked_sub(self.scale) else { return Some((exact, exact)) };
        let unit = ten(more)?.unsigned_abs();
        let magnitude = digits.unsigned_abs();
        let more = match self.mode {
            RoundingMode::HalfUp | RoundingMode::HalfEven => unit / 2,
            RoundingMode::Up => unit - 1,
            RoundingMode::Down => 0,
        };
        // By a variable: one division is cheaper than finding out which constant it is.
        let mut whole = magnitude.checked_add(more)? / unit;
        if self.mode == RoundingMode::HalfEven && unit > 1 && whole * unit == magnitude + more {
            whole &= !1;
        }
        let whole = i64::try_from(whole).ok()?;
        let rounded = Small { digits: if digits < 0 { -whole } else { whole }, scale: self.scale };
        (scale <= DECIMALS).then_some((exact, rounded))
    }
}

/// A power of ten, of those that are common.
#[inline(always)]
fn ten(power: u32) -> Option<i64> {
    TENS.get(power as usize).copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::money::{Money, exact};

    /// A decimal of a pattern: edges often, anything else otherwise.
    fn any(seed: &mut u64) -> Decimal {
        let mut next = || {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *seed >> 11
        };
        let digits = match next() % 6 {
            0 => next() % 1_000,
            1 => 10_u64.pow(u32::try_from(next() % 19).unwrap()) + next() % 3,
            2 => 5 * 10_u64.pow(u32::try_from(next() % 18).unwrap()),
            3 => i64::MAX.unsigned_abs() - next() % 3,
            4 => next() % (1 << 32),
            _ => next(),
        };
        let scale = u32::try_from(next() % 29).unwrap();
        let mut value = Decimal::from_i128_with_scale(i128::from(digits), scale);
        value.set_sign_negative(next() % 2 == 0);
        value
    }

    #[test]
    fn shares_are_what_decimals_give() {
        let mut seed = 7;
        let mut shares = 0;
        let modes = [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down];
        for n in 0..200_000_usize {
            let (base, rate) = (any(&mut seed), any(&mut seed));
            let add = if n % 3 == 0 { any(&mut seed) } else { Decimal::ZERO };
            let mode = *modes.get(n % 4).unwrap();
            for scale in 0..5 {
                let Some(share) = Share::new(&rate, &add, scale, mode) else { continue };
                let Some(small) = Small::of(&base) else { continue };
                assert_eq!(small.decimal(), base);
                let Some((exact, earned)) = share.of(small) else { continue };
                shares += 1;
                let mut expected = exact::mul(base, rate).unwrap();
                if !add.is_zero() {
                    expected = exact::add(expected, add).unwrap();
                }
                assert_eq!(exact.decimal(), expected, "{base} × {rate} + {add}");
                let rounded = Money(expected).round(scale, mode);
                assert_eq!(Money(earned.decimal()), rounded, "{expected} to {scale} {mode:?}");
            }
        }
        assert!(shares > 20_000, "{shares} shares");
    }
}
