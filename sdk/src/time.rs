//! Moments, dates and lengths of time. There is no clock: "now" is the moment of the action.

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A moment, which also knows the local time of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Nanoseconds of that second.
    pub nanoseconds: u32,
    /// Seconds that local time is ahead of UTC at that moment.
    pub offset: i32,
}

impl Moment {
    /// Returns the time from `other` to this moment, in whole seconds rounded down.
    pub fn since(self, other: Self) -> Duration {
        let whole = self.seconds.saturating_sub(other.seconds);
        let borrow = i64::from(self.nanoseconds < other.nanoseconds);
        Duration { seconds: whole.saturating_sub(borrow) }
    }

    /// Returns the local date.
    pub fn date(self) -> Date {
        Date::of_day(self.local().div_euclid(DAY))
    }

    /// Returns the local hour, 0 to 23.
    pub fn hour(self) -> u8 {
        u8::try_from(self.local().rem_euclid(DAY) / 3600).unwrap_or_default()
    }

    fn local(self) -> i64 {
        self.seconds.saturating_add(i64::from(self.offset))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.seconds, self.nanoseconds, self.offset).cmp(&(other.seconds, other.nanoseconds, other.offset))
    }
}

/// A calendar date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
}

impl Date {
    /// Returns the date that is `days` days after 1970-01-01, in the proleptic Gregorian calendar. The computation lets the year
    /// begin in March, so that a leap day is the last day of the year.
    fn of_day(days: i64) -> Self {
        const DAYS_OF_400_YEARS: i64 = 146_097;
        let since = days.saturating_add(719_468);
        let era = since.div_euclid(DAYS_OF_400_YEARS);
        let day_of_era = since.rem_euclid(DAYS_OF_400_YEARS);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: i32::try_from(year).unwrap_or(i32::MAX),
            month: u8::try_from(month).unwrap_or_default(),
            day: u8::try_from(day).unwrap_or_default(),
        }
    }
}

/// A length of time in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration {
    /// The number of seconds; may be negative.
    pub seconds: i64,
}

impl Duration {
    /// Returns this many times 24 hours.
    pub fn days(days: u32) -> Self {
        Self { seconds: i64::from(days) * DAY }
    }

    /// Returns this many hours.
    pub fn hours(hours: u32) -> Self {
        Self { seconds: i64::from(hours) * 3600 }
    }

    /// Returns this many minutes.
    pub fn minutes(minutes: u32) -> Self {
        Self { seconds: i64::from(minutes) * 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_date() {
        let cases = [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_454, (2026, 1, 1)),
            (-25_508, (1900, 3, 1)),
        ];
        for (days, (year, month, day)) in cases {
            assert_eq!(Date::of_day(days), Date { year, month, day }, "{days}");
        }
    }

    #[test]
    fn hours_and_dates_are_local() {
        let late = Moment { seconds: 23 * 3600, nanoseconds: 0, offset: 7200 };
        assert_eq!((late.hour(), late.date().day), (1, 2));
    }

    #[test]
    fn time_passed_is_rounded_down() {
        let at = |seconds, nanoseconds| Moment { seconds, nanoseconds, offset: 0 };
        assert_eq!(at(10, 0).since(at(8, 1)).seconds, 1);
        assert_eq!(at(8, 1).since(at(10, 0)).seconds, -2);
    }
}
