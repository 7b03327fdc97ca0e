//! Settle: turns the payout groups that match into lines, each with the verbs that take effect; and rounds the lines of all awards
//! under one contract version, once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::decision::{AwardTrace, Given, Outcome};
use super::draft::{Draft, DraftLine};
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::worst::{LINE_FUEL, VERB_FUEL};
use crate::lang::Value;
use crate::lang::catalog::Verb;
use crate::money::{ArithmeticError, Exact, Money, share_rounded};
use crate::run::{MatchedGroup, RuleInput, VerbCall, Verdicts};
use crate::terms::{AddPer, Choose, Effect, Group, PayoutPer, Pays, RoundingPlace, Version};
use rust_decimal::Decimal;

/// A payout group that matches, with its verbs.
struct Candidate<'a> {
    index: usize,
    group: &'a Group,
    effects: Cow<'a, [Effect]>,
    traced_at: Option<usize>,
}

/// Returns the lines of the payout: the partner's share of each, not rounded yet.
pub(super) fn settle<'a>(
    evaluation: &mut Evaluation<'a>,
    verdicts: &Verdicts<'a>,
    share: Decimal,
) -> Result<Vec<DraftLine>, PhaseError> {
    let version = evaluation.credited.version;
    let mut lines = Vec::with_capacity(verdicts.lines.len());
    // Payout groups whose amount per order is on a line already.
    let mut added = BTreeSet::new();
    for line in &verdicts.lines {
        let groups = verdicts.groups.get(line.groups.clone()).unwrap_or_default();
        let candidates = candidates(version, verdicts, groups);
        let verbs = candidates.iter().map(|candidate| candidate.effects.len() as u64).sum::<u64>();
        let place = candidates.first().map(|candidate| &candidate.group.place);
        evaluation.charge(LINE_FUEL + verbs.saturating_mul(VERB_FUEL), "payout", place)?;
        let mut draft = DraftLine {
            item: line.item,
            quantity: units(&evaluation.input, line.item)?,
            base: base(&evaluation.input, line.item),
            steps: Vec::with_capacity(groups.len()),
            exact: Exact::ZERO,
            shown: Money::ZERO,
            earned: Money::ZERO,
        };
        let trace = evaluation.findings.trace.as_mut();
        for candidate in choose(version, candidates, &draft, &added, trace)? {
            give(&mut draft, &candidate, &mut added);
        }
        draft.compute(share).map_err(|error| {
            let last = draft.steps.last().and_then(|(index, _)| version.group(*index));
            let name = last.map_or("payout", |group| &group.name);
            PhaseError::arithmetic(name, last.map(|group| &group.place), error)
        })?;
        lines.push(draft);
    }
    Ok(lines)
}

/// Returns the line of the participation bonus, not rounded yet.
pub(super) fn participation(evaluation: &mut Evaluation<'_>) -> Result<Vec<DraftLine>, PhaseError> {
    let version = evaluation.credited.version;
    let Some(bonus) = &version.payout.participation else { return Ok(Vec::new()) };
    let Pays::Fixed(effects) = &bonus.pays else { return Ok(Vec::new()) };
    let verbs = VERB_FUEL.saturating_mul(effects.len() as u64);
    evaluation.charge(LINE_FUEL + verbs, &bonus.name, Some(&bonus.place))?;
    evaluation.count_steps(effects.len(), &bonus.name, Some(&bonus.place))?;
    let index = version.participation_index();
    let mut draft = DraftLine {
        item: None,
        quantity: 1,
        base: evaluation.input.base,
        steps: effects.iter().map(|effect| (index, *effect)).collect(),
        exact: Exact::ZERO,
        shown: Money::ZERO,
        earned: Money::ZERO,
    };
    draft
        .compute(Decimal::ONE)
        .map_err(|error| PhaseError::arithmetic(&bonus.name, Some(&bonus.place), error))?;
    Ok(vec![draft])
}

/// Adds the verbs of a group to a line. Adds an amount per order only if no earlier line has it.
fn give(line: &mut DraftLine, candidate: &Candidate<'_>, added: &mut BTreeSet<usize>) {
    let Candidate { index, effects, .. } = candidate;
    line.steps.extend(effective(candidate, added).map(|effect| (*index, *effect)));
    if effects.iter().any(per_order) {
        added.insert(*index);
    }
}

/// Returns the units of a line: of the item, of all items for a whole order, 1 for an action without items.
fn units(input: &RuleInput<'_>, item: Option<u32>) -> Result<u32, PhaseError> {
    let items = &input.action.items;
    match (item, input.version.payout.per) {
        (Some(item), _) => Ok(items.get(item as usize).map_or(1, |item| item.quantity)),
        (None, PayoutPer::Order) if !items.is_empty() => {
            let units = items.iter().try_fold(0u32, |sum, item| sum.checked_add(item.quantity));
            units.ok_or_else(|| PhaseError::arithmetic("quantity", None, ArithmeticError::Overflow))
        }
        (None, _) => Ok(1),
    }
}

/// Returns the commissionable amount of a line.
fn base(input: &RuleInput<'_>, item: Option<u32>) -> Money {
    item.map_or(input.base, |item| input.item_bases.get(item as usize).copied().unwrap_or_default())
}

fn candidates<'a>(
    version: &'a Version,
    verdicts: &Verdicts<'a>,
    groups: &[MatchedGroup],
) -> Vec<Candidate<'a>> {
    let candidate = |matched: &MatchedGroup| {
        let group = version.group(matched.index)?;
        let effects = match &group.pays {
            Pays::Fixed(effects) => Cow::Borrowed(effects.as_slice()),
            Pays::Bands { bands, .. } => Cow::Borrowed(bands.get(matched.band)?.effects.as_slice()),
            Pays::Script(_) | Pays::Component(_) => {
                let per = if version.payout.per == PayoutPer::Item { AddPer::Item } else { AddPer::Order };
                let calls = verdicts.calls(&matched.calls);
                Cow::Owned(calls.iter().filter_map(|call| effect(call, per)).collect())
            }
        };
        Some(Candidate { index: matched.index, group, effects, traced_at: matched.traced_at })
    };
    groups.iter().filter_map(candidate).collect()
}

/// Returns the effect of a payout verb; `None` for a notice.
pub(super) fn effect(call: &VerbCall<'_>, per: AddPer) -> Option<Effect> {
    Some(match (call.verb, call.value) {
        (Verb::Rate, Value::Decimal(rate)) => Effect::Rate(rate),
        (Verb::AddPoints, Value::Decimal(points)) => Effect::AddPoints(points),
        (Verb::Multiply, Value::Decimal(factor)) => Effect::Multiply(factor),
        (Verb::Add, Value::Money(amount)) => Effect::Add { amount, per },
        (Verb::AddPerOrder, Value::Money(amount)) => Effect::Add { amount, per: AddPer::Order },
        (Verb::AddPerUnit, Value::Money(amount)) => Effect::Add { amount, per: AddPer::Unit },
        _ => return None,
    })
}

/// Returns the groups whose verbs a line gets, in order.
fn choose<'a>(
    version: &Version,
    mut candidates: Vec<Candidate<'a>>,
    line: &DraftLine,
    added: &BTreeSet<usize>,
    trace: Option<&mut AwardTrace>,
) -> Result<Vec<Candidate<'a>>, PhaseError> {
    let mut pays = vec![None; if trace.is_some() { candidates.len() } else { 0 }];
    let chosen = match version.payout.choose {
        Choose::Stack => {
            // The default payout was tried last, but its verbs apply first.
            let is_default = |last: &Candidate<'_>| {
                version.payout.default.as_ref().is_some_and(|default| std::ptr::eq(last.group, default))
            };
            if candidates.last().is_some_and(is_default) {
                candidates.rotate_right(1);
            }
            return Ok(candidates);
        }
        _ if candidates.is_empty() => return Ok(candidates),
        Choose::First => 0,
        Choose::Highest if candidates.len() == 1 && trace.is_none() => 0,
        Choose::Highest => {
            let all = candidates.iter().map(|candidate| would_pay(candidate, line, added));
            let all = all.collect::<Result<Vec<_>, _>>()?;
            if trace.is_some() {
                pays = all.iter().map(|(pays, _)| Some(*pays)).collect();
            }
            // The first of equals wins: a later group must pay strictly more.
            best_of(&all, |(_, a), (_, b)| a > b)
        }
        Choose::MostSpecific => best_of(&candidates, |a, b| a.group.specificity > b.group.specificity),
    };
    if let Some(trace) = trace {
        for (n, (candidate, pays)) in candidates.iter().zip(pays).enumerate() {
            let traced = candidate.traced_at.and_then(|at| trace.rules.get_mut(at));
            if let Some(traced) = traced.filter(|_| n != chosen) {
                traced.outcome = Outcome::NotChosen(pays);
            }
        }
    }
    candidates.truncate(chosen + 1);
    Ok(candidates.split_off(chosen))
}

/// Returns what a group would pay on a line: as it is shown, and exactly.
fn would_pay(
    candidate: &Candidate<'_>,
    line: &DraftLine,
    added: &BTreeSet<usize>,
) -> Result<(Money, Exact), PhaseError> {
    let Candidate { group, .. } = candidate;
    let mut given = Given::default();
    effective(candidate, added)
        .try_for_each(|effect| given.apply(effect, line.quantity))
        .and_then(|()| {
            let exact = given.on(line.base)?;
            Ok((exact.shown()?, exact))
        })
        .map_err(|error| PhaseError::arithmetic(&group.name, Some(&group.place), error))
}

/// Returns the verbs of a group that take effect on a line: an amount per order takes effect only on the first line that the
/// group matches.
fn effective<'e>(
    candidate: &'e Candidate<'_>,
    added: &BTreeSet<usize>,
) -> impl Iterator<Item = &'e Effect> + use<'e> {
    let is_added = added.contains(&candidate.index);
    candidate.effects.iter().filter(move |effect| !(is_added && per_order(effect)))
}

fn per_order(effect: &Effect) -> bool {
    matches!(effect, Effect::Add { per: AddPer::Order, .. })
}

/// Returns the index of the entry that no other entry beats; the first of equals.
fn best_of<T>(all: &[T], beats: impl Fn(&T, &T) -> bool) -> usize {
    let better = |(best_at, best), (at, next)| if beats(next, best) { (at, next) } else { (best_at, best) };
    all.iter().enumerate().reduce(better).map_or(0, |(at, _)| at)
}

/// Rounds the lines of a set once, at the place that the terms name. What several partners share is rounded as a whole: their shares
/// sum to it.
pub(super) fn round(set: &mut [Draft<'_>]) -> Result<(), ArithmeticError> {
    let Some(version) = set.first().map(|draft| draft.credited.version) else { return Ok(()) };
    if set.iter().all(Draft::is_credited) && set.len() > 1 {
        return round_shares(version, set);
    }
    set.iter_mut().try_for_each(|draft| round_lines(version, &mut draft.lines))
}

/// Rounds the lines of one award.
fn round_lines(version: &Version, lines: &mut [DraftLine]) -> Result<(), ArithmeticError> {
    let digits = version.currency.minor_digits();
    if version.rounding.place == RoundingPlace::Order {
        return round_together(version, lines.iter_mut().collect());
    }
    let mut sum = Money::ZERO;
    for line in lines {
        line.earned = line.exact.round(digits, version.rounding.mode)?;
        sum = sum.add(line.earned)?;
    }
    Ok(())
}

/// Rounds the lines of several awards: each item, or the order, over all of them.
fn round_shares(version: &Version, set: &mut [Draft<'_>]) -> Result<(), ArithmeticError> {
    if version.rounding.place == RoundingPlace::Order {
        return round_together(version, set.iter_mut().flat_map(|draft| &mut draft.lines).collect());
    }
    // All of them have the lines of the same items, or none.
    let mut awards: Vec<_> = set.iter_mut().map(|draft| draft.lines.iter_mut()).collect();
    loop {
        let lines: Vec<&mut DraftLine> = awards.iter_mut().filter_map(Iterator::next).collect();
        if lines.is_empty() {
            return Ok(());
        }
        round_together(version, lines)?;
    }
}

/// Rounds the sum of lines, and shares it out by largest remainder.
pub(super) fn round_together(version: &Version, lines: Vec<&mut DraftLine>) -> Result<(), ArithmeticError> {
    let digits = version.currency.minor_digits();
    let exact: Vec<&Exact> = lines.iter().map(|line| &line.exact).collect();
    let whole = Exact::sum(exact.iter().copied())?.round(digits, version.rounding.mode)?;
    let shares = share_rounded(whole, &exact, digits)?;
    for (line, share) in lines.into_iter().zip(shares) {
        line.earned = share;
    }
    Ok(())
}
