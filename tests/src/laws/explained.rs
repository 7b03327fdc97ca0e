//! Law 4: no payout without an explanation that recomputes to it: steps to the exact amount, that to what was earned by
//! the named rounding, that less the cuts of limits to what is paid.

use accrue::decide::{Award, Line, Step};
use accrue::explain::WaterfallStep;
use accrue::internals::terms::{AddPer, Effect, RoundingPlace};
use accrue::money::{Money, RoundingMode};
use num_bigint::BigInt;
use rust_decimal::Decimal;

use super::{decide, version};
use crate::awarded::{self, cuts, is_credited};
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// An exact number: digits, and how many of them are decimals.
#[derive(Clone)]
struct Exact(BigInt, u32);

impl Exact {
    fn of(value: Decimal) -> Self {
        Self(value.mantissa().into(), value.scale())
    }

    fn times(&self, by: Decimal) -> Self {
        Self(&self.0 * by.mantissa(), self.1 + by.scale())
    }

    fn plus(&self, other: &Self) -> Self {
        let scale = self.1.max(other.1);
        let at = |number: &Self| &number.0 * BigInt::from(10).pow(scale - number.1);
        Self(at(self) + at(other), scale)
    }

    /// The number cut to the digits of a decimal.
    fn cut(&self) -> Decimal {
        let Self(mut digits, mut scale) = self.clone();
        let most = BigInt::from(1_u128 << 96);
        while scale > 28 || scale > 0 && digits.magnitude() >= most.magnitude() {
            digits /= 10;
            scale -= 1;
        }
        Decimal::from_i128_with_scale(digits.try_into().unwrap_or_default(), scale)
    }

    fn rounded(&self, digits: u32, mode: RoundingMode) -> Decimal {
        let unit = BigInt::from(10).pow(self.1.saturating_sub(digits));
        let scaled = &self.0 * BigInt::from(10).pow(digits.saturating_sub(self.1));
        let (whole, rest) = (&scaled / &unit, &scaled % &unit);
        let half = (rest.magnitude() * 2u32).cmp(unit.magnitude());
        let away = match mode {
            RoundingMode::HalfUp => half.is_ge(),
            RoundingMode::HalfEven => half.is_gt() || half.is_eq() && whole.bit(0),
            RoundingMode::Up => rest != BigInt::ZERO,
            RoundingMode::Down => false,
        };
        let step = if scaled < BigInt::ZERO { -1 } else { 1 };
        let whole = if away { whole + step } else { whole };
        Decimal::from_i128_with_scale(whole.try_into().unwrap_or_default(), digits)
    }
}

/// What steps pay, straight from the meaning of each verb.
fn recomputed(base: Decimal, quantity: u32, steps: &[Step]) -> Exact {
    let zero = || Exact(BigInt::ZERO, 0);
    let (mut rate, mut points, mut flat) = (zero(), zero(), zero());
    for step in steps {
        match step.effect {
            Effect::Rate(set) => rate = Exact::of(set),
            Effect::AddPoints(more) => points = points.plus(&Exact::of(more)),
            Effect::Multiply(factor) => {
                rate = rate.times(factor);
                points = points.times(factor);
                flat = flat.times(factor);
            }
            Effect::Add { amount, per } => {
                let units = if per == AddPer::Unit { quantity } else { 1 };
                flat = flat.plus(&Exact::of(amount.0).times(units.into()));
            }
        }
    }
    rate.plus(&points).times(base).plus(&flat)
}

fn of_line(line: &Line) -> Exact {
    recomputed(line.base.0, line.quantity, &line.steps)
}

fn sum(lines: &[Line], of: impl Fn(&Line) -> Money) -> Decimal {
    lines.iter().map(|line| of(line).0).sum()
}

fn earned_is_rounded(partner: &Award) -> Result<(), String> {
    let (digits, mode) = (partner.minor_digits, partner.rounding.mode);
    if let Some(share) = partner.share {
        let unit = Decimal::new(1, digits);
        let whole =
            if partner.rounding.place == RoundingPlace::Item { 1 } else { partner.lines.len().max(1) };
        for line in &partner.lines {
            let exact = of_line(line).times(share).cut();
            ensure!(
                (line.earned.0 - exact).abs() < unit * Decimal::from(2 * whole),
                "{} of {exact}",
                line.earned
            );
        }
        return Ok(());
    }
    match partner.rounding.place {
        RoundingPlace::Item => {
            for line in &partner.lines {
                ensure_eq!(line.earned.0, of_line(line).rounded(digits, mode));
                let steps = (line.base, line.quantity, line.steps.as_slice());
                ensure_eq!(Line::recompute_rounded(steps.0, steps.1, steps.2, digits, mode), Ok(line.earned));
            }
        }
        RoundingPlace::Order => {
            let whole =
                partner.lines.iter().fold(Exact(BigInt::ZERO, 0), |sum, line| sum.plus(&of_line(line)));
            let whole = whole.rounded(digits, mode);
            ensure_eq!(sum(&partner.lines, |line| line.earned), whole);
            let unit = Decimal::new(1, digits);
            for line in &partner.lines {
                // Nobody gains or loses more than a unit by where the rounding happens.
                ensure!(
                    (line.earned.0 - line.unrounded.0).abs() <= unit,
                    "{} from {}",
                    line.earned,
                    line.unrounded
                );
            }
        }
    }
    Ok(())
}

/// Each step of the waterfall is what stands after it less what stood before, from nothing to what is paid.
fn waterfall_recomputes(partner: &Award) -> Result<(), String> {
    let waterfall = partner.waterfall().map_err(|error| error.to_string())?;
    let recompute = |before: Decimal, steps: &[WaterfallStep]| {
        steps.iter().try_fold(before, |before, step| {
            ensure_eq!(step.after.0 - before, step.change.0, "{:?}", step);
            Ok::<_, String>(step.after.0)
        })
    };
    let mut earned = Decimal::ZERO;
    ensure_eq!(waterfall.lines.len(), partner.lines.len());
    for (of, line) in waterfall.lines.iter().zip(&partner.lines) {
        ensure_eq!(recompute(Decimal::ZERO, &of.steps)?, line.earned.0);
        // The last step of a verb stands at what the verbs give.
        let verbs = line.steps.len().checked_sub(1).and_then(|last| of.steps.get(last));
        ensure_eq!(verbs.map_or(Decimal::ZERO, |step| step.after.0), line.unrounded.0);
        earned += line.earned.0;
    }
    ensure_eq!(recompute(earned, &waterfall.steps)?, partner.payout.0);
    Ok(())
}

/// Each line recomputes from its steps, and what was paid from the lines.
pub fn every_payout_recomputes(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (_, decision) in decide(world)?.0 {
        let mut earned = Decimal::ZERO;
        let mut paid = Decimal::ZERO;
        for partner in &decision.awards {
            for line in &partner.lines {
                ensure_eq!(of_line(line).cut(), line.unrounded.0);
                ensure_eq!(Line::recompute(line.base, line.quantity, &line.steps), Ok(line.unrounded));
                ensure!(line.payout.is_zero() || !line.steps.is_empty(), "paid without a verb");
                ensure!(line.payout <= line.earned, "a limit only takes off");
            }
            earned_is_rounded(partner)?;
            waterfall_recomputes(partner)?;
            earned += sum(&partner.lines, |line| line.earned);
            paid += sum(&partner.lines, |line| line.payout);
        }
        if decision.awards.iter().any(|partner| !partner.lines.is_empty()) {
            let cuts: Decimal = cuts(&decision).iter().map(|limit| limit.cut.0).sum();
            ensure_eq!(earned - cuts, paid);
        } else {
            ensure!(awarded::paid(&decision).is_zero());
        }
        // Every step names a group of the contract.
        for award in &decision.awards {
            let groups = version(world, award).map(|version| version.payout.groups.as_slice());
            let groups = groups.unwrap_or_default();
            for step in award.lines.iter().flat_map(|line| &line.steps) {
                let name = award.group(step.group);
                let beside = name == "participation" || name.starts_with("level ");
                ensure_eq!(beside, !is_credited(award), "{}", name);
                ensure!(
                    beside || name == "default" || groups.iter().any(|group| group.name == name),
                    "{name}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn the_same_steps_give_the_same_amount_in_any_scale() {
    let steps = |rate: &str| vec![Step { group: 0, effect: Effect::Rate(rate.parse().unwrap()) }];
    let line = |base: &str, rate: &str| Line::recompute(base.parse().unwrap(), 1, &steps(rate)).unwrap();
    assert_eq!(line("117", "0.025"), line("117.00", "0.02500"));
    let exact = recomputed(Decimal::from(117), 1, &steps("0.025"));
    assert_eq!(exact.rounded(2, RoundingMode::HalfUp).to_string(), "2.93");
}
