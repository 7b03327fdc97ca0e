//! The counters of an action: the keys under which it counts, the sums that counters have, and the postings that recording the
//! action makes.

use std::collections::HashMap;

use super::counted::{may_count, rounded, units};
use super::credited::Credited;
use super::decision::{Award, Returned, Role, Status};
use super::evaluation::Evaluation;
use super::findings::{PhaseError, ProgramView};
use crate::counters::{CountedAt, CounterError, CounterId, CounterKey, Counters, Moment, Posting, Sums};
use crate::facts::Action;
use crate::money::Money;
use crate::terms::{Counter, Late, Scope, Verdict, reasons};

/// The facts of one award from which counter keys are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyParts<'a> {
    pub(super) action: &'a Action,
    pub(super) partner: &'a str,
    /// The id of the credited touch.
    pub(super) click: Option<&'a str>,
    /// The parent of the partner.
    pub(super) parent: Option<&'a str>,
    /// The payout group, for counters by group.
    pub(super) group: Option<&'a str>,
}

impl<'a> KeyParts<'a> {
    pub(super) fn of(action: &'a Action, credited: &Credited<'a>, group: Option<&'a str>) -> Self {
        // A parent has no touch of its own.
        let has_touch = credited.partner_id == credited.touch.partner;
        let click = credited.touch.id.as_deref().filter(|_| has_touch);
        let parent = credited.partner.and_then(|partner| partner.parent.as_deref());
        Self { action, partner: credited.partner_id, click, parent, group }
    }

    /// Returns a part of a key; `None` if it is not known.
    pub(super) fn part(&self, scope: Scope) -> Option<&'a str> {
        match scope {
            Scope::Action => Some(self.action.id.as_str()),
            Scope::Order => self.action.order_id.as_deref(),
            Scope::Customer => self.action.customer.id.as_deref(),
            Scope::Click => self.click,
            Scope::Partner => Some(self.partner),
            Scope::Parent => self.parent,
            Scope::Group => self.group,
            Scope::Program => Some(""),
        }
    }

    /// Writes the key of a counter into `key`. Returns `false` if a part of the key is not known.
    pub(super) fn write(&self, per: &[Scope], key: &mut CounterKey) -> bool {
        key.clear();
        for (n, scope) in per.iter().enumerate() {
            let part = self.part(*scope);
            let Some(part) = part else { return false };
            key.push(n == 0, part);
        }
        true
    }
}

/// Returns what a counter has counted under a key before this action, in the period of this action.
pub(super) fn read_sums(
    view: ProgramView<'_>,
    (counters, counted): (&Counters, &[Posting]),
    moment: &Moment<'_>,
    counter: usize,
    key: &CounterKey,
) -> Result<Sums, CounterError> {
    let id = view.lookup.id(counter);
    let at = id.map_or(CountedAt::Always, |id| moment.counted_at(id));
    sums_at(view, (counters, counted), counter, key, at)
}

/// Returns what a counter has counted under a key at a time, without `counted`. The numbers of actions and units are summed over all
/// currencies.
pub(super) fn sums_at(
    view: ProgramView<'_>,
    (counters, counted): (&Counters, &[Posting]),
    counter: usize,
    key: &CounterKey,
    at: CountedAt,
) -> Result<Sums, CounterError> {
    let read = |counter: usize| match view.lookup.id(counter) {
        Some(id) => {
            if let Some(reads) = view.reads {
                reads.add(id, key, at);
            }
            without(counters.read(id, key, at)?, id, key, at, counted)
        }
        None => Ok(Sums::default()),
    };
    let mut sums = read(counter)?;
    for sibling in view.lookup.siblings(counter) {
        let other = read(*sibling)?;
        sums.actions = sums.actions.saturating_add(other.actions);
        sums.paid_actions = sums.paid_actions.saturating_add(other.paid_actions);
        sums.units = sums.units.saturating_add(other.units);
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

/// Checks that the counters over rolling days and of distinct values that would count this action have room for more. If they have
/// none, the action is held and not counted.
pub(super) fn check_room(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let Evaluation { view, credited, counters, moment, .. } = evaluation;
    let of_days = counters.rolling_movements() >= view.limits.rolling_movements;
    let of_values = counters.distinct_counts() >= view.limits.distinct_counts;
    if !of_days && !of_values {
        return Ok(());
    }
    let moves = view.lookup.moves(credited.contract_index, credited.version.currency);
    let counted = moves.counters().filter_map(|number| view.terms.counters.get(number));
    let counted = counted.filter(|counter| may_count(counter, evaluation.input.action, moment));
    let full = counted.into_iter().find_map(|counter| {
        if of_days && counter.period.rolling_seconds().is_some() {
            let most = view.limits.rolling_movements;
            let text =
                format!("`rolling_movements` allows {most} movements; close periods, or raise the limit");
            return Some((format!("total over {}", counter.period), text));
        }
        let distinct = counter.distinct.filter(|_| of_values)?;
        let most = view.limits.distinct_counts;
        let text = format!("`distinct_counts` allows {most} counts; close periods, or raise the limit");
        Some((format!("total of distinct {}s", distinct.text()), text))
    });
    let Some((rule, text)) = full else { return Ok(()) };
    evaluation.findings.counts = false;
    Err(PhaseError::full(rule, text))
}

/// Holds an action that occurred in a closed period, if its contract says so.
pub(super) fn late(evaluation: &mut Evaluation<'_>) {
    let Evaluation { view, credited, moment, .. } = evaluation;
    let moves = view.lookup.moves(credited.contract_index, credited.version.currency);
    let counted =
        moves.counters().filter_map(|number| view.terms.counters.get(number).zip(view.lookup.id(number)));
    let mut counted = counted.filter(|(counter, _)| may_count(counter, evaluation.input.action, moment));
    let closed = counted.find(|(_, id)| moment.is_closed(id));
    if let (Some((closed, _)), Late::Hold) = (closed, credited.version.late) {
        let rule = format!("closed {}", closed.period);
        evaluation.findings.engine_reason(reasons::PERIOD_CLOSED, Verdict::Hold, rule);
    }
}

/// The counter of a posting, its key and its distinct value.
type PlaceOfPosting = (usize, CounterKey, Option<String>);

/// The postings of a decision.
///
/// An action counts once under each key, whoever shares it: a counter without a partner in its key counts one action, the whole
/// commissionable amount and all payouts. A counter of distinct values counts it once for each value.
#[derive(Debug)]
pub(super) struct Posted<'a> {
    view: ProgramView<'a>,
    action: &'a Action,
    moment: &'a Moment<'a>,
    /// What was returned of the action.
    returned: &'a [Returned],
    pub(super) list: Vec<Posting>,
    /// The index of each posting by its place; only if there are several awards.
    index: Option<HashMap<PlaceOfPosting, usize>>,
}

impl<'a> Posted<'a> {
    /// Returns no postings. `several` says whether there may be several awards.
    pub(super) fn new(
        view: ProgramView<'a>,
        action: &'a Action,
        moment: &'a Moment<'a>,
        returned: &'a [Returned],
        several: bool,
    ) -> Self {
        Self { view, action, moment, returned, list: Vec::new(), index: several.then(HashMap::new) }
    }

    /// Returns the payouts that awards before have under a key.
    pub(super) fn payouts(&self, counter: usize, key: &CounterKey) -> Money {
        let at = self.index.as_ref().and_then(|index| index.get(&(counter, key.clone(), None)));
        at.and_then(|at| self.list.get(*at)).map_or(Money::ZERO, |posting| posting.sums.payouts)
    }

    /// Adds the postings that recording an award makes: one for each counter of its contract that counts the action.
    pub(super) fn add(&mut self, award: &Award, contract: usize) {
        if !award.counts {
            return;
        }
        let Self { view, action, moment, returned, .. } = *self;
        // Whoever is paid beside the credited partners has no action and no revenue of its own.
        let is_credited = award.role.is_none_or(Role::is_credited);
        let touch = award.touch.and_then(|touch| action.touches.get(touch as usize));
        let click = touch.and_then(|touch| touch.id.as_deref());
        let whole =
            KeyParts { action, partner: &award.partner, click, parent: award.parent.as_deref(), group: None };
        let moves = view.lookup.moves(contract, award.currency);
        self.list.reserve_exact(moves.postings(1));
        let mut groups = None;
        for number in moves.counters() {
            let (Some(counter), Some(id)) = (view.terms.counters.get(number), view.lookup.id(number)) else {
                continue;
            };
            if !may_count(counter, action, moment) || (counter.only_approved && award.status == Status::Held)
            {
                continue;
            }
            if counter.asks() && !award.counted.iter().any(|counted| counted.counter == *id) {
                continue;
            }
            let mut post = |parts: KeyParts<'_>, sums: Sums| {
                let mut key = CounterKey::default();
                if parts.write(&counter.per, &mut key) {
                    let at = moment.counted_at(id);
                    let distinct = counter.distinct.and_then(|scope| parts.part(scope)).map(str::to_owned);
                    self.post(number, Posting { counter: id.clone(), key, at, distinct, sums });
                }
            };
            if !counter.is_by_group() {
                if let Some((units, revenue)) = self::counted(award, counter, id, (action, returned)) {
                    let payable = if award.status == Status::Payable { award.payout } else { Money::ZERO };
                    post(
                        whole,
                        Sums {
                            actions: i64::from(is_credited),
                            paid_actions: i64::from(is_credited && award.payout > Money::ZERO),
                            units: if is_credited { units } else { 0 },
                            revenue: rounded(revenue),
                            payouts: award.payout,
                            payable,
                        },
                    );
                }
                continue;
            }
            let groups = groups.get_or_insert_with(|| by_group(award, returned));
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

    fn post(&mut self, counter: usize, mut posting: Posting) {
        let Some(index) = &mut self.index else {
            self.list.push(posting);
            return;
        };
        let place = |counter: usize| (counter, posting.key.clone(), posting.distinct.clone());
        // Numbers of actions and units are read over all currencies.
        for sibling in self.view.lookup.siblings(counter) {
            let at = index.get(&place(*sibling));
            if let Some(other) = at.and_then(|at| self.list.get(*at)) {
                let rest = |own: i64, other: i64| own.saturating_sub(other).max(0);
                posting.sums.actions = rest(posting.sums.actions, other.sums.actions);
                posting.sums.paid_actions = rest(posting.sums.paid_actions, other.sums.paid_actions);
                posting.sums.units = rest(posting.sums.units, other.sums.units);
            }
        }
        let at = *index.entry(place(counter)).or_insert(self.list.len());
        match self.list.get_mut(at) {
            Some(Posting { sums, .. }) => {
                sums.actions = sums.actions.max(posting.sums.actions);
                sums.paid_actions = sums.paid_actions.max(posting.sums.paid_actions);
                sums.units = sums.units.max(posting.sums.units);
                // Cannot overflow: the amounts of an action were checked to be small against what an amount holds.
                let add = |sum: &mut Money, more: Money| *sum = Money(sum.0.saturating_add(more.0));
                add(&mut sums.revenue, posting.sums.revenue);
                add(&mut sums.payouts, posting.sums.payouts);
                add(&mut sums.payable, posting.sums.payable);
            }
            None => self.list.push(posting),
        }
    }
}

/// Returns the units and the revenue of an award under a counter; `None` if the counter's conditions say no.
fn counted(
    award: &Award,
    counter: &Counter,
    id: &CounterId,
    (action, returned): (&Action, &[Returned]),
) -> Option<(i64, Money)> {
    if !counter.asks() {
        let back = returned.iter().map(|of| i64::from(of.quantity.unwrap_or(0))).fold(0, i64::saturating_add);
        return Some((units(action).saturating_sub(back).max(0), award.base));
    }
    let counted = award.counted.iter().find(|counted| counted.counter == *id)?;
    Some((counted.units, counted.revenue.unwrap_or(award.base)))
}

/// The sums of each payout group of an award.
struct ByGroup<'a> {
    /// In the order of [`Award::groups`].
    sums: Vec<Sums>,
    /// The index of each group by its name.
    indexes: HashMap<&'a str, usize>,
}

/// Returns the sums of each payout group of an award: its own payout, and the bases of the lines it paid on.
fn by_group<'a>(award: &'a Award, returned: &[Returned]) -> ByGroup<'a> {
    let mut sums = vec![Sums { actions: 1, ..Sums::default() }; award.groups.len()];
    let mut add = |group: u32, payout: Money, base: Money, units: i64| {
        if let Some(sums) = sums.get_mut(group as usize) {
            sums.units = sums.units.saturating_add(units);
            // Cannot overflow: payouts and bases of the lines were checked to sum when limits were applied.
            sums.payouts = Money(sums.payouts.0.saturating_add(payout.0));
            sums.revenue = Money(sums.revenue.0.saturating_add(base.0));
        }
    };
    for line in &award.lines {
        let base = Money(line.base.0.saturating_sub(line.returned.0));
        let back = returned.iter().filter(|of| of.item == line.item).filter_map(|of| of.quantity);
        let units = back.fold(i64::from(line.quantity), |units, back| units.saturating_sub(i64::from(back)));
        for part in award.paid_by_groups(line) {
            add(part.group, part.payout, base, units);
        }
    }
    for sums in &mut sums {
        sums.paid_actions = i64::from(sums.payouts > Money::ZERO);
        sums.revenue = rounded(sums.revenue);
        if award.status == Status::Payable {
            sums.payable = sums.payouts;
        }
    }
    let indexes = award.groups.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    ByGroup { sums, indexes }
}
