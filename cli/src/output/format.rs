//! Formats numbers, amounts, intervals and sentences for people.

use accrue::money::{Currency, Money, RoundingMode};
use accrue::time::{Interval, Timestamp, Zone};
use unicode_width::UnicodeWidthStr as _;

use super::terminal::{BOLD, RESET};

/// Returns the codes, each once: one reason may be that of several partners.
pub(crate) fn each_once<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for code in codes {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

/// Returns a count with its noun: `1 action`, `2,000 actions`.
pub(crate) fn plural(count: u64, word: &str) -> String {
    format!("{} {word}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Returns a count with its digits in groups of three: `1,234,567`.
pub(crate) fn thousands(count: u64) -> String {
    grouped(&count.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns an amount with its digits in groups of three and at least the decimals of its currency.
pub(crate) fn amount(money: Money, currency: Currency) -> String {
    let plain = money.to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = fraction.len().max(currency.minor_digits() as usize);
    if decimals == 0 {
        return format!("{sign}{}", grouped(whole));
    }
    format!("{sign}{}.{fraction:0<decimals$}", grouped(whole))
}

/// Returns an amount in the minor unit of its currency, for sums of amounts that were computed.
pub(crate) fn minor(money: Money, currency: Currency) -> String {
    amount(money.round(currency.minor_digits(), RoundingMode::HalfUp), currency)
}

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
    fn amounts_are_grouped_and_have_the_decimals_of_their_currency() {
        let shown =
            |text: &str, code: &str| amount(text.parse().unwrap(), Currency::from_code(code).unwrap());
        assert_eq!(shown("1234567.5", "USD"), "1,234,567.50");
        assert_eq!(shown("-1234", "JPY"), "-1,234");
        assert_eq!(shown("0", "KWD"), "0.000");
        assert_eq!(shown("0.125", "USD"), "0.125");
    }

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
