//! Sums as counters keep them: whole numbers, so that adding them in any order gives the same result.

use rust_decimal::Decimal;

use super::posting::Sums;
use crate::money::Money;

/// The number of decimals that counted amounts are kept to.
///
/// No currency has more than 4 decimals. A converted amount may have more, and is rounded to these decimals when it is counted.
pub const COUNTED_DECIMALS: u32 = crate::money::MAX_SCALE;

/// One whole unit of a currency, in [`Units`].
const WHOLE: i128 = 10_i128.pow(COUNTED_DECIMALS);

/// A sum of money in units of 10⁻¹² of the currency.
///
/// The amounts of a decision have at most 28 digits in these units, so the sum of ten billion of the largest fits.
///
/// Packed to 8 bytes, so that [`Kept`] has no gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(Rust, packed(8))]
struct Units(i128);

impl Units {
    /// Returns `None` if the amount is too large or has more than [`COUNTED_DECIMALS`] decimals.
    fn of(money: Money) -> Option<Self> {
        let missing = COUNTED_DECIMALS.checked_sub(money.0.scale());
        let (mantissa, missing) = match missing {
            Some(missing) => (money.0.mantissa(), missing),
            None => {
                let normal = money.0.normalize();
                (normal.mantissa(), COUNTED_DECIMALS.checked_sub(normal.scale())?)
            }
        };
        mantissa.checked_mul(10_i128.checked_pow(missing)?).map(Self)
    }

    /// Returns `None` if the sum has more than the 28 digits of an amount.
    fn money(self) -> Option<Money> {
        // Fast path: nearly all sums are whole cents.
        const CENTS: i128 = 10_i128.pow(COUNTED_DECIMALS - 2);
        if self.0 % CENTS == 0
            && let Ok(cents) = i64::try_from(self.0 / CENTS)
        {
            return Some(Money(Decimal::new(cents, 2)));
        }
        let (mut digits, mut scale) = (self.0, COUNTED_DECIMALS);
        while scale > 0 && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        Decimal::try_from_i128_with_scale(digits, scale).ok().map(Money)
    }
}

/// [`Sums`] in the form in which they are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    actions: i64,
    paid_actions: i64,
    units: i64,
    revenue: Units,
    payouts: Units,
    payable: Units,
}

impl Kept {
    /// Returns sums of this number of actions and of nothing else.
    pub(super) fn of_actions(actions: i64) -> Self {
        Self { actions, ..Self::default() }
    }

    /// Returns `None` if an amount cannot be counted.
    pub(super) fn of(sums: &Sums) -> Option<Self> {
        let Sums { actions, paid_actions, units, revenue, payouts, payable } = *sums;
        let (revenue, payouts, payable) = (Units::of(revenue)?, Units::of(payouts)?, Units::of(payable)?);
        Some(Self { actions, paid_actions, units, revenue, payouts, payable })
    }

    /// Returns the number of actions.
    pub(super) fn actions(self) -> i64 {
        self.actions
    }

    /// Returns `None` if an amount has more digits than [`Money`] holds.
    pub(super) fn sums(self) -> Option<Sums> {
        let Self { actions, paid_actions, units, revenue, payouts, payable } = self;
        let (revenue, payouts, payable) = (revenue.money()?, payouts.money()?, payable.money()?);
        Some(Sums { actions, paid_actions, units, revenue, payouts, payable })
    }

    /// Returns one or two sums that add up to this sum: two, a whole part and a fraction, if an amount has more digits than
    /// [`Money`] holds.
    pub(super) fn parts(self) -> Vec<Sums> {
        if let Some(sums) = self.sums() {
            return vec![sums];
        }
        let whole = |units: Units| Units(units.0 - units.0 % WHOLE);
        let fraction = |units: Units| Units(units.0 % WHOLE);
        let Self { revenue, payouts, payable, .. } = self;
        let wholes =
            Self { revenue: whole(revenue), payouts: whole(payouts), payable: whole(payable), ..self };
        let fractions = Self {
            revenue: fraction(revenue),
            payouts: fraction(payouts),
            payable: fraction(payable),
            ..Self::default()
        };
        [wholes, fractions].into_iter().filter_map(Self::sums).collect()
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let of = |one: i64, two: i64| one.checked_add(two);
        let units = |one: Units, two: Units| one.0.checked_add(two.0).map(Units);
        Some(Self {
            actions: of(self.actions, other.actions)?,
            paid_actions: of(self.paid_actions, other.paid_actions)?,
            units: of(self.units, other.units)?,
            revenue: units(self.revenue, other.revenue)?,
            payouts: units(self.payouts, other.payouts)?,
            payable: units(self.payable, other.payable)?,
        })
    }

    pub(super) fn negated(self) -> Option<Self> {
        self.each(i64::checked_neg, i128::checked_neg)
    }

    /// Returns the absolute value of each sum.
    pub(super) fn magnitude(self) -> Option<Self> {
        self.each(i64::checked_abs, i128::checked_abs)
    }

    /// Returns what two functions make of each number and of each amount.
    fn each(
        self,
        number: impl Fn(i64) -> Option<i64>,
        amount: impl Fn(i128) -> Option<i128>,
    ) -> Option<Self> {
        let amount = |units: Units| amount(units.0).map(Units);
        Some(Self {
            actions: number(self.actions)?,
            paid_actions: number(self.paid_actions)?,
            units: number(self.units)?,
            revenue: amount(self.revenue)?,
            payouts: amount(self.payouts)?,
            payable: amount(self.payable)?,
        })
    }

    pub(super) fn is_zero(self) -> bool {
        self == Self::default()
    }
}
