//! Writes the numbers of the terms: rates as percentages, amounts with their currency, lengths of time, dates.

use rust_decimal::Decimal;

use crate::lang::Const;
use crate::money::{Currency, Money, checked};
use crate::time::{Timestamp, Zone};
use chrono::Timelike as _;

/// Returns a fraction as a number of percent.
pub(super) fn hundredths(fraction: Decimal) -> String {
    match checked::mul(fraction, Decimal::ONE_HUNDRED) {
        Ok(percent) => percent.normalize().to_string(),
        Err(_) => fraction.normalize().to_string(),
    }
}

/// Returns a fraction as a percentage.
pub(super) fn percent(fraction: Decimal) -> String {
    format!("{}%", hundredths(fraction))
}

/// Returns an amount with its currency, digits in groups of three, and at least the decimals of the currency.
pub(super) fn amount(money: Money, currency: Currency) -> String {
    let mut value = money.0.normalize();
    if value.scale() < currency.minor_digits() {
        value.rescale(currency.minor_digits());
    }
    format!("{} {}", grouped(&value.to_string()), currency.code())
}

/// Returns a decimal with its digits in groups of three.
pub(super) fn decimal(value: Decimal) -> String {
    grouped(&value.normalize().to_string())
}

fn grouped(plain: &str) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, f)| (whole, Some(f)));
    let mut text = sign.to_owned();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && whole.len().saturating_sub(n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Returns a moment as clocks of the program show it: as a date if it is the first moment of one.
pub(super) fn moment(at: Timestamp, zone: Zone) -> String {
    let date = zone.date(at);
    if zone.start_of(date) == at {
        return date.to_string();
    }
    let local = zone.local(at);
    let seconds = if local.second() == 0 && local.nanosecond() == 0 { "" } else { ":%S%.f" };
    local.format(&format!("%Y-%m-%d %H:%M{seconds}")).to_string()
}

/// Returns an end as the last date inside it, if the end is the first moment of a date; else as that moment.
pub(super) fn end(until: Timestamp, zone: Zone) -> String {
    let date = zone.date(until);
    if zone.start_of(date) == until { zone.last_date(until).to_string() } else { moment(until, zone) }
}

/// Returns a constant of a rule that is a number; `None` for text, bool and no value.
pub(super) fn constant(value: &Const, currency: Currency, zone: Zone) -> Option<String> {
    Some(match value {
        Const::Unit | Const::Bool(_) | Const::Text(_) => return None,
        Const::Integer(value) => value.to_string(),
        Const::Decimal(value) => decimal(*value),
        Const::Money(value) => amount(*value, currency),
        Const::Time(at) => moment(*at, zone),
        Const::Date(date) => date.to_string(),
        Const::Duration(length) => length.to_string(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_have_the_decimals_of_their_currency() {
        let shown =
            |text: &str, code: &str| amount(Money(text.parse().unwrap()), Currency::from_code(code).unwrap());
        assert_eq!(shown("1234567.5", "USD"), "1,234,567.50 USD");
        assert_eq!(shown("-1234", "JPY"), "-1,234 JPY");
        assert_eq!(shown("12.345", "USD"), "12.345 USD");
        assert_eq!(percent("0.12345".parse().unwrap()), "12.345%");
    }
}
