//! Reads and writes dates in the forms that a mapping lists, such as `DD.MM.YYYY HH:mm`.
//!
//! A form says for each character what it must be, so that a date has one reading or none.

use accrue::time::{Timestamp, Zone};
use chrono::{
    DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Timelike as _,
};

/// The tokens of a form, the longer ones first.
const TOKENS: [(&str, Token); 16] = [
    ("YYYY", Token::Year),
    ("YY", Token::ShortYear),
    ("MMM", Token::MonthName),
    ("MM", Token::Month(2)),
    ("M", Token::Month(1)),
    ("DD", Token::Day(2)),
    ("D", Token::Day(1)),
    ("HH", Token::Hour(2)),
    ("H", Token::Hour(1)),
    ("hh", Token::Hour12(2)),
    ("h", Token::Hour12(1)),
    ("mm", Token::Minute),
    ("ss", Token::Second),
    ("A", Token::HalfDay),
    ("Z", Token::Offset),
    ("T", Token::Literal('T')),
];

/// The tokens, for messages.
pub(crate) const TOKEN_LIST: &str =
    "YYYY, YY, MMM, MM, M, DD, D, HH, H, hh, h, mm, ss, A and Z, or `unix` by itself";

/// The form of whole seconds since 1970-01-01T00:00:00Z.
const UNIX: &str = "unix";

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// One part of a form. A number is the least number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Year,
    ShortYear,
    Month(usize),
    MonthName,
    Day(usize),
    Hour(usize),
    Hour12(usize),
    Minute,
    Second,
    HalfDay,
    Offset,
    /// Seconds since 1970, which stand by themselves.
    Unix,
    Literal(char),
}

/// A form of dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateForm {
    text: String,
    tokens: Vec<Token>,
}

/// A date and a time as they are written, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A calendar date alone: its first moment.
    Date(NaiveDate),
    /// A local date and time.
    Local(NaiveDateTime),
    /// A moment with an offset.
    Moment(DateTime<FixedOffset>),
}

/// Why a text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DateProblem {
    #[error("`{0}` has not the form {1}")]
    Form(String, String),
    #[error("the calendar has no `{0}`")]
    Calendar(String),
    #[error("`{0}` is outside of the years 1900 to 2999")]
    Year(String),
    #[error("`{0}` is a leap second, and the last second of a minute here is 59; correct it in the export")]
    Leap(String),
    #[error("`{0}` has more than nine decimals of a second; correct it in the export")]
    Decimals(String),
    #[error(
        "`{0}` has no offset, and no time zone is known; write `time_zone = \"Europe/Berlin\"` under [values]"
    )]
    NoZone(String),
    /// The clocks of the zone show the time never or twice.
    #[error("{0}")]
    Clock(String),
}

impl DateForm {
    /// Reads a form.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong with the form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == UNIX {
            return Ok(Self { text: text.to_owned(), tokens: vec![Token::Unix] });
        }
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some((name, token)) = TOKENS.iter().find(|(name, _)| rest.starts_with(name)) {
                tokens.push(*token);
                rest = rest.get(name.len()..).unwrap_or_default();
            } else if next.is_alphanumeric() {
                return Err(format!("`{next}` is not part of a form of dates; the parts are {TOKEN_LIST}"));
            } else {
                tokens.push(Token::Literal(next));
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
            }
        }
        let form = Self { text: text.to_owned(), tokens };
        let count = |of: &dyn Fn(&Token) -> bool| form.tokens.iter().filter(|token| of(token)).count();
        let year = count(&|token| matches!(token, Token::Year | Token::ShortYear));
        let month = count(&|token| matches!(token, Token::Month(_) | Token::MonthName));
        let day = count(&|token| matches!(token, Token::Day(_)));
        if (year, month, day) != (1, 1, 1) {
            return Err("a form of dates has one year, one month and one day".to_owned());
        }
        let hour = count(&|token| matches!(token, Token::Hour(_)));
        let hour12 = count(&|token| matches!(token, Token::Hour12(_)));
        let half = count(&|token| *token == Token::HalfDay);
        if hour + hour12 > 1 || half != hour12 {
            return Err("hours are `HH`, or `hh` with `A` for AM and PM".to_owned());
        }
        let minute = count(&|token| *token == Token::Minute);
        let second = count(&|token| *token == Token::Second);
        let offset = count(&|token| *token == Token::Offset);
        if minute > 1
            || second > minute
            || minute > hour + hour12
            || hour + hour12 > minute
            || offset > minute
        {
            return Err("a time has an hour and a minute, and may have a second and an offset".to_owned());
        }
        Ok(form)
    }

    /// Returns the form as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether dates of this form have an offset.
    pub(crate) fn has_offset(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Offset | Token::Unix))
    }

    /// Reads a text. Returns `None` if it does not have this form, and an inner `None` if the calendar does not have the date.
    pub(crate) fn read(&self, text: &str) -> Option<Option<Written>> {
        if self.tokens == [Token::Unix] {
            let digits = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
            let seconds = text.parse().ok().filter(|_| digits)?;
            return Some(DateTime::from_timestamp(seconds, 0).map(|at| Written::Moment(at.fixed_offset())));
        }
        let mut parts = Parts::default();
        let mut rest = text;
        for token in &self.tokens {
            rest = parts.take(*token, rest)?;
        }
        rest.is_empty().then(|| parts.written(self))
    }

    /// Writes a local date and time in this form. Returns `None` if the form would lose a part of it.
    pub(crate) fn write(&self, at: NaiveDateTime) -> Option<String> {
        let mut text = String::new();
        for token in &self.tokens {
            let part = match token {
                Token::Year => at.format("%Y"),
                Token::ShortYear => at.format("%y"),
                Token::Month(2) => at.format("%m"),
                Token::Month(_) => at.format("%-m"),
                Token::MonthName => at.format("%b"),
                Token::Day(2) => at.format("%d"),
                Token::Day(_) => at.format("%-d"),
                Token::Hour(2) => at.format("%H"),
                Token::Hour(_) => at.format("%-H"),
                Token::Hour12(2) => at.format("%I"),
                Token::Hour12(_) => at.format("%-I"),
                Token::Minute => at.format("%M"),
                Token::Second => at.format("%S%.f"),
                Token::HalfDay => at.format("%p"),
                Token::Offset | Token::Unix => return None,
                Token::Literal(letter) => {
                    text.push(*letter);
                    continue;
                }
            };
            text.push_str(&part.to_string());
        }
        let again = match self.read(&text)?? {
            Written::Date(date) => date.and_time(NaiveTime::MIN),
            Written::Local(local) => local,
            Written::Moment(_) => return None,
        };
        (again == at).then_some(text)
    }
}

/// The numbers of a date.
#[derive(Debug, Default)]
struct Parts {
    year: i32,
    month: u32,
    day: u32,
    hour: Option<u32>,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    nanosecond: u32,
    offset: Option<FixedOffset>,
}

impl Parts {
    /// Takes a token from the beginning of a text. Returns the rest, or `None` if the text does not begin with it.
    fn take<'t>(&mut self, token: Token, text: &'t str) -> Option<&'t str> {
        let (number, rest) = match token {
            Token::Literal(letter) => return text.strip_prefix(letter),
            Token::HalfDay => {
                let (half, rest) = (text.get(..2)?, text.get(2..)?);
                self.afternoon = Some(half.eq_ignore_ascii_case("pm"));
                return (half.eq_ignore_ascii_case("pm") || half.eq_ignore_ascii_case("am")).then_some(rest);
            }
            Token::MonthName => {
                let name = text.get(..3)?.to_ascii_lowercase();
                self.month = u32::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
                return text.get(3..);
            }
            Token::Unix => return None,
            Token::Offset => return self.take_offset(text),
            Token::Year => digits(text, 4, 4)?,
            Token::Month(least) | Token::Day(least) | Token::Hour(least) | Token::Hour12(least) => {
                digits(text, least, 2)?
            }
            Token::ShortYear | Token::Minute | Token::Second => digits(text, 2, 2)?,
        };
        match token {
            Token::Year => self.year = i32::try_from(number).ok()?,
            Token::ShortYear => self.year = 2000 + i32::try_from(number).ok()?,
            Token::Month(_) => self.month = number,
            Token::Day(_) => self.day = number,
            Token::Hour(_) | Token::Hour12(_) => self.hour = Some(number),
            Token::Minute => self.minute = number,
            _ => {
                self.second = number;
                return self.take_fraction(rest);
            }
        }
        Some(rest)
    }

    /// Takes decimals of a second, if there are any.
    fn take_fraction<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let Some(rest) = text.strip_prefix('.') else { return Some(text) };
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return Some(text);
        }
        if count > 9 {
            return None;
        }
        let (fraction, rest) = (rest.get(..count)?, rest.get(count..)?);
        self.nanosecond = format!("{fraction:0<9}").parse().ok()?;
        Some(rest)
    }

    /// Takes an offset: `Z`, `UTC`, `GMT`, `+01:00`, `+0100` or `+01`.
    fn take_offset<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if let Some(rest) = ["UTC", "GMT", "Z"].iter().find_map(|name| text.strip_prefix(name)) {
            self.offset = FixedOffset::east_opt(0);
            return Some(rest);
        }
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-" | "\u{2212}", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, rest) = digits(rest, 2, 2)?;
        let after = rest.strip_prefix(':').unwrap_or(rest);
        let (minutes, rest) = digits(after, 2, 2).unwrap_or((0, rest));
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        self.offset = Some(FixedOffset::east_opt(sign * seconds).filter(|_| minutes < 60)?);
        Some(rest)
    }

    /// Returns what is written. `None` if the calendar or the clock does not have it.
    fn written(&self, form: &DateForm) -> Option<Written> {
        let date = NaiveDate::from_ymd_opt(self.year, self.month, self.day)?;
        let Some(hour) = self.hour else { return Some(Written::Date(date)) };
        let hour = match self.afternoon {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        };
        // The first second after 59 is read as the leap second that it is, to say so.
        let (second, leap) = if self.second == 60 { (59, 1_000_000_000) } else { (self.second, 0) };
        let local = date.and_hms_nano_opt(hour, self.minute, second, self.nanosecond.saturating_add(leap))?;
        if !form.has_offset() {
            return Some(Written::Local(local));
        }
        self.offset?.from_local_datetime(&local).single().map(Written::Moment)
    }
}

/// Returns a number of `least` to `most` digits at the beginning of a text, and the rest.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    Some((text.get(..count)?.parse().ok()?, text.get(count..)?))
}

/// Reads a text in the first of these forms that it has. Without forms, reads RFC 3339 and `YYYY-MM-DD HH:mm:ss`.
pub(crate) fn read(text: &str, forms: &[DateForm], zone: Option<Zone>) -> Result<Timestamp, DateProblem> {
    if forms.is_empty() {
        let fraction = text.split_once('.').map_or("", |(_, after)| after);
        if fraction.bytes().take_while(u8::is_ascii_digit).count() > 9 {
            return Err(DateProblem::Decimals(shown(text)));
        }
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return timestamp(Written::Moment(moment), zone, text);
        }
        let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .filter(|_| text.len() >= 19);
        return match local {
            Some(local) => timestamp(Written::Local(local), zone, text),
            None => {
                let form = "`YYYY-MM-DD HH:mm:ss`, nor is it RFC 3339; list its form, such as `dates = [\"DD.MM.YYYY HH:mm\"]`, \
                            under [values]";
                Err(DateProblem::Form(shown(text), form.to_owned()))
            }
        };
    }
    let mut has_form = false;
    for form in forms {
        match form.read(text) {
            Some(Some(written)) => return timestamp(written, zone, text),
            Some(None) => has_form = true,
            None => {}
        }
    }
    if has_form {
        return Err(DateProblem::Calendar(shown(text)));
    }
    let listed: Vec<String> = forms.iter().map(|form| format!("`{}`", form.text())).collect();
    Err(DateProblem::Form(shown(text), listed.join(" or ")))
}

/// Returns the moment of what is written, in a time zone unless it has an offset.
pub(crate) fn timestamp(written: Written, zone: Option<Zone>, text: &str) -> Result<Timestamp, DateProblem> {
    let known = || zone.ok_or_else(|| DateProblem::NoZone(shown(text)));
    // A leap second has more than a second of nanoseconds in these types.
    let nanoseconds = match written {
        Written::Moment(moment) => moment.nanosecond(),
        Written::Local(local) => local.nanosecond(),
        Written::Date(_) => 0,
    };
    if nanoseconds >= 1_000_000_000 {
        return Err(DateProblem::Leap(shown(text)));
    }
    let moment = match written {
        Written::Moment(moment) => moment.to_utc(),
        Written::Date(date) => known()?.start_of(date).utc(),
        Written::Local(local) if (1900..=2999).contains(&local.year()) => {
            known()?.moment(local).map_err(DateProblem::Clock)?.utc()
        }
        Written::Local(_) => return Err(DateProblem::Year(shown(text))),
    };
    Timestamp::new(moment).ok_or_else(|| DateProblem::Year(shown(text)))
}

/// Returns a text as a message quotes it.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Returns a local date and time as text: `2026-03-02 09:01:00`, or only the date at midnight.
pub(crate) fn plain(at: NaiveDateTime) -> String {
    if at.time() == NaiveTime::MIN {
        return at.format("%Y-%m-%d").to_string();
    }
    debug_assert!(at.nanosecond() < 2_000_000_000, "chrono has no longer seconds");
    at.format("%Y-%m-%d %H:%M:%S%.f").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn at(text: &str, forms: &[&str], zone: &str) -> Result<String, String> {
        let forms: Vec<DateForm> = forms.iter().map(|form| DateForm::parse(form).unwrap()).collect();
        read(text, &forms, Zone::parse(zone)).map(|at| at.to_string()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn forms_of_exports() {
        for (text, form, expected) in [
            ("02.03.2026 09:01", "DD.MM.YYYY HH:mm", "2026-03-02T08:01:00Z"),
            ("02/03/26", "DD/MM/YY", "2026-03-01T23:00:00Z"),
            ("3/2/2026 9:01:05 PM", "M/D/YYYY h:mm:ss A", "2026-03-02T20:01:05Z"),
            ("3/2/2026 12:01 AM", "M/D/YYYY h:mm A", "2026-03-01T23:01:00Z"),
            ("02-Mar-2026 09:01", "DD-MMM-YYYY HH:mm", "2026-03-02T08:01:00Z"),
            ("2026-03-02 09:01:00 -0500", "YYYY-MM-DD HH:mm:ss Z", "2026-03-02T14:01:00Z"),
            ("2026-03-02 09:01:00 UTC", "YYYY-MM-DD HH:mm:ss Z", "2026-03-02T09:01:00Z"),
            ("2026-03-02T09:01:00.250+01:00", "YYYY-MM-DDTHH:mm:ssZ", "2026-03-02T08:01:00.250Z"),
        ] {
            assert_eq!(at(text, &[form], "Europe/Berlin").as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(at("2026-03-02 09:01:00", &[], "UTC").as_deref(), Ok("2026-03-02T09:01:00Z"));
        assert_eq!(at("2026-03-02T09:01:00+01:00", &[], "").as_deref(), Ok("2026-03-02T08:01:00Z"));
    }

    #[test]
    fn leap_seconds_are_named() {
        for (text, forms) in [
            ("2016-12-31T23:59:60Z", &[][..]),
            ("2016-12-31 23:59:60", &[]),
            ("2016-12-31T23:59:60.5", &[]),
            ("31.12.2016 23:59:60", &["DD.MM.YYYY HH:mm:ss"]),
            ("2016-12-31 23:59:60 +0100", &["YYYY-MM-DD HH:mm:ss Z"]),
        ] {
            let problem = at(text, forms, "Europe/Berlin").unwrap_err();
            assert!(problem.contains("is a leap second"), "{problem}");
        }
        let problem = at("2016-12-31 23:59:61", &["YYYY-MM-DD HH:mm:ss"], "UTC").unwrap_err();
        assert!(problem.contains("the calendar has no"), "{problem}");
        let problem = at("2016-12-31T23:59:59.0000000001Z", &[], "UTC").unwrap_err();
        assert!(problem.contains("more than nine decimals"), "{problem}");
    }

    #[test]
    fn each_problem_has_its_own_sentence() {
        let berlin = |text| at(text, &["DD.MM.YYYY HH:mm"], "Europe/Berlin").unwrap_err();
        assert!(
            berlin("25.10.2026 02:30").contains("clocks in Europe/Berlin show `2026-10-25T02:30:00` twice")
        );
        assert!(
            berlin("29.03.2026 02:30").contains("clocks in Europe/Berlin never show `2026-03-29T02:30:00`")
        );
        assert!(berlin("30.02.2026 02:30").contains("the calendar has no"));
        assert!(berlin("2.3.2026 02:30").contains("has not the form `DD.MM.YYYY HH:mm`"));
        assert!(at("02.03.0026 02:30", &["DD.MM.YYYY HH:mm"], "UTC").unwrap_err().contains("1900 to 2999"));
        assert!(at("2026-03-02 09:01:00", &[], "").unwrap_err().contains("no time zone is known"));
        assert!(at("2026-03-02", &[], "UTC").unwrap_err().contains("list its form"));
    }

    #[test]
    fn wrong_forms() {
        let wrong = |text: &str| DateForm::parse(text).unwrap_err();
        assert!(wrong("dd.MM.YYYY").contains("`d` is not part of a form"));
        assert!(wrong("MM.YYYY").contains("one year, one month and one day"));
        assert!(wrong("DD.MM.YYYY hh:mm").contains("with `A`"));
        assert!(wrong("DD.MM.YYYY HH").contains("an hour and a minute"));
    }

    #[test]
    fn a_form_writes_what_it_reads() {
        let at = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap().and_hms_opt(21, 1, 0).unwrap();
        let write = |form: &str| DateForm::parse(form).unwrap().write(at);
        assert_eq!(write("D/M/YY h:mm A").as_deref(), Some("2/3/26 9:01 PM"));
        assert_eq!(write("DD.MM.YYYY"), None);
        assert_eq!(plain(at), "2026-03-02 21:01:00");
    }
}
