//! What a program decides besides actions, and from where it begins.

use std::sync::Arc;

use accrue::facts::Adjustment;
use accrue::{Counters, Reference};
use chrono::NaiveDate;

/// Everything that a program decides by besides the actions. Cheap to clone without counters, so that several programs share one history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The reference facts: partners, creatives, promo codes, standing partners, exchange rates and pauses.
    pub reference: Arc<Reference>,
    /// The counters before the first action. `None` begins from nothing.
    pub counters: Option<Counters>,
    /// What happened to the actions afterwards.
    pub adjustments: Arc<Adjustments>,
    /// Whether periods of bonuses are closed on the way, each before the first action after it.
    pub close: bool,
    /// The date at whose end the history stops: holds that end until then are released, and with `close` periods closed.
    pub as_of: Option<NaiveDate>,
}

impl History {
    /// Returns a history of actions alone, which begins from nothing.
    pub fn new(reference: impl Into<Arc<Reference>>) -> Self {
        Self { reference: reference.into(), ..Self::default() }
    }
}

/// The adjustments of a history, in the order of (occurred-at, id).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adjustments {
    in_order: Vec<Adjustment>,
    /// The indices of the adjustments, by the ids of the actions that they adjust.
    by_action: Vec<usize>,
}

impl Adjustments {
    /// Returns adjustments in their order. Those of the same moment with the same id stay as they are given.
    pub fn new(mut adjustments: Vec<Adjustment>) -> Self {
        adjustments.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        let mut by_action: Vec<usize> = (0..adjustments.len()).collect();
        // Stable: the adjustments of one action stay in their order.
        by_action.sort_by_key(|index| adjustments.get(*index).map(|of| of.adjusts.as_str()));
        Self { in_order: adjustments, by_action }
    }

    /// Returns the adjustments in their order. Events of a [`Replay`](crate::Replay) name an adjustment by its index in this list.
    pub fn as_slice(&self) -> &[Adjustment] {
        &self.in_order
    }

    /// Returns whether an adjustment from this index on is of the action.
    pub(crate) fn names(&self, action: &str, from: usize) -> bool {
        let of = |index: &usize| self.in_order.get(*index).map_or("", |of| of.adjusts.as_str());
        let first = self.by_action.partition_point(|index| of(index) < action);
        let after = self.by_action.get(first..).unwrap_or_default();
        after.iter().take_while(|index| of(index) == action).any(|index| *index >= from)
    }
}

impl From<Vec<Adjustment>> for Adjustments {
    fn from(adjustments: Vec<Adjustment>) -> Self {
        Self::new(adjustments)
    }
}
