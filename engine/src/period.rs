//! Periods in which totals are counted and limits hold: calendar periods in the program's time zone, rolling
//! days, the life of a contract, or all time.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::time::{DAY_SECONDS, Timestamp, Zone};

/// The period of a limit or a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A calendar day.
    Day,
    /// A week that begins on Monday.
    Week,
    /// A week that begins on Sunday.
    SundayWeek,
    /// Fourteen days. One of these periods begins on this date, and the others follow it and go before it without a gap.
    TwoWeeks(NaiveDate),
    /// Half a calendar month: the 1st to the 15th, or the 16th to the last day.
    HalfMonth,
    /// A calendar month.
    Month,
    /// Three calendar months; the first quarter begins in January.
    Quarter,
    /// A calendar year.
    Year,
    /// The days up to and including a moment: `(at − days, at]`, in days of 24 hours.
    RollingDays(u16),
    /// The time since the first version of the contract began.
    Contract,
    /// All time.
    Lifetime,
}

/// The longest rolling period: two leap years, more than any published lookback.
pub const MAX_ROLLING_DAYS: u16 = 732;

/// The words of the periods that have no number and no date.
const WORDS: [(&str, Period); 9] = [
    ("day", Period::Day),
    ("week", Period::Week),
    ("week from sunday", Period::SundayWeek),
    ("half month", Period::HalfMonth),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
    ("contract", Period::Contract),
    ("lifetime", Period::Lifetime),
];

/// How two weeks are written, before the date.
const TWO_WEEKS: &str = "two weeks from ";

/// The days of two weeks.
const FORTNIGHT: i64 = 14;

impl Period {
    /// Returns the words of the periods that have no number and no date.
    pub fn words() -> impl Iterator<Item = &'static str> + Clone {
        WORDS.iter().map(|(word, _)| *word)
    }

    /// Reads a word of [`Period::words`], `30 days` or `two weeks from 2026-01-05`. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((_, period)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Some(*period);
        }
        if let Some(date) = text.strip_prefix(TWO_WEEKS) {
            return plain_date(date).map(Self::TwoWeeks);
        }
        let days = text.strip_suffix(" days").or_else(|| text.strip_suffix(" day"))?;
        let days: u16 = days.parse().ok()?;
        (1..=MAX_ROLLING_DAYS).contains(&days).then_some(Self::RollingDays(days))
    }

    /// Returns the period in one word, for the identity of a counter: `two-weeks-from-2026-01-05`.
    pub fn slug(self) -> String {
        self.to_string().replace(' ', "-")
    }

    /// Reads a period as [`Period::slug`] writes it. Returns `None` for any other text.
    pub fn from_slug(slug: &str) -> Option<Self> {
        let words = TWO_WEEKS.replace(' ', "-");
        let period = match slug.strip_prefix(&words) {
            Some(date) => Self::parse(&format!("{TWO_WEEKS}{date}")),
            None => Self::parse(&slug.replace('-', " ")),
        };
        period.filter(|period| period.slug() == slug)
    }

    /// Returns whether the period is one of the calendar, which begins on a date and ends on a date.
    pub fn is_calendar(self) -> bool {
        !matches!(self, Self::RollingDays(_) | Self::Contract | Self::Lifetime)
    }

    /// Returns the first date of the calendar period that contains `date`; `None` for periods that do not begin on a date.
    pub fn start_date(self, date: NaiveDate) -> Option<NaiveDate> {
        let day = |month: u32, day: u32| NaiveDate::from_ymd_opt(date.year(), month, day);
        let back = |days: u32| date.checked_sub_days(Days::new(u64::from(days)));
        match self {
            Self::Day => Some(date),
            Self::Week => back(date.weekday().num_days_from_monday()),
            Self::SundayWeek => back(date.weekday().num_days_from_sunday()),
            Self::TwoWeeks(from) => {
                let into = date.signed_duration_since(from).num_days().rem_euclid(FORTNIGHT);
                back(u32::try_from(into).ok()?)
            }
            Self::HalfMonth => day(date.month(), if date.day() < SECOND_HALF { 1 } else { SECOND_HALF }),
            Self::Month => day(date.month(), 1),
            Self::Quarter => day((date.month0() / 3) * 3 + 1, 1),
            Self::Year => day(1, 1),
            Self::RollingDays(_) | Self::Contract | Self::Lifetime => None,
        }
    }

    /// Returns the first date of the calendar period after the one that contains `date`; `None` for periods that do not begin on a
    /// date, and at the end of the calendar.
    pub fn next(self, date: NaiveDate) -> Option<NaiveDate> {
        let start = self.start_date(date)?;
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week | Self::SundayWeek => start.checked_add_days(Days::new(7)),
            Self::TwoWeeks(_) => start.checked_add_days(Days::new(14)),
            Self::HalfMonth if start.day() == 1 => start.with_day(SECOND_HALF),
            Self::HalfMonth => start.with_day(1)?.checked_add_months(Months::new(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Quarter => start.checked_add_months(Months::new(3)),
            Self::Year => start.checked_add_months(Months::new(12)),
            Self::RollingDays(_) | Self::Contract | Self::Lifetime => None,
        }
    }

    /// Returns the first date of the calendar period before the one that contains `date`; `None` for periods that do not begin on
    /// a date, and at the beginning of the calendar.
    pub fn previous(self, date: NaiveDate) -> Option<NaiveDate> {
        self.start_date(date)?.pred_opt().and_then(|last| self.start_date(last))
    }

    /// Returns the first moment after the calendar period that contains `at`; `None` for other periods.
    pub fn end(self, at: Timestamp, zone: Zone) -> Option<Timestamp> {
        self.next(zone.date(at)).map(|next| zone.start_of(next))
    }

    /// Returns the name of the calendar period that begins on this date, as rules write it: `2026` for a year, `2026-Q1` for a
    /// quarter, `2026-03` for a month, and the first date for all others.
    pub fn name_of(self, start: NaiveDate) -> String {
        match self {
            Self::Year => start.year().to_string(),
            Self::Quarter => format!("{}-Q{}", start.year(), start.month0() / 3 + 1),
            Self::Month => format!("{}-{:02}", start.year(), start.month()),
            _ => start.to_string(),
        }
    }

    /// Reads the name of a calendar period as [`Period::name_of`] writes it, and returns its first date. Returns `None` for any
    /// other text, and for a date on which no such period begins.
    pub fn named(self, name: &str) -> Option<NaiveDate> {
        let first = match self {
            Self::Year => plain_date(&format!("{name}-01-01")),
            Self::Quarter => {
                let (year, quarter) = name.split_once("-Q")?;
                let quarter: u32 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
                plain_date(&format!("{year}-{:02}-01", quarter * 3 - 2))
            }
            Self::Month => plain_date(&format!("{name}-01")),
            _ => plain_date(name),
        }?;
        (self.start_date(first) == Some(first) && self.name_of(first) == name).then_some(first)
    }

    /// Returns the length of a rolling period in seconds; `None` for other periods.
    pub fn rolling_seconds(self) -> Option<i64> {
        match self {
            Self::RollingDays(days) => Some(i64::from(days) * DAY_SECONDS),
            _ => None,
        }
    }
}

/// The day on which the second half of a month begins.
const SECOND_HALF: u32 = 16;

/// Reads a date as `2026-01-05`, with four digits of the year. Returns `None` for any other text.
fn plain_date(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.parse().ok()?;
    (date.to_string() == text && (0..=9_999).contains(&date.year())).then_some(date)
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RollingDays(days) => write!(f, "{days} days"),
            Self::TwoWeeks(from) => write!(f, "{TWO_WEEKS}{from}"),
            period => match WORDS.iter().find(|(_, of)| of == period) {
                Some((word, _)) => f.write_str(word),
                None => Ok(()),
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn all() -> impl Iterator<Item = Period> {
        let texts =
            Period::words().chain(["30 days", "two weeks from 2026-01-05", "two weeks from 1999-12-29"]);
        texts.map(|text| Period::parse(text).unwrap())
    }

    #[test]
    fn a_period_is_read_as_it_is_written() {
        for period in all() {
            assert_eq!(Period::parse(&period.to_string()), Some(period));
            assert_eq!(Period::from_slug(&period.slug()), Some(period));
        }
        assert_eq!(Period::parse("two weeks from 2026-01-05").unwrap().slug(), "two-weeks-from-2026-01-05");
        for wrong in [
            "",
            "weeks",
            "two weeks",
            "two weeks from 2026-1-5",
            "two weeks from 2026-02-30",
            "0 days",
            "733 days",
        ] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
        for wrong in ["week from-sunday", "two-weeks-from-2026 01 05", "30 days", "1-day"] {
            assert_eq!(Period::from_slug(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn calendar_periods_follow_each_other_without_a_gap() {
        for period in all().filter(|period| period.is_calendar()) {
            let mut day = date("2023-12-20");
            while day < date("2025-03-05") {
                let (start, next) = (period.start_date(day).unwrap(), period.next(day).unwrap());
                assert!(start <= day && day < next, "{period}: {day} is not in {start} to {next}");
                assert_eq!(period.start_date(start), Some(start), "{period}");
                assert_eq!(period.start_date(next), Some(next), "{period}");
                assert_eq!(period.previous(next), Some(start), "{period} before {next}");
                assert_eq!(period.next(period.previous(day).unwrap()), Some(start), "{period}");
                assert_eq!(period.named(&period.name_of(start)), Some(start), "{period}");
                day = day.succ_opt().unwrap();
            }
        }
        assert_eq!(Period::Lifetime.next(date("2026-01-01")), None);
        assert_eq!(Period::RollingDays(30).previous(date("2026-01-01")), None);
    }

    #[test]
    fn periods_begin_where_contracts_say() {
        let fortnight = Period::TwoWeeks(date("2026-01-05"));
        for (period, day, start) in [
            (Period::SundayWeek, "2026-01-03", "2025-12-28"),
            (Period::SundayWeek, "2026-01-04", "2026-01-04"),
            (Period::Week, "2026-01-04", "2025-12-29"),
            (fortnight, "2026-01-18", "2026-01-05"),
            (fortnight, "2026-01-19", "2026-01-19"),
            (fortnight, "2026-01-04", "2025-12-22"),
            (Period::HalfMonth, "2026-02-15", "2026-02-01"),
            (Period::HalfMonth, "2026-02-28", "2026-02-16"),
        ] {
            assert_eq!(period.start_date(date(day)), Some(date(start)), "{period} of {day}");
        }
        assert_eq!(Period::HalfMonth.next(date("2024-12-31")), Some(date("2025-01-01")));
    }

    #[test]
    fn a_named_period_is_written_in_one_way() {
        let fortnight = Period::TwoWeeks(date("2026-01-05"));
        for (period, name, start) in [
            (Period::Year, "2026", "2026-01-01"),
            (Period::Quarter, "2026-Q4", "2026-10-01"),
            (Period::Month, "2026-03", "2026-03-01"),
            (Period::HalfMonth, "2026-03-16", "2026-03-16"),
            (Period::Week, "2026-01-05", "2026-01-05"),
            (fortnight, "2026-02-02", "2026-02-02"),
        ] {
            assert_eq!(period.named(name), Some(date(start)), "{period} {name}");
        }
        for (period, name) in [
            (Period::Year, "26"),
            (Period::Quarter, "2026-Q5"),
            (Period::Quarter, "2026-q1"),
            (Period::Month, "2026-3"),
            (Period::Week, "2026-01-06"),
            (fortnight, "2026-01-12"),
            (Period::Lifetime, "2026"),
        ] {
            assert_eq!(period.named(name), None, "{period} {name}");
        }
    }
}
