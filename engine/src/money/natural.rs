//! Natural numbers of 128 and of 512 bits, with the few operations that exact amounts and shares need.

/// The words of 64 bits of a [`Wide`]: room for the product of five decimals.
const WORDS: usize = 8;

/// A natural number. Operations return `None` where the result does not fit.
pub(super) trait Natural: Copy + Ord {
    /// Zero.
    const ZERO: Self;

    /// Returns a number.
    fn of(value: u128) -> Self;
    /// Returns a number of 512 bits; `None` if it does not fit.
    fn of_wide(value: Wide) -> Option<Self>;
    /// Returns the number in 128 bits; `None` if it does not fit.
    fn to_u128(self) -> Option<u128>;
    /// Returns the sum.
    fn add(self, other: Self) -> Option<Self>;
    /// Returns the difference; `None` if it is negative.
    fn sub(self, other: Self) -> Option<Self>;
    /// Returns the product.
    fn mul(self, other: Self) -> Option<Self>;
    /// Returns quotient and remainder; `None` for a divisor of zero.
    fn div_rem(self, by: Self) -> Option<(Self, Self)>;

    /// Returns 10 to a power.
    fn power_of_ten(power: u32) -> Option<Self> {
        // 10³⁸ is the largest power in 128 bits.
        const MOST: u32 = 38;
        let mut product = Self::of(10u128.checked_pow(power.min(MOST))?);
        let mut left = power.saturating_sub(MOST);
        while left > 0 {
            product = product.mul(Self::of(10u128.checked_pow(left.min(MOST))?))?;
            left = left.saturating_sub(MOST);
        }
        Some(product)
    }
}

impl Natural for u128 {
    const ZERO: Self = 0;

    fn of(value: u128) -> Self {
        value
    }

    fn of_wide(value: Wide) -> Option<Self> {
        value.to_u128()
    }

    fn to_u128(self) -> Option<u128> {
        Some(self)
    }

    fn add(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn sub(self, other: Self) -> Option<Self> {
        self.checked_sub(other)
    }

    fn mul(self, other: Self) -> Option<Self> {
        self.checked_mul(other)
    }

    fn div_rem(self, by: Self) -> Option<(Self, Self)> {
        Some((self.checked_div(by)?, self.checked_rem(by)?))
    }
}

/// A natural number of 512 bits: words of 64 bits, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wide([u64; WORDS]);

/// Returns the lower and the upper half of a number.
#[allow(clippy::cast_possible_truncation, reason = "the upper half is the second number")]
fn halves(value: u128) -> (u64, u64) {
    (value as u64, (value >> 64) as u64)
}

impl Wide {
    /// Returns quotient and remainder of a divisor that is not zero.
    pub(super) fn div_small(self, by: u64) -> (Self, u64) {
        let mut quotient = self;
        let mut rest = 0u64;
        for word in quotient.0.iter_mut().rev() {
            let part = u128::from(rest) << 64 | u128::from(*word);
            let by = u128::from(by.max(1));
            // Both fit in 64 bits, since `rest` is smaller than `by`.
            (*word, _) = halves(part / by);
            (rest, _) = halves(part % by);
        }
        (quotient, rest)
    }

    /// Returns the number of bits up to the highest that is set.
    fn bits(self) -> u32 {
        let highest = (0u32..).zip(self.0).filter(|(_, word)| *word != 0).last();
        highest.map_or(0, |(at, word)| at * 64 + 64 - word.leading_zeros())
    }

    /// Returns the number with its bits moved up. Bits that leave the number are lost.
    fn shifted_up(self, by: u32) -> Self {
        let (words, bits) = ((by / 64) as usize, by % 64);
        let mut moved = [0; WORDS];
        let lower = std::iter::once(0).chain(self.0);
        for (to, (word, below)) in moved.iter_mut().skip(words).zip(self.0.into_iter().zip(lower)) {
            let carried = if bits == 0 { 0 } else { below >> (64 - bits) };
            *to = word << bits | carried;
        }
        Self(moved)
    }

    /// Returns half of the number.
    fn halved(self) -> Self {
        let mut half = self.0;
        let upper = self.0.into_iter().skip(1).chain([0]);
        for (word, above) in half.iter_mut().zip(upper) {
            *word = *word >> 1 | above << 63;
        }
        Self(half)
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl Natural for Wide {
    const ZERO: Self = Self([0; WORDS]);

    fn of(value: u128) -> Self {
        let (low, high) = halves(value);
        Self([low, high, 0, 0, 0, 0, 0, 0])
    }

    fn of_wide(value: Wide) -> Option<Self> {
        Some(value)
    }

    fn to_u128(self) -> Option<u128> {
        let [low, high, upper @ ..] = self.0;
        (upper == [0; WORDS - 2]).then_some(u128::from(high) << 64 | u128::from(low))
    }

    fn add(self, other: Self) -> Option<Self> {
        let mut sum = self;
        let mut carry = 0;
        for (word, other) in sum.0.iter_mut().zip(other.0) {
            (*word, carry) = halves(u128::from(*word) + u128::from(other) + u128::from(carry));
        }
        (carry == 0).then_some(sum)
    }

    fn sub(self, other: Self) -> Option<Self> {
        let mut difference = self;
        let mut borrow = false;
        for (word, other) in difference.0.iter_mut().zip(other.0) {
            let (without, first) = word.overflowing_sub(other);
            let (without, second) = without.overflowing_sub(u64::from(borrow));
            (*word, borrow) = (without, first || second);
        }
        (!borrow).then_some(difference)
    }

    fn mul(self, other: Self) -> Option<Self> {
        let mut product = [0u64; WORDS];
        for (at, word) in self.0.into_iter().enumerate().filter(|(_, word)| *word != 0) {
            let mut carry = 0;
            let mut to = product.iter_mut().skip(at);
            for other in other.0 {
                match to.next() {
                    Some(to) => {
                        let part = u128::from(word) * u128::from(other) + u128::from(*to) + u128::from(carry);
                        (*to, carry) = halves(part);
                    }
                    None if other == 0 && carry == 0 => {}
                    None => return None,
                }
            }
            if carry != 0 {
                return None;
            }
        }
        Some(Self(product))
    }

    fn div_rem(self, by: Self) -> Option<(Self, Self)> {
        if by == Self::ZERO {
            return None;
        }
        let mut quotient = Self::ZERO;
        let mut rest = self;
        let Some(steps) = self.bits().checked_sub(by.bits()) else { return Some((quotient, rest)) };
        // One step for each bit of the quotient, of which amounts have few.
        let mut divisor = by.shifted_up(steps);
        for bit in (0..=steps).rev() {
            if let Some(less) = rest.sub(divisor) {
                rest = less;
                if let Some(word) = quotient.0.get_mut((bit / 64) as usize) {
                    *word |= 1 << (bit % 64);
                }
            }
            divisor = divisor.halved();
        }
        Some((quotient, rest))
    }
}
