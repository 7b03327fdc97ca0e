//! The moment of an action, and the periods in which it counts.

use chrono::NaiveDate;

use super::posting::CountedAt;
use crate::period::Period;
use crate::time::{Timestamp, Zone};

/// The moment of an action in the program's time zone. Tells in which periods the action counts.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    at: Timestamp,
    zone: Zone,
    closed_until: Option<NaiveDate>,
    date: std::cell::OnceCell<NaiveDate>,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, zone: Zone, closed_until: Option<NaiveDate>) -> Self {
        Self { at, zone, closed_until, date: std::cell::OnceCell::new() }
    }

    fn date(&self) -> NaiveDate {
        *self.date.get_or_init(|| self.zone.date(self.at))
    }

    /// Returns when this moment counts in a period: in its own period, or in the first open period if its own is closed.
    pub(crate) fn counted_at(&self, period: Period) -> CountedAt {
        match period {
            Period::RollingDays(_) => CountedAt::Moment(self.at),
            Period::Contract | Period::Lifetime => CountedAt::Always,
            _ => {
                let date = self.closed_until.map_or(self.date(), |closed| closed.max(self.date()));
                CountedAt::Period(period.start_date(date).unwrap_or(date))
            }
        }
    }

    /// Returns the calendar period before the one in which this moment counts; `None` for other periods.
    pub(crate) fn previous(&self, period: Period) -> Option<CountedAt> {
        match self.counted_at(period) {
            CountedAt::Period(from) => period.previous(from).map(CountedAt::Period),
            CountedAt::Moment(_) | CountedAt::Always => None,
        }
    }

    /// Returns whether this moment is on this date or later.
    pub(crate) fn is_since(&self, date: NaiveDate) -> bool {
        self.date() >= date
    }

    /// Returns whether the period of this moment is closed.
    pub(crate) fn is_closed(&self, period: Period) -> bool {
        let Some(closed) = self.closed_until else { return false };
        period.start_date(self.date()).zip(period.start_date(closed)).is_some_and(|(own, open)| own < open)
    }
}
