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
#[inline]
pub(crate) fn decimal(digits: i64, scale: u32) -> Decimal {
    let [a, b, c, d, e, f, g, h] = digits.unsigned_abs().to_le_bytes();
    let (low, middle) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    Decimal::from_parts(low, middle, 0, digits < 0, scale)
}

/// A power of ten.
#[inline]
fn ten_to(power: u32) -> Option<i64> {
    // A table, which a loop would not be.
    const TENS: [i64; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
    TENS.get(power as usize).copied().or_else(|| 10_i64.checked_pow(power))
}

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
    pub(crate) fn decimal(self) -> Decimal {
        decimal(self.digits, self.scale)
    }

    /// `self × other`.
    #[inline]
    pub(crate) fn times(self, other: Self) -> Option<Self> {
        let scale = self.scale + other.scale;
        let digits = self.digits.checked_mul(other.digits)?;
        (scale <= DECIMALS).then_some(Self { digits, scale })
    }

    /// `self + other`, which has as many decimals or fewer.
    #[inline]
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let more = ten_to(self.scale.checked_sub(other.scale)?)?;
        let digits = self.digits.checked_add(other.digits.checked_mul(more)?)?;
        Some(Self { digits, scale: self.scale })
    }

    /// Rounded to `scale` decimals.
    #[inline]
    pub(crate) fn rounded(self, scale: u32, mode: RoundingMode) -> Option<Self> {
        let Some(more) = self.scale.checked_sub(scale) else { return Some(self) };
        let magnitude = self.digits.unsigned_abs();
        // Divisions by constants are far cheaper than one by a variable.
        let (whole, rest, unit) = match more {
            0 => return Some(self),
            1 => (magnitude / 10, magnitude % 10, 10),
            2 => (magnitude / 100, magnitude % 100, 100),
            3 => (magnitude / 1_000, magnitude % 1_000, 1_000),
            4 => (magnitude / 10_000, magnitude % 10_000, 10_000),
            5..=18 => {
                let unit = ten_to(more)?.unsigned_abs();
                (magnitude / unit, magnitude % unit, unit)
            }
            _ => return None,
        };
        let half = unit / 2;
        let up = match mode {
            RoundingMode::HalfUp => rest >= half,
            RoundingMode::HalfEven => rest > half || (rest == half && whole % 2 == 1),
            RoundingMode::Up => rest > 0,
            RoundingMode::Down => false,
        };
        let whole = i64::try_from(whole + u64::from(up)).ok()?;
        Some(Self { digits: if self.digits < 0 { -whole } else { whole }, scale })
    }
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
    fn small_numbers_give_what_decimals_give() {
        let mut seed = 7;
        let (mut products, mut sums, mut rounds) = (0, 0, 0);
        let modes = [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down];
        for n in 0..200_000_usize {
            let (a, b) = (any(&mut seed), any(&mut seed));
            let (Some(small), Some(other)) = (Small::of(&a), Small::of(&b)) else { continue };
            assert_eq!(small.decimal(), a);
            if let Some(product) = small.times(other) {
                products += 1;
                assert_eq!(Ok(product.decimal()), exact::mul(a, b), "{a} × {b}");
            }
            if let Some(sum) = small.plus(other) {
                sums += 1;
                assert_eq!(Ok(sum.decimal()), exact::add(a, b), "{a} + {b}");
            }
            let mode = *modes.get(n % 4).unwrap();
            for scale in 0..5 {
                if let Some(rounded) = small.rounded(scale, mode) {
                    rounds += 1;
                    assert_eq!(
                        Money(rounded.decimal()),
                        Money(a).round(scale, mode),
                        "{a} to {scale} {mode:?}"
                    );
                }
            }
        }
        assert!(
            products > 20_000 && sums > 20_000 && rounds > 100_000,
            "{products} products, {sums} sums and {rounds} rounds"
        );
    }
}
