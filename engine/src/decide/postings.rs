//! The counters of an action: the keys under which it counts, the sums that are read before it, and the postings that recording
//! it makes.

use std::collections::HashMap;

use super::credit::Credited;
use super::decision::{Award, GroupShare, Line, Role};
use super::evaluation::Evaluation;
use super::findings::{PhaseError, ProgramView};
use super::receipt::UsedSums;
use crate::counters::{
    COUNTED_DECIMALS, CountedAt, CounterError, CounterId, CounterKey, Counters, Moment, Posting, Sums,
};
use crate::facts::Action;
use crate::money::{Allocation, Money, RoundingMode, allocate};
use crate::run::TotalFacts;
use crate::terms::{Late, Scope, Verdict, WhenUnknown, reasons};
use rust_decimal::Decimal;

/// The facts of one award from which counter keys are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyParts<'a> {
    pub(super) action: &'a Action,
    pub(super) partner: &'a str,
    /// The id of the credited touch.
    pub(super) click: Option<&'a str>,
    /// The payout group, for counters by group.
    pub(super) group: Option<&'a str>,
}

impl<'a> KeyParts<'a> {
    pub(super) fn of(action: &'a Action, credited: &Credited<'a>, group: Option<&'a str>) -> Self {
        // A parent has no touch of its own.
        let has_touch = credited.partner_id == credited.touch.partner;
        let click = credited.touch.id.as_deref().filter(|_| has_touch);
        Self { action, partner: credited.partner_id, click, group }
    }

    /// Writes the key of a counter into `key`. Returns `false` if a part of the key is not known.
    pub(super) fn write(&self, per: &[Scope], key: &mut CounterKey) -> bool {
        key.clear();
        for (n, scope) in per.iter().enumerate() {
            let part = match scope {
                Scope::Action => Some(self.action.id.as_str()),
                Scope::Order => self.action.order_id.as_deref(),
                Scope::Customer => self.action.customer.id.as_deref(),
                Scope::Click => self.click,
                Scope::Partner => Some(self.partner),
                Scope::Group => self.group,
                Scope::Program => Some(""),
            };
            let Some(part) = part else { return false };
            key.push(n == 0, part);
        }
        true
    }
}

/// Returns what a counter has counted under a key before this action. The numbers of actions are summed over all currencies.
pub(super) fn read_sums(
    view: ProgramView<'_>,
    (counters, counted): (&Counters, &[Posting]),
    moment: &Moment,
    counter: usize,
    key: &CounterKey,
) -> Result<Sums, CounterError> {
    let read = |counter: usize| match view.lookup.id(counter) {
        Some(id) => {
            let at = moment.counted_at(id.period());
            without(counters.read(id, key, at)?, id, key, at, counted)
        }
        None => Ok(Sums::default()),
    };
    let mut sums = read(counter)?;
    for sibling in view.lookup.siblings(counter) {
        let other = read(*sibling)?;
        sums.actions = sums.actions.saturating_add(other.actions);
        sums.paid_actions = sums.paid_actions.saturating_add(other.paid_actions);
    }
    Ok(sums)
}

/// Returns sums without what an action counts itself at this time.
fn without(
    sums: Sums,
    id: &CounterId,
    key: &CounterKey,
    at: CountedAt,
    counted: &[Posting],
) -> Result<Sums, CounterError> {
    let does_not_fit = |_| CounterError::DoesNotFit { counter: id.clone(), key: key.parts() };
    let own =
        counted.iter().filter(|posting| posting.counter == *id && posting.key == *key && posting.at == at);
    own.map(|posting| posting.sums.negated()).try_fold(sums, Sums::plus).map_err(does_not_fit)
}

/// Reads the totals that the version declares, as they stand before this action.
pub(super) fn totals(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let terms = evaluation.view.terms;
    for total in &evaluation.credited.version.totals {
        let Some(counter) = terms.counters.get(total.counter) else { continue };
        let mut key = std::mem::take(&mut evaluation.key);
        let parts = KeyParts::of(evaluation.input.action, &evaluation.credited, None);
        let known = parts.write(&counter.per, &mut key);
        if !known && total.when_unknown == WhenUnknown::Hold {
            let rule = total.name.clone();
            evaluation.findings.engine_reason(reasons::TOTAL_KEY_UNKNOWN, Verdict::Hold, rule);
        }
        let Evaluation { view, counters, counted, moment, .. } = evaluation;
        let sums = if known {
            read_sums(*view, (counters, counted), moment, total.counter, &key)
        } else {
            Ok(Sums::default())
        };
        evaluation.key = key;
        let sums = sums.map_err(|error| PhaseError::counter(&total.name, None, &error))?;
        evaluation.findings.used.push(UsedSums { name: &total.name, sums });
        evaluation.input.totals.push(TotalFacts {
            actions: sums.actions,
            revenue: sums.revenue,
            payouts: sums.payouts,
            counts_this: counter.is_of(&evaluation.input.action.event_type),
        });
    }
    Ok(())
}

/// Checks that the counters over rolling days that would count this action have room for another movement. If they have none, the
/// action is held and not counted.
pub(super) fn check_room(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let Evaluation { view, credited, counters, .. } = evaluation;
    let most = view.limits.rolling_movements;
    if counters.rolling_movements() < most {
        return Ok(());
    }
    let moves = view.lookup.moves(credited.contract_index, credited.version.currency);
    let mut counted =
        moves.counters().filter_map(|number| view.terms.counters.get(number)).filter(|counter| {
            counter.period.rolling_seconds().is_some() && counter.is_of(&evaluation.input.action.event_type)
        });
    let Some(full) = counted.next() else { return Ok(()) };
    let rule = format!("total over {}", full.period);
    evaluation.findings.counts = false;
    Err(PhaseError::full(rule, most))
}

/// Holds an action that occurred in a closed period, if its contract says so.
pub(super) fn late(evaluation: &mut Evaluation<'_>) {
    let Evaluation { view, credited, moment, .. } = evaluation;
    let moves = view.lookup.moves(credited.contract_index, credited.version.currency);
    let counted = moves.counters().filter_map(|number| view.terms.counters.get(number));
    let mut counted = counted.filter(|counter| counter.is_of(&evaluation.input.action.event_type));
    let closed = counted.find(|counter| moment.is_closed(counter.period));
    if let (Some(closed), Late::Hold) = (closed, credited.version.late) {
        let rule = format!("closed {}", closed.period);
        evaluation.findings.engine_reason(reasons::PERIOD_CLOSED, Verdict::Hold, rule);
    }
}

/// The postings of a decision.
///
/// An action counts once under each key, whoever shares it: a counter without a partner in its key counts one action, the whole
/// commissionable amount and all payouts.
#[derive(Debug, Default)]
pub(super) struct Posted {
    pub(super) list: Vec<Posting>,
    /// By counter and key, the index of the posting; only if there are several awards.
    index: Option<HashMap<(usize, CounterKey), usize>>,
}

impl Posted {
    /// Returns no postings. `several` says whether there may be several awards.
    pub(super) fn new(several: bool) -> Self {
        Self { list: Vec::new(), index: several.then(HashMap::new) }
    }

    /// Returns the payouts that awards before have under a key.
    pub(super) fn payouts(&self, counter: usize, key: &CounterKey) -> Money {
        let at = self.index.as_ref().and_then(|index| index.get(&(counter, key.clone())));
        at.and_then(|at| self.list.get(*at)).map_or(Money::ZERO, |posting| posting.sums.payouts)
    }

    /// Adds the postings that recording an award makes: one for each counter of its contract that counts the action.
    pub(super) fn add(
        &mut self,
        view: ProgramView<'_>,
        action: &Action,
        moment: &Moment,
        award: &Award,
        contract: usize,
    ) {
        if !award.counts {
            return;
        }
        // Whoever is paid beside the credited partners has no action and no revenue of its own.
        let is_credited = award.role.is_none_or(Role::is_credited);
        let touch = award.touch.and_then(|touch| action.touches.get(touch as usize));
        let click = touch.and_then(|touch| touch.id.as_deref());
        let whole = KeyParts { action, partner: &award.partner, click, group: None };
        let moves = view.lookup.moves(contract, award.currency);
        self.list.reserve_exact(moves.postings(1));
        let mut groups = None;
        for number in moves.counters() {
            let (Some(counter), Some(id)) = (view.terms.counters.get(number), view.lookup.id(number)) else {
                continue;
            };
            if !counter.is_of(&action.event_type) {
                continue;
            }
            let mut post = |parts: KeyParts<'_>, sums: Sums| {
                let mut key = CounterKey::default();
                if parts.write(&counter.per, &mut key) {
                    let at = moment.counted_at(counter.period);
                    self.post(view, number, Posting { counter: id.clone(), key, at, sums });
                }
            };
            if !counter.is_by_group() {
                let actions = i64::from(is_credited);
                let paid_actions = i64::from(is_credited && award.payout > Money::ZERO);
                post(
                    whole,
                    Sums { actions, paid_actions, revenue: counted(award.base), payouts: award.payout },
                );
                continue;
            }
            let groups = groups.get_or_insert_with(|| by_group(award));
            let of_group =
                |(group, sums): (&String, &Sums)| post(KeyParts { group: Some(group), ..whole }, *sums);
            match &counter.group {
                Some(wanted) => {
                    let index = groups.indexes.get(wanted.as_str());
                    let found = index.and_then(|index| award.groups.get(*index).zip(groups.sums.get(*index)));
                    found.into_iter().for_each(of_group);
                }
                None => award.groups.iter().zip(&groups.sums).for_each(of_group),
            }
        }
    }

    fn post(&mut self, view: ProgramView<'_>, counter: usize, mut posting: Posting) {
        let Some(index) = &mut self.index else {
            self.list.push(posting);
            return;
        };
        // A number of actions is read over all currencies.
        for sibling in view.lookup.siblings(counter) {
            let at = index.get(&(*sibling, posting.key.clone()));
            if let Some(other) = at.and_then(|at| self.list.get(*at)) {
                posting.sums.actions = (posting.sums.actions - other.sums.actions).max(0);
                posting.sums.paid_actions = (posting.sums.paid_actions - other.sums.paid_actions).max(0);
            }
        }
        let at = *index.entry((counter, posting.key.clone())).or_insert(self.list.len());
        match self.list.get_mut(at) {
            Some(Posting { sums, .. }) => {
                sums.actions = sums.actions.max(posting.sums.actions);
                sums.paid_actions = sums.paid_actions.max(posting.sums.paid_actions);
                // Cannot overflow: the amounts of an action were checked to be small against what an amount holds.
                sums.revenue = Money(sums.revenue.0.saturating_add(posting.sums.revenue.0));
                sums.payouts = Money(sums.payouts.0.saturating_add(posting.sums.payouts.0));
            }
            None => self.list.push(posting),
        }
    }
}

/// Returns a commissionable amount rounded to the decimals that counters keep.
fn counted(base: Money) -> Money {
    if base.0.scale() <= COUNTED_DECIMALS {
        base
    } else {
        base.round(COUNTED_DECIMALS, RoundingMode::HalfEven)
    }
}

/// Returns what reversals have left of the part of each payout group: what was taken back is taken off the parts above zero, in
/// proportion to them.
fn left_of_shares(line: &Line, digits: u32) -> Vec<GroupShare> {
    let mut shares = line.shares.clone();
    if line.taken_back.is_zero() {
        return shares;
    }
    let weights: Vec<Decimal> = shares.iter().map(|share| share.payout.0.max(Decimal::ZERO)).collect();
    // Cannot fail: the parts are amounts of a decision, and what is taken back is no more than their sum.
    let taken = allocate(line.taken_back, &weights, digits, Allocation::LargestRemainder).unwrap_or_default();
    for (share, taken) in shares.iter_mut().zip(taken) {
        share.payout = Money(share.payout.0.saturating_sub(taken.0));
    }
    shares
}

/// The sums of each payout group of an award.
struct ByGroup<'a> {
    /// In the order of [`Award::groups`].
    sums: Vec<Sums>,
    /// The index of each group by its name.
    indexes: HashMap<&'a str, usize>,
}

/// Returns the sums of each payout group of an award: its own payout, and the bases of the lines it paid on.
fn by_group(award: &Award) -> ByGroup<'_> {
    let mut sums = vec![Sums { actions: 1, ..Sums::default() }; award.groups.len()];
    let mut add = |group: u32, payout: Money, base: Money| {
        if let Some(sums) = sums.get_mut(group as usize) {
            // Cannot overflow: payouts and bases of the lines were checked to sum when limits were applied.
            sums.payouts = Money(sums.payouts.0.saturating_add(payout.0));
            sums.revenue = Money(sums.revenue.0.saturating_add(base.0));
        }
    };
    for line in &award.lines {
        let base = Money(line.base.0.saturating_sub(line.returned.0));
        if line.shares.is_empty() {
            if let Some(step) = line.steps.first() {
                add(step.group, Money(line.payout.0.saturating_sub(line.taken_back.0)), base);
            }
        } else {
            for share in left_of_shares(line, award.minor_digits) {
                add(share.group, share.payout, base);
            }
        }
    }
    for sums in &mut sums {
        sums.paid_actions = i64::from(sums.payouts > Money::ZERO);
        sums.revenue = counted(sums.revenue);
    }
    let indexes = award.groups.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    ByGroup { sums, indexes }
}
