//! Checks the amounts of an action: their signs, their decimals, and that the items add up to the order.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::facts::{Action, Attribute, FactError, FactVisitor, FieldType as _, Path, shown};
use crate::lang::{AttributeOf, Base, Value};
use crate::money::{Currency, Money, THOUSANDS};
use crate::terms::{AmountKind, ItemsAre, Terms};

/// Checks the amounts of an action of an event type with such amounts.
pub(super) fn amounts(action: &Action, kind: AmountKind, terms: &Terms, errors: &mut Vec<FactError>) {
    let currency = action.currency.unwrap_or(terms.currency);
    let mut amounts = Amounts { action, kind, currency, decimals: terms.decimals, errors };
    action.visit(Path::Root, &mut amounts);
    for (key, declared) in terms.attributes.iter().filter(|(_, declared)| declared.ty.base == Base::Money) {
        let name = declared.of.name(key);
        let mut check = |record: &Path<'_>, reported: &BTreeMap<String, Attribute>| {
            if let Some(Value::Money(amount)) = reported.get(name).and_then(|value| value.value(Base::Money))
            {
                amounts.decimals(Path::Field(&Path::Field(record, "attributes"), name), amount);
            }
        };
        match declared.of {
            AttributeOf::Action => check(&Path::Root, &action.attributes),
            AttributeOf::Item => {
                for (n, item) in action.items.iter().enumerate() {
                    check(&Path::Entry(&Path::Field(&Path::Root, "items"), n), &item.attributes);
                }
            }
            AttributeOf::Partner => {}
        }
    }
    if terms.items == ItemsAre::Whole && !action.items.is_empty() {
        amounts.add_up();
    }
}

struct Amounts<'a> {
    action: &'a Action,
    kind: AmountKind,
    currency: Currency,
    decimals: Option<u32>,
    errors: &'a mut Vec<FactError>,
}

impl FactVisitor for Amounts<'_> {
    fn amount(&mut self, at: Path<'_>, amount: Money) {
        // What a customer has spent is below zero if more was returned than bought.
        let is_total = matches!(at, Path::Field(_, "lifetime_value"));
        if self.kind != AmountKind::Signed && amount.0 < Decimal::ZERO && !is_total {
            let message = format!(
                "`{amount}` is below zero: what a customer returns is no action of its own. If amounts of `{}` may be \
                 below zero, declare it with `amount = \"signed\"`",
                shown(&self.action.event_type)
            );
            self.errors.push(FactError::field(at.to_string(), message));
        }
        self.decimals(at, amount);
    }
}

impl Amounts<'_> {
    /// An amount with more decimals than its currency has is more often a thousand than a fraction of a cent.
    fn decimals(&mut self, at: Path<'_>, amount: Money) {
        let most = self.decimals.unwrap_or(self.currency.minor_digits());
        let scale = amount.0.scale();
        if scale <= most {
            return;
        }
        // Zeros that only fill a column of more decimals say nothing; `1.000` may say one thousand.
        let scale = if scale == THOUSANDS { scale } else { amount.0.normalize().scale() };
        if scale > most {
            let whose = match self.decimals {
                Some(_) => "the program".to_owned(),
                None => self.currency.to_string(),
            };
            let message = format!(
                "`{}` has {scale} decimals, and {whose} has {most}; a point parts decimals and not thousands. If such \
                 amounts are meant, write `decimals = {scale}` in program.toml",
                amount.0
            );
            self.errors.push(FactError::field(at.to_string(), message));
        }
    }

    /// The items add up to the subtotal or, without one, to the amount: as it is, or before discount, tax or shipping.
    fn add_up(&mut self) {
        let Action { amount, subtotal, discount, tax, shipping, items, .. } = self.action;
        let Some(whole) = subtotal.or(*amount) else { return };
        let Ok(sum) = Money::sum(items.iter().map(|item| item.amount)) else {
            self.errors.push(FactError::field("items", "the sum of the items is too large"));
            return;
        };
        let unit = Decimal::new(1, self.currency.minor_digits());
        let mut sums = vec![Some(whole.0)];
        if subtotal.is_none() {
            let parts = [discount.map(|it| it.0), tax.map(|it| -it.0), shipping.map(|it| -it.0)];
            for part in parts.into_iter().flatten() {
                let with: Vec<_> = sums.iter().map(|sum| sum.and_then(|sum| sum.checked_add(part))).collect();
                sums.extend(with);
            }
        }
        let fits = |whole: &Option<Decimal>| {
            whole.and_then(|whole| whole.checked_sub(sum.0)).is_some_and(|left| left.abs() <= unit)
        };
        if !sums.iter().any(fits) {
            let of = if subtotal.is_some() { "subtotal" } else { "amount" };
            let message = format!(
                "the items add up to `{sum}`, but the {of} is `{whole}`. If only a part of the items is reported, write \
                 `items = \"partial\"` in program.toml"
            );
            self.errors.push(FactError::field("items", message));
        }
    }
}
