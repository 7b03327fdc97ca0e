//! Lengths of time in contracts: windows, holds, lookbacks.

use serde::{Deserialize, Serialize};

/// A length of time in whole seconds. A day is 24 hours here; [`Zone`](super::Zone) knows calendar days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Duration {
    /// The number of seconds; may be negative.
    pub seconds: i64,
}

impl Duration {
    /// Returns `count` times `unit_seconds`; `None` on overflow.
    pub fn of(count: i64, unit_seconds: i64) -> Option<Self> {
        count.checked_mul(unit_seconds).map(|seconds| Self { seconds })
    }

    /// Reads `30 days`, `12 hours`, `15 minutes`, `2 weeks`, or the singular. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once(' ')?;
        let unit = match unit.trim() {
            "minute" | "minutes" => MINUTE_SECONDS,
            "hour" | "hours" => HOUR_SECONDS,
            "day" | "days" => DAY_SECONDS,
            "week" | "weeks" => 7 * DAY_SECONDS,
            _ => return None,
        };
        let count: i64 = count.parse().ok()?;
        // At most a century, so that the sum with a valid timestamp stays inside the calendar.
        (0..=100 * 366 * DAY_SECONDS / unit).contains(&count).then(|| Self::of(count, unit)).flatten()
    }
}

impl Duration {
    /// Returns the length as people say it: the largest unit and the next, without what is left.
    pub(crate) fn in_words(self) -> String {
        let seconds = self.seconds.unsigned_abs();
        let units = [
            (seconds / DAY_SECONDS.unsigned_abs(), "day"),
            (seconds % DAY_SECONDS.unsigned_abs() / HOUR_SECONDS.unsigned_abs(), "hour"),
            (seconds % HOUR_SECONDS.unsigned_abs() / MINUTE_SECONDS.unsigned_abs(), "minute"),
            (seconds % MINUTE_SECONDS.unsigned_abs(), "second"),
        ];
        let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(units.len() - 1);
        let shown =
            units.iter().enumerate().filter(|(n, (count, _))| *n == first || (*n == first + 1 && *count > 0));
        let words =
            shown.map(|(_, (count, unit))| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" }));
        words.collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = |n: i64, unit: &str| format!("{n} {unit}{}", if n.abs() == 1 { "" } else { "s" });
        let text = match self.seconds {
            s if s % DAY_SECONDS == 0 => plural(s / DAY_SECONDS, "day"),
            s if s % HOUR_SECONDS == 0 => plural(s / HOUR_SECONDS, "hour"),
            s if s % MINUTE_SECONDS == 0 => plural(s / MINUTE_SECONDS, "minute"),
            s => plural(s, "second"),
        };
        f.write_str(&text)
    }
}

/// Seconds in a minute.
pub(crate) const MINUTE_SECONDS: i64 = 60;
/// Seconds in an hour.
pub(crate) const HOUR_SECONDS: i64 = 60 * MINUTE_SECONDS;
/// Seconds in 24 hours.
pub(crate) const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
