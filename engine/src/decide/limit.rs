//! Limits: cuts lines until every limit of the contract version holds.
//!
//! Limits apply one after the other in the order listed, each to what the limits before it have left. A limit only takes off, so
//! in the end all of them hold, and the smallest remainder wins. What a limit takes off is spread over the lines it covers in
//! proportion to their payouts, in whole minor units. A limit for one payout group covers what that group made of each line. Only
//! a payout above zero is cut.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::counted::UsedSums;
use super::credited::Credited;
use super::decision::{Given, GroupShare, LimitCut, LimitTrace, Line, Notice, Skipped, SkippedLimit, Step};
use super::draft::{Awarded, Draft, DraftLine};
use super::evaluation::{Account, Arguments};
use super::few::Few;
use super::findings::PhaseError;
use super::postings::{KeyParts, Posted, read_sums};
use super::restrict::REASON_BYTES;
use super::worst::{LIMIT_FUEL, PART_FUEL, POSTING_FUEL};
use crate::counters::CounterKey;
use crate::money::{Allocation, ArithmeticError, Exact, Money, RoundingMode, allocate, checked};
use crate::run::PointKind;
use crate::terms::{AddPer, Counter, Edge, Limit, LimitMax, Scope, Verdict, Version, WhenUnknown, reasons};

/// The bytes that a limit in a trace counts besides its name.
const TRACE_BYTES: usize = 88;

/// The bytes that a limit which does not apply counts in a trace besides its name.
const SKIPPED_BYTES: usize = 40;

/// The part of one line's payout that one payout group made.
#[derive(Debug)]
struct Cell {
    /// The award, by its index in the set.
    award: usize,
    line: usize,
    /// The index of the group in the version.
    group: usize,
    /// The index of the line among those of all awards.
    of: usize,
    payout: Money,
}

/// What the cells of a line pay together.
#[derive(Debug, Default)]
struct LineSum {
    payout: Money,
    /// The cells below zero: those of groups that lower what others give.
    below: Vec<usize>,
}

/// The cells of a set, award by award and line by line, and by group if a limit is for one group.
#[derive(Debug, Default)]
struct Cells {
    all: Vec<Cell>,
    by_group: BTreeMap<usize, Vec<usize>>,
    /// The sums of the lines; empty if no cell is below zero.
    lines: Vec<LineSum>,
}

/// The names of the payout groups of an award, and its lines.
type Finished = (Vec<String>, Vec<Line>);

/// What a limit covers: everything, or only one award or one payout group.
#[derive(Clone, Copy, Debug, Default)]
struct Cover {
    award: Option<usize>,
    group: Option<usize>,
}

/// A limit that was applied, kept for its warning.
struct Applied<'a> {
    limit: &'a Limit,
    cover: Cover,
    used: Decimal,
    max: Exact,
}

/// The awards of one contract version while limits are applied to them.
struct Limiting<'a, 'd> {
    arguments: Arguments<'a>,
    version: &'a Version,
    set: &'d mut [Draft<'a>],
    account: &'d mut Account,
    /// The postings of the awards before.
    posted: &'d Posted<'a>,
    /// The commissionable amount and the payouts of the awards before, under the same contract version.
    before: (Money, Money),
    /// Scratch buffer for the keys of counters.
    key: CounterKey,
    /// What the limit that is applied has granted to awards of the set, by key.
    granted: Vec<(CounterKey, Decimal)>,
}

/// Applies every limit, and returns the finished lines of each award with the names of their groups.
pub(super) fn limit<'a>(
    arguments: Arguments<'a>,
    set: &mut [Draft<'a>],
    account: &mut Account,
    posted: &Posted<'a>,
    awarded: &[Awarded<'a>],
) -> Result<Few<Finished>, PhaseError> {
    let Some(Credited { version, contract_index, version_index, .. }) =
        set.first().map(|draft| draft.credited)
    else {
        return Ok(Few::new());
    };
    let view = arguments.view;
    let in_payout = |error| PhaseError::arithmetic("payout", None, error);
    let counter_of = |limit: &Limit| limit.counter.and_then(|counter| view.terms.counters.get(counter));
    let is_by_group = |limit: &Limit| {
        limit.group.is_some() || counter_of(limit).is_some_and(|counter| counter.per.contains(&Scope::Group))
    };
    let by_group = version.limits.iter().any(is_by_group);
    let mut cells = Cells::new(version, set, by_group).map_err(in_payout)?;
    let mut applied: Vec<Applied<'_>> = Vec::new();
    let before = awarded.iter().filter(|of| std::ptr::eq(of.credited.version, version));
    let before = before.map(|of| (of.award.base, of.award.payout));
    let (bases, payouts): (Vec<Money>, Vec<Money>) = before.unzip();
    let before = (Money::sum(bases).map_err(in_payout)?, Money::sum(payouts).map_err(in_payout)?);
    let key = CounterKey::default();
    let granted = Vec::new();
    let mut limiting = Limiting { arguments, version, set, account, posted, before, key, granted };
    for (number, limit) in version.limits.iter().enumerate() {
        let counter = counter_of(limit);
        if counter.is_some_and(|counter| !counter.is_of(&arguments.action.event_type)) {
            limiting.skip(limit, Skipped::EventType);
            continue;
        }
        let is_about = |draft: &Draft<'_>| {
            let mut counted = draft.findings.counted.iter();
            counted.any(|counted| Some(counted.counter) == limit.counter && counted.adds.is_some())
        };
        if counter.is_some_and(Counter::asks) && !limiting.set.iter().any(is_about) {
            limiting.skip(limit, Skipped::Condition);
            continue;
        }
        // A partner who is paid beside the credited ones has no action of the partner's own to count.
        let by_group =
            limit.group.is_some() || counter.is_some_and(|counter| counter.per.contains(&Scope::Group));
        let counts_actions = matches!(limit.max, LimitMax::Count(_)) && !by_group;
        if counts_actions && !limiting.set.iter().any(Draft::is_credited) {
            limiting.skip(limit, Skipped::NotCredited);
            continue;
        }
        let only = view.lookup.limit_group(contract_index, version_index, number);
        let of_each = counter.is_some_and(|counter| counter.is_of_each_partner());
        let awards = if of_each { limiting.set.len() } else { 1 };
        limiting.granted.clear();
        for award in 0..awards {
            let award = of_each.then_some(award);
            if counter.is_some_and(|counter| counter.per.contains(&Scope::Group)) {
                for group in cells.groups(award, only) {
                    applied.extend(limiting.apply(limit, counter, Cover { award, group }, &mut cells)?);
                }
            } else {
                applied.extend(limiting.apply(limit, counter, Cover { award, group: only }, &mut cells)?);
            }
        }
    }
    for applied in &applied {
        limiting.warn(applied, &cells)?;
    }
    limiting.count_postings(&cells)?;
    if view.marks.is_some() {
        reach_payers(arguments, version, set);
    }
    finished(version, set, &cells.all, arguments.action).map_err(in_payout)
}

fn in_limit(limit: &Limit, error: ArithmeticError) -> PhaseError {
    PhaseError::arithmetic(&limit.name, Some(&limit.place), error)
}

impl<'a> Limiting<'a, '_> {
    /// Counts and charges the postings that the awards may make, before they are made.
    fn count_postings(&mut self, cells: &Cells) -> Result<(), PhaseError> {
        let limits = self.arguments.view.limits;
        for (n, draft) in self.set.iter().enumerate() {
            let credited = &draft.credited;
            let moves = self.arguments.view.lookup.moves(credited.contract_index, credited.version.currency);
            let groups = if moves.are_by_group() {
                let of_award = cells.all.iter().filter(|cell| cell.award == n);
                of_award.map(|cell| cell.group).collect::<BTreeSet<_>>().len()
            } else {
                0
            };
            let postings = moves.postings(groups);
            let fuel = POSTING_FUEL.saturating_mul(postings as u64);
            self.account.charge(limits, fuel, "postings", None)?;
            self.account.count_steps(limits, postings, "postings", None)?;
        }
        Ok(())
    }

    /// Notes in the trace that a limit does not apply.
    fn skip(&mut self, limit: &Limit, because: Skipped) {
        let name = &limit.name;
        let first = self.set.first_mut();
        if let Some(trace) = first.and_then(|draft| draft.findings.trace(SKIPPED_BYTES + name.len())) {
            // A limit for each partner is tried several times.
            let skipped = SkippedLimit { limit: name.clone(), because };
            if !trace.skipped.contains(&skipped) {
                trace.skipped.push(skipped);
            }
        }
    }

    /// Returns the awards that a limit covers.
    fn covered(&mut self, cover: Cover) -> &mut [Draft<'a>] {
        let range = cover.award.map_or(0..self.set.len(), |award| award..award + 1);
        self.set.get_mut(range).unwrap_or_default()
    }

    /// Applies one limit to the cells it covers. Returns `None` if there is nothing to limit, or if a part of its key is not known.
    fn apply(
        &mut self,
        limit: &'a Limit,
        counter: Option<&'a Counter>,
        cover: Cover,
        cells: &mut Cells,
    ) -> Result<Option<Applied<'a>>, PhaseError> {
        let limits = self.arguments.view.limits;
        let covered = cells.covered(cover).count() as u64;
        let fuel = LIMIT_FUEL + covered.saturating_mul(PART_FUEL);
        self.account.charge(limits, fuel, &limit.name, Some(&limit.place))?;
        let failed = |error| in_limit(limit, error);
        let asked = cells.sum(cover).map_err(failed)?;
        if asked <= Decimal::ZERO {
            self.skip(limit, Skipped::NothingPaid);
            return Ok(None);
        }
        if let LimitMax::Line { most, per } = limit.max {
            return self.cap_lines(limit, (most, per), cover, cells);
        }
        let Some(used) = self.used(limit, counter, cover)? else { return Ok(None) };
        let max = match limit.max {
            LimitMax::Money(max) | LimitMax::Line { most: max, .. } => Exact::from(max),
            LimitMax::Share(share) => {
                let (before, _) = self.before;
                let own = self.covered(cover).iter().map(|draft| draft.base);
                let base = Money::sum(own.chain([before])).map_err(failed)?;
                Exact::from(base).mul(share).map_err(failed)?.or_zero()
            }
            LimitMax::Count(max) => Exact::from(Decimal::from(max)),
        };
        let left = max.sub(used).map_err(failed)?.or_zero();
        let fits = match (limit.max, limit.edge) {
            (LimitMax::Count(_), _) => left >= Decimal::ONE.into(),
            (_, Edge::PayThenStop) => left > Exact::ZERO,
            (_, Edge::Remainder | Edge::AllOrNothing | Edge::Hold | Edge::Alert) => left >= asked.into(),
        };
        let kind = if fits { PointKind::LimitBelow } else { PointKind::LimitReached };
        self.arguments.view.reach(&limit.place, kind);
        let digits = self.version.currency.minor_digits();
        let granted = match (limit.max, limit.edge) {
            _ if fits => asked,
            (_, Edge::Hold | Edge::Alert) => {
                self.pass(limit, cover)?;
                asked
            }
            (LimitMax::Money(_) | LimitMax::Share(_), Edge::Remainder) => {
                left.round(digits, RoundingMode::Down).map_err(failed)?.0
            }
            _ => Decimal::ZERO,
        };
        // Awards of one action may have one key: several partners one parent, who may be paid for each of them.
        if self.set.len() > 1 && counter.is_some_and(Counter::is_of_each_partner) {
            self.granted.push((self.key.clone(), granted));
        }
        let cut = checked::sub(asked, granted).map_err(failed)?;
        let left = left.shown().map_err(failed)?;
        if !cut.is_zero() {
            let cuts = cells.take_off(cover, cut, digits).map_err(failed)?;
            for (award, cut) in cuts {
                self.account.count_steps(limits, 1, &limit.name, Some(&limit.place))?;
                let bytes = REASON_BYTES + limit.name.len();
                self.account.count_text(limits, bytes, &limit.name, Some(&limit.place))?;
                let (limit, edge) = (limit.name.clone(), limit.edge);
                let draft = self.set.get_mut(award);
                draft.into_iter().for_each(|draft| {
                    draft.findings.limits.push(LimitCut { limit: limit.clone(), edge, left, cut });
                });
            }
        }
        let first = self.covered(cover).first_mut();
        if let Some(trace) = first.and_then(|draft| draft.findings.trace(TRACE_BYTES + limit.name.len())) {
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
        Ok(Some(Applied { limit, cover, used, max }))
    }

    /// Holds a payout that passes a limit, or lets the brand know of it.
    fn pass(&mut self, limit: &Limit, cover: Cover) -> Result<(), PhaseError> {
        let (limits, bytes) = (self.arguments.view.limits, REASON_BYTES + limit.name.len());
        let awards = cover.award.map_or(0..self.set.len(), |award| award..award + 1);
        for award in awards {
            self.account.count_text(limits, bytes, &limit.name, Some(&limit.place))?;
            let Some(draft) = self.set.get_mut(award) else { continue };
            let rule = limit.name.clone();
            if limit.edge == Edge::Hold {
                draft.findings.engine_reason(reasons::LIMIT_REACHED, Verdict::Hold, rule);
            } else {
                let notice = Notice { code: reasons::LIMIT_PASSED.to_owned(), rule, fraud: false };
                draft.findings.notices.push(notice);
            }
        }
        Ok(())
    }

    /// Applies the most that a payout group pays for each line, or for each unit of a line.
    fn cap_lines(
        &mut self,
        limit: &'a Limit,
        (most, per): (Money, AddPer),
        cover: Cover,
        cells: &mut Cells,
    ) -> Result<Option<Applied<'a>>, PhaseError> {
        let failed = |error| in_limit(limit, error);
        let covered: Vec<usize> = cells.covered(cover).collect();
        for n in covered {
            let Some(cell) = cells.all.get(n) else { continue };
            let Some(draft) = self.set.get_mut(cell.award) else { continue };
            let share = if draft.part.is_shared() { draft.part.share } else { Decimal::ONE };
            let Some(line) = draft.lines.get(cell.line) else { continue };
            let units = if per == AddPer::Unit { line.quantity } else { 1 };
            let most =
                Exact::from(most).mul(units.into()).and_then(|most| most.mul(share)).map_err(failed)?;
            let digits = self.version.currency.minor_digits();
            let most = most.round(digits, RoundingMode::Down).map_err(failed)?;
            let cut = cell.payout.sub(most).map_err(failed)?;
            if cut <= Money::ZERO {
                self.arguments.view.reach(&limit.place, PointKind::LimitBelow);
                continue;
            }
            self.arguments.view.reach(&limit.place, PointKind::LimitReached);
            let cut = cells.take(n, cut).map_err(failed)?;
            if cut.is_zero() {
                continue;
            }
            let limits = self.arguments.view.limits;
            self.account.count_steps(limits, 1, &limit.name, Some(&limit.place))?;
            let bytes = REASON_BYTES + limit.name.len();
            self.account.count_text(limits, bytes, &limit.name, Some(&limit.place))?;
            let (limit, edge) = (limit.name.clone(), limit.edge);
            draft.findings.limits.push(LimitCut { limit, edge, left: most, cut });
        }
        Ok(None)
    }

    /// Returns what was used of a limit before this action, and by awards of this action that were limited before. Returns `None` if
    /// the limit does not apply because a part of its key is not known.
    fn used(
        &mut self,
        limit: &'a Limit,
        counter: Option<&Counter>,
        cover: Cover,
    ) -> Result<Option<Decimal>, PhaseError> {
        // A limit that is a share of the amount depends on this action alone.
        let kept = counter.filter(|counter| counter.is_moved() && !matches!(limit.max, LimitMax::Share(_)));
        let (Some(counter), Some(index)) = (kept, limit.counter) else {
            let (_, Money(before)) = self.before;
            return Ok(Some(if cover.group.is_none() { before } else { Decimal::ZERO }));
        };
        let Arguments { view, counters, counted, moment, action, .. } = self.arguments;
        let group = cover.group.and_then(|group| self.version.payer(group));
        let mut key = std::mem::take(&mut self.key);
        let Some(draft) = self.covered(cover).first_mut() else { return Ok(None) };
        let known = KeyParts::of(action, &draft.credited, group).write(&counter.per, &mut key);
        let sums = if known {
            let sums = read_sums(view, (counters, counted), moment, index, &key);
            let sums = sums.map_err(|error| PhaseError::counter(&limit.name, Some(&limit.place), &error))?;
            draft.findings.used.push(UsedSums { name: &limit.name, sums, distinct: 0 });
            Some(sums)
        } else {
            if limit.when_unknown == WhenUnknown::Hold {
                let rule = limit.name.clone();
                for draft in self.covered(cover) {
                    draft.findings.engine_reason(reasons::LIMIT_KEY_UNKNOWN, Verdict::Hold, rule.clone());
                }
            } else {
                self.skip(limit, Skipped::KeyUnknown);
            }
            None
        };
        let before = self.posted.payouts(index, &key);
        let granted = self.granted.iter().filter(|(of, _)| *of == key).map(|(_, granted)| Money(*granted));
        let before = Money::sum(granted.chain([before])).map_err(|error| in_limit(limit, error))?;
        self.key = key;
        let Some(sums) = sums else { return Ok(None) };
        Ok(Some(match limit.max {
            LimitMax::Count(_) => Decimal::from(sums.paid_actions),
            LimitMax::Money(_) | LimitMax::Share(_) | LimitMax::Line { .. } => {
                checked::add(sums.payouts.0, before.0).map_err(|error| in_limit(limit, error))?
            }
        }))
    }

    /// Raises the limit's notice if this action is the one that reaches its warning share.
    fn warn(&mut self, applied: &Applied<'_>, cells: &Cells) -> Result<(), PhaseError> {
        let Applied { limit, cover, .. } = applied;
        let Some(share) = limit.warn_at else { return Ok(()) };
        let failed = |error| in_limit(limit, error);
        let threshold = applied.max.mul(share).map_err(failed)?;
        let paid = cells.sum(*cover).map_err(failed)?;
        let more = match limit.max {
            LimitMax::Count(_) => Decimal::from(u8::from(paid > Decimal::ZERO)),
            LimitMax::Money(_) | LimitMax::Share(_) | LimitMax::Line { .. } => paid,
        };
        let after = checked::add(applied.used, more).map_err(failed)?;
        if threshold > applied.used.into() && threshold <= after.into() {
            let code = reasons::LIMIT_WARNING.to_owned();
            let notice = Notice { code, rule: limit.name.clone(), fraud: false };
            let (limits, bytes) = (self.arguments.view.limits, REASON_BYTES + limit.name.len());
            let awards = cover.award.map_or(0..self.set.len(), |award| award..award + 1);
            for award in awards {
                let Some(draft) = self.set.get_mut(award) else { continue };
                // A limit for each group is applied several times, one after the other.
                if draft.findings.notices.last() != Some(&notice) {
                    self.account.count_text(limits, bytes, &limit.name, Some(&limit.place))?;
                    draft.findings.notices.push(notice.clone());
                }
            }
        }
        Ok(())
    }
}

impl Cells {
    /// Returns the part of each line that each payout group made, with an index by group if a limit is for one.
    fn new(version: &Version, set: &[Draft<'_>], by_group: bool) -> Result<Self, ArithmeticError> {
        let lines = set.iter().map(|draft| draft.lines.len()).sum();
        let mut cells = Self { all: Vec::with_capacity(lines), by_group: BTreeMap::new(), lines: Vec::new() };
        let mut of = 0;
        let mut any_below = false;
        for (award, draft) in set.iter().enumerate() {
            let share = if draft.part.is_shared() { draft.part.share } else { Decimal::ONE };
            for (n, line) in draft.lines.iter().enumerate() {
                parts_of(version, line, share, |group, payout| {
                    any_below |= payout < Money::ZERO;
                    cells.all.push(Cell { award, line: n, group, of, payout });
                })?;
                of += 1;
            }
        }
        if any_below {
            cells.lines.resize_with(of, LineSum::default);
            for (n, cell) in cells.all.iter().enumerate() {
                let Some(line) = cells.lines.get_mut(cell.of) else { continue };
                line.payout = line.payout.add(cell.payout)?;
                if cell.payout < Money::ZERO {
                    line.below.push(n);
                }
            }
        }
        if by_group {
            for (n, cell) in cells.all.iter().enumerate() {
                cells.by_group.entry(cell.group).or_default().push(n);
            }
        }
        Ok(cells)
    }

    /// Returns the groups that made a part of an award, or of any without one, in the order of their first parts; with `only`, that
    /// group alone.
    fn groups(&self, award: Option<usize>, only: Option<usize>) -> Vec<Option<usize>> {
        let first = |group: usize| self.covered(Cover { award, group: Some(group) }).next();
        let groups = self.by_group.keys().filter(|group| only.is_none_or(|only| only == **group));
        let mut groups: Vec<(usize, usize)> =
            groups.filter_map(|group| Some((first(*group)?, *group))).collect();
        groups.sort_unstable();
        groups.into_iter().map(|(_, group)| Some(group)).collect()
    }

    /// Returns the indexes of the cells that a limit covers.
    fn covered(&self, cover: Cover) -> impl Iterator<Item = usize> + use<'_> {
        let all = if cover.group.is_none() { 0..self.all.len() } else { 0..0 };
        let of_group = cover.group.and_then(|group| self.by_group.get(&group));
        let indexes = all.chain(of_group.into_iter().flatten().copied());
        let is_of = move |n: &usize| {
            cover.award.is_none_or(|award| self.all.get(*n).is_some_and(|cell| cell.award == award))
        };
        indexes.filter(is_of)
    }

    fn sum(&self, cover: Cover) -> Result<Decimal, ArithmeticError> {
        let covered = self.covered(cover).filter_map(|n| self.all.get(n));
        Money::sum(covered.map(|cell| cell.payout)).map(|sum| sum.0)
    }

    /// Takes `cut` off the covered cells. Returns what each award loses.
    ///
    /// The awards bear it in proportion to what they were to pay, the lines of an award likewise, then the cells of a line: a group
    /// that lowers the rate of another has a part below zero, which must not leave one award below zero and another above. Nor does
    /// a limit of one group leave a line below zero because another group lowers it: that part then shrinks with it, and the award
    /// loses less.
    fn take_off(
        &mut self,
        cover: Cover,
        cut: Decimal,
        digits: u32,
    ) -> Result<Vec<(usize, Money)>, ArithmeticError> {
        let covered: Vec<usize> = self.covered(cover).collect();
        let mut cuts = Vec::new();
        for (of_award, cut) in self.share_cut(&covered, Money(cut), digits, |_, cell| (cell.award, 0))? {
            let mut lost = Money::ZERO;
            for (of_line, cut) in self.share_cut(of_award, cut, digits, |_, cell| (cell.award, cell.line))? {
                for (one, cut) in self.share_cut(of_line, cut, digits, |n, _| (n, 0))? {
                    if let Some(n) = one.first() {
                        lost = lost.add(self.take(*n, cut)?)?;
                    }
                }
            }
            let award = of_award.first().and_then(|n| self.all.get(*n)).map(|cell| cell.award);
            cuts.extend(award.filter(|_| lost > Money::ZERO).map(|award| (award, lost)));
        }
        Ok(cuts)
    }

    /// Takes a cut off a cell. Returns what its line loses.
    fn take(&mut self, n: usize, cut: Money) -> Result<Money, ArithmeticError> {
        let Some(cell) = self.all.get_mut(n) else { return Ok(Money::ZERO) };
        cell.payout = cell.payout.sub(cut)?;
        let Some(line) = self.lines.get_mut(cell.of) else { return Ok(cut) };
        let least = line.payout.min(Money::ZERO);
        line.payout = line.payout.sub(cut)?;
        let mut lost = cut;
        while line.payout < least {
            let Some(below) = line.below.last().and_then(|below| self.all.get_mut(*below)) else { break };
            let back = least.sub(line.payout)?.min(Money(-below.payout.0));
            below.payout = below.payout.add(back)?;
            line.payout = line.payout.add(back)?;
            lost = lost.sub(back)?;
            if below.payout.is_zero() {
                line.below.pop();
            }
        }
        Ok(lost)
    }

    /// Shares out a cut among runs of cells with the same key, in proportion to their sums above zero. Runs that bear none of it because
    /// they pay nothing are left out.
    fn share_cut<'c>(
        &self,
        cells: &'c [usize],
        cut: Money,
        digits: u32,
        key: impl Fn(usize, &Cell) -> (usize, usize),
    ) -> Result<Vec<(&'c [usize], Money)>, ArithmeticError> {
        let key = |n: &usize| self.all.get(*n).map(|cell| key(*n, cell));
        let mut paying = Vec::new();
        let mut weights = Vec::new();
        for run in cells.chunk_by(|a, b| key(a) == key(b)) {
            let payouts = run.iter().filter_map(|n| self.all.get(*n)).map(|cell| cell.payout);
            let Money(paid) = Money::sum(payouts)?;
            if paid > Decimal::ZERO {
                paying.push(run);
                weights.push(paid);
            }
        }
        let shares = allocate(cut, &weights, digits, Allocation::LargestRemainder)?;
        Ok(paying.into_iter().zip(shares).collect())
    }
}

/// Records which groups and levels pay a line.
fn reach_payers(arguments: Arguments<'_>, version: &Version, set: &[Draft<'_>]) {
    let lines = set.iter().flat_map(|draft| &draft.lines);
    let paying: BTreeSet<usize> = lines.flat_map(|line| line.steps.iter().map(|(group, _)| *group)).collect();
    let places = paying.into_iter().filter_map(|group| version.payer_place(group));
    places.for_each(|place| arguments.view.reach(place, PointKind::Group));
}

/// Calls `part` with each payout group that made a part of a line: the line's payout with the verbs of the group, less its payout before
/// them, each rounded as the line is. The parts sum to the line.
fn parts_of(
    version: &Version,
    line: &DraftLine,
    share: Decimal,
    mut part: impl FnMut(usize, Money),
) -> Result<(), ArithmeticError> {
    let Some((first, _)) = line.steps.first() else { return Ok(()) };
    if line.steps.iter().all(|(group, _)| group == first) {
        part(*first, line.earned.bounded()?);
        return Ok(());
    }
    let (digits, mode) = (version.currency.minor_digits(), version.rounding.mode);
    let mut given = Given::default();
    let mut before = Money::ZERO;
    let mut steps = line.steps.iter().peekable();
    while let Some((group, effect)) = steps.next() {
        given.apply(effect, line.quantity)?;
        let after = match steps.peek() {
            Some((next, _)) if next == group => continue,
            Some(_) if share == Decimal::ONE => given.on(line.base)?.round(digits, mode)?,
            Some(_) => given.on(line.base)?.mul(share)?.round(digits, mode)?,
            None => line.earned,
        };
        part(*group, after.sub(before)?.bounded()?);
        before = after;
    }
    Ok(())
}

/// The names of the groups that took effect, each once, and their places in the list by their indexes in the version.
struct Names<'a> {
    version: &'a Version,
    names: Vec<String>,
    /// The first group: most awards have one.
    first: Option<usize>,
    /// The other groups, sorted by the index in the version.
    others: Vec<(usize, u32)>,
}

impl Names<'_> {
    /// Returns the place of a group in the list.
    fn place(&mut self, group: usize) -> u32 {
        if self.first.is_none_or(|first| first == group) {
            if self.first.replace(group).is_none() {
                self.add(group);
            }
            return 0;
        }
        match self.others.binary_search_by_key(&group, |(of, _)| *of) {
            Ok(found) => self.others.get(found).map_or(0, |(_, place)| *place),
            Err(before) => {
                let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                self.add(group);
                self.others.insert(before, (group, place));
                place
            }
        }
    }

    fn add(&mut self, group: usize) {
        self.names.push(self.version.payer(group).unwrap_or_default().to_owned());
    }
}

/// Returns the lines of each award with the final payouts of their cells, and the names of the groups that took effect.
fn finished(
    version: &Version,
    set: &mut [Draft<'_>],
    cells: &[Cell],
    action: &crate::facts::Action,
) -> Result<Few<Finished>, ArithmeticError> {
    let mut finished = Few::with_capacity(set.len());
    let mut cells = cells;
    for (award, draft) in set.iter_mut().enumerate() {
        let mut names = Names { version, names: Vec::new(), first: None, others: Vec::new() };
        let mut lines = Vec::with_capacity(draft.lines.len());
        for (n, line) in std::mem::take(&mut draft.lines).into_iter().enumerate() {
            // The cells stand award by award and line by line.
            let (of_line, rest) =
                cells.split_at(cells.partition_point(|cell| (cell.award, cell.line) <= (award, n)));
            cells = rest;
            let payout = Money::sum(of_line.iter().map(|cell| cell.payout))?;
            let steps =
                line.steps.iter().map(|(group, effect)| Step { group: names.place(*group), effect: *effect });
            let steps = steps.collect();
            let shares = if of_line.len() > 1 {
                of_line
                    .iter()
                    .map(|cell| GroupShare { group: names.place(cell.group), payout: cell.payout })
                    .collect()
            } else {
                Vec::new()
            };
            let item = line.item.and_then(|item| action.items.get(item as usize));
            lines.push(Line {
                item: line.item,
                sku: item.map(|item| item.sku.clone()),
                quantity: line.quantity,
                base: line.base,
                steps,
                unrounded: line.shown,
                earned: line.earned,
                payout,
                taken_back: Money::ZERO,
                returned: Money::ZERO,
                shares,
            });
        }
        finished.push((names.names, lines));
    }
    Ok(finished)
}
