//! Exact numbers beyond the 28 digits of [`Decimal`], so that a payout is rounded once, from the exact result.
//!
//! Nearly every number fits in a `Decimal`, and is one: the plain operation is tried first, and the scale of its result tells
//! whether it was exact. Where it was not, the number has up to 512 bits, some 154 digits; a result that needs more is an overflow,
//! which holds the action.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::natural::{Natural, Wide};
use super::{ArithmeticError, Money, RoundingMode};

/// An exact decimal.
#[derive(Clone, Debug)]
pub(crate) enum Exact {
    /// A number that fits in 96 bits and 28 decimals.
    Fits(Decimal),
    /// Any other number.
    Long(Box<Long>),
}

/// A number of more than 96 bits or 28 decimals: `digits` × 10⁻ˢᶜᵃˡᵉ, without trailing zeros behind the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Long {
    is_negative: bool,
    digits: Wide,
    scale: u32,
}

impl Default for Exact {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<Decimal> for Exact {
    fn from(value: Decimal) -> Self {
        Self::Fits(value)
    }
}

impl From<Money> for Exact {
    fn from(amount: Money) -> Self {
        Self::Fits(amount.0)
    }
}

/// Returns the product if it fits in a [`Decimal`] without rounding.
#[inline]
fn plain_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.is_zero() || b.is_zero() {
        return Some(Decimal::ZERO);
    }
    // A product that does not fit has lost decimals, and so its scale is smaller.
    a.checked_mul(b).filter(|product| product.scale() == a.scale() + b.scale())
}

/// Returns the sum if it fits in a [`Decimal`] without rounding.
#[inline]
fn plain_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.is_zero() || b.is_zero() {
        return Some(if a.is_zero() { b } else { a });
    }
    a.checked_add(b).filter(|sum| sum.scale() == a.scale().max(b.scale()))
}

impl Exact {
    /// Zero.
    pub(crate) const ZERO: Self = Self::Fits(Decimal::ZERO);

    /// Returns the product.
    pub(crate) fn mul(&self, by: Decimal) -> Result<Self, ArithmeticError> {
        if let Self::Fits(value) = self
            && let Some(product) = plain_product(*value, by)
        {
            return Ok(Self::Fits(product));
        }
        let product = || {
            let Long { is_negative, digits, scale } = self.long();
            let digits = digits.mul(Wide::of(by.mantissa().unsigned_abs()))?;
            Some(Self::new(is_negative != by.is_sign_negative(), digits, scale.checked_add(by.scale())?))
        };
        product().ok_or(ArithmeticError::Overflow)
    }

    /// Returns the sum.
    pub(crate) fn add(&self, other: &Self) -> Result<Self, ArithmeticError> {
        if let (Self::Fits(a), Self::Fits(b)) = (self, other)
            && let Some(sum) = plain_sum(*a, *b)
        {
            return Ok(Self::Fits(sum));
        }
        let sum = || {
            let (one, two) = (self.long(), other.long());
            let scale = one.scale.max(two.scale);
            let (a, b) = (one.at(scale)?, two.at(scale)?);
            Some(match (one.is_negative == two.is_negative, a.cmp(&b)) {
                (true, _) => Self::new(one.is_negative, a.add(b)?, scale),
                (false, Ordering::Less) => Self::new(two.is_negative, b.sub(a)?, scale),
                (false, _) => Self::new(one.is_negative, a.sub(b)?, scale),
            })
        };
        sum().ok_or(ArithmeticError::Overflow)
    }

    /// Returns the difference.
    pub(crate) fn sub(&self, other: Decimal) -> Result<Self, ArithmeticError> {
        self.add(&Self::Fits(-other))
    }

    /// Returns the sum of numbers.
    pub(crate) fn sum<'a>(numbers: impl IntoIterator<Item = &'a Self>) -> Result<Self, ArithmeticError> {
        numbers.into_iter().try_fold(Self::ZERO, |sum, number| sum.add(number))
    }

    /// Returns the number, or zero in place of a negative number.
    pub(crate) fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// Returns the number rounded once to `digits` decimals.
    pub(crate) fn round(&self, digits: u32, mode: RoundingMode) -> Result<Money, ArithmeticError> {
        let Long { is_negative, digits: number, scale } = match self {
            Self::Fits(value) => return Ok(Money(*value).round(digits, mode)),
            Self::Long(long) => long.as_ref(),
        };
        // A long number has more than 28 decimals or more than 96 bits.
        let Some(cut) = scale.checked_sub(digits) else { return Err(ArithmeticError::Overflow) };
        let (whole, rest) = match Wide::power_of_ten(cut) {
            Some(unit) => {
                let (whole, rest) = number.div_rem(unit).ok_or(ArithmeticError::Overflow)?;
                (whole, Rest::of(rest, unit))
            }
            // The unit has more digits than the number.
            None => (Wide::ZERO, Rest::BelowHalf),
        };
        rounded(whole, rest, *is_negative, digits, mode)
    }

    /// Returns the number if it fits in a [`Decimal`].
    pub(super) fn whole(self) -> Result<Money, ArithmeticError> {
        match self {
            Self::Fits(value) => Ok(Money(value)),
            Self::Long(_) => Err(ArithmeticError::Overflow),
        }
    }

    /// Returns the number without the decimals that do not fit in a [`Decimal`]: how it is shown.
    pub(crate) fn shown(&self) -> Result<Money, ArithmeticError> {
        let Long { is_negative, mut digits, mut scale } = match self {
            Self::Fits(value) => return Ok(Money(*value)),
            Self::Long(long) => *long.as_ref(),
        };
        loop {
            if let Some(value) = fitting(is_negative, digits, scale) {
                return Ok(Money(value));
            }
            scale = scale.checked_sub(1).ok_or(ArithmeticError::Overflow)?;
            (digits, _) = digits.div_small(10);
        }
    }

    fn new(is_negative: bool, mut digits: Wide, mut scale: u32) -> Self {
        loop {
            if let Some(value) = fitting(is_negative, digits, scale) {
                return Self::Fits(value);
            }
            let (shorter, last) = digits.div_small(10);
            if last != 0 || scale == 0 {
                return Self::Long(Box::new(Long { is_negative, digits, scale }));
            }
            (digits, scale) = (shorter, scale - 1);
        }
    }

    /// Returns the sign, the digits and the scale, in 512 bits.
    fn long(&self) -> Long {
        match self {
            Self::Fits(value) => Long {
                is_negative: value.is_sign_negative(),
                digits: Wide::of(value.mantissa().unsigned_abs()),
                scale: value.scale(),
            },
            Self::Long(long) => **long,
        }
    }

    /// Returns the sign, the digits and the scale. Returns `None` if the digits do not fit.
    pub(super) fn parts<N: Natural>(&self) -> Option<(bool, N, u32)> {
        match self {
            Self::Fits(value) => {
                Some((value.is_sign_negative(), N::of(value.mantissa().unsigned_abs()), value.scale()))
            }
            Self::Long(long) => Some((long.is_negative, N::of_wide(long.digits)?, long.scale)),
        }
    }
}

impl Long {
    /// Returns the digits at a scale that is not smaller. Returns `None` if they do not fit.
    fn at(&self, scale: u32) -> Option<Wide> {
        self.digits.mul(Wide::power_of_ten(scale.saturating_sub(self.scale))?)
    }

    /// Returns which of two numbers is larger without its sign.
    fn compare_size(&self, other: &Self) -> Ordering {
        if self.digits == Wide::ZERO || other.digits == Wide::ZERO {
            return self.digits.cmp(&other.digits);
        }
        // A number that does not fit at the other's scale is larger than all that do.
        let scale = self.scale.max(other.scale);
        match (self.at(scale), other.at(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (None, _) => Ordering::Greater,
            (_, None) => Ordering::Less,
        }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Self::Fits(a), Self::Fits(b)) = (self, other) {
            return a.cmp(b);
        }
        let (a, b) = (self.long(), other.long());
        let is_below = |long: &Long| long.is_negative && long.digits != Wide::ZERO;
        match (is_below(&a), is_below(&b)) {
            (false, false) => a.compare_size(&b),
            (true, true) => b.compare_size(&a),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// Returns the order of two numbers with signs.
pub(super) fn signed<N: Natural>(a_negative: bool, a: N, b_negative: bool, b: N) -> Ordering {
    match (a_negative && a != N::ZERO, b_negative && b != N::ZERO) {
        (false, false) => a.cmp(&b),
        (true, true) => b.cmp(&a),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// Returns digits and scale as a decimal; `None` if they do not fit.
fn fitting(is_negative: bool, digits: Wide, scale: u32) -> Option<Decimal> {
    let digits = i128::try_from(digits.to_u128()?).ok()?;
    Decimal::try_from_i128_with_scale(if is_negative { -digits } else { digits }, scale).ok()
}

/// What a division left, compared with half of the divisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    BelowHalf,
    Half,
    AboveHalf,
}

impl Rest {
    pub(super) fn of<N: Natural>(rest: N, divisor: N) -> Self {
        if rest == N::ZERO {
            return Self::Nothing;
        }
        // `rest` is smaller than `divisor`, so the difference exists.
        match divisor.sub(rest).map(|missing| rest.cmp(&missing)) {
            Some(Ordering::Equal) => Self::Half,
            Some(Ordering::Greater) | None => Self::AboveHalf,
            Some(Ordering::Less) => Self::BelowHalf,
        }
    }

    /// Returns whether a quotient with this rest is rounded away from zero.
    pub(super) fn is_away(self, mode: RoundingMode, is_odd: bool) -> bool {
        match mode {
            RoundingMode::HalfUp => matches!(self, Self::Half | Self::AboveHalf),
            RoundingMode::HalfEven => self == Self::AboveHalf || self == Self::Half && is_odd,
            RoundingMode::Up => self != Self::Nothing,
            RoundingMode::Down => false,
        }
    }
}

/// Rounds a quotient of whole units.
fn rounded(
    whole: Wide,
    rest: Rest,
    is_negative: bool,
    digits: u32,
    mode: RoundingMode,
) -> Result<Money, ArithmeticError> {
    let is_odd = rest == Rest::Half && whole.div_small(2).1 == 1;
    let whole = if rest.is_away(mode, is_odd) { whole.add(Wide::of(1)) } else { Some(whole) };
    whole.and_then(|whole| fitting(is_negative, whole, digits)).map(Money).ok_or(ArithmeticError::Overflow)
}

/// Returns `a ÷ b`, rounded once to `digits` decimals.
pub(crate) fn rounded_quotient(
    a: Decimal,
    b: Decimal,
    digits: u32,
    mode: RoundingMode,
) -> Result<Money, ArithmeticError> {
    let quotient = super::checked::div(a, b)?;
    // The quotient is rounded to 28 digits. That moves it over no amount that rounding turns on, a unit or half of one, but it may
    // move it onto one: then, and only then, a second rounding can differ.
    if quotient.normalize().scale() > digits.saturating_add(1) {
        return Ok(Money(quotient).round(digits, mode));
    }
    if plain_product(quotient, b) == Some(a) {
        return Ok(Money(quotient).round(digits, mode));
    }
    let exact = || {
        let scaled =
            |value: Decimal, by: u32| Wide::of(value.mantissa().unsigned_abs()).mul(Wide::power_of_ten(by)?);
        let divisor = scaled(b, a.scale())?;
        let (whole, rest) = scaled(a, b.scale().checked_add(digits)?)?.div_rem(divisor)?;
        Some((whole, Rest::of(rest, divisor)))
    };
    let (whole, rest) = exact().ok_or(ArithmeticError::Overflow)?;
    rounded(whole, rest, a.is_sign_negative() != b.is_sign_negative(), digits, mode)
}
