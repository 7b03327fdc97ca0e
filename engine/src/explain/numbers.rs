//! Formats fractions and amounts for explanations.

use rust_decimal::Decimal;

use crate::money::{Money, checked};

/// Returns a fraction as a percentage.
pub(super) fn percent(fraction: Decimal) -> String {
    match checked::mul(fraction, Decimal::ONE_HUNDRED) {
        Ok(percent) => format!("{}%", percent.normalize()),
        Err(_) => fraction.normalize().to_string(),
    }
}

/// The most decimals that an amount is shown with.
const SHOWN_DECIMALS: u32 = 6;

/// Returns an amount with at least `digits` decimals and at most six. Decimals that are left out are an ellipsis.
pub(super) fn amount(money: Money, digits: u32) -> String {
    let mut value = money.0.normalize();
    if value.scale() < digits {
        value.rescale(digits);
    }
    if value.scale() > SHOWN_DECIMALS {
        return format!("{}…", value.trunc_with_scale(SHOWN_DECIMALS));
    }
    value.to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(amount(Money(dec("5")), 2), "5.00");
        assert_eq!(amount(Money(dec("5.1234")), 2), "5.1234");
        assert_eq!(amount(Money(dec("1200")), 0), "1200");
        assert_eq!(amount(Money(dec("3562.853963585434")), 2), "3562.853963…");
    }
}
