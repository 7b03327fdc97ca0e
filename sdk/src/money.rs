//! Amounts. Money is not a number: it is added to money and multiplied by a number.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::Fault;

/// An exact amount in the contract's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(pub Decimal);

impl Money {
    /// An amount of zero.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Returns the sum.
    ///
    /// # Errors
    ///
    /// [`Fault::Overflow`] when the sum is too large.
    pub fn plus(self, other: Self) -> Result<Self, Fault> {
        self.0.checked_add(other.0).map(Self).ok_or(Fault::Overflow)
    }

    /// Returns the difference.
    ///
    /// # Errors
    ///
    /// [`Fault::Overflow`] when the difference is too large.
    pub fn minus(self, other: Self) -> Result<Self, Fault> {
        self.0.checked_sub(other.0).map(Self).ok_or(Fault::Overflow)
    }

    /// Returns a multiple or a share of the amount: `amount.times(rate)`.
    ///
    /// # Errors
    ///
    /// [`Fault::Overflow`] when the product is too large.
    pub fn times(self, factor: Decimal) -> Result<Self, Fault> {
        self.0.checked_mul(factor).map(Self).ok_or(Fault::Overflow)
    }

    /// Returns this amount divided by `other`.
    ///
    /// # Errors
    ///
    /// [`Fault::DivisionByZero`] when `other` is zero, [`Fault::Overflow`] when the quotient is too large.
    pub fn over(self, other: Self) -> Result<Decimal, Fault> {
        if other.0.is_zero() {
            return Err(Fault::DivisionByZero);
        }
        self.0.checked_div(other.0).ok_or(Fault::Overflow)
    }

    /// Returns the amount rounded half up to this many decimals. The engine itself rounds what is paid, once, as the contract
    /// says; use this for thresholds.
    pub fn round(self, digits: u32) -> Self {
        Self(self.0.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
    }
}

impl std::str::FromStr for Money {
    type Err = rust_decimal::Error;

    /// Reads `12.50`, exactly.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Decimal::from_str_exact(text).map(Self)
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
