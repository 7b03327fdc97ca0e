//! The worst case of a decision under one contract version: its fuel and its steps.
//!
//! The worst case of a rule grows with the lists of the action, never slower than in proportion. So between an action with one entry
//! in each list and one with every list at its limit, a straight line is never below the worst case.

use std::sync::Arc;

use super::moves::Moves;
use crate::lang::Rule;
use crate::limits::Limits;
use crate::run::component::fuel_of_call;
use crate::run::{GroupTable, RuleInput};
use crate::terms::{Choose, Counter, CountingRule, Group, PayoutPer, Pays, RestrictionBody, Scope, Version};

/// Fuel of settling a line of the payout.
pub(super) const LINE_FUEL: u64 = 32;

/// Fuel of settling a verb of a payout group that matches.
pub(super) const VERB_FUEL: u64 = 16;

/// Fuel of applying a limit: reading its counter.
pub(super) const LIMIT_FUEL: u64 = 64;

/// Fuel of a part of a line that a limit covers: it is summed, cut in proportion, and summed again for the warning.
pub(super) const PART_FUEL: u64 = 32;

/// Fuel of a posting: its key.
pub(super) const POSTING_FUEL: u64 = 16;

/// The denominator of shares between the smallest and the largest action.
const WHOLE: u64 = 1 << 20;

/// A worst case for the smallest action, with one entry in each list, and for the largest, with each list at its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) least: u64,
    pub(crate) most: u64,
}

impl Range {
    fn both(of: u64) -> Self {
        Self { least: of, most: of }
    }

    fn times(self, least: u64, most: u64) -> Self {
        Self { least: self.least.saturating_mul(least), most: self.most.saturating_mul(most) }
    }

    fn and(self, other: Self) -> Self {
        Self { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }
}

fn sum(ranges: impl Iterator<Item = Range>) -> Range {
    ranges.fold(Range::default(), Range::and)
}

/// The worst case of a version.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Worst {
    /// Fuel of the whole decision.
    pub(crate) fuel: Range,
    /// Steps of the whole decision.
    pub(crate) steps: Range,
    /// Fuel of the restrictions.
    restrictions: Range,
    /// Fuel of the payout groups of one line.
    line: Range,
}

impl Worst {
    /// Returns the worst case of a version. `table` has its payout groups if they are looked up, and `moves` says which counters its
    /// decisions move.
    pub(super) fn new(
        version: &Version,
        table: Option<&GroupTable>,
        counters: &[Counter],
        moves: Moves<'_>,
        limits: &Limits,
    ) -> Self {
        let items = limits.items as u64;
        let lines = if version.payout.per == PayoutPer::Item { items } else { 1 };
        let restrictions = sum(version.restrictions.iter().map(|restriction| match &restriction.body {
            RestrictionBody::When { condition, .. } => rule(condition),
            RestrictionBody::Script(script) => rule(script),
            RestrictionBody::Component(_) => component(limits),
        }));
        let amount = &version.amount;
        let of = |of: &Option<Arc<Rule>>| of.as_deref().map_or(Range::default(), rule);
        let amounts = of(&amount.order).and(of(&amount.spread)).and(of(&amount.item).times(1, items));

        let counting = moves.counters_with_rules().filter_map(|number| counters.get(number));
        let counting = sum(counting.map(|counter| {
            let of = |of: &Option<CountingRule>| of.as_ref().map_or(Range::default(), |of| rule(&of.rule));
            of(&counter.when).and(of(&counter.measure)).and(of(&counter.items).times(1, items))
        }));
        let counting = counting.and(sum(version.total_rules().map(rule)));

        let look_up = table.map_or(0, GroupTable::fuel).saturating_add(LINE_FUEL);
        let line = per_line(version, table, |group| group_fuel(group, limits)).and(Range::both(look_up));
        let parts = match version.payout.choose {
            Choose::Stack => per_line(version, table, |_| Range::both(1)),
            Choose::First | Choose::Highest | Choose::MostSpecific => Range::both(1),
        };
        let limited = sum(version.limits.iter().map(|limit| {
            let counter = limit.counter.and_then(|counter| counters.get(counter));
            let by_group = counter.is_some_and(|counter| counter.per.contains(&Scope::Group));
            let fuel = |parts: u64, lines: u64| {
                let groups = if by_group { parts } else { 1 };
                let covered = parts.saturating_mul(lines).saturating_mul(PART_FUEL);
                groups.saturating_mul(LIMIT_FUEL).saturating_add(covered)
            };
            Range { least: fuel(parts.least, 1), most: fuel(parts.most, lines) }
        }));
        let posted = |groups: u64| moves.postings(usize::try_from(groups).unwrap_or(usize::MAX)) as u64;
        let posted = Range { least: posted(parts.least), most: posted(parts.most.saturating_mul(lines)) };
        let matching = Range::both((version.restrictions.len() + version.limits.len()) as u64);
        let settled = limited.and(posted.times(POSTING_FUEL, POSTING_FUEL));
        Self {
            fuel: amounts.and(counting).and(restrictions).and(line.times(1, lines)).and(settled),
            steps: matching
                .and(posted)
                .and(per_line(version, table, |group| group_steps(group, limits)).times(1, lines)),
            restrictions,
            line,
        }
    }

    /// Returns whether the rules of this version cannot use more than `fuel` on these facts.
    pub(super) fn rules_fit(&self, input: &RuleInput<'_>, limits: &Limits, fuel: u64) -> bool {
        let action = input.action;
        let lines = match input.version.payout.per {
            PayoutPer::Item => (action.items.len() as u64).max(1),
            PayoutPer::Order => 1,
        };
        // Reference facts have no limit on their lists, and the worst case of a rule is for lists within the limits.
        let groups = input.partner.map_or(0, |partner| partner.groups.len());
        if groups > limits.entries {
            return false;
        }
        let Range { least, most } = self.restrictions.and(self.line.times(lines, lines));
        if most <= fuel {
            return true;
        }
        let sub_ids = action.touches.iter().map(|touch| touch.sub_ids.len()).max().unwrap_or(0);
        let shares = [
            (action.items.len(), limits.items),
            (action.touches.len(), limits.touches),
            (action.promo_codes.len(), limits.entries),
            (action.customer.audiences.len(), limits.entries),
            (action.fraud.reasons.len(), limits.entries),
            (sub_ids, limits.entries),
            (groups, limits.entries),
        ]
        .map(|(length, limit)| {
            let over = length.saturating_sub(1) as u64;
            over.saturating_mul(WHOLE).div_ceil(limit.saturating_sub(1).max(1) as u64)
        });
        let share = shares.into_iter().max().unwrap_or(WHOLE).min(WHOLE);
        let between = u128::from(most.saturating_sub(least)).saturating_mul(u128::from(share));
        u128::from(least).saturating_add(between.div_ceil(u128::from(WHOLE))) <= u128::from(fuel)
    }
}

fn rule(rule: &Rule) -> Range {
    Range { least: rule.worst_fuel_of_one, most: rule.worst_fuel }
}

/// A component may use all of its fuel on any action; on the smallest, only what every call uses is sure.
fn component(limits: &Limits) -> Range {
    Range {
        least: fuel_of_call(2, 0),
        most: fuel_of_call(limits.items.saturating_add(limits.touches), limits.component_fuel),
    }
}

/// Returns the most that the payout groups of one line weigh together.
fn per_line(version: &Version, table: Option<&GroupTable>, weight: impl Fn(&Group) -> Range) -> Range {
    let at = |index: usize| version.payout.groups.get(index).map(&weight).unwrap_or_default();
    let listed = match table {
        Some(table) => Range { least: table.worst(|n| at(n).least), most: table.worst(|n| at(n).most) },
        None => sum(version.payout.groups.iter().map(&weight)),
    };
    let default = version.payout.default.as_ref().map(&weight).unwrap_or_default();
    listed.and(default)
}

fn group_fuel(group: &Group, limits: &Limits) -> Range {
    let called = if matches!(group.pays, Pays::Component(_)) { component(limits) } else { Range::default() };
    let verbs = group_steps(group, limits).times(VERB_FUEL, VERB_FUEL);
    sum(group.rules().map(rule)).and(called).and(verbs)
}

/// Returns the most steps that a payout group is of a line.
fn group_steps(group: &Group, limits: &Limits) -> Range {
    match &group.pays {
        Pays::Fixed(effects) => Range::both(effects.len() as u64),
        Pays::Bands { bands, .. } => {
            Range::both(bands.iter().map(|band| band.effects.len()).max().unwrap_or(0) as u64)
        }
        // A verb is a statement of at least nine units of fuel: its own, and those of its value.
        Pays::Script(script) => {
            let Range { least, most } = rule(script);
            Range { least: least / 9, most: most / 9 }
        }
        Pays::Component(_) => Range { least: 0, most: limits.entries as u64 },
    }
}
