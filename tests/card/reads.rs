//! Reads the numbers of a card back, to compare them with the terms.

use accrue::internals::time::Duration;
use accrue::money::Money;
use accrue::time::Zone;
use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use crate::walk::Number;

/// Returns whether a text of a card is this number of the terms.
pub(crate) fn is(text: &str, number: &Number, zone: Zone) -> bool {
    match number {
        Number::Integer(value) => integer(text) == Some(*value),
        Number::Decimal(value) => decimal(text) == Some(*value),
        Number::Percent(value) => percent(text) == Some(*value),
        Number::Points(value) => hundredths(text) == Some(*value),
        Number::Fraction(value) => [decimal(text), percent(text), hundredths(text)].contains(&Some(*value)),
        Number::Money(money, currency) => {
            let Some((amount, code)) = text.split_once(' ') else { return false };
            let decimals = amount.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            code == currency.code()
                && decimal(amount).map(Money) == Some(*money)
                && decimals >= currency.minor_digits() as usize
        }
        Number::Duration(length) => duration(text) == Some(*length),
        Number::Date(date) => text.parse() == Ok(*date),
        Number::Named(name) => text == name,
        // A date stands for its first moment.
        Number::Time(at) => match text.parse::<NaiveDate>() {
            Ok(date) => zone.start_of(date) == *at,
            Err(_) => moment(text) == Some(zone.local(*at)),
        },
        Number::End(until) => {
            let local = zone.local(*until);
            // An end at midnight is told as the last day before it.
            match text.parse::<NaiveDate>() {
                Ok(last) => zone.start_of(last.succ_opt().unwrap()) == *until,
                Err(_) => moment(text) == Some(local),
            }
        }
    }
}

fn integer(text: &str) -> Option<i128> {
    text.parse().ok()
}

fn decimal(text: &str) -> Option<Decimal> {
    text.replace(',', "").parse().ok()
}

fn percent(text: &str) -> Option<Decimal> {
    hundredths(text.strip_suffix('%')?)
}

fn hundredths(text: &str) -> Option<Decimal> {
    decimal(text)?.checked_div(Decimal::ONE_HUNDRED)
}

fn duration(text: &str) -> Option<Duration> {
    let (count, unit) = text.split_once(' ')?;
    let unit = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration { seconds: count.parse::<i64>().ok()?.checked_mul(unit)? })
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}
