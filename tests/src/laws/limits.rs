//! Law 7: no limit is ever exceeded under its named mode, by books of the test's own.

use std::collections::BTreeSet;

use crate::world::World;
use accrue::Action;
use accrue::decide::{Award, Decision, Status, Verdict};
use accrue::internals::terms::{Counter, Edge, Limit, LimitMax, Scope};
use accrue::money::Money;
use accrue::reasons as codes;
use rust_decimal::Decimal;

use super::keys::{by_group, counters, in_period, key};
use super::{decide, version};
use crate::awarded::is_credited;
use crate::choices::Choices;
use crate::{ensure, ensure_eq};

/// What an award paid of what a limit covers.
fn covered(award: &Award, group: Option<&str>) -> Decimal {
    let paid = by_group(award);
    paid.iter().filter(|(name, _)| group.is_none_or(|group| group == name)).map(|(_, paid)| paid.0).sum()
}

/// Whether a limit is about an action. Generated limits ask for new customers, if for anything.
fn is_about(counter: &Counter, action: &Action) -> bool {
    counter.when.is_none() || action.customer.status.as_deref() == Some("new")
}

/// What a limit is kept by, and what it covers.
struct Kept<'w> {
    world: &'w World,
    limit: &'w Limit,
    counter: Option<&'w Counter>,
    contract: &'w str,
    group: Option<&'w str>,
}

impl Kept<'_> {
    /// What an action was paid under a key, and whether a paid action of it counts. Without a counter, all of the contract.
    fn paid(&self, action: &Action, awards: &[Award], key_of: Option<&[String]>) -> (Decimal, bool) {
        let (mut paid, mut is_counted) = (Decimal::ZERO, false);
        for award in awards {
            let across = self.counter.is_some_and(|counter| counter.contract.is_none());
            let mine = self.counter.map(|counter| key(counter, action, award, self.group));
            let is_of = mine.is_none_or(|mine| mine.as_deref() == key_of);
            if award.counts && is_of && (across || award.contract.name == self.contract) {
                let of_award = covered(award, self.group);
                paid += of_award;
                is_counted |= of_award > Decimal::ZERO && (self.group.is_some() || is_credited(award));
            }
        }
        (paid, is_counted)
    }

    /// What was paid, and how many actions were, under the same key in the same period before `at`.
    fn used(&self, decisions: &[(usize, Decision)], at: usize, key_of: Option<&[String]>) -> (Decimal, u64) {
        let now = &self.world.actions[decisions[at].0];
        let Some(counter) = self.counter.filter(|counter| counter.per != [Scope::Action]) else {
            return (Decimal::ZERO, 0);
        };
        let mut used = (Decimal::ZERO, 0);
        for (index, earlier) in &decisions[..at] {
            let before = &self.world.actions[*index];
            let of_type = counter.event_types.is_empty() || counter.event_types.contains(&before.event_type);
            if of_type && is_about(counter, before) && in_period(counter.period, before, now) {
                let (paid, is_counted) = self.paid(before, &earlier.awards, key_of);
                used.0 += paid;
                used.1 += u64::from(is_counted);
            }
        }
        used
    }
}

fn kept(world: &World, decisions: &[(usize, Decision)], at: usize, award: &Award) -> Result<(), String> {
    let (index, decision) = &decisions[at];
    let action = &world.actions[*index];
    let Some(version) = version(world, award) else { return Ok(()) };
    for limit in &version.limits {
        let counter = limit.counter.map(|counter| &counters(&world.program)[counter]);
        if counter.is_some_and(|counter| {
            let of_type = counter.event_types.is_empty() || counter.event_types.contains(&action.event_type);
            !of_type || !is_about(counter, action)
        }) {
            continue;
        }
        let per_group = counter.is_some_and(|counter| counter.per.contains(&Scope::Group));
        let groups: BTreeSet<Option<String>> = if per_group {
            by_group(award).into_iter().map(|(group, _)| Some(group)).collect()
        } else {
            [limit.group.clone()].into()
        };
        for group in &groups {
            let group = group.as_deref();
            let kept = Kept { world, limit, counter, contract: &award.contract.name, group };
            let mine = match counter.map(|counter| key(counter, action, award, group)) {
                Some(None) => continue,
                Some(Some(mine)) => Some(mine),
                None => None,
            };
            kept.holds(decisions, at, mine.as_deref(), (decision, award.contract.version))?;
        }
    }
    Ok(())
}

impl Kept<'_> {
    fn holds(
        &self,
        decisions: &[(usize, Decision)],
        at: usize,
        key_of: Option<&[String]>,
        (decision, version): (&Decision, u32),
    ) -> Result<(), String> {
        let action = &self.world.actions[decisions[at].0];
        // Another version may have no such limit, and pay more after this one.
        let is_bound = |award: &Award| {
            award.contract.name == self.contract
                && award.contract.version == version
                && covered(award, self.group) > Decimal::ZERO
        };
        let bound = decision.awards.iter().rposition(is_bound).map_or(0, |last| last + 1);
        let (paid, is_counted) = self.paid(action, &decision.awards[..bound], key_of);
        let (before, count) = self.used(decisions, at, key_of);
        if paid <= Decimal::ZERO {
            return Ok(());
        }
        let is_held = decision.awards[..bound].iter().any(|award| award.status == Status::Held);
        let max = match self.limit.max {
            LimitMax::Count(max) => {
                let passes = match self.limit.edge {
                    Edge::Hold => is_held,
                    Edge::Alert => true,
                    Edge::Remainder | Edge::AllOrNothing | Edge::PayThenStop => false,
                };
                ensure!(
                    count < max || !is_counted || passes,
                    "{}: {} paid actions before {}",
                    self.limit.name,
                    count,
                    decision.action
                );
                return Ok(());
            }
            LimitMax::Money(Money(max)) => max,
            LimitMax::Line { .. } => return Ok(()),
            LimitMax::Share(share) => {
                let of_contract = decision.awards.iter().filter(|of| of.contract.name == self.contract);
                of_contract.map(|award| award.base.0).sum::<Decimal>() * share
            }
        };
        let holds = match self.limit.edge {
            Edge::Remainder | Edge::AllOrNothing => before + paid <= max,
            Edge::PayThenStop => before < max,
            // A person decides, or is told.
            Edge::Hold => before + paid <= max || is_held,
            Edge::Alert => true,
        };
        ensure!(
            holds,
            "{} ({:?}): {before} + {paid} of {max} at {}",
            self.limit.name,
            self.limit.edge,
            decision.action
        );
        Ok(())
    }
}

/// Under its named mode, no limit is exceeded.
pub fn no_limit_is_exceeded(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, _) = decide(world)?;
    for at in 0..decisions.len() {
        // Terms may have changed since earlier actions; what those were paid counts all the same.
        for award in &decisions[at].1.awards {
            kept(world, &decisions, at, award)?;
        }
    }
    Ok(())
}

/// The other side: a payout is only ever cut by a limit that names itself, and only when it would have been passed.
pub fn a_cut_names_a_limit_that_was_used_up(world: &World, _: &mut Choices<'_>) -> Result<(), String> {
    let (decisions, _) = decide(world)?;
    for (_, decision) in &decisions {
        for award in &decision.awards {
            let limits = version(world, award).map(|version| version.limits.as_slice()).unwrap_or_default();
            for line in award.lines.iter().filter(|line| line.earned >= Money::ZERO) {
                ensure!(line.payout >= Money::ZERO, "{}: a line pays {}", award.partner, line.payout);
            }
            for cut in &award.limits {
                ensure!(cut.cut > Money::ZERO);
                ensure!(!cut.left.0.is_sign_negative() || cut.left.is_zero());
                ensure!(limits.iter().any(|limit| limit.name == cut.limit), "{}", cut.limit);
            }
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
