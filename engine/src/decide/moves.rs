//! The counters that the decisions of a contract move.

use crate::money::Currency;
use crate::terms::{Counter, Terms};

/// The counters that decisions move, by the currency of the payout.
type ByCurrency = Vec<(Currency, Moved)>;

/// The counters that decisions move: those of each contract, and those of the program.
#[derive(Clone, Debug, Default)]
pub(super) struct AllMoved {
    contracts: Vec<ByCurrency>,
    program: ByCurrency,
}

/// Counters that a decision moves.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved {
    counters: Vec<usize>,
    /// Those of them with rules that say what they count.
    with_rules: Vec<usize>,
    /// How many of them have one posting for each payout group of a decision; the others have one.
    by_group: usize,
}

/// The counters that a decision moves: those of its contract, then those of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moves<'l>([Option<&'l Moved>; 2]);

impl<'l> Moves<'l> {
    /// Returns the counters of a contract and of its program.
    pub(super) fn of(all: &'l AllMoved, contract: usize, currency: Currency) -> Self {
        let of = |counters: &'l ByCurrency| {
            counters.iter().find(|(of, _)| *of == currency).map(|(_, moved)| moved)
        };
        Self([all.contracts.get(contract).and_then(of), of(&all.program)])
    }

    pub(super) fn counters(self) -> impl Iterator<Item = usize> + 'l {
        self.0.into_iter().flatten().flat_map(|moved| moved.counters.iter().copied())
    }

    /// Returns the counters with rules that say what they count.
    pub(super) fn counters_with_rules(self) -> impl Iterator<Item = usize> + 'l {
        self.0.into_iter().flatten().flat_map(|moved| moved.with_rules.iter().copied())
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

/// Returns the counters that decisions move.
pub(super) fn moved(terms: &Terms) -> AllMoved {
    let mut all = AllMoved { contracts: vec![Vec::new(); terms.contracts.len()], program: Vec::new() };
    let counts = |(_, counter): &(usize, &Counter)| counter.is_moved() || counter.asks();
    for (number, counter) in terms.counters.iter().enumerate().filter(counts) {
        let AllMoved { contracts, program } = &mut all;
        let counters = match counter.contract {
            None => program,
            Some(contract) => match contracts.get_mut(contract) {
                Some(counters) => counters,
                None => continue,
            },
        };
        let found = counters.iter().position(|(currency, _)| *currency == counter.currency);
        let at = found.unwrap_or_else(|| {
            counters.push((counter.currency, Moved::default()));
            counters.len() - 1
        });
        if let Some((_, moved)) = counters.get_mut(at) {
            if counter.asks() {
                moved.with_rules.push(number);
            }
            // A limit on each action alone keeps no sums.
            if !counter.is_moved() {
                continue;
            }
            moved.counters.push(number);
            // A counter of one group has at most one posting.
            moved.by_group += usize::from(counter.is_by_group() && counter.group.is_none());
        }
    }
    all
}
