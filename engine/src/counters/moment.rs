//! The moment of an action, and the periods in which it counts.

use chrono::NaiveDate;

use super::counters::Counters;
use super::id::CounterId;
use super::posting::CountedAt;
use crate::period::Period;
use crate::time::{Timestamp, Zone};

/// The moment of an action in the program's time zone. Tells in which periods the action counts.
#[derive(Clone, Debug)]
pub(crate) struct Moment<'c> {
    at: Timestamp,
    zone: Zone,
    counters: &'c Counters,
    date: std::cell::OnceCell<NaiveDate>,
}

impl<'c> Moment<'c> {
    pub(crate) fn new(at: Timestamp, zone: Zone, counters: &'c Counters) -> Self {
        Self { at, zone, counters, date: std::cell::OnceCell::new() }
    }

    fn date(&self) -> NaiveDate {
        *self.date.get_or_init(|| self.zone.date(self.at))
    }

    /// Returns when this moment counts in a counter: in its own period, or in the first open period if its own is closed.
    pub(crate) fn counted_at(&self, counter: &CounterId) -> CountedAt {
        let period = counter.period();
        match period {
            Period::RollingDays(_) => CountedAt::Moment(self.at),
            Period::Contract | Period::Lifetime => CountedAt::Always,
            _ => {
                let date =
                    self.counters.closed(counter).map_or(self.date(), |closed| closed.max(self.date()));
                CountedAt::Period(period.start_date(date).unwrap_or(date))
            }
        }
    }

    /// Returns the calendar period before the one in which this moment counts; `None` for other periods.
    pub(crate) fn previous(&self, counter: &CounterId) -> Option<CountedAt> {
        match self.counted_at(counter) {
            CountedAt::Period(from) => counter.period().previous(from).map(CountedAt::Period),
            CountedAt::Moment(_) | CountedAt::Always => None,
        }
    }

    /// Returns whether this moment is on this date or later.
    pub(crate) fn is_since(&self, date: NaiveDate) -> bool {
        self.date() >= date
    }

    /// Returns whether the period of this moment is closed for a counter.
    pub(crate) fn is_closed(&self, counter: &CounterId) -> bool {
        let Some(closed) = self.counters.closed(counter) else { return false };
        let period = counter.period();
        period.start_date(self.date()).zip(period.start_date(closed)).is_some_and(|(own, open)| own < open)
    }
}
