//! How many different values a counter has counted by key and period: customers, orders, partners.
//!
//! The number of actions of each value is kept, so that taking a posting back takes the value away only with its last action, and
//! postings may come in any order.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::names::Names;

/// The values that one counter tells apart, with the number of actions of each by key and period.
///
/// A value takes 20 to 30 bytes and its text, and each key and period under which it was counted 20 to 40 bytes more.
#[derive(Clone, Debug, Default)]
pub(super) struct Distinct {
    values: Names,
    /// By number of the key, first date and number of the value: the number of actions, never zero.
    counts: HashMap<(u32, NaiveDate, u32), i32>,
    /// By number of the key and first date: how many values have an action.
    present: HashMap<(u32, NaiveDate), u32>,
}

impl Distinct {
    /// Returns the number of counts that are kept, of all keys together.
    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    /// Returns how many different values were counted under a key in a period.
    pub(super) fn count(&self, key: u32, from: NaiveDate) -> u32 {
        self.present.get(&(key, from)).copied().unwrap_or(0)
    }

    /// Returns whether a value was counted under a key in a period.
    pub(super) fn contains(&self, key: u32, from: NaiveDate, value: &str) -> bool {
        self.actions(key, from, value) > 0
    }

    /// Returns the number of actions of a value under a key in a period.
    pub(super) fn actions(&self, key: u32, from: NaiveDate, value: &str) -> i64 {
        let number = self.values.find(value);
        let count = number.and_then(|number| self.counts.get(&(key, from, number)));
        count.copied().unwrap_or(0).into()
    }

    /// Adds a signed number of actions of a value. Returns `None` and changes nothing that can be read if the sum does not fit.
    pub(super) fn add(&mut self, key: u32, from: NaiveDate, value: &str, actions: i64) -> Option<()> {
        let number = self.values.find_or_add(value)?;
        let place = (key, from, number);
        let before = self.counts.get(&place).copied().unwrap_or(0);
        let after = i32::try_from(i64::from(before).checked_add(actions)?).ok()?;
        if after == 0 {
            self.counts.remove(&place);
        } else {
            self.counts.insert(place, after);
        }
        match (before > 0, after > 0) {
            (false, true) => {
                let present = self.present.entry((key, from)).or_default();
                *present = present.saturating_add(1);
            }
            (true, false) => {
                let left = self.count(key, from).saturating_sub(1);
                if left == 0 {
                    self.present.remove(&(key, from));
                } else {
                    self.present.insert((key, from), left);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Drops the periods of which `keeps` says no, and the values that no other period has.
    pub(super) fn retain(&mut self, keeps: impl Fn(NaiveDate) -> bool) {
        let mut kept = Self::default();
        for ((key, from, value), count) in &self.counts {
            let value = self.values.get(*value).filter(|_| keeps(*from));
            // Cannot fail: these counts and numbers did fit.
            let _ = value.and_then(|value| kept.add(*key, *from, value, i64::from(*count)));
        }
        *self = kept;
    }

    /// Returns every key and first date with a value and its number of actions, in no order.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, NaiveDate, &str, i64)> {
        self.counts.iter().filter_map(|((key, from, value), count)| {
            Some((*key, *from, self.values.get(*value)?, i64::from(*count)))
        })
    }
}
