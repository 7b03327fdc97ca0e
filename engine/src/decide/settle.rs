//! Settle: turns the payout groups that match into lines, each with the verbs that take effect, rounded once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::decision::{AwardTrace, Given, Outcome};
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::worst::{LINE_FUEL, VERB_FUEL};
use crate::lang::Value;
use crate::lang::catalog::Verb;
use crate::money::{ArithmeticError, Exact, Money, share_rounded};
use crate::run::{MatchedGroup, RuleInput, VerbCall, Verdicts};
use crate::terms::{AddPer, Choose, Effect, Group, PayoutPer, Pays, RoundingPlace, Version};

/// A line before it is finished.
#[derive(Debug)]
pub(super) struct DraftLine {
    pub(super) item: Option<u32>,
    pub(super) quantity: u32,
    pub(super) base: Money,
    /// The verbs in the order in which they took effect, each with the index of its group in the version.
    pub(super) steps: Vec<(usize, Effect)>,
    /// The exact payout, of which [`DraftLine::shown`] is what a decision shows.
    pub(super) exact: Exact,
    pub(super) shown: Money,
    pub(super) earned: Money,
}

/// A payout group that matches, with its verbs.
struct Candidate<'a> {
    index: usize,
    group: &'a Group,
    effects: Cow<'a, [Effect]>,
    traced_at: Option<usize>,
}

/// Returns the lines of the payout, rounded where the terms say.
pub(super) fn settle<'a>(
    evaluation: &mut Evaluation<'a>,
    verdicts: &Verdicts<'a>,
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
            draft.give(&candidate, &mut added);
        }
        let paid = given(&draft.steps, draft.quantity).and_then(|given| {
            let exact = given.on(draft.base)?;
            Ok((exact.shown()?, exact))
        });
        (draft.shown, draft.exact) = paid.map_err(|error| {
            let last = draft.steps.last().and_then(|(index, _)| version.group(*index));
            let name = last.map_or("payout", |group| &group.name);
            PhaseError::arithmetic(name, last.map(|group| &group.place), error)
        })?;
        lines.push(draft);
    }
    round(version, &mut lines).map_err(|error| PhaseError::arithmetic("rounding", None, error))?;
    Ok(lines)
}

impl DraftLine {
    /// Adds the verbs of a group to the line. Adds an amount per order only if no earlier line has it.
    fn give(&mut self, candidate: &Candidate<'_>, added: &mut BTreeSet<usize>) {
        let Candidate { index, effects, .. } = candidate;
        self.steps.extend(effective(candidate, added).map(|effect| (*index, *effect)));
        if effects.iter().any(per_order) {
            added.insert(*index);
        }
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
fn effect(call: &VerbCall<'_>, per: AddPer) -> Option<Effect> {
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

/// Returns what the steps give, before they are applied to a base.
fn given(steps: &[(usize, Effect)], quantity: u32) -> Result<Given, ArithmeticError> {
    let mut given = Given::default();
    for (_, effect) in steps {
        given.apply(effect, quantity)?;
    }
    Ok(given)
}

/// Rounds once, at the place that the terms name.
fn round(version: &Version, lines: &mut [DraftLine]) -> Result<(), ArithmeticError> {
    let rounding = version.rounding;
    let digits = version.currency.minor_digits();
    if rounding.place == RoundingPlace::Item {
        let mut sum = Money::ZERO;
        for line in lines {
            line.earned = line.exact.round(digits, rounding.mode)?;
            sum = sum.add(line.earned)?;
        }
        return Ok(());
    }
    let exact: Vec<&Exact> = lines.iter().map(|line| &line.exact).collect();
    let whole = Exact::sum(exact.iter().copied())?.round(digits, rounding.mode)?;
    let shares = share_rounded(whole, &exact, digits)?;
    for (line, share) in lines.iter_mut().zip(shares) {
        line.earned = share;
    }
    Ok(())
}
