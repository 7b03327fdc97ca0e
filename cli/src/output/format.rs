//! Formats intervals and sentences for people. Numbers and amounts are as messages of the library have them.

use accrue::time::{Interval, Timestamp, Zone};
use unicode_width::UnicodeWidthStr as _;

use super::terminal::{BOLD, RESET};
pub(crate) use accrue_history::words::{amount, each_once, minor, plural, thousands};

/// Returns an interval as days of the program's time zone, and as moments where it does not begin or end with a day.
pub(crate) fn interval(interval: Interval, zone: Zone) -> String {
    let moment = |at: Timestamp| {
        let date = zone.date(at);
        if zone.start_of(date) == at { date.to_string() } else { at.to_string() }
    };
    let last = |at: Timestamp| {
        let date = zone.date(at);
        match date.pred_opt() {
            Some(before) if zone.start_of(date) == at => before.to_string(),
            _ => at.to_string(),
        }
    };
    match (interval.from, interval.until) {
        (Some(from), Some(until)) => format!("{} to {}", moment(from), last(until)),
        (Some(from), None) => format!("from {}", moment(from)),
        (None, Some(until)) => format!("until {}", last(until)),
        (None, None) => "always".to_owned(),
    }
}

/// Returns a text as lines of at most `room` columns, if there is a limit, each with this indent. Lines are broken between words; a
/// longer word has a line of its own.
pub(crate) fn wrapped(text: &str, indent: usize, room: Option<usize>) -> String {
    let room = room.map_or(usize::MAX, |room| room.saturating_sub(indent));
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            lines.push_str(&format!("{:indent$}{line}\n", ""));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(&format!("{:indent$}{line}\n", ""));
    lines
}

/// Returns a heading for a table.
pub(crate) fn heading(text: &str) -> String {
    format!("{BOLD}{text}{RESET}\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrapped("one two three", 2, Some(9)), "  one two\n  three\n");
        assert_eq!(wrapped("averylongword x", 0, Some(5)), "averylongword\nx\n");
        assert_eq!(wrapped("one two", 1, None), " one two\n");
    }

    #[test]
    fn intervals_read_as_days_where_they_are_days() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let at = |text| Timestamp::parse(text);
        let year = Interval { from: at("2025-12-31T23:00:00Z"), until: at("2026-12-31T23:00:00Z") };
        assert_eq!(interval(year, zone), "2026-01-01 to 2026-12-31");
        let from_noon = Interval { from: at("2026-01-01T12:00:00Z"), until: None };
        assert_eq!(interval(from_noon, zone), "from 2026-01-01T12:00:00Z");
        assert_eq!(interval(Interval::default(), zone), "always");
    }
}
