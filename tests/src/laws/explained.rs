//! Law 4: no payout without an explanation that recomputes to it: steps to the exact amount, that to what was earned by
//! the named rounding, that less the cuts of limits to what is paid.

use accrue::decide::{Award, Line, Step};
use accrue::internals::terms::{AddPer, Effect, RoundingPlace};
use accrue::money::{Money, RoundingMode};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{decide, version};
use crate::awarded::{self, cuts};
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// What steps pay, straight from the meaning of each verb.
fn recomputed(base: Decimal, quantity: u32, steps: &[Step]) -> Decimal {
    let (mut rate, mut points, mut flat) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for step in steps {
        match step.effect {
            Effect::Rate(set) => rate = set,
            Effect::AddPoints(more) => points += more,
            Effect::Multiply(factor) => {
                rate *= factor;
                points *= factor;
                flat *= factor;
            }
            Effect::Add { amount, per } => {
                flat += if per == AddPer::Unit { amount.0 * Decimal::from(quantity) } else { amount.0 };
            }
        }
    }
    base * (rate + points) + flat
}

fn rounded(amount: Decimal, digits: u32, mode: RoundingMode) -> Decimal {
    let strategy = match mode {
        RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
        RoundingMode::Up => RoundingStrategy::AwayFromZero,
        RoundingMode::Down => RoundingStrategy::ToZero,
    };
    amount.round_dp_with_strategy(digits, strategy)
}

fn sum(lines: &[Line], of: impl Fn(&Line) -> Money) -> Decimal {
    lines.iter().map(|line| of(line).0).sum()
}

fn earned_is_rounded(partner: &Award) -> Result<(), String> {
    let (digits, mode) = (partner.minor_digits, partner.rounding.mode);
    match partner.rounding.place {
        RoundingPlace::Item => {
            for line in &partner.lines {
                ensure_eq!(line.earned.0, rounded(line.unrounded.0, digits, mode));
            }
        }
        RoundingPlace::Order => {
            let whole = rounded(sum(&partner.lines, |line| line.unrounded), digits, mode);
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

/// Each line recomputes from its steps, and what was paid from the lines.
pub fn every_payout_recomputes(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (_, decision) in decide(world)?.0 {
        let mut earned = Decimal::ZERO;
        let mut paid = Decimal::ZERO;
        for partner in &decision.awards {
            for line in &partner.lines {
                ensure_eq!(recomputed(line.base.0, line.quantity, &line.steps), line.unrounded.0);
                ensure_eq!(Line::recompute(line.base, line.quantity, &line.steps), Ok(line.unrounded));
                ensure!(line.payout.is_zero() || !line.steps.is_empty(), "paid without a verb");
                ensure!(line.payout <= line.earned, "a limit only takes off");
            }
            earned_is_rounded(partner)?;
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
        let groups =
            version(world, &decision).map(|version| version.payout.groups.as_slice()).unwrap_or_default();
        for award in &decision.awards {
            for step in award.lines.iter().flat_map(|line| &line.steps) {
                let name = award.group(step.group);
                ensure!(name == "default" || groups.iter().any(|group| group.name == name), "{name}");
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
    assert_eq!(rounded(line("117", "0.025").0, 2, RoundingMode::HalfUp).to_string(), "2.93");
}
