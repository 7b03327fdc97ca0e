//! The contracts that are measured, written by hand in Rust: what every other way is compared with.
//!
//! Each is written once and runs on two kinds of amount. [`Decimal`] is what a careful programmer would use: exact for
//! any amount, and it says so when one does not fit. [`Cents`] is the limit of what a processor can do: amounts as whole
//! cents in 64 bits and rates as whole basis points, which only holds where somebody has made sure that they are.

pub mod five;
pub mod outdoor;
pub mod wholesale;

use std::fmt::Debug;

use rust_decimal::{Decimal, RoundingStrategy};

/// An amount of money, by hand.
pub trait Amount: Copy + Debug + Ord {
    /// So many cents.
    fn cents(cents: i64) -> Self;

    /// A rate in basis points of this amount and so many cents more, exactly and rounded half up to whole cents; `None`
    /// when it does not fit.
    fn pay(self, basis_points: i64, add_cents: i64) -> Option<Paid<Self>>;

    /// What [`Amount::pay`] calls exact, as a decimal.
    fn exact(self) -> Decimal;

    /// An amount as a decimal.
    fn decimal(self) -> Decimal;

    /// A decimal as an amount; `None` when it does not fit.
    fn of(decimal: Decimal) -> Option<Self>;
}

/// What is paid on an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid<A> {
    /// Before rounding.
    pub exact: A,
    /// Rounded.
    pub earned: A,
}

impl Amount for Decimal {
    #[inline]
    fn cents(cents: i64) -> Self {
        Decimal::new(cents, 2)
    }

    #[inline]
    fn pay(self, basis_points: i64, add_cents: i64) -> Option<Paid<Self>> {
        let mut exact = self.checked_mul(Decimal::new(basis_points, 4))?;
        if add_cents != 0 {
            exact = exact.checked_add(Decimal::new(add_cents, 2))?;
        }
        let earned = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        Some(Paid { exact, earned })
    }

    fn exact(self) -> Decimal {
        self
    }

    fn decimal(self) -> Decimal {
        self
    }

    fn of(decimal: Decimal) -> Option<Self> {
        Some(decimal)
    }
}

/// Whole cents; what is exact about a payout is in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);

impl Amount for Cents {
    #[inline]
    fn cents(cents: i64) -> Self {
        Self(cents)
    }

    #[inline]
    fn pay(self, basis_points: i64, add_cents: i64) -> Option<Paid<Self>> {
        let exact = self.0.checked_mul(basis_points)?.checked_add(add_cents.checked_mul(10_000)?)?;
        let half = if exact < 0 { -5_000 } else { 5_000 };
        let earned = exact.checked_add(half)? / 10_000;
        Some(Paid { exact: Self(exact), earned: Self(earned) })
    }

    fn exact(self) -> Decimal {
        Decimal::new(self.0, 6)
    }

    fn decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    fn of(decimal: Decimal) -> Option<Self> {
        let mut cents = decimal.normalize();
        if cents.scale() > 2 {
            return None;
        }
        cents.rescale(2);
        i64::try_from(cents.mantissa()).ok().map(Self)
    }
}

/// One line of a payout: the payout group that set it, and what it pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<A> {
    /// `default` where no group matched.
    pub group: &'static str,
    /// What it pays.
    pub paid: Paid<A>,
}

/// What a restriction does to an action. From [`Verdict::Zero`] on nothing is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Verdict {
    Flag,
    Hold,
    Zero,
    Reject,
}

/// The restrictions that an action matches, by name.
pub type Restrictions = Vec<(&'static str, Verdict)>;

/// Whether these restrictions let anything be paid.
#[inline]
fn may_pay(restrictions: &[(&'static str, Verdict)]) -> bool {
    restrictions.iter().all(|(_, verdict)| *verdict < Verdict::Zero)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_amount_pay_the_same() {
        for cents in [0, 1, 49, 50, 12_345, 999_999_999] {
            for (rate, add) in [(400, 0), (650, 0), (1_000, 250), (1, 0)] {
                let decimal = Decimal::cents(cents).pay(rate, add).unwrap();
                let whole = Cents::cents(cents).pay(rate, add).unwrap();
                assert_eq!(decimal.exact, whole.exact.exact());
                assert_eq!(decimal.earned, whole.earned.decimal());
            }
        }
        assert_eq!(Cents::of(Decimal::new(1_250, 3)), Some(Cents(125)));
        assert_eq!(Cents::of(Decimal::new(1_255, 3)), None);
        assert_eq!(Cents(i64::MAX).pay(1, 0), None);
    }
}
