//! Converts facts to the terms of a contract: amounts to its currency, promo codes to upper case, attributes to their types.

use std::borrow::Cow;

use super::credited::Credited;
use super::findings::{PhaseError, ProgramView};
use crate::facts::{Action, Attribute, ExchangeRate, FieldType as _, Partner, Reference};
use crate::lang::{AttributeOf, Base, Value};
use crate::money::{ArithmeticError, Currency, Money, Number};
use crate::terms::{ConvertedAmounts, Terms, Version};

/// An action's facts, converted for a contract.
#[derive(Debug)]
pub(super) struct Converted<'a> {
    /// The currency in which the action was reported.
    pub(super) currency: Currency,
    action: &'a Action,
    /// The action with its amounts in the contract's currency, if it came in another.
    exchanged: Option<Box<Action>>,
    pub(super) promo_codes: Cow<'a, [String]>,
    /// The exchange rate by which amounts were converted; `None` if the action came in the contract's currency.
    pub(super) exchange: Option<ExchangeRate>,
}

impl Converted<'_> {
    /// Returns the action with its amounts in the contract's currency.
    pub(super) fn action(&self) -> &Action {
        self.exchanged.as_deref().unwrap_or(self.action)
    }
}

/// Why an action cannot be converted for a contract.
#[derive(Debug)]
pub(super) enum Unconverted {
    /// No exchange rate was in force when the action occurred; the two currencies, for the reason.
    NoRate(String),
    /// An amount does not fit.
    Failed(PhaseError),
}

/// Converts an action for the contract under which it is credited, and its attributes in the order of their declaration. An action that is decided again keeps the exchange rate of then.
pub(super) fn convert<'a>(
    view: ProgramView<'a>,
    action: &'a Action,
    reference: &Reference,
    credited: &Credited<'a>,
    rate_of_then: Option<&ExchangeRate>,
) -> Result<(Converted<'a>, Vec<Value<'a>>), Unconverted> {
    let currency = action.currency.unwrap_or(view.terms.currency);
    let into = credited.version.currency;
    let mut exchange = None;
    if currency != into {
        let is_of =
            |rate: &&ExchangeRate| [(rate.from, rate.to), (rate.to, rate.from)].contains(&(currency, into));
        let rate = rate_of_then.filter(is_of).cloned();
        exchange = rate.or_else(|| reference.rates.at(currency, into, action.occurred_at));
        if exchange.is_none() {
            return Err(Unconverted::NoRate(format!("{} to {}", currency.code(), into.code())));
        }
    }
    let failed = |error| Unconverted::Failed(PhaseError::arithmetic("exchange rate", None, error));
    let conversion = exchange.as_ref().map(|rate| Conversion { rate, version: credited.version });
    let exchanged = amounts(view.terms, action, conversion.as_ref()).map_err(failed)?;
    let attributes = attributes(view.terms, action, credited.partner, conversion.as_ref()).map_err(failed)?;
    let promo_codes = promo_codes(action);
    Ok((Converted { currency, action, exchanged, promo_codes, exchange }, attributes))
}

/// Converts amounts to the currency of a contract version.
struct Conversion<'a> {
    rate: &'a ExchangeRate,
    version: &'a Version,
}

impl Conversion<'_> {
    /// Returns an amount in the contract's currency, rounded if the contract rounds converted amounts.
    fn of(&self, amount: Money) -> Result<Money, ArithmeticError> {
        let Version { currency, rounding, .. } = self.version;
        match rounding.converted {
            ConvertedAmounts::MinorUnit => self.rate.convert_rounded(amount, *currency, rounding.mode),
            ConvertedAmounts::Unrounded => self.rate.convert(amount, *currency),
        }
    }
}

/// Returns the action with its amounts converted.
fn amounts(
    terms: &Terms,
    action: &Action,
    conversion: Option<&Conversion<'_>>,
) -> Result<Option<Box<Action>>, ArithmeticError> {
    let Some(conversion) = conversion else { return Ok(None) };
    let mut action = Box::new(action.clone());
    action.try_amounts(&mut |amount| {
        *amount = conversion.of(*amount)?;
        Ok(())
    })?;
    let of_items = terms.attributes.iter().filter(|(_, declared)| declared.of == AttributeOf::Item);
    for (key, declared) in of_items.filter(|(_, declared)| declared.ty.base == Base::Money) {
        let attributes =
            action.items.iter_mut().filter_map(|item| item.attributes.get_mut(declared.of.name(key)));
        for attribute in attributes {
            if let Some(Value::Money(amount)) = attribute.value(Base::Money) {
                *attribute = Attribute::Number(Number(conversion.of(amount)?.0));
            }
        }
    }
    Ok(Some(action))
}

/// Returns the brand's own attributes in the order of their declaration. Attributes that are amounts are converted.
fn attributes<'a>(
    terms: &'a Terms,
    action: &'a Action,
    partner: Option<&'a Partner>,
    conversion: Option<&Conversion<'_>>,
) -> Result<Vec<Value<'a>>, ArithmeticError> {
    let converted = |value| match (value, conversion) {
        (Value::Money(amount), Some(conversion)) => conversion.of(amount).map(Value::Money),
        (value, _) => Ok(value),
    };
    crate::run::attributes(terms, action, partner).map(converted).collect()
}

/// Returns the promo codes in upper case, because codes are compared without regard to case.
pub(super) fn promo_codes(action: &Action) -> Cow<'_, [String]> {
    let is_upper = |code: &String| code.bytes().all(|b| b.is_ascii() && !b.is_ascii_lowercase());
    if action.promo_codes.iter().all(is_upper) {
        Cow::Borrowed(&action.promo_codes)
    } else {
        Cow::Owned(action.promo_codes.iter().map(|code| code.to_uppercase()).collect())
    }
}
