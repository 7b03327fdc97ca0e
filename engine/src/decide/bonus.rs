//! What a bonus pays: the lines of tiers, guarantees, draws and holdbacks, from the sums of a period.

use rust_decimal::Decimal;

use crate::money::{ArithmeticError, MAX_SCALE, Money, RoundingMode, checked};
use crate::terms::{AddPer, Combine, Effect, Ladder, Threshold, Tier, TierScope};

/// A line of a bonus: verbs on a base.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BonusLine {
    /// What the line is paid for.
    pub(super) name: String,
    pub(super) base: Money,
    pub(super) quantity: u32,
    pub(super) effects: Vec<Effect>,
}

impl BonusLine {
    /// Returns a line of one amount.
    pub(super) fn amount(name: impl Into<String>, amount: Money) -> Self {
        let effects = vec![Effect::Add { amount, per: AddPer::Order }];
        Self { name: name.into(), base: Money::ZERO, quantity: 1, effects }
    }
}

/// The sums that a ladder reads.
pub(super) struct Sums<'s> {
    /// What the tiers ask.
    pub(super) measure: Decimal,
    /// What rates apply to, not below zero.
    pub(super) on: Money,
    /// By tier: what is past it, if a counter counts it.
    pub(super) past: &'s [Option<Money>],
}

/// Returns the number of tiers that a measure reaches.
pub(super) fn reached(ladder: &Ladder, measure: Decimal) -> usize {
    ladder.tiers.partition_point(|tier| ladder.threshold.is_met(measure, tier.from))
}

/// Returns the lines of the tiers that pay.
pub(super) fn tiers(ladder: &Ladder, sums: &Sums<'_>) -> Result<Vec<BonusLine>, ArithmeticError> {
    let reached = reached(ladder, sums.measure);
    let all = ladder.tiers.get(..reached).unwrap_or_default();
    let first = match ladder.combine {
        // A tier that applies to everything takes the place of those before it.
        Combine::Highest => all.iter().rposition(|tier| tier.scope == TierScope::Whole).unwrap_or(0),
        Combine::Cumulative => 0,
    };
    let mut lines = Vec::with_capacity(reached.saturating_sub(first));
    for (index, tier) in all.iter().enumerate().skip(first) {
        // The next tier that takes over what this one pays for.
        let next = |has: fn(&Tier) -> bool| {
            let mut later = all.iter().enumerate().skip(index.saturating_add(1));
            later.find(|(_, tier)| ladder.combine == Combine::Highest && has(tier))
        };
        let mut line =
            BonusLine { name: name(ladder, tier), base: Money::ZERO, quantity: 1, effects: Vec::new() };
        if let Some(rate) = tier.rate {
            let above = match next(|tier| tier.rate.is_some()) {
                Some((next, of)) => amount_past(of, next, sums)?,
                None => Money::ZERO,
            };
            line.base = amount_past(tier, index, sums)?.sub(above)?.max(Money::ZERO);
            let rate = if ladder.linear { linear(ladder, index, rate, sums.measure)? } else { rate };
            line.effects.push(Effect::Rate(rate));
        }
        if let Some(amount) = tier.add {
            let per = match tier.every {
                Some(every) => {
                    let until = next(|tier| tier.add.is_some()).map(|(_, tier)| tier.from);
                    line.quantity = whole(times(ladder.threshold, sums.measure, tier.from, every, until)?)?;
                    AddPer::Unit
                }
                None => AddPer::Order,
            };
            line.effects.push(Effect::Add { amount, per });
        }
        if let Some(amount) = tier.each {
            let above = match next(|tier| tier.each.is_some()) {
                Some((_, of)) => number_past(ladder, of, sums.measure)?,
                None => Decimal::ZERO,
            };
            line.quantity = whole(checked::sub(number_past(ladder, tier, sums.measure)?, above)?)?;
            line.effects.push(Effect::Add { amount, per: AddPer::Unit });
        }
        lines.push(line);
    }
    Ok(lines)
}

fn name(ladder: &Ladder, tier: &Tier) -> String {
    let word = match ladder.threshold {
        Threshold::Reaches => "from",
        Threshold::Exceeds => "above",
    };
    format!("{word} {}", tier.from)
}

/// Returns the amount to which the rate of a tier applies, if no tier comes after it.
fn amount_past(tier: &Tier, index: usize, sums: &Sums<'_>) -> Result<Money, ArithmeticError> {
    if tier.scope == TierScope::Whole {
        return Ok(sums.on);
    }
    match sums.past.get(index).copied().flatten() {
        Some(past) => Ok(past.max(Money::ZERO)),
        None => Ok(sums.on.sub(Money(tier.from))?.max(Money::ZERO)),
    }
}

/// Returns the number to which a tier applies, if no tier comes after it. The one that reaches a tier is past it.
fn number_past(ladder: &Ladder, tier: &Tier, measure: Decimal) -> Result<Decimal, ArithmeticError> {
    let before = match (tier.scope, ladder.threshold) {
        (TierScope::Whole, _) => Decimal::ZERO,
        (TierScope::Marginal, Threshold::Reaches) => checked::sub(tier.from, Decimal::ONE)?,
        (TierScope::Marginal, Threshold::Exceeds) => tier.from,
    };
    Ok(checked::sub(measure, before)?.max(Decimal::ZERO))
}

/// Returns how often something is paid that is paid once at `from` and again after each further `every`, below `until`.
fn times(
    threshold: Threshold,
    measure: Decimal,
    from: Decimal,
    every: Decimal,
    until: Option<Decimal>,
) -> Result<Decimal, ArithmeticError> {
    let passed = |to: Decimal, at_it: bool| {
        let distance = checked::sub(to, from)?;
        let rest = checked::rem(distance, every)?;
        let whole = checked::div(checked::sub(distance, rest)?, every)?;
        // The distances begin at 0: as many as are whole, and one more.
        if rest.is_zero() && !at_it { Ok(whole) } else { checked::add(whole, Decimal::ONE) }
    };
    let all = passed(measure, threshold == Threshold::Reaches)?;
    Ok(match until {
        Some(until) => all.min(passed(until, false)?),
        None => all,
    })
}

fn whole(number: Decimal) -> Result<u32, ArithmeticError> {
    u32::try_from(number.trunc()).map_err(|_| ArithmeticError::Overflow)
}

/// Returns the rate of a measure between a tier and the next, to [`MAX_SCALE`] decimals.
fn linear(
    ladder: &Ladder,
    index: usize,
    rate: Decimal,
    measure: Decimal,
) -> Result<Decimal, ArithmeticError> {
    let next = ladder.tiers.get(index.saturating_add(1));
    let (Some(tier), Some((next, next_rate))) =
        (ladder.tiers.get(index), next.and_then(|next| Some((next, next.rate?))))
    else {
        return Ok(rate);
    };
    let part = checked::div(checked::sub(measure, tier.from)?, checked::sub(next.from, tier.from)?)?;
    let rise = checked::mul(checked::sub(next_rate, rate)?, part)?;
    Ok(Money(checked::add(rate, rise)?).round(MAX_SCALE, RoundingMode::HalfEven).0)
}
