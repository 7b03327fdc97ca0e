//! Law 1: money is conserved. Lines sum to partners, partners to decisions, decisions to totals.

use accrue::counters::COUNTED_DECIMALS;
use accrue::decide::Status;
use accrue::internals::terms;
use accrue::money::{Money, RoundingMode};

use super::decide;
use crate::awarded::{counts, paid};
use crate::choices::Choices;
use crate::ensure_eq;
use crate::world::World;

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    Money::sum(amounts).unwrap()
}

/// Shares sum to lines, lines to partners, partners to the decision.
pub fn shares_sum_to_the_whole(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    for (_, decision) in decide(world)?.0 {
        let digits = world.program.currency().minor_digits();
        ensure_eq!(sum(decision.awards.iter().map(|partner| partner.payout)), paid(&decision));
        for partner in &decision.awards {
            ensure_eq!(sum(partner.lines.iter().map(|line| line.payout)), partner.payout);
            for line in &partner.lines {
                ensure_eq!(line.payout.round(digits, Default::default()), line.payout, "whole minor units");
                if !line.shares.is_empty() {
                    ensure_eq!(sum(line.shares.iter().map(|share| share.payout)), line.payout);
                }
            }
        }
        if matches!(decision.status, Status::Rejected | Status::Zero) {
            ensure_eq!(paid(&decision), Money::ZERO, "{:?}", decision.status);
        }
    }
    Ok(())
}

/// Counters are what the decisions that count sum to.
pub fn totals_are_the_sum_of_decisions(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, totals) = decide(world)?;
    // The program's lifetime total, which every generated contract declares.
    let version = &terms(&world.program).contracts[0].versions[0];
    let total = version.totals.iter().find(|total| total.name == "all_time").unwrap();
    let counter = world.program.counter_ids()[total.counter].clone();
    let found: Vec<_> = totals.entries().into_iter().filter(|entry| entry.counter == counter).collect();
    // A sum of more digits than an amount may have cannot be compared with one.
    if found.len() > 1 {
        return Ok(());
    }
    let found = found.first().map(|entry| entry.sums).unwrap_or_default();
    let counted: Vec<_> = decisions.iter().filter(|(_, d)| counts(d) && !d.awards.is_empty()).collect();
    ensure_eq!(found.actions, i64::try_from(counted.len()).unwrap());
    ensure_eq!(found.payouts, sum(counted.iter().map(|(_, d)| paid(d))));
    // Converted amounts may have more decimals than are counted.
    let counted_base = |base: Money| base.round(COUNTED_DECIMALS, RoundingMode::HalfEven);
    ensure_eq!(found.revenue, sum(counted.iter().map(|(_, d)| counted_base(d.awards[0].base))));
    let paid_actions = counted.iter().filter(|(_, d)| paid(d) > Money::ZERO).count();
    ensure_eq!(found.paid_actions, i64::try_from(paid_actions).unwrap());
    Ok(())
}
