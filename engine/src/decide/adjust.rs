//! Adjustments: what becomes of a decision when its action changes, is taken back, becomes better known, or is decided by a person.
//!
//! A reversal takes back parts of what was paid: by the rate, the limits and the exchange rate of then, and never more than was given.
//! A modification or late facts decide the action again, under its terms of then and without what it counts itself. Both give the
//! decision as it stands now, and post the difference.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::adjust_error::AdjustError;
use super::decision::{Award, Change, Decision, Reason, Revision, Status};
use super::findings::ProgramView;
use super::pipeline::{self, Options, Standing};
use super::postings::Posted;
use super::receipt;
use super::returns::{Left, Taken, returned};
use super::validate::{validate_action, validate_adjustment};
use crate::counters::{CountedAt, Counters, Moment, Posting, Sums};
use crate::facts::{Action, Adjustment, AdjustmentKind, Reference};
use crate::money::{Allocation, ArithmeticError, Money, allocate};
use crate::run::PointKind;
use crate::terms::{
    AfterLock, Age, BelowThreshold, Contract, CountsIn, ReturnThreshold, Reversals, Takes, Verdict, Version,
    reasons,
};
use crate::time::Timestamp;

/// An action as it stands after an adjustment, and its decision.
///
/// [`Program::adjust`](crate::Program::adjust) makes it. The next adjustment of the action takes both.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Adjusted {
    /// The action with its new facts; the same as before a reversal or a person's decision.
    pub action: Action,
    /// The decision as it stands now. Its postings are the difference to what the action counted before.
    pub decision: Decision,
}

/// The inputs of an adjustment.
#[derive(Clone, Copy)]
struct Case<'a> {
    view: ProgramView<'a>,
    adjustment: &'a Adjustment,
    action: &'a Action,
    earlier: &'a Decision,
    counters: &'a Counters,
}

/// Adjusts a decision.
pub(crate) fn adjust(
    view: ProgramView<'_>,
    adjustment: &Adjustment,
    (action, earlier): (&Action, &Decision),
    reference: &Reference,
    counters: &Counters,
    options: Options,
) -> Result<Adjusted, AdjustError> {
    let case = Case { view, adjustment, action, earlier, counters };
    check(case)?;
    match adjustment.kind {
        AdjustmentKind::Modification if is_reversal(adjustment, action) => {
            let whole = Adjustment {
                amount: None,
                ..Adjustment::new(&adjustment.id, "", AdjustmentKind::Reversal, adjustment.occurred_at)
            };
            reverse(case, &whole)
        }
        AdjustmentKind::Modification | AdjustmentKind::Enrichment => decide_again(case, reference, options),
        AdjustmentKind::Reversal => reverse(case, adjustment),
        AdjustmentKind::Approval => approve(case),
        AdjustmentKind::Rejection => reject(case),
        AdjustmentKind::Release => release_by_time(case),
    }
}

/// Returns whether a modification takes the action back: its amount becomes zero, and was not zero before.
fn is_reversal(adjustment: &Adjustment, action: &Action) -> bool {
    let is_zero = |amount: Option<Money>| amount.is_some_and(Money::is_zero);
    is_zero(adjustment.amount) && !is_zero(action.amount)
}

/// Checks what holds for every adjustment.
fn check(case: Case<'_>) -> Result<(), AdjustError> {
    let Case { view, adjustment, action, earlier, .. } = case;
    validate_adjustment(adjustment, action, view.terms, view.limits)?;
    if adjustment.adjusts != earlier.action || action.id != earlier.action {
        return Err(AdjustError::OtherAction {
            adjustment: adjustment.id.clone(),
            adjusts: adjustment.adjusts.clone(),
            action: earlier.action.clone(),
        });
    }
    if earlier.history.iter().any(|revision| revision.adjustment == adjustment.id) {
        return Err(AdjustError::Repeated {
            adjustment: adjustment.id.clone(),
            action: earlier.action.clone(),
        });
    }
    // A return may take the whole payout and leave a part of the order, which can come back too.
    if earlier.status == Status::Reversed && !earlier.awards.iter().any(|award| award.counts) {
        return Err(AdjustError::Ended { action: earlier.action.clone(), status: earlier.status });
    }
    for award in &earlier.awards {
        let (_, _, version) = version_of(view, award).ok_or_else(|| other_terms(earlier, award))?;
        if version.digest != award.contract.digest {
            return Err(other_terms(earlier, award));
        }
        // When a hold ends was said by the terms, so it is no change.
        let is_change = adjustment.kind != AdjustmentKind::Release;
        let refuses = is_change && version.reversals.after_lock == AfterLock::Refuse;
        if let Some(locked_at) = award.locks_at.filter(|at| refuses && *at <= adjustment.occurred_at) {
            return Err(AdjustError::Locked { action: earlier.action.clone(), locked_at });
        }
    }
    Ok(())
}

fn other_terms(earlier: &Decision, award: &Award) -> AdjustError {
    AdjustError::OtherTerms {
        action: earlier.action.clone(),
        contract: award.contract.name.clone(),
        version: award.contract.version,
    }
}

/// Returns the contract and the version that an award was decided by, with the index of the contract.
fn version_of<'a>(view: ProgramView<'a>, award: &Award) -> Option<(usize, &'a Contract, &'a Version)> {
    let mut contracts = view.terms.contracts.iter().enumerate();
    let (index, contract) = contracts.find(|(_, contract)| contract.name == award.contract.name)?;
    // A contract file makes several versions of one number: for each currency, and for each event type with a payout of its own.
    let mut versions = contract
        .versions
        .iter()
        .filter(|version| version.number == award.contract.version && version.currency == award.currency);
    versions.next().map(|version| (index, contract, version))
}

/// Decides the action with its new facts, under its terms of then.
fn decide_again(case: Case<'_>, reference: &Reference, options: Options) -> Result<Adjusted, AdjustError> {
    let Case { view, adjustment, action, earlier, counters } = case;
    let changed = adjustment.applied(action);
    validate_action(&changed, view.terms, view.limits)?;
    let standing = Standing { counted: standing(earlier), decision: earlier };
    let mut decision = pipeline::decide_again(view, &changed, (reference, counters), options, standing);
    for award in &mut decision.awards {
        let before = earlier.award(&award.partner);
        if let Some(before) = before.filter(|before| {
            before.contract.name == award.contract.name && before.contract.digest != award.contract.digest
        }) {
            return Err(other_terms(earlier, before));
        }
        // What a person has decided stays decided.
        match decided_by_person(earlier, &award.partner) {
            Some(AdjustmentKind::Approval) if before.is_some_and(|before| approves(before, award)) => {
                release(award);
            }
            Some(AdjustmentKind::Rejection) => refuse(award, "person"),
            _ => {}
        }
    }
    if adjustment.kind == AdjustmentKind::Enrichment {
        decision.returned.clone_from(&earlier.returned);
        if !decision.returned.is_empty() {
            take_again(case, &changed, &mut decision)?;
        }
    }
    settle_status(&mut decision);
    finish(case, changed, decision)
}

/// Returns the last decision of a person on a partner's award.
fn decided_by_person(decision: &Decision, partner: &str) -> Option<AdjustmentKind> {
    let of_person = |revision: &&Revision| {
        matches!(revision.kind, AdjustmentKind::Approval | AdjustmentKind::Rejection)
            && revision.partner.as_deref().is_none_or(|of| of == partner)
    };
    decision.history.iter().rev().find(of_person).map(|revision| revision.kind)
}

/// Returns whether a person who approved the award before has seen every reason to hold it now.
fn approves(before: &Award, now: &Award) -> bool {
    let known = |reason: &Reason| {
        before.reasons.iter().any(|seen| seen.code == reason.code && seen.rule == reason.rule)
    };
    let holds = now.reasons.iter().filter(|reason| reason.verdict == Verdict::Hold);
    now.status == Status::Held && holds.clone().all(|reason| known(reason) && reason.fault.is_none())
}

/// Makes a held award payable.
fn release(award: &mut Award) {
    award.status = if award.payout.is_zero() { Status::Zero } else { Status::Payable };
    award.release_at = None;
}

/// Refuses an award for good.
fn refuse(award: &mut Award, by: &str) {
    award.status = Status::Rejected;
    award.payout = Money::ZERO;
    award.lines.clear();
    award.groups.clear();
    award.limits.clear();
    award.release_at = None;
    award.pays_on = None;
    award.counts = false;
    award.reasons.insert(
        0,
        Reason {
            code: reasons::REJECTED.to_owned(),
            verdict: Verdict::Reject,
            rule: by.to_owned(),
            partner: None,
            fault: None,
            fraud: false,
        },
    );
}

/// A person approves held awards.
fn approve(case: Case<'_>) -> Result<Adjusted, AdjustError> {
    let Case { adjustment, action, earlier, .. } = case;
    let mut decision = earlier.clone();
    let mut is_held = false;
    for award in decided(&mut decision, adjustment).filter(|award| award.status == Status::Held) {
        if let Some(failed) = award.reasons.iter().find(|reason| reason.fault.is_some()) {
            let (action, rule) = (earlier.action.clone(), failed.rule.clone());
            return Err(AdjustError::NotComputed { action, rule });
        }
        is_held = true;
        release(award);
    }
    if !is_held {
        return Err(AdjustError::NotHeld { action: earlier.action.clone() });
    }
    settle_status(&mut decision);
    finish(case, action.clone(), decision)
}

/// Holds that end by themselves have ended.
fn release_by_time(case: Case<'_>) -> Result<Adjusted, AdjustError> {
    let Case { adjustment, action, earlier, .. } = case;
    let mut decision = earlier.clone();
    let mut next: Option<Option<Timestamp>> = None;
    let mut is_released = false;
    for award in decision.awards.iter_mut().filter(|award| award.status == Status::Held) {
        if award.release_at.is_some_and(|at| at <= adjustment.occurred_at) {
            is_released = true;
            release(award);
        } else {
            next = Some(award.release_at);
        }
    }
    match (is_released, next) {
        (true, _) => {}
        (false, Some(release_at)) => {
            return Err(AdjustError::NotReleased { action: earlier.action.clone(), release_at });
        }
        (false, None) => return Err(AdjustError::NotHeld { action: earlier.action.clone() }),
    }
    settle_status(&mut decision);
    finish(case, action.clone(), decision)
}

/// A person rejects awards that are not rejected yet.
fn reject(case: Case<'_>) -> Result<Adjusted, AdjustError> {
    let Case { adjustment, action, earlier, .. } = case;
    let mut decision = earlier.clone();
    let mut is_open = false;
    for award in decided(&mut decision, adjustment) {
        if !matches!(award.status, Status::Rejected | Status::Reversed) {
            is_open = true;
            refuse(award, &adjustment.id);
        }
    }
    if !is_open {
        return Err(AdjustError::Ended { action: earlier.action.clone(), status: earlier.status });
    }
    settle_status(&mut decision);
    finish(case, action.clone(), decision)
}

/// Returns the awards that a person decides, with those of parents, who are paid for them.
fn decided<'d>(
    decision: &'d mut Decision,
    adjustment: &'d Adjustment,
) -> impl Iterator<Item = &'d mut Award> {
    let partner = adjustment.partner.as_deref();
    decision.awards.iter_mut().filter(move |award| {
        let below = award.below.as_ref().map(|below| below.partner.as_str());
        partner.is_none_or(|of| award.partner == of || below == Some(of))
    })
}

/// Takes back an action, whole or in part.
fn reverse(case: Case<'_>, reversal: &Adjustment) -> Result<Adjusted, AdjustError> {
    let Case { action, earlier, .. } = case;
    if earlier.status == Status::Rejected {
        return Err(AdjustError::Ended { action: earlier.action.clone(), status: earlier.status });
    }
    let left = Left::new(action, &earlier.returned).map_err(|error| does_not_fit(earlier, error))?;
    let taken = returned(action, &left, reversal)?;
    let mut decision = earlier.clone();
    decision.returned.extend(taken.list.iter().copied());
    take(case, &left, &taken, &mut decision)?;
    settle_status(&mut decision);
    finish(case, action.clone(), decision)
}

/// Takes what was returned before off a decision that was made again.
fn take_again(case: Case<'_>, changed: &Action, decision: &mut Decision) -> Result<(), AdjustError> {
    let failed = |error| does_not_fit(case.earlier, error);
    let left = Left::new(changed, &[]).map_err(failed)?;
    let taken = Taken::of(&decision.returned, &left);
    take(case, &left, &taken, decision)
}

fn does_not_fit(earlier: &Decision, _: ArithmeticError) -> AdjustError {
    AdjustError::DoesNotFit { action: earlier.action.clone() }
}

/// Takes back parts of the payouts.
fn take(case: Case<'_>, left: &Left, taken: &Taken, decision: &mut Decision) -> Result<(), AdjustError> {
    let Case { view, adjustment, action, earlier, .. } = case;
    let failed = |error| does_not_fit(earlier, error);
    let whole = taken.is_whole(left);
    let zone = view.terms.zone;
    let days =
        zone.date(adjustment.occurred_at).signed_duration_since(zone.date(action.occurred_at)).num_days();
    for award in &mut decision.awards {
        let Some((_, _, version)) = version_of(view, award) else { continue };
        let takes = takes(view, &version.reversals, left, taken).map_err(failed)?;
        let share = age_share(view, &version.reversals, days);
        let (mut base, mut base_left) = (Money::ZERO, Money::ZERO);
        for line in &mut award.lines {
            let (part, of) = taken.of_line(left, line.item);
            let open = line.base.sub(line.returned).map_err(failed)?;
            let back = part_of(open, part, of, crate::money::MAX_SCALE).map_err(failed)?;
            line.returned = line.returned.add(back).map_err(failed)?;
            base = base.add(back).map_err(failed)?;
            base_left = base_left.add(open).map_err(failed)?;
            let paid = line.payout.sub(line.taken_back).map_err(failed)?;
            let digits = award.minor_digits;
            let back = match takes {
                Take::Nothing => Money::ZERO,
                Take::Everything => paid,
                Take::Part => part_of(paid, part, of, digits).map_err(failed)?,
            };
            let back = part_of(back, share, Decimal::ONE, digits).map_err(failed)?;
            line.taken_back = line.taken_back.add(back).map_err(failed)?;
        }
        let (part, of) =
            if award.lines.is_empty() { taken.of_line(left, None) } else { (base.0, base_left.0) };
        let back = if whole {
            award.base
        } else {
            part_of(award.base, part, of, crate::money::MAX_SCALE).map_err(failed)?
        };
        award.base = award.base.sub(back).map_err(failed)?;
        for revenue in award.counted.iter_mut().filter_map(|counted| counted.revenue.as_mut()) {
            let back = part_of(*revenue, part, of, crate::money::MAX_SCALE).map_err(failed)?;
            *revenue = revenue.sub(back).map_err(failed)?;
        }
        let paid = award.lines.iter().map(|line| line.payout.sub(line.taken_back));
        let paid = paid.collect::<Result<Vec<_>, _>>().and_then(Money::sum).map_err(failed)?;
        if matches!(award.status, Status::Payable | Status::Held) {
            award.payout = paid;
        }
        if whole {
            award.counts = false;
        }
        if paid.is_zero() && award.status != Status::Rejected && (whole || award.status != Status::Zero) {
            award.status = Status::Reversed;
            award.release_at = None;
            award.pays_on = None;
        }
    }
    Ok(())
}

/// What a return takes of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Take {
    Nothing,
    Part,
    Everything,
}

fn takes(
    view: ProgramView<'_>,
    reversals: &Reversals,
    left: &Left,
    taken: &Taken,
) -> Result<Take, ArithmeticError> {
    if taken.is_whole(left) || reversals.takes == Takes::Whole {
        return Ok(Take::Everything);
    }
    let Some(ReturnThreshold { share, place }) = &reversals.threshold else { return Ok(Take::Part) };
    let is_above = taken.is_above(left, *share)?;
    view.reach(place, if is_above { PointKind::ReturnAbove } else { PointKind::ReturnBelow });
    Ok(match (is_above, reversals.below_threshold) {
        (true, _) => Take::Everything,
        (false, BelowThreshold::Keep) => Take::Nothing,
        (false, BelowThreshold::ProRata) => Take::Part,
    })
}

/// Returns the share of what would be taken back from an action of this age.
fn age_share(view: ProgramView<'_>, reversals: &Reversals, days: i64) -> Decimal {
    let reached = |age: &&Age| i64::from(age.from_days) <= days;
    let Some(age) = reversals.ages.iter().rev().find(reached) else { return Decimal::ONE };
    view.reach(&age.place, PointKind::Age);
    age.share
}

/// Returns the part of an amount that is `part` of `whole`, in whole units of this many decimals. The parts of a whole sum to it.
fn part_of(amount: Money, part: Decimal, whole: Decimal, digits: u32) -> Result<Money, ArithmeticError> {
    if part >= whole || amount.is_zero() {
        return Ok(amount);
    }
    if part.is_zero() {
        return Ok(Money::ZERO);
    }
    let rest = crate::money::checked::sub(whole, part)?;
    let shares = allocate(amount, &[part, rest], digits, Allocation::LargestRemainder)?;
    Ok(shares.first().copied().unwrap_or_default())
}

/// Sets the status of a decision from its awards.
fn settle_status(decision: &mut Decision) {
    if let Some(status) = Status::of_awards(decision.awards.iter().map(|award| award.status)) {
        decision.status = status;
    }
}

/// Returns what an action counts in all.
fn standing(decision: &Decision) -> &[Posting] {
    if decision.history.is_empty() { &decision.postings } else { &decision.counted }
}

/// Adds the revision to the decision, its postings and its receipt.
fn finish(case: Case<'_>, action: Action, mut decision: Decision) -> Result<Adjusted, AdjustError> {
    let Case { view, adjustment, earlier, counters, .. } = case;
    decision.history.clone_from(&earlier.history);
    decision.history.push(Revision {
        adjustment: adjustment.id.clone(),
        kind: adjustment.kind,
        occurred_at: adjustment.occurred_at,
        reason: adjustment.reason.clone(),
        partner: adjustment.partner.clone(),
        changes: changes(earlier, &decision).map_err(|error| does_not_fit(earlier, error))?,
    });
    let zone = view.terms.zone;
    let moment = |at| Moment::new(at, zone, counters);
    let (own, now) = (moment(action.occurred_at), moment(adjustment.occurred_at));
    let mut posted = Posted::new(view, &action, &own, &decision.returned, true);
    let mut counts_in = CountsIn::default();
    for award in decision.awards.iter().chain(&earlier.awards) {
        if let Some((_, _, version)) = version_of(view, award) {
            let is_locked = award.locks_at.is_some_and(|at| at <= adjustment.occurred_at);
            counts_in = if is_locked { CountsIn::Current } else { version.reversals.counts_in };
        }
    }
    for award in &decision.awards {
        if let Some((contract, _, _)) = version_of(view, award) {
            posted.add(award, contract);
        }
    }
    let before = standing(earlier);
    let failed = |_| AdjustError::DoesNotFit { action: earlier.action.clone() };
    let after = posted.list;
    let postings = differences(&after, before, counts_in, &now).map_err(failed)?;
    decision.counted = together(before, &postings).map_err(failed)?;
    decision.postings = postings;
    decision.receipt = receipt::seal_adjusted(earlier.receipt, adjustment, &decision);
    Ok(Adjusted { action, decision })
}

/// Returns what the payout of each partner changed by.
fn changes(before: &Decision, after: &Decision) -> Result<Vec<Change>, ArithmeticError> {
    let mut changes: Vec<Change> = Vec::new();
    let signed = before.awards.iter().map(|award| (award, -Decimal::ONE));
    for (award, sign) in signed.chain(after.awards.iter().map(|award| (award, Decimal::ONE))) {
        let by = Money(award.payout.0 * sign);
        let same =
            |change: &&mut Change| change.partner == award.partner && change.currency == award.currency;
        match changes.iter_mut().find(same) {
            Some(change) => change.by = change.by.add(by)?,
            None => changes.push(Change { partner: award.partner.clone(), currency: award.currency, by }),
        }
    }
    changes.retain(|change| !change.by.is_zero());
    Ok(changes)
}

/// Returns the postings that lead from what an action counted before to what it counts now. A counter that does not go down keeps the
/// higher sums.
fn differences(
    after: &[Posting],
    before: &[Posting],
    counts_in: CountsIn,
    now: &Moment<'_>,
) -> Result<Vec<Posting>, ArithmeticError> {
    let earlier = before.iter().map(|posting| (posting, posting.sums.negated()));
    let later = after.iter().map(|posting| (posting, posting.sums));
    let moved = summed(earlier.chain(later), |_| None)?;
    let moved = moved.into_iter().map(|(posting, moved)| {
        let at = match counts_in {
            CountsIn::Original => posting.at,
            CountsIn::Current => now.counted_at(&posting.counter),
        };
        let sums = if posting.counter.goes_down() { moved } else { moved.or_zero() };
        Posting { at, sums, ..posting.clone() }
    });
    Ok(moved.filter(|posting| posting.sums != Sums::default()).collect())
}

/// Returns the postings of before and later ones as one for each counter, key, value and time, without those that are zero.
fn together(before: &[Posting], more: &[Posting]) -> Result<Vec<Posting>, ArithmeticError> {
    let all = before.iter().chain(more).map(|posting| (posting, posting.sums));
    let all = summed(all, |posting| Some(posting.at))?.into_iter();
    let all = all.map(|(posting, sums)| Posting { sums, ..posting.clone() });
    Ok(all.filter(|posting| posting.sums != Sums::default()).collect())
}

/// Returns the sum of the movements of each counter, key, distinct value and what `at` returns, each with the first of its postings.
fn summed<'p>(
    movements: impl Iterator<Item = (&'p Posting, Sums)>,
    at: impl Fn(&Posting) -> Option<CountedAt>,
) -> Result<Vec<(&'p Posting, Sums)>, ArithmeticError> {
    let mut sums: Vec<(&Posting, Sums)> = Vec::new();
    let mut index = BTreeMap::new();
    for (posting, moved) in movements {
        let place = (posting.counter.text(), &posting.key, posting.distinct.as_deref(), at(posting));
        let n = *index.entry(place).or_insert(sums.len());
        match sums.get_mut(n) {
            Some((_, sum)) => *sum = sum.plus(moved)?,
            None => sums.push((posting, moved)),
        }
    }
    Ok(sums)
}
