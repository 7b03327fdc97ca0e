//! Moments, calendar dates and time zones. This module must not read a clock: "now" is always an input.

pub(crate) mod duration;

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _,
    Timelike, Utc,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use duration::{DAY_SECONDS, Duration, HOUR_SECONDS, MINUTE_SECONDS};

/// The years in which moments and dates are accepted. A date outside these years is an error of its writer.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// Returns the days from 1970-01-01 to a date.
pub(crate) fn days_since_epoch(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - NaiveDate::default().num_days_from_ce()
}

/// Returns the date a number of days after 1970-01-01; `None` outside the calendar.
pub(crate) fn date_at(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(NaiveDate::default().num_days_from_ce())?)
}

/// Returns the same day a number of months later, or the last day of that month if it has no such day. Returns `None` outside
/// the calendar.
pub(crate) fn plus_months(date: NaiveDate, months: i64) -> Option<NaiveDate> {
    let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { date.checked_sub_months(by) } else { date.checked_add_months(by) }
}

/// Returns the whole months from one date to another: the most that [`plus_months`] can add to `from` without passing `to`.
/// Negative if `to` is earlier.
pub(crate) fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let between = months(to) - months(from);
    if plus_months(from, between).is_some_and(|date| date <= to) { between } else { between - 1 }
}

/// Returns the last day of the month.
pub(crate) fn end_of_month(date: NaiveDate) -> NaiveDate {
    let last = (28..=31).rev().find_map(|day| date.with_day(day));
    last.unwrap_or(date)
}

/// A moment. Written as RFC 3339 in UTC; the offset it was read with is not kept, because all calendar questions use the
/// program's own time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub DateTime<Utc>);

impl Timestamp {
    /// Reads RFC 3339, such as `2026-03-01T10:00:00Z`. Returns `None` for anything else, a date that the
    /// calendar does not have, or a year outside 1900 to 2999.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        Self(moment).in_years()
    }

    /// Returns this moment; `None` if it is outside the years 1900 to 2999, in which a moment can be read again.
    pub fn in_years(self) -> Option<Self> {
        YEARS.contains(&self.0.year()).then_some(self)
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// Returns this moment as text. Returns `None` unless it is a whole second in a year of four digits; nearly all moments are,
    /// and each decision has several.
    fn whole_second(self) -> Option<[u8; 20]> {
        let year = u32::try_from(self.0.year()).ok().filter(|year| *year <= 9999)?;
        if self.0.nanosecond() != 0 {
            return None;
        }
        let mut text = *b"0000-00-00T00:00:00Z";
        let two = [
            (0, year / 100),
            (2, year % 100),
            (5, self.0.month()),
            (8, self.0.day()),
            (11, self.0.hour()),
            (14, self.0.minute()),
            (17, self.0.second()),
        ];
        for (at, number) in two {
            *text.get_mut(at)? += u8::try_from(number / 10).ok()?;
            *text.get_mut(at + 1)? += u8::try_from(number % 10).ok()?;
        }
        Some(text)
    }

    /// Returns this moment moved by a duration; `None` if the result is outside the calendar.
    pub(crate) fn plus(self, by: Duration) -> Option<Self> {
        self.0.checked_add_signed(chrono::TimeDelta::try_seconds(by.seconds)?).map(Self)
    }

    /// Returns the time from `other` to this moment, in whole seconds rounded down.
    pub(crate) fn since(self, other: Self) -> Duration {
        Duration { seconds: (self.0 - other.0).num_milliseconds().div_euclid(1000) }
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole_second() {
            Some(text) => serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default()),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(moment_problem(&text)))
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A moment in RFC 3339 with an offset, such as \"2026-03-01T10:00:00Z\".",
            "type": "string",
            "format": "date-time"
        })
    }
}

/// Reads a calendar date written as `2026-01-31`. Returns `None` for any other text, for a date that the calendar does not have,
/// and for a year outside 1900 to 2999.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (is_date_shaped(text) && text.len() == 10 && YEARS.contains(&date.year())).then_some(date)
}

/// Returns the date that a text in another order or with other marks stands for: `01.03.2026` is `2026-03-01`. Returns `None` for any
/// other text, and if two readings are possible: `03/04/2026`.
pub(crate) fn date_meant(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let mark = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
    let parts: Vec<&str> = text.split(mark).collect();
    let [a, b, c] = *parts.as_slice() else { return None };
    let date = |year: &str, month: &str, day: &str| parse_date(&format!("{year}-{month:0>2}-{day:0>2}"));
    if a.len() == 4 {
        return date(a, b, c);
    }
    match (date(c, b, a), date(c, a, b)) {
        (Some(date), _) if mark == '.' => Some(date),
        (Some(date), None) | (None, Some(date)) => Some(date),
        (Some(date), Some(other)) if date == other => Some(date),
        _ => None,
    }
}

/// Returns whether the first ten bytes of a text have the form of a date, valid or not.
pub(crate) fn is_date_shaped(text: &str) -> bool {
    text.len() >= 10
        && text
            .bytes()
            .take(10)
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() })
}

/// Returns a sentence that says why a text is not a moment.
pub(crate) fn moment_problem(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    let date = text.get(..10).filter(|date| is_date_shaped(date));
    if let Some(date) = date {
        if parse_date(date).is_none() {
            let in_calendar = NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
            let why = if in_calendar { " between the years 1900 and 2999" } else { "" };
            return format!("the calendar has no `{date}`{why}");
        }
        if text.len() == 10 {
            return format!("`{shown}` is a date without a time; write a moment such as `{date}T10:00:00Z`");
        }
        if Timestamp::parse(&format!("{text}Z")).is_some() {
            return format!(
                "`{shown}` does not say its offset; write `{shown}Z` for universal time, or the offset of that day after it"
            );
        }
    }
    format!("`{shown}` is not a moment; write RFC 3339 with an offset, such as `2026-03-01T10:00:00Z`")
}

/// Reads a moment: RFC 3339, or a date and a time without an offset, which is of the zone. The error is a sentence that says what to
/// write.
pub(crate) fn read_moment(text: &str, zone: Option<Zone>) -> Result<Timestamp, String> {
    if let Some(moment) = Timestamp::parse(text) {
        return Ok(moment);
    }
    let local = zone.and_then(|zone| Some((zone, local_time(text)?)));
    let Some((zone, local)) = local else { return Err(moment_problem(text)) };
    zone.moment(local)
}

/// Reads a date and a time without an offset: `2026-03-01T10:00:00` or `2026-03-01 10:00`, with seconds or without.
fn local_time(text: &str) -> Option<NaiveDateTime> {
    let date = text.get(..10).and_then(parse_date)?;
    let time = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let forms = ["%H:%M:%S%.f", "%H:%M"];
    let time = forms.into_iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    Some(date.and_time(time))
}

/// A time zone of the IANA database: where days, weeks and months begin for a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(chrono_tz::Tz);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(chrono_tz::UTC);

    /// Returns the zone with this name, such as `Europe/Berlin`; `None` if no zone has the name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Returns the name of the zone.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Returns the names of all zones, to suggest a name for a misspelt one.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// Returns the calendar date at a moment.
    pub fn date(self, at: Timestamp) -> NaiveDate {
        at.0.with_timezone(&self.0).date_naive()
    }

    /// Returns the date and the time of day that clocks in this zone show at a moment.
    pub fn local(self, at: Timestamp) -> chrono::NaiveDateTime {
        at.0.with_timezone(&self.0).naive_local()
    }

    /// Returns the moment at which clocks in this zone show a date and a time.
    ///
    /// # Errors
    ///
    /// A sentence for the author of the time, when clocks are set forward over it, or are set back so that they show it twice.
    pub fn moment(self, local: NaiveDateTime) -> Result<Timestamp, String> {
        let text = local.format("%Y-%m-%dT%H:%M:%S");
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(moment) => Ok(Timestamp(moment.with_timezone(&Utc))),
            LocalResult::Ambiguous(first, second) => Err(format!(
                "clocks in {} show `{text}` twice, since they are set back; write `{}` or `{}`",
                self.name(),
                first.to_rfc3339(),
                second.to_rfc3339()
            )),
            LocalResult::None => Err(format!(
                "clocks in {} never show `{text}`, since they are set forward; write the time with its offset",
                self.name()
            )),
        }
    }

    /// Returns the first moment of a date. If clocks skip midnight, the moment they skip to.
    pub fn start_of(self, date: NaiveDate) -> Timestamp {
        let midnight = date.and_time(NaiveTime::MIN);
        // A gap is at most a few hours: try each quarter of an hour until a local time exists.
        for quarter_hours in 0..=96 {
            let local = midnight + chrono::TimeDelta::minutes(15 * quarter_hours);
            if let Some(moment) = self.0.from_local_datetime(&local).earliest() {
                return Timestamp(moment.with_timezone(&Utc));
            }
        }
        Timestamp(midnight.and_utc())
    }

    /// Returns the first moment after a date: an end that is given as a date includes the whole day.
    pub(crate) fn end_of(self, date: NaiveDate) -> Timestamp {
        self.start_of(date.checked_add_days(Days::new(1)).unwrap_or(date))
    }
}

/// A half-open interval of moments, `[from, until)`; `None` means no bound.
///
/// ```
/// use accrue::time::{Interval, Timestamp};
/// let at = |text| Timestamp::parse(text).unwrap();
/// let march = Interval { from: Some(at("2026-03-01T00:00:00Z")), until: Some(at("2026-04-01T00:00:00Z")) };
/// assert!(march.contains(at("2026-03-31T23:59:59.999Z")));
/// assert!(!march.contains(at("2026-04-01T00:00:00Z")));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The first moment inside; `None` if the interval has no beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment after the interval; `None` if the interval has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Interval {
    /// Returns whether a moment lies inside.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    /// Returns whether two intervals share a moment.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        let starts_before_end = |a: Self, b: Self| match (a.from, b.until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        };
        starts_before_end(self, other) && starts_before_end(other, self)
    }
}
