//! Dates that are counted from a day or from the end of its month, and moved to a business day: when an award locks and when it is
//! paid. This module must not know contracts or awards.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Datelike as _, Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::{end_of_month, plus_months};

/// The most days in a row that may be no business days. Every search for a business day ends within them.
pub const MOST_CLOSED_DAYS: usize = 31;

/// The day from which a date is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountFrom {
    /// The day itself.
    Action,
    /// The last day of its month.
    MonthEnd,
}

/// How days after a day are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// The days are added to the date: 20 days after 28 February are 20 March.
    Dates,
    /// Full days pass once the day is over: after 31 January the 27 days from 1 to 27 February pass, so the date is 28 February.
    FullDays,
}

/// What happens to a date that is no business day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BusinessDays {
    /// The date stays.
    #[default]
    None,
    /// The next business day.
    Next,
    /// The business day before.
    Previous,
}

/// Dates that are no business days although they are from Monday to Friday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays(Arc<BTreeSet<NaiveDate>>);

impl Holidays {
    /// Returns the holidays. Returns the first day of a time without business days if one is longer than [`MOST_CLOSED_DAYS`].
    pub fn new(dates: impl IntoIterator<Item = NaiveDate>) -> Result<Self, NaiveDate> {
        let holidays = Self(Arc::new(dates.into_iter().collect()));
        let mut beginnings = holidays.0.iter().filter_map(|date| holidays.beginning(*date));
        match beginnings.find(|date| holidays.next(*date).is_none()) {
            Some(date) => Err(date),
            None => Ok(holidays),
        }
    }

    /// Returns the first day of the time without business days in which a holiday is. Returns `None` if another holiday is earlier in
    /// it.
    fn beginning(&self, holiday: NaiveDate) -> Option<NaiveDate> {
        let mut first = holiday;
        loop {
            let before = first.pred_opt()?;
            match (self.is_business_day(before), self.0.contains(&before)) {
                (true, _) => return Some(first),
                (false, true) => return None,
                (false, false) => first = before,
            }
        }
    }

    /// Returns the last holiday; `None` without holidays.
    pub fn last(&self) -> Option<NaiveDate> {
        self.0.last().copied()
    }

    fn is_business_day(&self, date: NaiveDate) -> bool {
        date.weekday().number_from_monday() <= 5 && !self.0.contains(&date)
    }

    /// Returns the first business day that is not before a date.
    fn next(&self, date: NaiveDate) -> Option<NaiveDate> {
        date.iter_days().take(MOST_CLOSED_DAYS + 1).find(|date| self.is_business_day(*date))
    }

    /// Returns the last business day that is not after a date, and not before `earliest`.
    fn previous(&self, date: NaiveDate, earliest: NaiveDate) -> Option<NaiveDate> {
        let days = std::iter::successors(Some(date), |date| date.pred_opt());
        days.take_while(|date| *date >= earliest)
            .take(MOST_CLOSED_DAYS + 1)
            .find(|date| self.is_business_day(*date))
    }
}

/// A date that follows from another: some months and days after a day or after the end of its month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateRule {
    /// The day from which the date is counted.
    pub from: CountFrom,
    /// Months after the end of the month: its last day moves to the last day of a later month.
    pub months: u32,
    /// Days after that day.
    pub days: u32,
    /// How the days are counted.
    pub counting: Counting,
    /// What happens if the date is no business day.
    pub business_days: BusinessDays,
    /// The days that are no business days although they are from Monday to Friday.
    pub holidays: Holidays,
}

impl DateRule {
    /// Returns the date that follows from a day. A date that moves to the business day before it does not move before `earliest`: it
    /// moves to the next business day instead. Returns `None` outside the calendar.
    pub(crate) fn date(&self, day: NaiveDate, earliest: NaiveDate) -> Option<NaiveDate> {
        let start = match self.from {
            CountFrom::Action => day,
            CountFrom::MonthEnd => end_of_month(plus_months(end_of_month(day), self.months.into())?),
        };
        let full = u64::from(self.counting == Counting::FullDays);
        let date = start.checked_add_days(Days::new(u64::from(self.days).saturating_add(full)))?;
        match self.business_days {
            BusinessDays::None => Some(date),
            BusinessDays::Next => self.holidays.next(date),
            BusinessDays::Previous => {
                self.holidays.previous(date, earliest).or_else(|| self.holidays.next(date))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(from: CountFrom, months: u32, days: u32, counting: Counting) -> DateRule {
        let (business_days, holidays) = (BusinessDays::None, Holidays::default());
        DateRule { from, months, days, counting, business_days, holidays }
    }

    fn dated(rule: &DateRule, from: &str) -> String {
        rule.date(day(from), day(from).succ_opt().unwrap()).unwrap().to_string()
    }

    #[test]
    fn days_after_the_end_of_a_month() {
        use CountFrom::MonthEnd;
        let lock = rule(MonthEnd, 0, 27, Counting::FullDays);
        assert_eq!(dated(&lock, "2026-01-01"), "2026-02-28");
        assert_eq!(dated(&lock, "2026-01-31"), "2026-02-28");
        assert_eq!(dated(&lock, "2024-02-10"), "2024-03-28");
        let pay = rule(MonthEnd, 0, 20, Counting::Dates);
        assert_eq!(dated(&pay, "2026-02-28"), "2026-03-20");
        assert_eq!(dated(&rule(MonthEnd, 1, 0, Counting::Dates), "2026-01-15"), "2026-02-28");
        assert_eq!(dated(&rule(MonthEnd, 1, 0, Counting::FullDays), "2026-01-15"), "2026-03-01");
        assert_eq!(dated(&rule(MonthEnd, 1, 0, Counting::Dates), "2026-02-15"), "2026-03-31");
        assert_eq!(dated(&rule(MonthEnd, 11, 15, Counting::Dates), "2025-12-01"), "2026-12-15");
    }

    #[test]
    fn days_after_an_action() {
        let sixty = rule(CountFrom::Action, 0, 60, Counting::Dates);
        assert_eq!(dated(&sixty, "2026-04-01"), "2026-05-31");
        assert_eq!(dated(&rule(CountFrom::Action, 0, 60, Counting::FullDays), "2026-04-01"), "2026-06-01");
    }

    #[test]
    fn dates_move_to_business_days() {
        let christmas = ["2026-12-24", "2026-12-25", "2026-12-28"].map(day);
        let holidays = Holidays::new(christmas).unwrap();
        let moved = |business_days, days| {
            let rule = rule(CountFrom::Action, 0, days, Counting::Dates);
            dated(&DateRule { business_days, holidays: holidays.clone(), ..rule }, "2026-12-20")
        };
        // A Thursday, then the weekend, then a Monday: all closed.
        assert_eq!(moved(BusinessDays::Next, 4), "2026-12-29");
        assert_eq!(moved(BusinessDays::Previous, 8), "2026-12-23");
        assert_eq!(moved(BusinessDays::None, 4), "2026-12-24");
        assert_eq!(moved(BusinessDays::Next, 3), "2026-12-23");
        // From Sunday, 20 December, the business day before Monday is not after the action.
        let early = DateRule {
            business_days: BusinessDays::Previous,
            holidays: Holidays::new([day("2026-12-21")]).unwrap(),
            ..rule(CountFrom::Action, 0, 1, Counting::Dates)
        };
        assert_eq!(dated(&early, "2026-12-20"), "2026-12-22");
    }

    #[test]
    fn a_month_without_business_days_is_refused() {
        let from = day("2026-03-02");
        let closed = |days: usize| Holidays::new(from.iter_days().take(days));
        // From Monday, 2 March; the weekend before it is closed too.
        assert_eq!(closed(24).map(drop), Ok(()));
        assert_eq!(closed(40).map(drop), Err(day("2026-02-28")));
        assert_eq!(Holidays::new([]).map(|none| none.last()), Ok(None));
    }
}
