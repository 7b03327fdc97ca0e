//! Numbers and amounts as messages and tables show them.

use accrue::money::{Currency, Money, RoundingMode};

/// Returns the codes, each once: one reason may be that of several partners.
pub fn each_once<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for code in codes {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

/// Returns a count with its noun: `1 action`, `2,000 actions`.
pub fn plural(count: u64, word: &str) -> String {
    format!("{} {word}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Returns a count with its digits in groups of three: `1,234,567`.
pub fn thousands(count: u64) -> String {
    grouped(&count.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && digits.len().saturating_sub(n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns an amount with its digits in groups of three and at least the decimals of its currency.
///
/// ```
/// use accrue::money::Currency;
/// use accrue_history::words::amount;
///
/// let currency = Currency::from_code("USD").expect("a currency");
/// assert_eq!(amount("1234567.5".parse()?, currency), "1,234,567.50");
/// # Ok::<(), accrue::money::AmountError>(())
/// ```
pub fn amount(money: Money, currency: Currency) -> String {
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
pub fn minor(money: Money, currency: Currency) -> String {
    amount(money.round(currency.minor_digits(), RoundingMode::HalfUp), currency)
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
}
