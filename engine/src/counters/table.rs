//! The sums of one counter by key and period.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::distinct::Distinct;
use super::id::{CounterId, CounterKey};
use super::kept::Kept;
use super::movements::Movements;
use super::names::Names;
use super::posting::{CountedAt, Sums};
use crate::period::Period;
use crate::time::{Duration, Timestamp};

/// The keys of one counter and what was counted under each key.
///
/// A million customers take some 130 MB.
#[derive(Clone, Debug)]
pub(super) struct Table {
    period: Period,
    keys: Names,
    /// By key: the latest period and its sums.
    latest: Vec<(NaiveDate, Kept)>,
    /// By key and first date: the sums of earlier periods that are kept.
    earlier: BTreeMap<(u32, NaiveDate), Kept>,
    /// By key, for rolling days only: every movement.
    movements: Vec<Movements>,
    /// The number of moments in `movements`.
    moments: usize,
    /// The values that the counter tells apart; `None` if it counts no distinct values.
    distinct: Option<Distinct>,
}

/// Sums, or a part of them, under one key at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: CounterKey,
    pub(super) at: CountedAt,
    /// The value that the actions of this entry have in common, in a counter of distinct values.
    pub(super) distinct: Option<String>,
    pub(super) kept: Kept,
}

impl Entry {
    /// What entries are sorted by.
    pub(super) fn place(&self) -> (&CounterKey, CountedAt, Option<&str>) {
        (&self.key, self.at, self.distinct.as_deref())
    }
}

impl Table {
    /// Returns the empty table of a counter.
    pub(super) fn new(counter: &CounterId) -> Self {
        Self {
            period: counter.period(),
            keys: Names::default(),
            latest: Vec::new(),
            earlier: BTreeMap::new(),
            movements: Vec::new(),
            moments: 0,
            distinct: counter.distinct().map(|_| Distinct::default()),
        }
    }

    /// Returns the number of moments that are kept for rolling days.
    pub(super) fn moments(&self) -> usize {
        self.moments
    }

    /// Returns the number of counts that are kept for distinct values.
    pub(super) fn distinct_counts(&self) -> usize {
        self.distinct.as_ref().map_or(0, Distinct::len)
    }

    /// Returns the number of keys.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns what was counted under a key at this time. For rolling days, `at` is the end of the window.
    ///
    /// Returns `None` if a sum has more digits than an amount may have.
    pub(super) fn read(&self, key: &CounterKey, at: CountedAt) -> Option<Sums> {
        let Some(number) = self.keys.find(key.as_str()) else {
            return Some(Sums::default());
        };
        let kept = match at {
            CountedAt::Moment(until) => {
                let seconds = self.period.rolling_seconds().unwrap_or_default();
                match (self.movements.get(number as usize), until.plus(Duration { seconds: -seconds })) {
                    (Some(movements), Some(after)) => movements.between(after, until)?,
                    // The window begins before the calendar does, so no movement is outside it.
                    (Some(movements), None) => movements.between(until, until)?,
                    (None, _) => Kept::default(),
                }
            }
            CountedAt::Period(_) | CountedAt::Always => {
                let from = first_date(at);
                match self.latest.get(number as usize) {
                    Some((date, kept)) if *date == from => *kept,
                    _ => self.earlier.get(&(number, from)).copied().unwrap_or_default(),
                }
            }
        };
        kept.sums()
    }

    /// Returns how many different values were counted under a key at this time, and whether `value` is one of them.
    pub(super) fn distinct(&self, key: &CounterKey, at: CountedAt, value: Option<&str>) -> (u32, bool) {
        let (Some(distinct), Some(number)) = (&self.distinct, self.keys.find(key.as_str())) else {
            return (0, false);
        };
        let from = first_date(at);
        let contains = value.is_some_and(|value| distinct.contains(number, from, value));
        (distinct.count(number, from), contains)
    }

    /// Returns the number of actions with a value under a key at this time.
    pub(super) fn actions_with(&self, key: &CounterKey, at: CountedAt, value: &str) -> i64 {
        let number = self.keys.find(key.as_str());
        let distinct = self.distinct.as_ref().zip(number);
        distinct.map_or(0, |(distinct, number)| distinct.actions(number, first_date(at), value))
    }

    /// Adds a movement. `value` is what its actions are told apart by. Returns `None` and changes nothing if a sum does not fit.
    pub(super) fn add(&mut self, key: &str, at: CountedAt, moved: Kept, value: Option<&str>) -> Option<()> {
        let from = first_date(at);
        let number = self.find_or_add(key, from)?;
        self.add_sums(number, at, moved)?;
        let (Some(distinct), Some(value)) = (&mut self.distinct, value) else { return Some(()) };
        let added = distinct.add(number, from, value, moved.actions());
        if added.is_none() {
            // Cannot fail: the sums pass through the values they had.
            let _ = moved.negated().and_then(|back| self.add_sums(number, at, back));
        }
        added
    }

    fn add_sums(&mut self, number: u32, at: CountedAt, moved: Kept) -> Option<()> {
        if let CountedAt::Moment(moment) = at {
            let movements = self.movements.get_mut(number as usize)?;
            let others = self.moments.saturating_sub(movements.len());
            let added = movements.add(moment, moved);
            self.moments = others.saturating_add(movements.len());
            return added;
        }
        let from = first_date(at);
        let (date, latest) = self.latest.get_mut(number as usize)?;
        if *date == from {
            *latest = latest.plus(moved)?;
        } else if from > *date {
            let before = std::mem::replace(latest, moved);
            let earlier = std::mem::replace(date, from);
            if !before.is_zero() {
                self.earlier.insert((number, earlier), before);
            }
        } else {
            let kept = self.earlier.entry((number, from)).or_default();
            *kept = kept.plus(moved)?;
            if kept.is_zero() {
                self.earlier.remove(&(number, from));
            }
        }
        Some(())
    }

    /// Drops the calendar periods that end on this date or before it, except those of which `still_read` says yes, and the
    /// movements that no open window reaches.
    pub(super) fn close(
        &mut self,
        until: NaiveDate,
        midnight: Timestamp,
        still_read: impl Fn(NaiveDate) -> bool,
    ) {
        if let Some(seconds) = self.period.rolling_seconds() {
            let Some(after) = midnight.plus(Duration { seconds: -seconds }) else { return };
            self.movements.iter_mut().for_each(|movements| movements.drop_until(after));
            self.moments = self.movements.iter().map(Movements::len).sum();
            return;
        }
        let Some(open) = self.period.start_date(until) else { return };
        let keeps = |from: NaiveDate| from >= open || still_read(from);
        self.earlier.retain(|(_, from), _| keeps(*from));
        for (from, kept) in &mut self.latest {
            if !keeps(*from) {
                *kept = Kept::default();
            }
        }
        if let Some(distinct) = &mut self.distinct {
            distinct.retain(keeps);
        }
    }

    /// Returns the keys under which something was counted in the period that begins on this date, sorted.
    ///
    /// `None` is all time.
    pub(super) fn keys_at(&self, from: Option<NaiveDate>) -> Vec<&str> {
        let from = first_date(from.map_or(CountedAt::Always, CountedAt::Period));
        let earlier = self.earlier.keys().filter(|(_, of)| *of == from).map(|(number, _)| *number);
        let latest = (0u32..).zip(&self.latest);
        let latest =
            latest.filter(|(_, (of, kept))| *of == from && !kept.is_zero()).map(|(number, _)| number);
        let mut keys: Vec<&str> = earlier.chain(latest).filter_map(|number| self.keys.get(number)).collect();
        keys.sort_unstable();
        keys
    }

    /// Returns the first date of the first calendar period in which something was counted.
    pub(super) fn first_period(&self) -> Option<NaiveDate> {
        let earlier = self.earlier.keys().map(|(_, from)| *from);
        let latest = self.latest.iter().filter(|(_, kept)| !kept.is_zero()).map(|(from, _)| *from);
        earlier.chain(latest).filter(|_| self.period.is_calendar()).min()
    }

    /// Returns everything that is counted, sorted by key, time and value, without sums that are zero. The actions of a distinct
    /// value are an entry of their own, and the entry without a value has what is left of the sums.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let key = |number| CounterKey::from_stored(self.keys.get(number).unwrap_or_default());
        let earlier = self.earlier.iter().map(|(place, kept)| (*place, *kept));
        let latest = (0u32..).zip(&self.latest).map(|(number, (from, kept))| ((number, *from), *kept));
        let mut sums: Vec<((u32, NaiveDate), Kept)> = earlier.chain(latest).collect();
        let mut entries = Vec::with_capacity(sums.len());
        if let Some(distinct) = &self.distinct {
            for (number, from, value, actions) in distinct.each() {
                sums.push(((number, from), Kept::of_actions(-actions)));
                entries.push(Entry {
                    key: key(number),
                    at: self.counted_at(from),
                    distinct: Some(value.to_owned()),
                    kept: Kept::of_actions(actions),
                });
            }
            sums.sort_unstable_by_key(|(place, _)| *place);
            sums.dedup_by(|(place, kept), (before, sum)| {
                let both = sum.plus(*kept).filter(|_| place == before);
                both.map(|both| *sum = both).is_some()
            });
        }
        for ((number, from), kept) in sums {
            entries.push(Entry { key: key(number), at: self.counted_at(from), distinct: None, kept });
        }
        for (number, movements) in (0u32..).zip(&self.movements) {
            entries.extend(movements.each().into_iter().map(|(at, kept)| Entry {
                key: key(number),
                at: CountedAt::Moment(at),
                distinct: None,
                kept,
            }));
        }
        entries.retain(|entry| !entry.kept.is_zero());
        entries.sort_by(|a, b| a.place().cmp(&b.place()));
        entries
    }

    fn counted_at(&self, from: NaiveDate) -> CountedAt {
        if self.period.is_calendar() { CountedAt::Period(from) } else { CountedAt::Always }
    }

    fn find_or_add(&mut self, key: &str, from: NaiveDate) -> Option<u32> {
        let number = self.keys.find_or_add(key)?;
        if self.latest.len() < self.keys.len() {
            self.latest.push((from, Kept::default()));
            if self.period.rolling_seconds().is_some() {
                self.movements.push(Movements::default());
            }
        }
        Some(number)
    }
}

/// Returns the first date of the period; the same date for everything that has no calendar period.
fn first_date(at: CountedAt) -> NaiveDate {
    match at {
        CountedAt::Period(from) => from,
        CountedAt::Moment(_) | CountedAt::Always => NaiveDate::MIN,
    }
}
