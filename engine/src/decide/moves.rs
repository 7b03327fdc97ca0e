//! The counters that the decisions of a contract move.

use std::collections::HashMap;

use crate::money::Currency;
use crate::terms::Terms;

/// The counters that decisions move, by their contract (`None` for those of the program) and the currency of the payout.
pub(super) type AllMoved = HashMap<(Option<usize>, Currency), Moved>;

/// Counters that a decision moves.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved {
    counters: Vec<usize>,
    /// How many of them have one posting for each payout group of a decision; the others have one.
    by_group: usize,
}

/// The counters that a decision moves: those of its contract, then those of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moves<'l>([Option<&'l Moved>; 2]);

impl<'l> Moves<'l> {
    /// Returns the counters of a contract and of its program.
    pub(super) fn of(all: &'l AllMoved, contract: usize, currency: Currency) -> Self {
        Self([Some(contract), None].map(|of| all.get(&(of, currency))))
    }

    pub(super) fn counters(self) -> impl Iterator<Item = usize> + 'l {
        self.0.into_iter().flatten().flat_map(|moved| moved.counters.iter().copied())
    }

    /// Returns whether any of them has a posting for each payout group.
    pub(super) fn are_by_group(self) -> bool {
        self.0.into_iter().flatten().any(|moved| moved.by_group > 0)
    }

    /// Returns the most postings of a decision in which this many payout groups pay.
    pub(super) fn postings(self, groups: usize) -> usize {
        let of =
            |moved: &Moved| (moved.counters.len() - moved.by_group) + moved.by_group.saturating_mul(groups);
        self.0.into_iter().flatten().map(of).fold(0, usize::saturating_add)
    }
}

/// Returns the counters that decisions move, by their contract and the currency of the payout.
pub(super) fn moved(terms: &Terms) -> AllMoved {
    let mut all = AllMoved::new();
    for (number, counter) in terms.counters.iter().enumerate().filter(|(_, counter)| counter.is_kept()) {
        let moved = all.entry((counter.contract, counter.currency)).or_default();
        moved.counters.push(number);
        // A counter of one group has at most one posting.
        moved.by_group += usize::from(counter.is_by_group() && counter.group.is_none());
    }
    all
}
