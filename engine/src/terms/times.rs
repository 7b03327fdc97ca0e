//! Reads the dates, moments, durations, periods and time zones of terms.

use chrono::NaiveDate;
use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use super::numbers::param_schema;
use super::read::{CellForm, Read, Sink, Value, list, shown, span};
use crate::diagnostic::{Code, Help, Span, nearest};
use crate::lang::Const;
use crate::period::{MAX_ROLLING_DAYS, Period};
use crate::synonyms::{Of, meant};
use crate::time::{
    Duration, Timestamp, Zone, before_leap_second, date_meant, is_date_shaped, leap_second, moment_problem,
    parse_date,
};

/// A date or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A calendar date; its first moment depends on the time zone.
    Date(NaiveDate),
    /// A full moment.
    At(Timestamp),
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::At(at) => write!(f, "{at}"),
        }
    }
}

impl Moment {
    /// Returns what an earlier interval must state as its end to meet the interval that begins here.
    pub(super) fn end_before(self) -> Self {
        match self {
            Self::Date(date) => Self::Date(date.pred_opt().unwrap_or(date)),
            Self::At(at) => Self::At(at),
        }
    }

    /// Returns the moment of this beginning.
    pub(super) fn start(self, zone: Zone) -> Timestamp {
        match self {
            Self::Date(date) => zone.start_of(date),
            Self::At(at) => at,
        }
    }

    /// Returns the moment of this end. A date as an end includes its whole day.
    pub(super) fn end(self, zone: Zone) -> Timestamp {
        match self {
            Self::Date(date) => zone.end_of(date),
            Self::At(at) => at,
        }
    }
}

/// Returns the text of a date or moment: a string, or TOML's own form.
fn moment_text(value: &Value<'_>, sink: &Sink<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        // TOML allows a blank instead of the `T`.
        DeValue::Datetime(_) => Some(sink.text.get(span(value).range())?.replacen(' ', "T", 1)),
        _ => None,
    }
}

fn impossible(sink: &mut Sink<'_>, at: Span, text: &str) {
    let (message, help) = match before_leap_second(text) {
        Some(meant) => (leap_second(text), Help::write(at, meant)),
        None => (moment_problem(text), "write a day that the calendar has".into()),
    };
    let diagnostic = sink.at(Code::ImpossibleDate, at, message).help(help);
    sink.push(diagnostic);
}

impl Read for Moment {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let expected = "a date such as `2026-01-31`, or a moment such as `2026-01-31T00:00:00Z`";
        let Some(text) = moment_text(value, sink) else {
            sink.wrong(value, expected, Some("write it without quotes: `2026-01-31`".into()));
            return None;
        };
        if let Some(date) = parse_date(&text) {
            return Some(Self::Date(date));
        }
        if let Some(at) = Timestamp::parse(&text) {
            return Some(Self::At(at));
        }
        if is_date_shaped(&text) {
            impossible(sink, span(value), &text);
        } else {
            let help = match date_meant(&text) {
                Some(date) => Help::write(span(value), date.to_string()),
                None => "write the year, the month and the day: `2026-01-31`".into(),
            };
            sink.wrong(value, expected, Some(help));
        }
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?$" })
    }
}

/// A calendar date.
impl Read for NaiveDate {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let text = moment_text(value, sink);
        match &text {
            Some(text) if parse_date(text).is_some() => parse_date(text),
            Some(text) if is_date_shaped(text) && text.len() == 10 => {
                impossible(sink, span(value), text);
                None
            }
            _ => {
                let help = match text.as_deref().and_then(date_meant) {
                    Some(date) => Help::write(span(value), format!("\"{date}\"")),
                    None => "write the year, the month and the day: `\"2026-01-31\"`".into(),
                };
                sink.wrong(value, "a date such as `\"2026-01-31\"`", Some(help));
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}

/// A moment.
impl Read for Timestamp {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let text = moment_text(value, sink);
        match &text {
            Some(text) if Self::parse(text).is_some() => Self::parse(text),
            Some(text) if is_date_shaped(text) => {
                impossible(sink, span(value), text);
                None
            }
            _ => {
                sink.wrong(value, "a moment such as `\"2026-01-31T00:00:00Z\"`", None);
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl Read for Duration {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let expected = "a duration such as `\"30 days\"`";
        let of = |param: &Const| match param {
            Const::Duration(duration) => Some(*duration),
            _ => None,
        };
        if let Some(read) = sink.param(value, "a duration, such as `{ days = 30 }`", of) {
            return read;
        }
        match value.get_ref() {
            DeValue::String(text) => {
                let read = Self::parse(text);
                if read.is_none() {
                    let help = duration_help(text, span(value));
                    sink.wrong(value, expected, Some(help));
                }
                read
            }
            DeValue::Integer(number) => {
                let help = format!("write the unit too: `\"{} days\"`", number.as_str()).into();
                sink.wrong(value, expected, Some(help));
                None
            }
            _ => {
                sink.wrong(value, expected, None);
                None
            }
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let duration =
            json_schema!({ "type": "string", "pattern": "^[0-9]+ (minutes?|hours?|days?|weeks?)$" });
        json_schema!({ "anyOf": [duration, param_schema()] })
    }
}

fn duration_help(text: &str, at: Span) -> Help {
    const UNITS: [(&str, &str); 12] = [
        ("h", "hours"),
        ("d", "days"),
        ("w", "weeks"),
        ("hr", "hours"),
        ("hrs", "hours"),
        ("min", "minutes"),
        ("mins", "minutes"),
        ("tage", "days"),
        ("tag", "days"),
        ("jours", "days"),
        ("stunden", "hours"),
        ("wochen", "weeks"),
    ];
    const LONG: [&str; 4] = ["minutes", "hours", "days", "weeks"];
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = text.get(digits.len()..).unwrap_or_default().trim();
    let unit = unit.to_lowercase();
    let meant = UNITS.iter().find(|(other, _)| *other == unit).map(|(_, long)| *long);
    let meant = meant.or_else(|| nearest(&unit, LONG));
    match (digits.is_empty(), meant) {
        (false, Some(unit)) => Help::write(at, format!("\"{digits} {unit}\"")),
        // A month and a year have no length of their own.
        _ => "write a whole number and `minutes`, `hours`, `days` or `weeks`".into(),
    }
}

impl Read for Period {
    const CELL: Option<CellForm> = Some(CellForm::Text);

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            sink.wrong(value, "a period such as `\"month\"`", None);
            return None;
        };
        if let Some(period) = Self::parse(text) {
            return Some(period);
        }
        const TWO_WEEKS: &str = "write the date on which one of them begins: `\"two weeks from 2026-01-05\"`";
        let help = match meant(Of::Word, text, Self::words().chain(["two weeks"])) {
            Some("two weeks") => TWO_WEEKS.into(),
            _ if text.starts_with("two weeks") => TWO_WEEKS.into(),
            Some(meant) => Help::did_you_mean(span(value), format!("\"{meant}\"")),
            None => format!(
                "write {}, `\"two weeks from 2026-01-05\"`, or `\"30 days\"` for up to {MAX_ROLLING_DAYS} days back",
                list(Self::words(), "or")
            )
            .into(),
        };
        sink.wrong(value, "a period", Some(help));
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Self::words().collect();
        let words = words.join("|");
        json_schema!({
            "type": "string",
            "pattern": format!("^({words}|two weeks from [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]+ days?)$")
        })
    }
}

impl Read for Zone {
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::String(name) = value.get_ref() else {
            sink.wrong(value, "a time zone such as `\"Europe/Berlin\"`", None);
            return None;
        };
        if let Some(zone) = Self::parse(name) {
            return Some(zone);
        }
        let help = match nearest(name, Self::names()) {
            // A short name that is near `GMT` does not tell what was meant.
            Some(near) if near.contains('/') => Help::did_you_mean(span(value), format!("\"{near}\"")),
            _ => "write a name of the IANA database, such as `\"Europe/Berlin\"` or `\"UTC\"`".into(),
        };
        let message = format!("`{}` is not a time zone", shown(name));
        let diagnostic = sink.at(Code::UnknownTimeZone, span(value), message).help(help);
        sink.push(diagnostic);
        None
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
