//! Laws 2, 4, 5, 6, 10, 11 and 12 for the close of periods: bonuses follow from counters alone, are closed once, recompute, and are taken
//! back with what they were paid for.

use std::collections::BTreeMap;

use accrue::counters::{Posting, Sums};
use accrue::decide::{AdjustError, CloseError, Decision, Line, Status};
use accrue::facts::{Adjustment, AdjustmentKind};
use accrue::internals::terms;
use accrue::internals::terms::{AfterClose, Bonus, BonusPays, CountsIn, Version};
use accrue::money::Money;
use accrue::time::Timestamp;
use accrue::{Counters, Engine, Options, Program, Rules};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::decide;
use crate::choices::Choices;
use crate::world::World;
use crate::{ensure, ensure_eq};

/// A date after every action of a world, and one after it.
const UNTIL: [NaiveDate; 2] = match (NaiveDate::from_ymd_opt(2027, 3, 1), NaiveDate::from_ymd_opt(2027, 4, 1))
{
    (Some(first), Some(second)) => [first, second],
    _ => [NaiveDate::MIN, NaiveDate::MIN],
};

fn close(
    world: &World,
    program: &Program,
    until: NaiveDate,
    counters: &Counters,
) -> Result<Vec<Decision>, String> {
    program.close(until, &world.reference, counters).map_err(|error| format!("{}: {error}", error.code()))
}

fn record(
    program: &Program,
    until: NaiveDate,
    bonuses: &[Decision],
    counters: &mut Counters,
) -> Result<(), String> {
    for bonus in bonuses {
        counters.apply(&bonus.postings).map_err(|error| error.to_string())?;
    }
    program.close_periods(counters, until).map_err(|error| error.to_string())
}

/// The version and the bonus that a decision is of.
fn declared<'w>(world: &'w World, decision: &Decision) -> Result<(&'w Version, &'w Bonus), String> {
    let (of, award) =
        (decision.bonus.as_ref().ok_or("no bonus")?, decision.awards.first().ok_or("no award")?);
    let contracts = &terms(&world.program).contracts;
    let contract = contracts.iter().find(|contract| contract.name == of.contract).ok_or("no contract")?;
    let version = contract.versions.iter().find(|version| version.number == award.contract.version);
    let version = version.ok_or("no version")?;
    let bonus = version.bonuses.iter().find(|bonus| bonus.name == of.bonus).ok_or("no such bonus")?;
    Ok((version, bonus))
}

/// Asking again gives the same, and what is closed is not closed again.
pub fn a_close_is_made_once(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let program = &world.program;
    let (_, mut counters) = decide(world)?;
    let bonuses = close(world, program, UNTIL[0], &counters)?;
    ensure_eq!(close(world, program, UNTIL[0], &counters)?, bonuses);
    let mut ids: Vec<&str> = bonuses.iter().map(|bonus| bonus.action.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ensure_eq!(ids.len(), bonuses.len());
    record(program, UNTIL[0], &bonuses, &mut counters)?;
    let again = program.close(UNTIL[0], &world.reference, &counters);
    ensure!(matches!(again, Err(CloseError::Closed { .. })), "{again:?}");
    // Nothing has happened since: only a bonus of a later period may be new, which pays without actions or settles the year so far.
    for bonus in close(world, program, UNTIL[1], &counters)? {
        let (_, declared) = declared(world, &bonus)?;
        let of = bonus.bonus.as_ref().ok_or("no bonus")?;
        let may_pay = !matches!(declared.pays, BonusPays::Tiers(_)) || declared.true_up.is_some();
        ensure!(of.until > UNTIL[0] && may_pay, "{bonus:#?}");
    }
    Ok(())
}

/// A bonus recomputes from its lines.
pub fn a_bonus_recomputes(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (_, counters) = decide(world)?;
    for bonus in close(world, &world.program, UNTIL[0], &counters)? {
        let (_, declared) = declared(world, &bonus)?;
        for award in &bonus.awards {
            let (mut unrounded, mut earned, mut payout) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
            for line in &award.lines {
                let again = Line::recompute(line.base, line.quantity, &line.steps)
                    .map_err(|error| error.to_string())?;
                ensure_eq!(again, line.unrounded);
                unrounded += line.unrounded.0;
                earned += line.earned.0;
                payout += line.payout.0;
            }
            let unit = Decimal::new(1, award.minor_digits);
            ensure!((earned - unrounded).abs() <= unit, "{earned} of {unrounded}");
            ensure_eq!(payout, award.payout.0);
            if let Some(most) = declared.at_most {
                ensure!(award.payout <= most, "{} above {most}", award.payout);
            }
            if award.status != Status::Held {
                ensure!(award.lines.is_empty() == award.payout.is_zero() || !award.lines.is_empty());
            }
        }
        let text = serde_json::to_string(&bonus).map_err(|error| error.to_string())?;
        let read: Decision = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        ensure_eq!(read, bonus);
    }
    Ok(())
}

/// Bonuses depend on the sums of counters, and not on how they came in, where they are kept and how rules are run.
pub fn a_close_depends_on_sums_alone(world: &World, choices: &mut Choices<'_>) -> Result<(), String> {
    let program = &world.program;
    let (decisions, counters) = decide(world)?;
    let bonuses = close(world, program, UNTIL[0], &counters)?;
    // In parts, and in another order.
    let mut postings: Vec<Posting> = Vec::new();
    for posting in decisions.iter().flat_map(|(_, decision)| &decision.postings) {
        let (whole, digits) = (posting.sums.revenue.0, posting.sums.revenue.0.scale());
        let part = (whole * Decimal::new(choices.between(0, 100), 2)).round_dp(digits);
        let rest = Sums { revenue: Money(whole - part), ..posting.sums };
        postings.push(Posting { sums: Sums { revenue: Money(part), ..Sums::default() }, ..posting.clone() });
        postings.push(Posting { sums: rest, ..posting.clone() });
    }
    for last in (1..postings.len()).rev() {
        postings.swap(last, choices.below(last + 1));
    }
    let mut parts = program.counters();
    parts.apply(&postings).map_err(|error| error.to_string())?;
    ensure_eq!(close(world, program, UNTIL[0], &parts)?, bonuses);
    // Saved and restored, split and merged.
    let restored = Counters::restore(counters.snapshot()).map_err(|error| error.to_string())?;
    let cut = choices.below(3);
    let mut split =
        restored.split(2, |_, key| usize::from(key.parts().concat().len() % 3 == cut)).into_iter();
    let mut merged = split.next().ok_or("no part")?;
    for part in split {
        merged.merge(&part).map_err(|error| error.to_string())?;
    }
    ensure_eq!(close(world, program, UNTIL[0], &merged)?, bonuses);
    let limits = program.limits().clone();
    let interpreted = Engine::builder().limits(limits).rules(Rules::Interpreted).build();
    let interpreted = interpreted.load(&world.text.source()).map_err(|faults| faults.to_string())?;
    ensure_eq!(close(world, &interpreted, UNTIL[0], &counters)?, bonuses);
    Ok(())
}

/// What is taken back after the close takes its bonus with it, if the contract computes bonuses again; otherwise no bonus changes.
pub fn a_return_after_the_close_takes_its_bonus(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let program = &world.program;
    let (decisions, mut counters) = decide(world)?;
    let bonuses = close(world, program, UNTIL[0], &counters)?;
    record(program, UNTIL[0], &bonuses, &mut counters)?;
    let later = Timestamp::parse("2027-03-20T00:00:00Z").ok_or("no moment")?;
    for (n, (at, decision)) in decisions.iter().enumerate() {
        let action = &world.actions[*at];
        let reversal = Adjustment::new(format!("x-{n}"), &action.id, AdjustmentKind::Reversal, later);
        let standing = (action, decision);
        match program.adjust(&reversal, standing, &world.reference, &counters, Options::default()) {
            Ok(adjusted) => counters.apply(&adjusted.decision.postings).map_err(|error| error.to_string())?,
            Err(AdjustError::Ended { .. }) => {}
            Err(error) => return Err(format!("{}: {error}", error.code())),
        }
    }
    let mut paid: BTreeMap<String, Decimal> = BTreeMap::new();
    let again = close(world, program, UNTIL[1], &counters)?;
    for bonus in &again {
        for award in &bonus.awards {
            *paid.entry(bonus.action.clone()).or_default() += bonus.change(award).0;
        }
    }
    // What still counts: actions that are rejected and counted.
    let still = counters.entries().iter().any(|entry| {
        let is_total =
            !entry.counter.text().contains(" bonus=") && !entry.counter.text().ends_with("reversals=kept");
        is_total && entry.sums.revenue != Money::ZERO
    });
    for bonus in &bonuses {
        let (version, declared) = declared(world, bonus)?;
        let changed = paid.get(&bonus.action).copied().unwrap_or_default();
        let locks =
            decisions.iter().flat_map(|(_, decision)| &decision.awards).any(|award| award.locks_at.is_some());
        match declared.after_close {
            AfterClose::Keep => ensure_eq!(changed, Decimal::ZERO),
            AfterClose::Recompute
                if !still
                    && !locks
                    && version.reversals.counts_in == CountsIn::Original
                    && matches!(&declared.pays, BonusPays::Tiers(ladder) if ladder.tiers.iter().all(|tier| tier.from > Decimal::ZERO)) =>
            {
                ensure_eq!(bonus.awards[0].payout.0 + changed, Decimal::ZERO);
            }
            AfterClose::Recompute | AfterClose::RecomputeUntilLock => {}
        }
    }
    Ok(())
}
