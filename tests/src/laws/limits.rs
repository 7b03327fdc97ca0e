//! Law 7: no limit is ever exceeded under its named mode, by books of the test's own.

use std::collections::BTreeSet;

use crate::world::World;
use accrue::decide::{Decision, Status, Verdict};
use accrue::internals::terms::{Edge, Limit, LimitMax, Scope};
use accrue::money::Money;
use accrue::reasons as codes;
use rust_decimal::Decimal;

use super::keys::{by_group, counters, in_period, key};
use super::{decide, version};
use crate::awarded::{contract, counts, cuts};
use crate::choices::Choices;
use crate::{ensure, ensure_eq};

/// What a decision paid of what a limit covers.
fn covered(decision: &Decision, group: Option<&str>) -> Decimal {
    let paid = by_group(decision);
    paid.iter().filter(|(name, _)| group.is_none_or(|group| group == name)).map(|(_, paid)| paid.0).sum()
}

/// What was paid, and how many actions were, under the same key in the same period before `at`.
fn used(
    world: &World,
    decisions: &[(usize, Decision)],
    at: usize,
    limit: &Limit,
    group: Option<&str>,
) -> Option<(Decimal, u64)> {
    let Some(counter) = limit.counter.map(|counter| &counters(&world.program)[counter]) else {
        return Some((Decimal::ZERO, 0));
    };
    let (index, decision) = &decisions[at];
    let now = &world.actions[*index];
    let mine = key(counter, now, decision, group)?;
    if counter.per == [Scope::Action] {
        return Some((Decimal::ZERO, 0));
    }
    let mut used = (Decimal::ZERO, 0);
    for (index, earlier) in &decisions[..at] {
        let before = &world.actions[*index];
        let of_type = counter.event_types.is_empty() || counter.event_types.contains(&before.event_type);
        let contract = |decision: &Decision| contract(decision).map(|contract| contract.name.clone());
        if counts(earlier)
            && of_type
            && (counter.contract.is_none() || contract(earlier) == contract(decision))
            && in_period(counter.period, before, now)
            && key(counter, before, earlier, group) == Some(mine.clone())
        {
            let paid = covered(earlier, group);
            used.0 += paid;
            used.1 += u64::from(paid > Decimal::ZERO);
        }
    }
    Some(used)
}

fn kept(world: &World, decisions: &[(usize, Decision)], at: usize, limit: &Limit) -> Result<(), String> {
    let (index, decision) = &decisions[at];
    let action = &world.actions[*index];
    let counter = limit.counter.map(|counter| &counters(&world.program)[counter]);
    if counter.is_some_and(|counter| {
        !counter.event_types.is_empty() && !counter.event_types.contains(&action.event_type)
    }) {
        return Ok(());
    }
    let per_group = counter.is_some_and(|counter| counter.per.contains(&Scope::Group));
    let groups: BTreeSet<Option<String>> = if per_group {
        by_group(decision).into_iter().map(|(group, _)| Some(group)).collect()
    } else {
        [limit.group.clone()].into()
    };
    for group in groups {
        let group = group.as_deref();
        let paid = covered(decision, group);
        let Some((before, count)) = used(world, decisions, at, limit, group) else { continue };
        if paid <= Decimal::ZERO {
            continue;
        }
        let max = match limit.max {
            LimitMax::Count(max) => {
                ensure!(count < max, "{}: {} paid actions before {}", limit.name, count, decision.action);
                continue;
            }
            LimitMax::Money(Money(max)) => max,
            LimitMax::Share(share) => decision.awards[0].base.0 * share,
        };
        let holds = match limit.edge {
            Edge::Remainder | Edge::AllOrNothing => before + paid <= max,
            Edge::PayThenStop => before < max,
        };
        ensure!(
            holds,
            "{} ({:?}): {before} + {paid} of {max} at {}",
            limit.name,
            limit.edge,
            decision.action
        );
    }
    Ok(())
}

/// Under its named mode, no limit is exceeded.
pub fn no_limit_is_exceeded(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, _) = decide(world)?;
    for at in 0..decisions.len() {
        // Terms may have changed since earlier actions; what those were paid counts all the same.
        for limit in version(world, &decisions[at].1).iter().flat_map(|version| &version.limits) {
            kept(world, &decisions, at, limit)?;
        }
    }
    Ok(())
}

/// The other side: a payout is only ever cut by a limit that names itself, and only when it would have been passed.
pub fn a_cut_names_a_limit_that_was_used_up(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, _) = decide(world)?;
    for (_, decision) in &decisions {
        for cut in cuts(decision) {
            ensure!(cut.cut > Money::ZERO);
            ensure!(!cut.left.0.is_sign_negative() || cut.left.is_zero());
            let limits =
                version(world, decision).map(|version| version.limits.as_slice()).unwrap_or_default();
            ensure!(limits.iter().any(|limit| limit.name == cut.limit), "{}", cut.limit);
        }
        for award in decision.awards.iter().filter(|award| award.status == Status::Zero) {
            let first = award.reasons.first();
            ensure!(first.is_some_and(|first| first.verdict == Verdict::Zero), "zero without a reason");
            let code = first.map_or("", |first| first.code.as_str());
            ensure!(code != codes::LIMIT_USED_UP || !award.limits.is_empty(), "{code}");
            if [codes::NO_PAYOUT_GROUP, codes::PAYS_ZERO].contains(&code) {
                let earned: Decimal = award.lines.iter().map(|line| line.earned.0).sum();
                ensure_eq!(earned, Decimal::ZERO);
            }
        }
    }
    Ok(())
}
