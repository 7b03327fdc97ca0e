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

impl Period {
    /// Reads `day`, `week`, `month`, `quarter`, `year`, `30 days`, `contract` or `lifetime`. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            "contract" => Self::Contract,
            "lifetime" => Self::Lifetime,
            _ => {
                let days = text.strip_suffix(" days").or_else(|| text.strip_suffix(" day"))?;
                let days: u16 = days.parse().ok()?;
                (1..=MAX_ROLLING_DAYS).contains(&days).then_some(Self::RollingDays(days))?
            }
        })
    }

    /// Returns the first date of the calendar period that contains `date`; `None` for periods that do not begin on a date.
    pub fn start_date(self, date: NaiveDate) -> Option<NaiveDate> {
        let month = |month: u32| NaiveDate::from_ymd_opt(date.year(), month, 1);
        match self {
            Self::Day => Some(date),
            Self::Week => date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday()))),
            Self::Month => month(date.month()),
            Self::Quarter => month((date.month0() / 3) * 3 + 1),
            Self::Year => month(1),
            Self::RollingDays(_) | Self::Contract | Self::Lifetime => None,
        }
    }

    /// Returns the first moment after the calendar period that contains `at`; `None` for other periods.
    pub fn end(self, at: Timestamp, zone: Zone) -> Option<Timestamp> {
        let start = self.start_date(zone.date(at))?;
        let next = match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Quarter => start.checked_add_months(Months::new(3)),
            Self::Year => start.checked_add_months(Months::new(12)),
            Self::RollingDays(_) | Self::Contract | Self::Lifetime => None,
        }?;
        Some(zone.start_of(next))
    }

    /// Returns the length of a rolling period in seconds; `None` for other periods.
    pub fn rolling_seconds(self) -> Option<i64> {
        match self {
            Self::RollingDays(days) => Some(i64::from(days) * DAY_SECONDS),
            _ => None,
        }
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::RollingDays(days) => return write!(f, "{days} days"),
            Self::Contract => "contract",
            Self::Lifetime => "lifetime",
        })
    }
}
