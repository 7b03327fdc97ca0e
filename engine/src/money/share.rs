//! Shares that sum to the whole, in whole units. What each share loses by that is compared as an exact remainder, never as a
//! rounded quotient, so shares that lose the same are equal, and the first listed comes first.

use rust_decimal::Decimal;

use super::exact::signed;
use super::natural::{Natural, Wide};
use super::{Allocation, ArithmeticError, Exact, Money, RoundingMode, checked};

/// A share cut to whole units towards zero, and what it lost by that. Lost parts have one divisor.
struct Share<N> {
    is_negative: bool,
    units: u128,
    lost: N,
}

/// Shares `whole` in proportion to `weights`, in units of 10⁻ˢᶜᵃˡᵉ. The shares always sum to `whole`.
///
/// Weights must not be negative. If all weights are zero, the shares are equal except for left-over units. Without weights there
/// are no shares.
pub(crate) fn allocate(
    whole: Money,
    weights: &[Decimal],
    scale: u32,
    allocation: Allocation,
) -> Result<Vec<Money>, ArithmeticError> {
    // Nearly all amounts are shared within 128 bits.
    let shares = in_proportion::<u128>(whole.0, weights, scale)
        .map(|(shares, units)| handed_out(shares, whole.0.is_sign_negative(), units, allocation))
        .or_else(|| {
            let (shares, units) = in_proportion::<Wide>(whole.0, weights, scale)?;
            Some(handed_out(shares, whole.0.is_sign_negative(), units, allocation))
        });
    let (units, first) = shares.ok_or(ArithmeticError::Overflow)?;
    let mut shares = amounts(&units, scale)?;
    // A part of a unit, if `whole` was not rounded.
    let left = checked::sub(whole.0, whole.round(scale, RoundingMode::Down).0)?;
    if let (false, Some(share)) = (left.is_zero(), shares.get_mut(first)) {
        *share = Exact::from(*share).add(&Exact::from(left))?.whole()?;
    }
    Ok(shares)
}

/// Rounds amounts to units of 10⁻ˢᶜᵃˡᵉ, so that they sum to `whole`, which is their sum rounded: cuts each towards zero, then corrects
/// one unit at a time, beginning with the amounts that lost most; the first of equals.
pub(crate) fn share_rounded(
    whole: Money,
    amounts_of: &[&Exact],
    scale: u32,
) -> Result<Vec<Money>, ArithmeticError> {
    let units = cut::<u128>(whole, amounts_of, scale)
        .map(|(shares, left)| handed_out(shares, left < 0, left.unsigned_abs(), Allocation::LargestRemainder))
        .or_else(|| {
            let (shares, left) = cut::<Wide>(whole, amounts_of, scale)?;
            Some(handed_out(shares, left < 0, left.unsigned_abs(), Allocation::LargestRemainder))
        });
    amounts(&units.ok_or(ArithmeticError::Overflow)?.0, scale)
}

/// Returns the shares of `whole`, and the whole units that they leave. Returns `None` if a number does not fit.
fn in_proportion<N: Natural>(
    whole: Decimal,
    weights: &[Decimal],
    scale: u32,
) -> Option<(Vec<Share<N>>, u128)> {
    let decimals = weights.iter().map(Decimal::scale).max().unwrap_or(0);
    let mut aligned = Vec::with_capacity(weights.len());
    let mut total = N::ZERO;
    for weight in weights {
        let digits = N::of(weight.mantissa().unsigned_abs());
        let weight = digits.mul(N::power_of_ten(decimals - weight.scale())?)?;
        total = total.add(weight)?;
        aligned.push(weight);
    }
    if total == N::ZERO {
        aligned.fill(N::of(1));
        total = N::of(u128::try_from(weights.len()).ok()?);
    }
    // `whole` in units is a quotient of these two numbers.
    let digits = N::of(whole.mantissa().unsigned_abs());
    let units = digits.mul(N::power_of_ten(scale.saturating_sub(whole.scale()))?)?;
    let parts = N::power_of_ten(whole.scale().saturating_sub(scale))?;
    let divisor = total.mul(parts)?;
    let mut left = units.div_rem(parts)?.0.to_u128()?;
    let mut shares = Vec::with_capacity(weights.len());
    for weight in aligned {
        let (share, lost) = units.mul(weight)?.div_rem(divisor)?;
        let share = share.to_u128()?;
        left = left.checked_sub(share)?;
        shares.push(Share { is_negative: whole.is_sign_negative(), units: share, lost });
    }
    Some((shares, left))
}

/// Returns the amounts cut to whole units, and the units that are left of `whole`. Returns `None` if a number does not fit.
fn cut<N: Natural>(whole: Money, amounts_of: &[&Exact], scale: u32) -> Option<(Vec<Share<N>>, i128)> {
    let parts: Vec<(bool, N, u32)> =
        amounts_of.iter().map(|amount| amount.parts()).collect::<Option<Vec<_>>>()?;
    let decimals = parts.iter().map(|(.., decimals)| *decimals).max().unwrap_or(0).max(scale);
    let unit = N::power_of_ten(decimals - scale)?;
    let mut left = units(whole, scale)?;
    let mut shares = Vec::with_capacity(parts.len());
    for (is_negative, digits, own) in parts {
        let (units, lost) = digits.mul(N::power_of_ten(decimals - own)?)?.div_rem(unit)?;
        let units = units.to_u128()?;
        let signed = i128::try_from(units).ok()?;
        left = if is_negative { left.checked_add(signed)? } else { left.checked_sub(signed)? };
        shares.push(Share { is_negative, units, lost });
    }
    Some((shares, left))
}

/// Hands out the units that are left, downwards or upwards, and returns all shares in units. Also returns the index of the share that
/// comes first.
fn handed_out<N: Natural>(
    shares: Vec<Share<N>>,
    downwards: bool,
    left: u128,
    allocation: Allocation,
) -> (Vec<Option<i128>>, usize) {
    let last = shares.len().saturating_sub(1);
    let mut units: Vec<Option<i128>> = shares
        .iter()
        .map(|share| {
            let units = i128::try_from(share.units).ok()?;
            Some(if share.is_negative { -units } else { units })
        })
        .collect();
    let step = if downwards { -1 } else { 1 };
    let mut give = |at: usize, count: u128| {
        if let Some(share) = units.get_mut(at) {
            let count = i128::try_from(count).ok().map(|count| count * step);
            *share = share.zip(count).and_then(|(share, count)| share.checked_add(count));
        }
    };
    let first = match allocation {
        Allocation::First => 0,
        Allocation::Last => last,
        Allocation::LargestRemainder => {
            let mut order: Vec<usize> = (0..shares.len()).collect();
            // The sort is stable: of equals, the first listed stays first.
            order.sort_by(|a, b| match (shares.get(*a), shares.get(*b)) {
                (Some(a), Some(b)) if downwards => signed(a.is_negative, a.lost, b.is_negative, b.lost),
                (Some(a), Some(b)) => signed(b.is_negative, b.lost, a.is_negative, a.lost),
                _ => std::cmp::Ordering::Equal,
            });
            // Less than one unit is left for each share, and one more where the whole was rounded away from zero.
            let most = order.len().saturating_mul(2);
            let count = usize::try_from(left).unwrap_or(most).min(most);
            order.iter().cycle().take(count).for_each(|at| give(*at, 1));
            return (units, order.first().copied().unwrap_or(0));
        }
    };
    give(first, left);
    (units, first)
}

/// Returns an amount in units of 10⁻ˢᶜᵃˡᵉ, towards zero.
fn units(amount: Money, scale: u32) -> Option<i128> {
    let digits = amount.0.mantissa();
    let more = 10i128.checked_pow(scale.saturating_sub(amount.0.scale()))?;
    let less = 10i128.checked_pow(amount.0.scale().saturating_sub(scale))?;
    digits.checked_mul(more)?.checked_div(less)
}

/// Returns shares in units as amounts.
fn amounts(units: &[Option<i128>], scale: u32) -> Result<Vec<Money>, ArithmeticError> {
    let amount = |units: &Option<i128>| Decimal::try_from_i128_with_scale((*units)?, scale).ok().map(Money);
    units.iter().map(|units| amount(units).ok_or(ArithmeticError::Overflow)).collect()
}
