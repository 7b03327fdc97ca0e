//! Awards: shares and rounds what the phases made for each partner, applies limits, adds what parents are paid, and lists the postings.
//!
//! The awards of one contract version are one set: their payouts are shares of one whole, which is rounded once, and a limit that is
//! not kept by partner or click holds for all of them together.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::counted::Counted;
use super::credited::Credited;
use super::dates::dates;
use super::decision::{Award, Below, ContractRef, LimitCut, Line, Reason, Role, Status};
use super::draft::{Awarded, Draft, DraftLine};
use super::ends::{Occasion, ends};
use super::evaluation::{Account, Arguments};
use super::few::Few;
use super::findings::{Findings, PhaseError};
use super::limit::limit;
use super::pauses::pauses;
use super::postings::Posted;
use super::settle::round;
use super::shares::Part;
use crate::counters::{COUNTED_DECIMALS, Posting};
use crate::facts::Reference;
use crate::money::{Allocation, ArithmeticError, Exact, Money, allocate};
use crate::terms::{AmountKind, Effect, LevelOf, Verdict, reasons};

/// Finishes the awards of an action, and lists its postings.
pub(super) fn limited<'a>(
    arguments: Arguments<'a>,
    mut drafts: Vec<Draft<'a>>,
    account: &mut Account,
) -> (Vec<Awarded<'a>>, Vec<Posting>) {
    let Arguments { view, action, moment, .. } = arguments;
    let mut posted = Posted::new(view, action, moment, &[], drafts.len() > 1 || view.lookup.pays_levels);
    let mut awarded = Vec::with_capacity(drafts.len());
    share_bases(arguments, &mut drafts);
    finish_sets(arguments, drafts, account, &mut posted, &mut awarded);
    let mut parents = Vec::new();
    for of in &awarded {
        parents.extend(self::parents(arguments, of));
    }
    finish_sets(arguments, parents, account, &mut posted, &mut awarded);
    (awarded, posted.list)
}

/// Gives each of several partners the share of the commissionable amount that the partner has of the payout, and the same share of
/// what counters sum instead.
fn share_bases(arguments: Arguments<'_>, drafts: &mut [Draft<'_>]) {
    if !drafts.iter().any(|draft| draft.part.share != Decimal::ONE) {
        return;
    }
    let mut weights: Vec<Decimal> = drafts.iter().map(|draft| draft.part.share).collect();
    // What nobody is paid.
    weights.push(Decimal::ONE - weights.iter().sum::<Decimal>());
    for (n, draft) in drafts.iter_mut().enumerate() {
        let counted = draft.findings.counted.iter_mut().filter_map(Counted::revenue_mut);
        let share = |amount: &mut Money| {
            let shares = allocate(*amount, &weights, COUNTED_DECIMALS, Allocation::LargestRemainder);
            *amount = shares?.get(n).copied().unwrap_or_default();
            Ok(())
        };
        match std::iter::once(&mut draft.base).chain(counted).try_for_each(share) {
            Ok(()) => {}
            Err(error) => {
                draft.base = Money::ZERO;
                draft.findings.fail(arguments.view, PhaseError::arithmetic("credit", None, error));
            }
        }
    }
}

/// Finishes drafts set by set, in the order of the first draft of each.
fn finish_sets<'a>(
    arguments: Arguments<'a>,
    mut drafts: Vec<Draft<'a>>,
    account: &mut Account,
    posted: &mut Posted<'a>,
    awarded: &mut Vec<Awarded<'a>>,
) {
    while let Some(first) = drafts.first() {
        let of = first.set();
        let set = if drafts.iter().all(|draft| draft.set() == of) {
            std::mem::take(&mut drafts)
        } else {
            let (set, rest) = drafts.into_iter().partition(|draft| draft.set() == of);
            drafts = rest;
            set
        };
        finish_set(arguments, set, account, posted, awarded);
    }
}

/// Shares, rounds and limits one set. If that fails, all of its awards are held.
fn finish_set<'a>(
    arguments: Arguments<'a>,
    mut set: Vec<Draft<'a>>,
    account: &mut Account,
    posted: &mut Posted<'a>,
    awarded: &mut Vec<Awarded<'a>>,
) {
    let view = arguments.view;
    let contract_index = set.first().map_or(0, |draft| draft.credited.contract_index);
    let before = account.fuel;
    let rounded = round(&mut set).map_err(|error| PhaseError::arithmetic("rounding", None, error));
    let lines = rounded.and_then(|()| limit(arguments, &mut set, account, posted, awarded));
    let lines = lines.unwrap_or_else(|error| {
        set.iter_mut().for_each(|draft| draft.findings.fail(view, error.clone()));
        Few::new()
    });
    if let Some(first) = set.first_mut() {
        first.fuel = first.fuel.saturating_add(account.fuel.saturating_sub(before));
    }
    let mut lines = lines.into_iter();
    for draft in &mut set {
        let (names, lines) = lines.next().unwrap_or_default();
        let payout = Money::sum(lines.iter().map(|line: &Line| line.payout));
        if payout.is_ok_and(|payout| payout.0 < Decimal::ZERO) && !is_signed(arguments) {
            draft.findings.engine_reason(reasons::NEGATIVE_PAYOUT, Verdict::Hold, "payout".to_owned());
        }
        awarded.push(award(arguments, draft, names, lines));
        if let Some(finished) = awarded.last() {
            posted.add(&finished.award, contract_index);
        }
    }
}

/// Returns whether amounts of this event type may be below zero.
fn is_signed(arguments: Arguments<'_>) -> bool {
    let event_type = arguments.view.terms.event_types.get(&arguments.action.event_type);
    event_type.is_some_and(|event_type| event_type.amount == AmountKind::Signed)
}

/// Returns what the parents of a credited partner are paid: nothing if the partner's award is refused.
fn parents<'a>(arguments: Arguments<'a>, of: &Awarded<'a>) -> Vec<Draft<'a>> {
    let Awarded { award, credited, .. } = of;
    let levels = &credited.version.payout.levels;
    let may_pay = award
        .reasons
        .iter()
        .all(|reason| matches!(reason.verdict, Verdict::Flag | Verdict::Hold) || is_unpaid(&reason.code));
    if levels.is_empty() || !may_pay || award.role == Some(Role::Participant) {
        return Vec::new();
    }
    let Arguments { view, action, reference, .. } = arguments;
    let held: Vec<_> = award.reasons.iter().filter(|reason| !is_unpaid(&reason.code)).cloned().collect();
    let mut drafts = Vec::new();
    let mut seen = BTreeSet::from([credited.partner_id]);
    let mut partner = credited.partner;
    for (n, level) in levels.iter().enumerate() {
        let Some(above) = partner.and_then(|partner| partner.parent.as_deref()) else { break };
        let Some(facts) = parent(reference, above, arguments) else { break };
        if !seen.insert(above) {
            break;
        }
        partner = facts;
        let credited = Credited { partner_id: above, partner: facts, touch_index: None, ..*credited };
        let mut findings = Findings::new(of.trace.is_some(), view.limits);
        findings.exchange = award.exchange.clone();
        findings.counts = award.counts;
        findings.counted.clone_from(&of.counted);
        findings.reasons.clone_from(&held);
        if award.status == Status::Held {
            findings.releases.push(award.release_at);
        }
        pauses(&mut findings, action, reference, &credited, view.terms.zone);
        ends(&mut findings, Occasion::of(action, &credited), reference, view.terms.zone);
        let base = match level.of {
            LevelOf::Sale => award.base,
            LevelOf::Payout => award.payout,
        };
        let part = Part { role: Some(Role::Parent), share: Decimal::ZERO };
        let mut draft = Draft::new(credited, part, findings);
        draft.below = Some(Below {
            partner: award.partner.clone(),
            level: u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1),
        });
        if draft.findings.may_pay() {
            let index = credited.version.level_index(n);
            match level_line(base, index, level.rate) {
                Ok(line) => draft.lines.push(line),
                Err(error) => {
                    draft.findings.fail(view, PhaseError::arithmetic(&level.name, Some(&level.place), error));
                }
            }
        }
        drafts.push(draft);
    }
    drafts
}

/// Returns whether a reason says only that nothing was left to pay: a parent may be paid for the sale all the same.
fn is_unpaid(code: &str) -> bool {
    matches!(code, reasons::NO_PAYOUT_GROUP | reasons::LIMIT_USED_UP | reasons::PAYS_ZERO)
}

/// Returns what is known of a parent. Returns `None` if the host lists its partners and this one is not listed, and then nobody above
/// is paid.
#[allow(
    clippy::option_option,
    reason = "unknown to the program, and not listed by a host without a list, are two things"
)]
fn parent<'a>(
    reference: &'a Reference,
    id: &str,
    arguments: Arguments<'_>,
) -> Option<Option<&'a crate::facts::Partner>> {
    let found = reference.partner(id, arguments.action.occurred_at);
    (found.is_some() || !reference.lists_partners()).then_some(found)
}

fn level_line(base: Money, index: usize, rate: Decimal) -> Result<DraftLine, ArithmeticError> {
    let exact = Exact::from(base).mul(rate)?;
    Ok(DraftLine {
        item: None,
        quantity: 1,
        base,
        steps: vec![(index, Effect::Rate(rate))],
        shown: exact.shown()?,
        exact,
        earned: Money::ZERO,
    })
}

/// Puts an award together.
fn award<'a>(
    arguments: Arguments<'_>,
    draft: &mut Draft<'a>,
    names: Vec<String>,
    lines: Vec<Line>,
) -> Awarded<'a> {
    let Draft { credited, part, below, findings, base, fuel, .. } = draft;
    // Stable, so that reasons of one verdict stay in the order of the restrictions.
    findings.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
    // Each line was checked to fit, and limits have summed them before.
    let paying = findings.reasons.iter().all(|reason| reason.fault.is_none());
    let (groups, lines) = if paying { (names, lines) } else { (Vec::new(), Vec::new()) };
    let payout = Money(lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.payout.0)));
    let status = Status::of(findings.reasons.first().map(|reason| reason.verdict), payout);
    let says_zero = findings.reasons.first().is_some_and(|reason| reason.verdict == Verdict::Zero);
    if status == Status::Zero && !says_zero {
        findings.reasons.insert(0, unpaid(&groups, &findings.limits));
    }
    // A hold ends by itself once all of them have.
    let release_at = match status {
        Status::Held => {
            let releases = findings.releases.iter().copied().collect::<Option<Vec<_>>>();
            releases.and_then(|at| at.into_iter().max())
        }
        Status::Payable | Status::Rejected | Status::Zero | Status::Reversed => None,
    };
    let version = credited.version;
    let (locks_at, pays_on) = dates(version, arguments.view.terms.zone, arguments.action.occurred_at, status);
    let counted = std::mem::take(&mut findings.counted);
    let counted_by = |counted: &Counted| counted.by(arguments.view.terms, arguments.view.lookup);
    let award = Award {
        partner: credited.partner_id.to_owned(),
        parent: credited.partner.and_then(|partner| partner.parent.clone()),
        touch: credited.touch_index,
        role: part.role,
        share: part.is_shared().then_some(part.share),
        below: below.take(),
        contract: ContractRef {
            name: credited.contract.name.clone(),
            version: version.number,
            anchor: version.anchor,
            terms_as_of: credited.as_of,
            digest: version.digest,
        },
        status,
        payout,
        currency: version.currency,
        exchange: findings.exchange.take(),
        base: *base,
        groups,
        lines,
        rounding: version.rounding,
        minor_digits: version.currency.minor_digits(),
        reasons: std::mem::take(&mut findings.reasons),
        release_at,
        locks_at,
        pays_on,
        limits: std::mem::take(&mut findings.limits),
        notices: std::mem::take(&mut findings.notices),
        counts: findings.counts,
        counted: counted.iter().filter_map(counted_by).collect(),
        fuel: *fuel,
    };
    let used = std::mem::take(&mut findings.used);
    Awarded { award, credited: *credited, used, counted, trace: findings.trace.take() }
}

/// Returns why lines that these groups made pay nothing although no restriction says so.
fn unpaid(groups: &[String], limits: &[LimitCut]) -> Reason {
    let (code, rule) = match (groups.first(), limits.last()) {
        (None, _) => (reasons::NO_PAYOUT_GROUP, "payout"),
        (Some(_), Some(last)) => (reasons::LIMIT_USED_UP, last.limit.as_str()),
        (Some(first), None) => (reasons::PAYS_ZERO, first.as_str()),
    };
    Reason {
        code: code.to_owned(),
        verdict: Verdict::Zero,
        rule: rule.to_owned(),
        partner: None,
        fault: None,
        fraud: false,
    }
}
