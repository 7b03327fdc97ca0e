//! Facts in the contract's words: an action as it came enters; its amounts in the contract's currency, its codes in
//! upper case and its attributes by type leave.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::facts::{Action, FieldType as _};
use crate::lang::Value;
use crate::money::{ArithmeticError, Money};
use crate::terms::Terms;

/// The action with its amounts multiplied by an exchange rate. Nothing is rounded here: rounding happens once, where
/// the payout is.
pub(super) fn amounts(action: &Action, rate: Option<Decimal>) -> Result<Cow<'_, Action>, ArithmeticError> {
    let Some(rate) = rate else { return Ok(Cow::Borrowed(action)) };
    let mut action = action.clone();
    action.try_amounts(&mut |amount| {
        *amount = amount.times(rate)?;
        Ok(())
    })?;
    Ok(Cow::Owned(action))
}

/// The brand's own attributes in the order of their declaration; amounts among them are multiplied by the rate.
pub(super) fn attributes<'a>(
    terms: &'a Terms,
    action: &'a Action,
    rate: Option<Decimal>,
) -> Result<Vec<Value<'a>>, ArithmeticError> {
    let converted = |value| match (value, rate) {
        (Value::Money(amount), Some(rate)) => amount.times(rate).map(Value::Money),
        (value, _) => Ok(value),
    };
    crate::run::attributes(terms, action).map(converted).collect()
}

/// The promo codes in upper case, which is how they are compared.
pub(super) fn promo_codes(action: &Action) -> Cow<'_, [String]> {
    let is_upper = |code: &String| code.bytes().all(|b| b.is_ascii() && !b.is_ascii_lowercase());
    if action.promo_codes.iter().all(is_upper) {
        Cow::Borrowed(&action.promo_codes)
    } else {
        Cow::Owned(action.promo_codes.iter().map(|code| code.to_uppercase()).collect())
    }
}

/// An amount rounded down to whole minor units, towards zero.
pub(super) fn whole_units(amount: Money, minor_digits: u32) -> Money {
    amount.round(minor_digits, crate::money::RoundingMode::Down)
}
