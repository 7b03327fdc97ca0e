//! Limits: cuts lines until every limit of the contract version holds.
//!
//! Limits apply one after the other in the order listed, each to what the limits before it have left. A limit only takes off, so
//! in the end all of them hold, and the smallest remainder wins. What a limit takes off is spread over the lines it covers in
//! proportion to their payouts, in whole minor units. A limit for one payout group covers what that group made of each line. Only
//! a payout above zero is cut.

use rust_decimal::Decimal;

use super::decision::{Given, GroupShare, LimitCut, LimitTrace, Line, Notice, Step};
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::postings::{KeyParts, read_sums};
use super::receipt::UsedSums;
use super::settle::DraftLine;
use crate::money::{Allocation, ArithmeticError, Exact, Money, RoundingMode, allocate, checked};
use crate::terms::{Counter, Edge, Limit, LimitMax, Verdict, WhenUnknown, reasons};

/// The part of one line's payout that one payout group made.
#[derive(Debug)]
struct Cell<'a> {
    line: usize,
    group: &'a str,
    payout: Money,
}

/// A limit that was applied, kept for its warning.
struct Applied<'a> {
    limit: &'a Limit,
    group: Option<&'a str>,
    used: Decimal,
    max: Exact,
}

/// Applies every limit and returns the finished lines.
pub(super) fn limit<'a>(
    evaluation: &mut Evaluation<'a>,
    drafts: Vec<DraftLine<'a>>,
) -> Result<Vec<Line>, PhaseError> {
    let version = evaluation.credited.version;
    let terms = evaluation.view.terms;
    let digits = version.currency.minor_digits();
    let in_payout = |error| PhaseError::arithmetic("payout", None, error);
    let mut cells = cells(&drafts, digits, version.rounding.mode).map_err(in_payout)?;
    let mut applied: Vec<Applied<'a>> = Vec::new();
    for limit in &version.limits {
        let counter = limit.counter.and_then(|counter| terms.counters.get(counter));
        if counter.is_some_and(|counter| !counter.is_of(&evaluation.input.action.event_type)) {
            continue;
        }
        let mut groups: Vec<Option<&'a str>> = Vec::new();
        if counter.is_some_and(|counter| counter.per.contains(&crate::terms::Scope::Group)) {
            for cell in &cells {
                let wanted = limit.group.as_deref().is_none_or(|group| group == cell.group);
                if wanted && !groups.contains(&Some(cell.group)) {
                    groups.push(Some(cell.group));
                }
            }
        } else {
            groups.push(limit.group.as_deref());
        }
        for group in groups {
            applied.extend(apply(evaluation, limit, counter, group, &mut cells)?);
        }
    }
    for applied in &applied {
        warn(evaluation, applied, &cells).map_err(|error| in_limit(applied.limit, error))?;
    }
    finished(drafts, &cells, evaluation.input.action).map_err(in_payout)
}

fn in_limit(limit: &Limit, error: ArithmeticError) -> PhaseError {
    PhaseError::arithmetic(&limit.name, Some(&limit.place), error)
}

/// Applies one limit to the cells it covers. Returns `None` if there is nothing to limit, or if a part of its key is not known.
fn apply<'a>(
    evaluation: &mut Evaluation<'a>,
    limit: &'a Limit,
    counter: Option<&'a Counter>,
    group: Option<&'a str>,
    cells: &mut [Cell<'a>],
) -> Result<Option<Applied<'a>>, PhaseError> {
    let failed = |error| in_limit(limit, error);
    let asked = covered_sum(cells, group).map_err(failed)?;
    if asked <= Decimal::ZERO {
        return Ok(None);
    }
    let Some(used) = used(evaluation, limit, counter, group)? else { return Ok(None) };
    let max = match limit.max {
        LimitMax::Money(max) => Exact::from(max),
        LimitMax::Share(share) => Exact::from(evaluation.input.base).mul(share).map_err(failed)?.or_zero(),
        LimitMax::Count(max) => Exact::from(Decimal::from(max)),
    };
    let left = max.sub(used).map_err(failed)?.or_zero();
    let fits = match (limit.max, limit.edge) {
        (LimitMax::Count(_), _) => left >= Decimal::ONE.into(),
        (_, Edge::PayThenStop) => left > Exact::ZERO,
        (_, Edge::Remainder | Edge::AllOrNothing) => left >= asked.into(),
    };
    let digits = evaluation.credited.version.currency.minor_digits();
    let granted = match (limit.max, limit.edge) {
        _ if fits => asked,
        (LimitMax::Money(_) | LimitMax::Share(_), Edge::Remainder) => {
            left.round(digits, RoundingMode::Down).map_err(failed)?.0
        }
        _ => Decimal::ZERO,
    };
    let cut = checked::sub(asked, granted).map_err(failed)?;
    if !cut.is_zero() {
        take_off(cells, group, cut, digits).map_err(failed)?;
        evaluation.findings.limits.push(LimitCut {
            limit: limit.name.clone(),
            edge: limit.edge,
            left: left.shown().map_err(failed)?,
            cut: Money(cut),
        });
    }
    if let Some(trace) = &mut evaluation.findings.trace {
        let counts = matches!(limit.max, LimitMax::Count(_));
        let (asked, granted) =
            if counts { (Decimal::ONE, Decimal::from(u8::from(fits))) } else { (asked, granted) };
        trace.limits.push(LimitTrace {
            limit: limit.name.clone(),
            used: Money(used),
            max: max.shown().map_err(failed)?,
            asked: Money(asked),
            granted: Money(granted),
        });
    }
    Ok(Some(Applied { limit, group, used, max }))
}

/// Returns what was used of a limit before this action. Returns `None` if the limit does not apply because a part of its key is
/// not known.
fn used<'a>(
    evaluation: &mut Evaluation<'a>,
    limit: &'a Limit,
    counter: Option<&Counter>,
    group: Option<&str>,
) -> Result<Option<Decimal>, PhaseError> {
    // A limit that is a share of the amount depends on this action alone.
    let kept = counter.filter(|counter| counter.is_kept() && !matches!(limit.max, LimitMax::Share(_)));
    let (Some(counter), Some(index)) = (kept, limit.counter) else { return Ok(Some(Decimal::ZERO)) };
    let mut key = std::mem::take(&mut evaluation.key);
    let known = KeyParts::of(&evaluation.input, group).write(&counter.per, &mut key);
    let sums = known.then(|| read_sums(evaluation, index, &key));
    evaluation.key = key;
    let Some(sums) = sums else {
        if limit.when_unknown == WhenUnknown::Hold {
            let rule = limit.name.clone();
            evaluation.findings.engine_reason(reasons::LIMIT_KEY_UNKNOWN, Verdict::Hold, rule);
        }
        return Ok(None);
    };
    let sums = sums.map_err(|error| PhaseError::counter(&limit.name, Some(&limit.place), &error))?;
    evaluation.findings.used.push(UsedSums { name: &limit.name, sums });
    Ok(Some(match limit.max {
        LimitMax::Count(_) => Decimal::from(sums.paid_actions),
        LimitMax::Money(_) | LimitMax::Share(_) => sums.payouts.0,
    }))
}

/// Raises the limit's notice if this action is the one that reaches its warning share.
fn warn(
    evaluation: &mut Evaluation<'_>,
    applied: &Applied<'_>,
    cells: &[Cell<'_>],
) -> Result<(), ArithmeticError> {
    let Some(share) = applied.limit.warn_at else { return Ok(()) };
    let threshold = applied.max.mul(share)?;
    let paid = covered_sum(cells, applied.group)?;
    let more = match applied.limit.max {
        LimitMax::Count(_) => Decimal::from(u8::from(paid > Decimal::ZERO)),
        LimitMax::Money(_) | LimitMax::Share(_) => paid,
    };
    let after = checked::add(applied.used, more)?;
    if threshold > applied.used.into() && threshold <= after.into() {
        let rule = applied.limit.name.clone();
        let code = reasons::LIMIT_WARNING.to_owned();
        evaluation.findings.notice(Notice { code, rule, fraud: false });
    }
    Ok(())
}

/// Returns the part of each line that each payout group made: the line's payout with the verbs of the group, less its payout
/// before them, each rounded as the line is. The parts sum to the line.
fn cells<'a>(
    lines: &[DraftLine<'a>],
    digits: u32,
    mode: crate::money::RoundingMode,
) -> Result<Vec<Cell<'a>>, ArithmeticError> {
    let mut cells = Vec::with_capacity(lines.len());
    for (n, line) in lines.iter().enumerate() {
        let Some((first, _)) = line.steps.first() else { continue };
        if line.steps.iter().all(|(group, _)| group == first) {
            cells.push(Cell { line: n, group: first, payout: line.earned.bounded()? });
            continue;
        }
        let mut given = Given::default();
        let mut before = Money::ZERO;
        let mut steps = line.steps.iter().peekable();
        while let Some((group, effect)) = steps.next() {
            given.apply(effect, line.quantity)?;
            let after = match steps.peek() {
                Some((next, _)) if next == group => continue,
                Some(_) => given.on(line.base)?.round(digits, mode)?,
                None => line.earned,
            };
            cells.push(Cell { line: n, group, payout: after.sub(before)?.bounded()? });
            before = after;
        }
    }
    Ok(cells)
}

fn covers(cell: &Cell<'_>, group: Option<&str>) -> bool {
    group.is_none_or(|group| group == cell.group)
}

fn covered_sum(cells: &[Cell<'_>], group: Option<&str>) -> Result<Decimal, ArithmeticError> {
    let covered = cells.iter().filter(|cell| covers(cell, group));
    Money::sum(covered.map(|cell| cell.payout)).map(|sum| sum.0)
}

/// Takes `cut` off the covered cells with a payout above zero, in proportion to their payouts.
fn take_off(
    cells: &mut [Cell<'_>],
    group: Option<&str>,
    cut: Decimal,
    digits: u32,
) -> Result<(), ArithmeticError> {
    let paying = |cell: &&mut Cell<'_>| covers(cell, group) && cell.payout.0 > Decimal::ZERO;
    let weights: Vec<Decimal> = cells.iter_mut().filter(paying).map(|cell| cell.payout.0).collect();
    let shares = allocate(Money(cut), &weights, digits, Allocation::LargestRemainder)?;
    for (cell, share) in cells.iter_mut().filter(paying).zip(shares) {
        cell.payout = cell.payout.sub(share)?;
    }
    Ok(())
}

/// Returns the lines with the final payouts of their cells.
fn finished(
    drafts: Vec<DraftLine<'_>>,
    cells: &[Cell<'_>],
    action: &crate::facts::Action,
) -> Result<Vec<Line>, ArithmeticError> {
    let mut lines = Vec::with_capacity(drafts.len());
    for (n, draft) in drafts.into_iter().enumerate() {
        let of_line = || cells.iter().filter(move |cell| cell.line == n);
        let payout = Money::sum(of_line().map(|cell| cell.payout))?;
        let shares = if of_line().nth(1).is_some() {
            of_line().map(|cell| GroupShare { group: cell.group.to_owned(), payout: cell.payout }).collect()
        } else {
            Vec::new()
        };
        let item = draft.item.and_then(|item| action.items.get(item as usize));
        let step = |(group, effect): (&str, _)| Step { group: group.to_owned(), effect };
        lines.push(Line {
            item: draft.item,
            sku: item.map(|item| item.sku.clone()),
            quantity: draft.quantity,
            base: draft.base,
            steps: draft.steps.into_iter().map(step).collect(),
            unrounded: draft.shown,
            earned: draft.earned,
            payout,
            shares,
        });
    }
    Ok(lines)
}
