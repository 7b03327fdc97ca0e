//! Converts facts to the terms of a contract: amounts to its currency, promo codes to upper case, attributes to their types.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::credit::Credited;
use super::findings::{Findings, PhaseError, ProgramView};
use crate::facts::{Action, FieldType as _, Reference};
use crate::lang::Value;
use crate::money::{ArithmeticError, Currency, Money};
use crate::terms::{Terms, Verdict, reasons};

/// An action's facts, converted for a contract.
#[derive(Debug)]
pub(super) struct Converted<'a> {
    /// The currency in which the action was reported.
    pub(super) currency: Currency,
    action: &'a Action,
    /// The action with its amounts in the contract's currency, if it came in another.
    exchanged: Option<Box<Action>>,
    pub(super) promo_codes: Cow<'a, [String]>,
}

impl Converted<'_> {
    /// Returns the action with its amounts in the contract's currency.
    pub(super) fn action(&self) -> &Action {
        self.exchanged.as_deref().unwrap_or(self.action)
    }
}

/// Converts an action for the contract under which it is credited. Returns `None` and holds the action if there is no exchange
/// rate or an amount does not fit.
pub(super) fn convert<'a>(
    view: ProgramView<'a>,
    action: &'a Action,
    reference: &Reference,
    credited: &Credited<'_>,
    findings: &mut Findings<'_>,
) -> Option<(Converted<'a>, Vec<Value<'a>>)> {
    let currency = action.currency.unwrap_or(view.terms.currency);
    let into = credited.version.currency;
    if currency != into {
        findings.rate = reference.rates.at(currency, into, action.occurred_at);
        if findings.rate.is_none() {
            let rule = format!("{} to {}", currency.code(), into.code());
            findings.engine_reason(reasons::NO_EXCHANGE_RATE, Verdict::Hold, rule);
            return None;
        }
    }
    let rate = findings.rate;
    let converted =
        amounts(action, rate).and_then(|amounts| Ok((amounts, attributes(view.terms, action, rate)?)));
    match converted {
        Ok((amounts, attributes)) => {
            let promo_codes = promo_codes(action);
            Some((Converted { currency, action, exchanged: amounts, promo_codes }, attributes))
        }
        Err(error) => {
            findings.fail(view.terms, PhaseError::arithmetic("exchange rate", None, error));
            None
        }
    }
}

/// Returns the action with its amounts multiplied by an exchange rate. Nothing is rounded here: only the payout is rounded, once.
fn amounts(action: &Action, rate: Option<Decimal>) -> Result<Option<Box<Action>>, ArithmeticError> {
    let Some(rate) = rate else { return Ok(None) };
    let mut action = Box::new(action.clone());
    action.try_amounts(&mut |amount| {
        *amount = amount.times(rate)?;
        Ok(())
    })?;
    Ok(Some(action))
}

/// Returns the brand's own attributes in the order of their declaration. Attributes that are amounts are multiplied by the rate.
fn attributes<'a>(
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

/// Returns the promo codes in upper case, because codes are compared without regard to case.
fn promo_codes(action: &Action) -> Cow<'_, [String]> {
    let is_upper = |code: &String| code.bytes().all(|b| b.is_ascii() && !b.is_ascii_lowercase());
    if action.promo_codes.iter().all(is_upper) {
        Cow::Borrowed(&action.promo_codes)
    } else {
        Cow::Owned(action.promo_codes.iter().map(|code| code.to_uppercase()).collect())
    }
}

/// Returns an amount rounded towards zero to whole minor units.
pub(super) fn whole_units(amount: Money, minor_digits: u32) -> Money {
    amount.round(minor_digits, crate::money::RoundingMode::Down)
}
