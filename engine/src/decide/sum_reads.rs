//! Records the sums of counters that a decision reads, so that a test can begin with them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::counters::{CountedAt, CounterId, CounterKey};

/// A sum of a counter: what counts, under which key, and when. For rolling days, the end of the window.
pub(crate) type SumPlace = (CounterId, CounterKey, CountedAt);

/// The sums that decisions read.
#[derive(Debug, Default)]
pub(crate) struct SumReads(RefCell<BTreeSet<SumPlace>>);

impl SumReads {
    /// Notes that a sum is read.
    pub(super) fn add(&self, counter: &CounterId, key: &CounterKey, at: CountedAt) {
        self.0.borrow_mut().insert((counter.clone(), key.clone(), at));
    }

    /// Returns the sums that were read.
    pub(crate) fn into_places(self) -> BTreeSet<SumPlace> {
        self.0.into_inner()
    }
}
