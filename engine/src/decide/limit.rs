//! Limits: cuts lines until every limit of the contract version holds.
//!
//! Limits apply one after the other in the order listed, each to what the limits before it have left. A limit only takes off, so
//! in the end all of them hold, and the smallest remainder wins. What a limit takes off is spread over the lines it covers in
//! proportion to their payouts, in whole minor units. A limit for one payout group covers what that group made of each line. Only
//! a payout above zero is cut.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::decision::{Given, GroupShare, LimitCut, LimitTrace, Line, Notice, Step};
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::postings::{KeyParts, read_sums};
use super::receipt::UsedSums;
use super::restrict::REASON_BYTES;
use super::settle::DraftLine;
use super::worst::{LIMIT_FUEL, PART_FUEL, POSTING_FUEL};
use crate::money::{Allocation, ArithmeticError, Exact, Money, RoundingMode, allocate, checked};
use crate::terms::{Counter, Edge, Limit, LimitMax, Scope, Verdict, Version, WhenUnknown, reasons};

/// The bytes that a limit in a trace counts besides its name.
const TRACE_BYTES: usize = 88;

/// The part of one line's payout that one payout group made.
#[derive(Debug)]
struct Cell {
    line: usize,
    /// The index of the group in the version.
    group: usize,
    payout: Money,
}

/// The cells of an award, line by line, and by group if a limit is for one group.
#[derive(Debug, Default)]
struct Cells {
    all: Vec<Cell>,
    by_group: BTreeMap<usize, Vec<usize>>,
}

/// A limit that was applied, kept for its warning.
struct Applied<'a> {
    limit: &'a Limit,
    group: Option<usize>,
    used: Decimal,
    max: Exact,
}

/// Applies every limit and returns the finished lines, with the names of their groups.
pub(super) fn limit(
    evaluation: &mut Evaluation<'_>,
    drafts: Vec<DraftLine>,
) -> Result<(Vec<String>, Vec<Line>), PhaseError> {
    let version = evaluation.credited.version;
    let terms = evaluation.view.terms;
    let in_payout = |error| PhaseError::arithmetic("payout", None, error);
    let is_by_group = |limit: &Limit| {
        let counter = limit.counter.and_then(|counter| terms.counters.get(counter));
        limit.group.is_some() || counter.is_some_and(|counter| counter.per.contains(&Scope::Group))
    };
    let by_group = version.limits.iter().any(is_by_group);
    let mut cells = Cells::new(version, &drafts, by_group).map_err(in_payout)?;
    let mut applied: Vec<Applied<'_>> = Vec::new();
    for (number, limit) in version.limits.iter().enumerate() {
        let counter = limit.counter.and_then(|counter| terms.counters.get(counter));
        if counter.is_some_and(|counter| !counter.is_of(&evaluation.input.action.event_type)) {
            continue;
        }
        let only = evaluation.limit_group(number);
        let groups = if counter.is_some_and(|counter| counter.per.contains(&Scope::Group)) {
            cells.groups(only)
        } else {
            vec![only]
        };
        for group in groups {
            let covered = cells.covered(group).count() as u64;
            evaluation.charge(
                LIMIT_FUEL + covered.saturating_mul(PART_FUEL),
                &limit.name,
                Some(&limit.place),
            )?;
            applied.extend(apply(evaluation, limit, counter, group, &mut cells)?);
        }
    }
    for applied in &applied {
        warn(evaluation, applied, &cells)?;
    }
    count_postings(evaluation, &cells)?;
    finished(version, drafts, &cells.all, evaluation.input.action).map_err(in_payout)
}

/// Counts and charges the postings that the award may make, before they are made.
fn count_postings(evaluation: &mut Evaluation<'_>, cells: &Cells) -> Result<(), PhaseError> {
    let Evaluation { view, credited, .. } = evaluation;
    let moves = view.lookup.moves(credited.contract_index, credited.version.currency);
    let groups = if moves.are_by_group() {
        cells.all.iter().map(|cell| cell.group).collect::<BTreeSet<_>>().len()
    } else {
        0
    };
    let postings = moves.postings(groups);
    evaluation.charge(POSTING_FUEL.saturating_mul(postings as u64), "postings", None)?;
    evaluation.count_steps(postings, "postings", None)
}

fn in_limit(limit: &Limit, error: ArithmeticError) -> PhaseError {
    PhaseError::arithmetic(&limit.name, Some(&limit.place), error)
}

/// Applies one limit to the cells it covers. Returns `None` if there is nothing to limit, or if a part of its key is not known.
fn apply<'a>(
    evaluation: &mut Evaluation<'a>,
    limit: &'a Limit,
    counter: Option<&'a Counter>,
    group: Option<usize>,
    cells: &mut Cells,
) -> Result<Option<Applied<'a>>, PhaseError> {
    let failed = |error| in_limit(limit, error);
    let asked = cells.sum(group).map_err(failed)?;
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
        cells.take_off(group, cut, digits).map_err(failed)?;
        evaluation.count_steps(1, &limit.name, Some(&limit.place))?;
        evaluation.count_text(REASON_BYTES + limit.name.len(), &limit.name, Some(&limit.place))?;
        evaluation.findings.limits.push(LimitCut {
            limit: limit.name.clone(),
            edge: limit.edge,
            left: left.shown().map_err(failed)?,
            cut: Money(cut),
        });
    }
    if let Some(trace) = evaluation.findings.trace(TRACE_BYTES + limit.name.len()) {
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
    group: Option<usize>,
) -> Result<Option<Decimal>, PhaseError> {
    // A limit that is a share of the amount depends on this action alone.
    let kept = counter.filter(|counter| counter.is_kept() && !matches!(limit.max, LimitMax::Share(_)));
    let (Some(counter), Some(index)) = (kept, limit.counter) else { return Ok(Some(Decimal::ZERO)) };
    let mut key = std::mem::take(&mut evaluation.key);
    let group = group.and_then(|group| evaluation.credited.version.group(group));
    let name = group.map(|group| group.name.as_str());
    let known = KeyParts::of(&evaluation.input, name).write(&counter.per, &mut key);
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
fn warn(evaluation: &mut Evaluation<'_>, applied: &Applied<'_>, cells: &Cells) -> Result<(), PhaseError> {
    let Applied { limit, .. } = applied;
    let Some(share) = limit.warn_at else { return Ok(()) };
    let failed = |error| in_limit(limit, error);
    let threshold = applied.max.mul(share).map_err(failed)?;
    let paid = cells.sum(applied.group).map_err(failed)?;
    let more = match limit.max {
        LimitMax::Count(_) => Decimal::from(u8::from(paid > Decimal::ZERO)),
        LimitMax::Money(_) | LimitMax::Share(_) => paid,
    };
    let after = checked::add(applied.used, more).map_err(failed)?;
    if threshold > applied.used.into() && threshold <= after.into() {
        let code = reasons::LIMIT_WARNING.to_owned();
        let notice = Notice { code, rule: limit.name.clone(), fraud: false };
        // A limit for each group is applied several times, one after the other.
        if evaluation.findings.notices.last() != Some(&notice) {
            evaluation.count_text(REASON_BYTES + limit.name.len(), &limit.name, Some(&limit.place))?;
            evaluation.findings.notices.push(notice);
        }
    }
    Ok(())
}

impl Cells {
    /// Returns the part of each line that each payout group made, with an index by group if a limit is for one.
    fn new(version: &Version, drafts: &[DraftLine], by_group: bool) -> Result<Self, ArithmeticError> {
        let all = cells(drafts, version.currency.minor_digits(), version.rounding.mode)?;
        let mut cells = Self { all, by_group: BTreeMap::new() };
        if by_group {
            for (n, cell) in cells.all.iter().enumerate() {
                cells.by_group.entry(cell.group).or_default().push(n);
            }
        }
        Ok(cells)
    }

    /// Returns the groups that made a part, in the order of their first parts; with `only`, that group alone.
    fn groups(&self, only: Option<usize>) -> Vec<Option<usize>> {
        let mut groups: Vec<(usize, usize)> =
            self.by_group.iter().filter_map(|(group, cells)| Some((*cells.first()?, *group))).collect();
        groups.sort_unstable();
        let groups = groups.into_iter().map(|(_, group)| group);
        groups.filter(|group| only.is_none_or(|only| only == *group)).map(Some).collect()
    }

    /// Returns the indexes of the cells that a limit for this group covers.
    fn covered(&self, group: Option<usize>) -> impl Iterator<Item = usize> + use<'_> {
        let all = if group.is_none() { 0..self.all.len() } else { 0..0 };
        let of_group = group.and_then(|group| self.by_group.get(&group));
        all.chain(of_group.into_iter().flatten().copied())
    }

    fn sum(&self, group: Option<usize>) -> Result<Decimal, ArithmeticError> {
        let covered = self.covered(group).filter_map(|n| self.all.get(n));
        Money::sum(covered.map(|cell| cell.payout)).map(|sum| sum.0)
    }

    /// Takes `cut` off the covered cells with a payout above zero, in proportion to their payouts.
    fn take_off(&mut self, group: Option<usize>, cut: Decimal, digits: u32) -> Result<(), ArithmeticError> {
        let mut weights = Vec::new();
        let mut paying = Vec::new();
        for n in self.covered(group) {
            let payout = self.all.get(n).map_or(Decimal::ZERO, |cell| cell.payout.0);
            if payout > Decimal::ZERO {
                paying.push(n);
                weights.push(payout);
            }
        }
        let shares = allocate(Money(cut), &weights, digits, Allocation::LargestRemainder)?;
        for (n, share) in paying.into_iter().zip(shares) {
            if let Some(cell) = self.all.get_mut(n) {
                cell.payout = cell.payout.sub(share)?;
            }
        }
        Ok(())
    }
}

/// Returns the part of each line that each payout group made: the line's payout with the verbs of the group, less its payout
/// before them, each rounded as the line is. The parts sum to the line.
fn cells(lines: &[DraftLine], digits: u32, mode: RoundingMode) -> Result<Vec<Cell>, ArithmeticError> {
    let mut cells = Vec::with_capacity(lines.len());
    for (n, line) in lines.iter().enumerate() {
        let Some((first, _)) = line.steps.first() else { continue };
        if line.steps.iter().all(|(group, _)| group == first) {
            cells.push(Cell { line: n, group: *first, payout: line.earned.bounded()? });
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
            cells.push(Cell { line: n, group: *group, payout: after.sub(before)?.bounded()? });
            before = after;
        }
    }
    Ok(cells)
}

/// The names of the groups that took effect, each once, and their places in the list by their indexes in the version.
struct Names<'a> {
    version: &'a Version,
    names: Vec<String>,
    /// Sorted by the index in the version.
    places: Vec<(usize, u32)>,
}

impl Names<'_> {
    /// Returns the place of a group in the list.
    fn place(&mut self, group: usize) -> u32 {
        match self.places.binary_search_by_key(&group, |(of, _)| *of) {
            Ok(found) => self.places.get(found).map_or(0, |(_, place)| *place),
            Err(before) => {
                let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                self.names
                    .push(self.version.group(group).map(|group| group.name.clone()).unwrap_or_default());
                self.places.insert(before, (group, place));
                place
            }
        }
    }
}

/// Returns the lines with the final payouts of their cells, and the names of the groups that took effect.
fn finished(
    version: &Version,
    drafts: Vec<DraftLine>,
    cells: &[Cell],
    action: &crate::facts::Action,
) -> Result<(Vec<String>, Vec<Line>), ArithmeticError> {
    let mut names = Names { version, names: Vec::new(), places: Vec::new() };
    let mut lines = Vec::with_capacity(drafts.len());
    let mut cells = cells;
    for (n, draft) in drafts.into_iter().enumerate() {
        // The cells stand line by line.
        let (of_line, rest) = cells.split_at(cells.partition_point(|cell| cell.line <= n));
        cells = rest;
        let payout = Money::sum(of_line.iter().map(|cell| cell.payout))?;
        let steps =
            draft.steps.iter().map(|(group, effect)| Step { group: names.place(*group), effect: *effect });
        let steps = steps.collect();
        let shares = if of_line.len() > 1 {
            of_line
                .iter()
                .map(|cell| GroupShare { group: names.place(cell.group), payout: cell.payout })
                .collect()
        } else {
            Vec::new()
        };
        let item = draft.item.and_then(|item| action.items.get(item as usize));
        lines.push(Line {
            item: draft.item,
            sku: item.map(|item| item.sku.clone()),
            quantity: draft.quantity,
            base: draft.base,
            steps,
            unrounded: draft.shown,
            earned: draft.earned,
            payout,
            shares,
        });
    }
    Ok((names.names, lines))
}
