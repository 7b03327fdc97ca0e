//! What counters count of an action, and what was read of them.

use super::decision::TotalCount;
use super::lookup::Lookup;
use crate::counters::{COUNTED_DECIMALS, Moment, Sums};
use crate::facts::Action;
use crate::money::{Money, RoundingMode};
use crate::run::TotalAdds;
use crate::terms::{Counter, Terms};

/// What was read of a counter before the action.
#[derive(Clone, Copy, Debug)]
pub(super) struct UsedSums<'a> {
    /// The name of the declared total or the limit.
    pub(super) name: &'a str,
    pub(super) sums: Sums,
    /// The number of different values.
    pub(super) distinct: u32,
}

/// What the rules of one counter said of an action.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// The index of the counter.
    pub(super) counter: usize,
    /// What the action adds; `None` if the counter does not count it.
    pub(super) adds: Option<TotalAdds>,
}

impl Counted {
    /// Returns the amount that the counter sums, if it is not the commissionable amount.
    pub(super) fn revenue_mut(&mut self) -> Option<&mut Money> {
        self.adds.as_mut().and_then(|adds| adds.revenue.as_mut())
    }

    /// Returns this as an award lists it; `None` if nothing is counted.
    pub(super) fn by(&self, terms: &Terms, lookup: &Lookup) -> Option<TotalCount> {
        let TotalAdds { units, revenue, .. } = self.adds?;
        if !terms.counters.get(self.counter)?.is_moved() {
            return None;
        }
        let counter = lookup.id(self.counter)?.clone();
        Some(TotalCount { counter, units, revenue: revenue.map(rounded) })
    }
}

/// Returns whether a counter counts actions of this event type and date. Its conditions may still say no.
pub(super) fn may_count(counter: &Counter, action: &Action, moment: &Moment<'_>) -> bool {
    counter.is_of(&action.event_type) && counter.from.is_none_or(|from| moment.is_since(from))
}

/// Returns the units of a whole action. An action without items is one unit.
pub(super) fn units(action: &Action) -> i64 {
    if action.items.is_empty() {
        return 1;
    }
    action.items.iter().fold(0, |sum, item| sum.saturating_add(i64::from(item.quantity)))
}

/// Returns an amount rounded to the decimals that counters keep.
pub(super) fn rounded(base: Money) -> Money {
    if base.0.scale() <= COUNTED_DECIMALS {
        base
    } else {
        base.round(COUNTED_DECIMALS, RoundingMode::HalfEven)
    }
}
