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

/// A power of ten to divide by: multiplying is several times as fast, and gives the same for every number below 2⁶³.
#[derive(Clone, Copy)]
struct Unit {
    unit: u64,
    /// 2⁶³⁺ᵇⁱᵗˢ over the unit, rounded up, where 2ᵇⁱᵗˢ is the first power of two that is not below it.
    factor: u64,
    bits: u32,
}

/// The unit of each power of ten but the first, by which nothing has to be divided.
#[allow(clippy::indexing_slicing, reason = "worked out by the compiler, which would stop")]
const UNITS: [Unit; TENS.len()] = {
    let mut units = [Unit { unit: 1, factor: 0, bits: 0 }; TENS.len()];
    let mut power = 1;
    while power < TENS.len() {
        let unit = TENS[power].unsigned_abs();
        let bits = unit.next_power_of_two().ilog2();
        #[allow(clippy::cast_possible_truncation, reason = "2⁶³⁺ᵇⁱᵗˢ over more than 2ᵇⁱᵗˢ⁻¹ is below 2⁶⁴")]
        let factor = (1_u128 << (63 + bits)).div_ceil(unit as u128) as u64;
        units[power] = Unit { unit, factor, bits };
        power += 1;
    }
    units
};

impl Unit {
    /// How often the unit is in a number below 2⁶³.
    #[inline(always)]
    fn whole(self, number: u64) -> u64 {
        let high = (u128::from(number) * u128::from(self.factor)) >> 64;
        u64::try_from(high).unwrap_or(u64::MAX) >> (self.bits - 1)
    }
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
        let rate = Small::of(rate)?;
        // Nothing more has the decimals of the rate, so that it need not be told apart from something.
        let add = if add.is_zero() { Small { digits: 0, scale: rate.scale } } else { Small::of(add)? };
        Some(Self { rate, add, scale, mode })
    }

    /// `base × rate + add`, and the same rounded. Inlined, since what is handed over in memory costs more than the sum.
    #[inline(always)]
    pub(crate) fn of(&self, base: Small) -> Option<(Small, Small)> {
        let scale = base.scale + self.rate.scale;
        let add = self.add.digits.checked_mul(ten(scale.checked_sub(self.add.scale)?)?)?;
        let digits = base.digits.checked_mul(self.rate.digits)?.checked_add(add)?;
        let exact = Small { digits, scale };
        let Some(more @ 1..) = scale.checked_sub(self.scale) else {
            return (scale <= DECIMALS).then_some((exact, exact));
        };
        let unit = UNITS.get(more as usize)?;
        let magnitude = digits.unsigned_abs();
        let more = match self.mode {
            RoundingMode::HalfUp | RoundingMode::HalfEven => unit.unit / 2,
            RoundingMode::Up => unit.unit - 1,
            RoundingMode::Down => 0,
        };
        let number = magnitude.checked_add(more).filter(|number| number >> 63 == 0)?;
        let mut whole = unit.whole(number);
        if self.mode == RoundingMode::HalfEven && whole * unit.unit == number {
            whole &= !1;
        }
        let whole = whole.cast_signed();
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
    fn units_divide() {
        let mut seed = 3;
        for unit in UNITS.get(1..).unwrap() {
            let most = i64::MAX.unsigned_abs();
            let edges = [0, 1, unit.unit - 1, unit.unit, most - 1, most, most / unit.unit * unit.unit];
            let near = edges.into_iter().flat_map(|edge| [edge, edge.saturating_sub(1)]);
            let others = (0..100_000).map(|_| {
                let number = any(&mut seed).mantissa().unsigned_abs();
                u64::try_from(number).unwrap() >> (seed % 40) & most
            });
            for number in near.chain(others.collect::<Vec<_>>()) {
                assert_eq!(unit.whole(number), number / unit.unit, "{number} by {}", unit.unit);
                let below = number / unit.unit * unit.unit;
                assert_eq!(unit.whole(below.saturating_sub(1)), below.saturating_sub(1) / unit.unit);
            }
        }
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
