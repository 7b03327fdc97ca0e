//! Moments, calendar dates and time zones. This module must not read a clock: "now" is always an input.

pub(crate) mod duration;
#[cfg(test)]
mod tests;

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _,
    Timelike, Utc,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use duration::{DAY_SECONDS, Duration, HOUR_SECONDS, MINUTE_SECONDS};

/// The years in which moments and dates are accepted. A date outside these years is an error of its writer.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// Returns whether a date is in the years in which it can be read again.
pub(crate) fn is_in_years(date: NaiveDate) -> bool {
    YEARS.contains(&date.year())
}

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

/// A moment of universal time, to the nanosecond. Written as RFC 3339 in UTC; the offset it was read with is not kept, because all
/// calendar questions use the program's own time zone.
///
/// A moment has one representation, so equality and order are those of its seconds and nanoseconds. Leap seconds have none: the
/// text `23:59:60` is refused, wherever it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

/// Why a text is not a moment: a sentence that says what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAMoment(String);

/// The most bytes of RFC 3339 that cannot have more than nine decimals of a second: longer texts are looked at.
const SHORT_MOMENT: usize = 30;

/// The decimals of a second that a moment keeps.
const SECOND_DECIMALS: usize = 9;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// Returns the moment of a date and time of `chrono`. Returns `None` for a leap second, which `chrono` keeps as a second with more
    /// than 999,999,999 nanoseconds, and outside the years 1900 to 2999.
    ///
    /// ```
    /// use accrue::time::Timestamp;
    /// let at = chrono::DateTime::parse_from_rfc3339("2016-12-31T23:59:59.5Z")?.to_utc();
    /// assert_eq!(Timestamp::new(at), Timestamp::parse("2016-12-31T23:59:59.500Z"));
    /// let leap = chrono::DateTime::parse_from_rfc3339("2016-12-31T23:59:60Z")?.to_utc();
    /// assert_eq!(Timestamp::new(leap), None);
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn new(moment: DateTime<Utc>) -> Option<Self> {
        if is_leap(moment) { None } else { Self(moment).in_years() }
    }

    /// Reads RFC 3339, such as `2026-03-01T10:00:00Z`. Returns `None` for anything else: a date that the
    /// calendar does not have, a leap second, more than nine decimals of a second, or a year outside 1900 to 2999.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = DateTime::parse_from_rfc3339(text).ok()?;
        if text.len() > SHORT_MOMENT && decimals_of_second(text) > SECOND_DECIMALS {
            return None;
        }
        Self::new(moment.with_timezone(&Utc))
    }

    /// Returns the moment so many seconds and nanoseconds after 1970-01-01T00:00:00Z. Returns `None` for a second or more of
    /// nanoseconds and outside the calendar, whose years are more than those of facts: rules may compute with them.
    pub(crate) fn at(seconds: i64, nanoseconds: u32) -> Option<Self> {
        DateTime::from_timestamp(seconds, nanoseconds).filter(|moment| !is_leap(*moment)).map(Self)
    }

    /// Returns this moment as a date and time of `chrono`.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Returns this moment; `None` if it is outside the years 1900 to 2999, in which a moment can be read again.
    pub(crate) fn in_years(self) -> Option<Self> {
        YEARS.contains(&self.0.year()).then_some(self)
    }

    /// Returns the nanoseconds since the last whole second.
    pub fn nanoseconds(self) -> u32 {
        self.0.timestamp_subsec_nanos()
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
        // Cannot overflow: the seconds of the calendar have 43 bits.
        let whole = self.seconds().saturating_sub(other.seconds());
        let borrow = i64::from(self.nanoseconds() < other.nanoseconds());
        Duration { seconds: whole.saturating_sub(borrow) }
    }
}

/// Returns whether `chrono` keeps a leap second in this moment.
fn is_leap(moment: DateTime<Utc>) -> bool {
    moment.timestamp_subsec_nanos() >= 1_000_000_000
}

/// Returns the number of digits behind the point of a text that has the form of a date and time.
fn decimals_of_second(text: &str) -> usize {
    let after = text.split_once('.').map_or("", |(_, after)| after);
    after.bytes().take_while(u8::is_ascii_digit).count()
}

impl std::str::FromStr for Timestamp {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        Self::parse(text).ok_or_else(|| NotAMoment(moment_problem(text)))
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
        text.parse().map_err(serde::de::Error::custom)
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
    (is_date_shaped(text) && text.len() == 10 && is_in_years(date)).then_some(date)
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
    if let Some(meant) = before_leap_second(text) {
        return format!("{}; write `{meant}`", leap_second(&shown));
    }
    if let Some(meant) = with_nine_decimals(text) {
        return format!("`{shown}` has more than nine decimals of a second; write `{meant}`");
    }
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

/// Returns a sentence that says that a text is a leap second.
pub(crate) fn leap_second(text: &str) -> String {
    format!("`{text}` is a leap second, and the last second of a minute here is 59")
}

/// Returns the second before a leap second, in the form that a text has: with an offset or without. Returns `None` for any other text.
pub(crate) fn before_leap_second(text: &str) -> Option<String> {
    let (before, after) = text.get(..16).zip(text.get(16..))?;
    let after = after.strip_prefix(":60")?;
    let after = match after.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => after,
    };
    let meant = format!("{before}:59{after}");
    (Timestamp::parse(&meant).is_some() || local_time(&meant).is_some()).then_some(meant)
}

/// Returns a moment with so many decimals of a second that none is lost, in place of a text with more. Returns `None` for any other
/// text.
fn with_nine_decimals(text: &str) -> Option<String> {
    let surplus = decimals_of_second(text).checked_sub(SECOND_DECIMALS).filter(|surplus| *surplus > 0)?;
    let kept = text.find('.')?.checked_add(SECOND_DECIMALS)?.checked_add(1)?;
    let meant = format!("{}{}", text.get(..kept)?, text.get(kept.checked_add(surplus)?..)?);
    (Timestamp::parse(&meant).is_some() || local_time(&meant).is_some()).then_some(meant)
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
    let is_exact = time.nanosecond() < 1_000_000_000 && decimals_of_second(text) <= SECOND_DECIMALS;
    is_exact.then(|| date.and_time(time))
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
    /// A sentence for the author of the time, when clocks are set forward over it, or are set back so that they show it twice; for a
    /// leap second and outside the years 1900 to 2999.
    pub fn moment(self, local: NaiveDateTime) -> Result<Timestamp, String> {
        let text = local.format("%Y-%m-%dT%H:%M:%S").to_string();
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(moment) => {
                Timestamp::new(moment.with_timezone(&Utc)).ok_or_else(|| moment_problem(&text))
            }
            LocalResult::Ambiguous(first, second) => Err(format!(
                "clocks in {} show `{text}` twice, since they are set back; write `{}` or `{}`",
                self.name(),
                with_offset(first),
                with_offset(second)
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
        let moment = |seconds: i64| {
            let local = midnight.checked_add_signed(chrono::TimeDelta::try_seconds(seconds)?)?;
            self.0.from_local_datetime(&local).earliest()
        };
        if let Some(moment) = moment(0) {
            return Timestamp(moment.with_timezone(&Utc));
        }
        // Clocks skip midnight, by a day at most. Look for the end of the gap in steps of a quarter of an hour, then between the last
        // two steps: some zones had offsets of seconds.
        let found = (1..=96).map(|quarter| quarter * 15 * MINUTE_SECONDS).find(|at| moment(*at).is_some());
        let Some(mut exists) = found else { return Timestamp(midnight.and_utc()) };
        let mut skipped = exists.saturating_sub(15 * MINUTE_SECONDS);
        while exists.saturating_sub(skipped) > 1 {
            let between = skipped.midpoint(exists);
            if moment(between).is_some() { exists = between } else { skipped = between }
        }
        Timestamp(moment(exists).map_or(midnight.and_utc(), |moment| moment.with_timezone(&Utc)))
    }

    /// Returns the last date that begins before a moment: of an end, the last day that is inside.
    pub(crate) fn last_date(self, until: Timestamp) -> NaiveDate {
        let date = self.date(until);
        if self.start_of(date) < until { date } else { date.pred_opt().unwrap_or(date) }
    }

    /// Returns the first moment after a date: an end that is given as a date includes the whole day.
    pub(crate) fn end_of(self, date: NaiveDate) -> Timestamp {
        self.start_of(date.checked_add_days(Days::new(1)).unwrap_or(date))
    }
}

/// Returns a moment of a zone as RFC 3339: in universal time if the zone's offset has seconds, which that form cannot write.
fn with_offset(moment: DateTime<chrono_tz::Tz>) -> String {
    let offset = chrono::Offset::fix(moment.offset()).local_minus_utc();
    if i64::from(offset) % MINUTE_SECONDS == 0 {
        moment.to_rfc3339()
    } else {
        Timestamp(moment.to_utc()).to_string()
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
