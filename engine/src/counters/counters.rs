//! The counters of a program: reading, recording, closing, splitting.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::id::{CounterId, CounterKey};
use super::kept::Kept;
use super::posting::{CountedAt, CounterEntry, Posting, Sums};
use super::table::{Entry, Table};
use crate::period::Period;
use crate::time::Zone;
use crate::time::duration::Duration;

/// The counters of one program: what has been counted so far. [`Program::counters`](crate::Program::counters) makes empty
/// counters,
/// [`Counters::restore`] reads saved counters.
///
/// ```
/// use accrue::{Engine, Reference, Source, facts::read_action};
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n\
/// #         [[limits]]\nname = \"monthly\"\nmax = \"5.00\"\nper = [\"partner\"]\nperiod = \"month\"\n"),
/// # ]);
/// let program = Engine::default().load(&source)?;
/// let mut counters = program.counters();
/// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "117.00",
/// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
/// let decision = program.decide(&action, &Reference::default(), &counters, Default::default())?;
/// counters.apply(&decision.postings)?;
/// assert_eq!(counters.entries()[0].sums.payouts.to_string(), "4.68");
///
/// // A restart: what was saved is what was counted.
/// let saved = serde_json::to_string(&counters.snapshot())?;
/// let restored = accrue::Counters::restore(serde_json::from_str(&saved)?)?;
/// assert_eq!(restored, counters);
///
/// // Taking the decision back leaves nothing.
/// counters.revert(&decision.postings)?;
/// assert!(counters.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Counters {
    pub(super) program: String,
    pub(super) tables: HashMap<CounterId, Table>,
    /// Calendar periods that end on this date or before it are closed.
    pub(super) closed_until: Option<NaiveDate>,
    /// The counters whose periods stay open longer, each with the date until which its periods are closed.
    pub(super) open_longer: BTreeMap<CounterId, NaiveDate>,
    /// The number of moments in all tables.
    pub(super) moments: usize,
    /// The number of counts of distinct values in all tables.
    pub(super) distinct_counts: usize,
}

/// The closed periods of a counter that rules still read, and whose sums are therefore kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StillRead {
    /// How many periods before the first open period are read.
    pub(crate) back: u32,
    /// Whether the periods of the calendar year of the first open period are read.
    pub(crate) year: bool,
    /// The first dates of the periods that are read by name.
    pub(crate) named: BTreeSet<NaiveDate>,
}

/// Why counters cannot be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CounterError {
    /// The counters belong to another program.
    #[error("these are counters of program `{counters}`, not of `{program}`")]
    ForeignCounters {
        /// The id of the program that wanted to read or change them.
        program: String,
        /// The id of the program that the counters belong to.
        counters: String,
    },
    /// A sum is too large to be kept exactly, or a posting has more than [`COUNTED_DECIMALS`](super::COUNTED_DECIMALS) decimals.
    #[error("what counter `{counter}` counts under {key:?} does not fit")]
    DoesNotFit {
        /// The counter.
        counter: CounterId,
        /// The parts of the key.
        key: Vec<String>,
    },
    /// The posting has a distinct value, and the counter counts none.
    #[error("counter `{counter}` counts no distinct values")]
    NotDistinct {
        /// The counter.
        counter: CounterId,
    },
    /// The posting's time does not fit the period of its counter: for example a date for a counter over rolling days.
    #[error("counter `{counter}` has periods of another kind than this posting")]
    OtherPeriod {
        /// The counter.
        counter: CounterId,
    },
}

impl Counters {
    /// Returns empty counters of the program with this id.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            tables: HashMap::new(),
            closed_until: None,
            open_longer: BTreeMap::new(),
            moments: 0,
            distinct_counts: 0,
        }
    }

    /// Returns the id of the program that these counters belong to.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Checks that these counters belong to the program with this id.
    ///
    /// # Errors
    ///
    /// [`CounterError::ForeignCounters`] when the counters belong to another program.
    pub fn check_program(&self, program: &str) -> Result<(), CounterError> {
        if self.program == program {
            return Ok(());
        }
        Err(CounterError::ForeignCounters { program: program.to_owned(), counters: self.program.clone() })
    }

    /// Returns the date until which calendar periods are closed: a period is closed when it ends on this date or before it.
    /// Returns `None` if no period is closed.
    pub fn closed_until(&self) -> Option<NaiveDate> {
        self.closed_until
    }

    /// Returns the date until which the calendar periods of a counter are closed.
    pub(crate) fn closed(&self, counter: &CounterId) -> Option<NaiveDate> {
        if self.open_longer.is_empty() {
            return self.closed_until;
        }
        self.open_longer.get(counter).copied().or(self.closed_until)
    }

    /// Closes the calendar periods that end on this date or before it; those of the counters in `open_longer`, on the date there. The
    /// sums of closed periods are dropped, except those that `still_read` names, and so are movements that no open window of rolling
    /// days reaches. A date earlier than [`Counters::closed_until`] changes nothing.
    pub(crate) fn close<'r>(
        &mut self,
        until: NaiveDate,
        zone: Zone,
        mut open_longer: BTreeMap<CounterId, NaiveDate>,
        still_read: impl Fn(&CounterId) -> Option<&'r StillRead>,
    ) {
        if self.closed_until.is_some_and(|before| until <= before) {
            return;
        }
        // What is closed stays closed.
        for (id, date) in &mut open_longer {
            *date = self.closed(id).map_or(*date, |closed| closed.max(*date));
        }
        (self.closed_until, self.open_longer) = (Some(until), open_longer);
        let midnight = zone.start_of(until);
        for (id, table) in &mut self.tables {
            let period = id.period();
            let until = self.open_longer.get(id).copied().unwrap_or(until);
            let open = period.start_date(until);
            let read = still_read(id);
            let back = read.and_then(|read| (0..read.back).try_fold(open?, |from, _| period.previous(from)));
            let year = read.filter(|read| read.year).and(open).and_then(|open| Period::Year.start_date(open));
            let first = [back, year].into_iter().flatten().min();
            table.close(until, midnight, |from| {
                first.is_some_and(|first| from >= first)
                    || read.is_some_and(|read| read.named.contains(&from))
            });
        }
        self.count_again();
    }

    /// Returns the keys under which a counter has counted something in the calendar period that begins on this date, sorted.
    ///
    /// `None` is all time.
    pub(crate) fn keys_at(&self, counter: &CounterId, from: Option<NaiveDate>) -> Vec<&str> {
        self.tables.get(counter).map_or_else(Vec::new, |table| table.keys_at(from))
    }

    /// Returns the first date of the first calendar period in which a counter has counted something.
    pub(crate) fn first_period(&self, counter: &CounterId) -> Option<NaiveDate> {
        self.tables.get(counter).and_then(Table::first_period)
    }

    /// Records postings: all of them, or none.
    ///
    /// Postings of different decisions may be applied in any order. A posting to a closed period counts in the first open period.
    ///
    /// # Errors
    ///
    /// [`CounterError::ForeignCounters`], [`CounterError::DoesNotFit`] or [`CounterError::OtherPeriod`] for the first posting
    /// that cannot be recorded. The counters are unchanged then.
    pub fn apply(&mut self, postings: &[Posting]) -> Result<(), CounterError> {
        for (done, posting) in postings.iter().enumerate() {
            if let Err(error) = self.move_by(posting, false) {
                // Cannot fail: the last posting is taken back first, so each sum passes through the values it had.
                for posting in postings.iter().take(done).rev() {
                    self.move_by(posting, true)?;
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes postings back: the inverse of [`Counters::apply`].
    ///
    /// # Errors
    ///
    /// The errors of [`Counters::apply`].
    pub fn revert(&mut self, postings: &[Posting]) -> Result<(), CounterError> {
        let inverse: Vec<Posting> = postings.iter().map(Posting::inverse).collect();
        self.apply(&inverse)
    }

    pub(super) fn move_by(&mut self, posting: &Posting, back: bool) -> Result<(), CounterError> {
        let at = self.counted_at(&posting.counter, posting.at)?;
        self.add(posting, at, back)
    }

    /// Adds an entry of [`Counters::entries`] of other counters at the time that it has. Other than a posting, an entry of a closed
    /// period stays there, where rules may still read it.
    ///
    /// # Errors
    ///
    /// The errors of [`Counters::apply`].
    pub fn add_entry(&mut self, entry: &Posting) -> Result<(), CounterError> {
        self.put(entry)
    }

    /// Returns the entries that a sum under a key at a time is made of, sorted by time and value. For rolling days, `at` is the end of the
    /// window.
    pub(crate) fn entries_at(&self, counter: &CounterId, key: &CounterKey, at: CountedAt) -> Vec<Posting> {
        let seconds = counter.period().rolling_seconds().unwrap_or_default();
        let is_in = |of: CountedAt| match (of, at) {
            (CountedAt::Moment(of), CountedAt::Moment(until)) => {
                let after = until.plus(Duration { seconds: -seconds });
                of <= until && after.is_none_or(|after| of > after)
            }
            _ => of == at,
        };
        let entries = self.tables.get(counter).map_or_else(Vec::new, Table::entries);
        let entries = entries.into_iter().filter(|entry| entry.key == *key && is_in(entry.at));
        let posting = |Entry { key, at, distinct, kept }: Entry| {
            let posting = move |sums| Posting {
                counter: counter.clone(),
                key: key.clone(),
                at,
                distinct: distinct.clone(),
                sums,
            };
            kept.parts().into_iter().map(posting)
        };
        entries.flat_map(posting).collect()
    }

    /// Adds an entry of other counters at the time that it has, which may be in a closed period that is still read.
    pub(super) fn put(&mut self, entry: &Posting) -> Result<(), CounterError> {
        let at = if self.is_closed(&entry.counter, entry.at) {
            entry.at
        } else {
            self.counted_at(&entry.counter, entry.at)?
        };
        self.add(entry, at, false)
    }

    fn add(&mut self, posting: &Posting, at: CountedAt, back: bool) -> Result<(), CounterError> {
        let Posting { counter, key, at: _, distinct, sums } = posting;
        if counter.program() != self.program {
            return Err(CounterError::ForeignCounters {
                program: counter.program().to_owned(),
                counters: self.program.clone(),
            });
        }
        if distinct.is_some() && counter.distinct().is_none() {
            return Err(CounterError::NotDistinct { counter: counter.clone() });
        }
        let does_not_fit = || CounterError::DoesNotFit { counter: counter.clone(), key: key.parts() };
        let moved = Kept::of(sums).ok_or_else(does_not_fit)?;
        let moved = if back { moved.negated().ok_or_else(does_not_fit)? } else { moved };
        if moved.is_zero() {
            return Ok(());
        }
        self.change(counter, |table| table.add(key.as_str(), at, moved, distinct.as_deref()))
            .ok_or_else(does_not_fit)
    }

    /// Changes the table of a counter, which is made if there is none.
    fn change<T>(&mut self, counter: &CounterId, change: impl FnOnce(&mut Table) -> T) -> T {
        let table = match self.tables.get_mut(counter) {
            Some(table) => table,
            None => self.tables.entry(counter.clone()).or_insert_with(|| Table::new(counter)),
        };
        let moments = self.moments.saturating_sub(table.moments());
        let distinct_counts = self.distinct_counts.saturating_sub(table.distinct_counts());
        let changed = change(table);
        self.moments = moments.saturating_add(table.moments());
        self.distinct_counts = distinct_counts.saturating_add(table.distinct_counts());
        changed
    }

    /// Returns whether this is the time of a calendar period that is closed.
    fn is_closed(&self, counter: &CounterId, at: CountedAt) -> bool {
        let period = counter.period();
        let open = self.closed(counter).and_then(|until| period.start_date(until));
        match at {
            CountedAt::Period(from) => {
                period.start_date(from) == Some(from) && open.is_some_and(|open| from < open)
            }
            CountedAt::Moment(_) | CountedAt::Always => false,
        }
    }

    /// Returns when a posting counts, given the periods that are closed.
    fn counted_at(&self, counter: &CounterId, at: CountedAt) -> Result<CountedAt, CounterError> {
        let period = counter.period();
        Ok(match (at, period) {
            (CountedAt::Moment(_), Period::RollingDays(_))
            | (CountedAt::Always, Period::Contract | Period::Lifetime) => at,
            (CountedAt::Period(from), _) if period.start_date(from) == Some(from) => {
                let open = self.closed(counter).and_then(|until| period.start_date(until));
                CountedAt::Period(open.map_or(from, |open| open.max(from)))
            }
            _ => return Err(CounterError::OtherPeriod { counter: counter.clone() }),
        })
    }

    /// Returns what a counter has counted under a key at this time. For rolling days, `at` is the end of the window. Returns zero
    /// sums if nothing was counted.
    ///
    /// # Errors
    ///
    /// [`CounterError::DoesNotFit`] when a sum has more digits than an amount may have.
    pub fn read(&self, counter: &CounterId, key: &CounterKey, at: CountedAt) -> Result<Sums, CounterError> {
        let Some(table) = self.tables.get(counter) else { return Ok(Sums::default()) };
        let does_not_fit = || CounterError::DoesNotFit { counter: counter.clone(), key: key.parts() };
        table.read(key, at).ok_or_else(does_not_fit)
    }

    /// Returns how many different values a counter of distinct values has counted under a key at this time, such as customers, and
    /// whether `value` is one of them. Returns zero and `false` for any other counter.
    pub fn distinct(
        &self,
        counter: &CounterId,
        key: &CounterKey,
        at: CountedAt,
        value: Option<&str>,
    ) -> (u32, bool) {
        self.tables.get(counter).map_or((0, false), |table| table.distinct(key, at, value))
    }

    /// Returns the number of actions with a value that a counter of distinct values has counted under a key at this time.
    pub(crate) fn actions_with(
        &self,
        counter: &CounterId,
        key: &CounterKey,
        at: CountedAt,
        value: &str,
    ) -> i64 {
        self.tables.get(counter).map_or(0, |table| table.actions_with(key, at, value))
    }

    /// Returns whether a counter has ever counted anything. A counter that a changed program has added has not.
    pub fn knows(&self, counter: &CounterId) -> bool {
        self.tables.contains_key(counter)
    }

    /// Returns the number of keys of all counters together.
    pub fn len(&self) -> usize {
        self.tables.values().map(Table::len).sum()
    }

    /// Returns the number of movements that counters over rolling days keep, of all keys together. Movements of one moment under
    /// one key are one. Each takes some 88 bytes. Closing periods drops those that no open window reaches.
    ///
    /// A program holds actions that a counter over rolling days would count once this reaches
    /// [`Limits::rolling_movements`](crate::limits::Limits::rolling_movements).
    pub fn rolling_movements(&self) -> usize {
        self.moments
    }

    /// Returns the number of counts that counters of distinct values keep: one for each value, key and period. Each takes 20 to 40
    /// bytes, and each value 20 to 30 more and its text. Closing periods drops theirs.
    ///
    /// A program holds actions that a counter of distinct values would count once this reaches
    /// [`Limits::distinct_counts`](crate::limits::Limits::distinct_counts).
    pub fn distinct_counts(&self) -> usize {
        self.distinct_counts
    }

    /// Counts what is kept in all tables again.
    fn count_again(&mut self) {
        self.moments = self.tables.values().map(Table::moments).sum();
        self.distinct_counts = self.tables.values().map(Table::distinct_counts).sum();
    }

    /// Returns whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.tables.values().all(|table| table.entries().is_empty())
    }

    /// Returns everything that is counted, sorted by counter, key and time, without sums that are zero. A sum with more digits
    /// than an amount may have becomes two entries, a whole part and a fraction.
    pub fn entries(&self) -> Vec<CounterEntry> {
        let mut tables: Vec<(&CounterId, &Table)> = self.tables.iter().collect();
        tables.sort_by_key(|(id, _)| *id);
        let of_table = |(id, table): (&CounterId, &Table)| {
            let id = id.clone();
            let entry = move |Entry { key, at, distinct, kept }: Entry| {
                let counter = id.clone();
                let entry = move |sums| {
                    let (counter, key, distinct) = (counter.clone(), key.clone(), distinct.clone());
                    CounterEntry { counter, key, at, distinct, sums }
                };
                kept.parts().into_iter().map(entry)
            };
            table.entries().into_iter().flat_map(entry)
        };
        tables.into_iter().flat_map(of_table).collect()
    }

    /// Splits the counters by key: each entry goes to the part whose index `part` returns. An index of `parts` or more goes to
    /// the last part. [`Counters::merge`] puts the parts together again.
    pub fn split(&self, parts: usize, part: impl Fn(&CounterId, &CounterKey) -> usize) -> Vec<Self> {
        let open_longer = self.open_longer.clone();
        let empty = Self { closed_until: self.closed_until, open_longer, ..Self::new(self.program.clone()) };
        let mut split = vec![empty; parts.max(1)];
        let last = split.len() - 1;
        for (id, table) in &self.tables {
            for Entry { key, at, distinct, kept } in table.entries() {
                if let Some(into) = split.get_mut(part(id, &key).min(last)) {
                    // Cannot fail: the same sum was in the range of a table before.
                    let _ = into.change(id, |table| table.add(key.as_str(), at, kept, distinct.as_deref()));
                }
            }
        }
        split
    }

    /// Adds everything that other counters of the same program have counted. What either counted in a period that only the other has
    /// closed counts in the first open period.
    ///
    /// # Errors
    ///
    /// [`CounterError::ForeignCounters`] when `other` belongs to another program, [`CounterError::DoesNotFit`] when a sum does
    /// not fit. These counters are unchanged then.
    pub fn merge(&mut self, other: &Self) -> Result<(), CounterError> {
        other.check_program(&self.program)?;
        // The counters whose periods are closed later are taken as they are.
        let (mut merged, rest) = if self.closed_until >= other.closed_until {
            (self.clone(), other)
        } else {
            (other.clone(), &*self)
        };
        for id in self.open_longer.keys().chain(other.open_longer.keys()) {
            if let Some(closed) = self.closed(id).max(other.closed(id)) {
                merged.open_longer.insert(id.clone(), closed);
            }
        }
        for (id, table) in &rest.tables {
            for Entry { key, at, distinct, kept } in table.entries() {
                let at = if rest.is_closed(id, at) { at } else { merged.counted_at(id, at)? };
                merged
                    .change(id, |table| table.add(key.as_str(), at, kept, distinct.as_deref()))
                    .ok_or_else(|| CounterError::DoesNotFit { counter: id.clone(), key: key.parts() })?;
            }
        }
        *self = merged;
        Ok(())
    }
}

impl PartialEq for Counters {
    fn eq(&self, other: &Self) -> bool {
        let counted = |counters: &Self| {
            let mut all: Vec<_> = counters
                .tables
                .iter()
                .flat_map(|(id, table)| table.entries().into_iter().map(|entry| (id.clone(), entry)))
                .collect();
            all.sort_by(|(a, one), (b, other)| (a, one.place()).cmp(&(b, other.place())));
            all
        };
        self.program == other.program
            && self.closed_until == other.closed_until
            && self.open_longer == other.open_longer
            && counted(self) == counted(other)
    }
}
