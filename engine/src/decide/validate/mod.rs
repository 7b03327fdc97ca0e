//! Validation: checks whether an action fits the program it is reported to, and collects every error.

mod amounts;
mod reference;
mod texts;

use std::collections::BTreeMap;

use amounts::amounts;
pub(crate) use reference::check_reference;
use texts::texts;

use crate::diagnostic::nearest;
use crate::facts::{Action, Adjustment, AdjustmentKind, Attribute, FactError, FactErrors, and, shown};
use crate::lang::{AttributeOf, AttributeType, Base};
use crate::limits::Limits;
use crate::terms::{AmountKind, Terms};
use rust_decimal::Decimal;

/// Checks whether a program can decide this action: its event type and attributes are declared, every required fact is there, its
/// texts can be compared, its amounts have the right signs and decimals and add up, and its sizes are within limits. Reports every error, not just the first.
pub(crate) fn validate_action(action: &Action, terms: &Terms, limits: &Limits) -> Result<(), FactErrors> {
    let mut errors = Vec::new();
    let event_type = terms.event_types.get(&action.event_type);
    match event_type {
        Some(event_type) if event_type.amount != AmountKind::None && action.amount.is_none() => {
            let message = format!("an action of event type `{}` needs an amount", shown(&action.event_type));
            errors.push(FactError::field("amount", message));
        }
        Some(_) => {}
        None => {
            let known = terms.event_types.keys().map(String::as_str);
            errors.push(FactError::field("event_type", unknown("event type", &action.event_type, known)));
        }
    }
    Declared::new(terms, AttributeOf::Action).check(&action.attributes, "attributes.", &mut errors);
    let mut of_items = None;
    // No item has to have attributes.
    for (n, item) in action.items.iter().enumerate().filter(|(_, item)| !item.attributes.is_empty()) {
        let of_items = of_items.get_or_insert_with(|| Declared::new(terms, AttributeOf::Item));
        of_items.check(&item.attributes, &format!("items[{n}].attributes."), &mut errors);
    }
    texts(action, limits, &mut errors);
    if let Some(event_type) = event_type {
        amounts(action, event_type.amount, terms, &mut errors);
    }
    FactErrors(errors).into_result()
}

/// Checks whether an adjustment fits its action and the program: it has only fields of its kind, its amounts have the decimals of the
/// action and are not negative, its texts can be compared.
pub(crate) fn validate_adjustment(
    adjustment: &Adjustment,
    action: &Action,
    terms: &Terms,
    limits: &Limits,
) -> Result<(), FactErrors> {
    let mut errors = Vec::new();
    if let Some(field) = adjustment.surplus() {
        let kind = adjustment.kind.text();
        errors.push(FactError::field(field, format!("an adjustment of kind `{kind}` has no `{field}`")));
    }
    if adjustment.occurred_at < action.occurred_at {
        let message = format!("this is before the action, which occurred at {}", action.occurred_at);
        errors.push(FactError::field("occurred_at", message));
    }
    texts::adjustment_texts(adjustment, limits, &mut errors);
    let digits = terms.decimals.unwrap_or(action.currency.unwrap_or(terms.currency).minor_digits());
    let returned = adjustment.returned.iter().enumerate();
    let returned = returned.filter_map(|(n, item)| Some((format!("returned[{n}].amount"), item.amount?)));
    let own = adjustment.amount.map(|amount| ("amount".to_owned(), amount));
    for (field, amount) in own.into_iter().chain(returned) {
        if adjustment.kind == AdjustmentKind::Reversal && amount.0 <= Decimal::ZERO {
            errors
                .push(FactError::field(field, "what is taken back is above zero; write it without a minus"));
        } else if amount.0.normalize().scale() > digits {
            errors.push(FactError::field(
                field,
                format!("amounts of this action have at most {digits} decimals"),
            ));
        }
    }
    for (n, item) in adjustment.returned.iter().enumerate() {
        if item.quantity == Some(0) {
            errors.push(FactError::field(format!("returned[{n}].quantity"), "no unit is taken back"));
        }
        if let (Some(_), Some(_)) = (item.quantity, item.amount) {
            let message = "a number of units or an amount is taken back, not both";
            errors.push(FactError::field(format!("returned[{n}].amount"), message));
        }
    }
    if let (Some(_), false) = (adjustment.amount, adjustment.returned.is_empty()) {
        errors.push(FactError::field("amount", "an amount or items are taken back, not both"));
    }
    FactErrors(errors).into_result()
}

/// The most errors that are reported of one action, or of reference facts. Each may look at every declared name.
const MOST_ERRORS: usize = 20;

/// The attributes that a program declares for one kind of record.
pub(super) struct Declared<'t> {
    terms: &'t Terms,
    of: AttributeOf,
    required: Vec<&'t str>,
}

impl<'t> Declared<'t> {
    pub(super) fn new(terms: &'t Terms, of: AttributeOf) -> Self {
        let required = terms.attributes.iter().filter(|(_, declared)| declared.of == of && declared.required);
        Self { terms, of, required: required.map(|(key, _)| of.name(key)).collect() }
    }

    /// Reports every attribute of a record that is not declared, is not of its type, or is missing. `prefix` comes before the names.
    pub(super) fn check(
        &self,
        reported: &BTreeMap<String, Attribute>,
        prefix: &str,
        errors: &mut Vec<FactError>,
    ) {
        let of = |name: &str| self.terms.attributes.get(&self.of.key(name));
        let fits = |(name, value): (&String, &Attribute)| {
            of(name).is_some_and(|declared| attribute_fault(value, declared).is_none())
        };
        if self.required.iter().all(|name| reported.contains_key(*name)) && reported.iter().all(fits) {
            return;
        }
        // In the order of the declarations, since some are wrong.
        let declared = || self.terms.attributes.iter().filter(|(_, declared)| declared.of == self.of);
        for (key, declared) in declared() {
            if errors.len() >= MOST_ERRORS {
                return;
            }
            let name = self.of.name(key);
            let message = match reported.get(name) {
                Some(value) => attribute_fault(value, declared),
                None => declared.required.then(|| "every action needs this attribute".to_owned()),
            };
            errors.extend(message.map(|message| FactError::field(format!("{prefix}{name}"), message)));
        }
        for name in reported.keys().filter(|name| of(name).is_none()) {
            if errors.len() >= MOST_ERRORS {
                return;
            }
            let known = declared().map(|(key, _)| self.of.name(key));
            let field = format!("{prefix}{}", shown(name));
            errors.push(FactError::field(field, unknown("attribute", name, known)));
        }
    }
}

/// Returns what is wrong with the value of an attribute.
fn attribute_fault(value: &Attribute, declared: &AttributeType) -> Option<String> {
    if value.value(declared.ty.base).is_none() {
        return Some(wrong_type(value, declared));
    }
    match value {
        Attribute::Text(text) if !declared.values.is_empty() && !declared.values.contains(text) => {
            let values = declared.values.iter().map(String::as_str);
            let hint = match nearest(text, values.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write {}", and(&values.collect::<Vec<_>>(), "or")),
            };
            Some(format!("`{}` is none of the values of this attribute; {hint}", shown(text)))
        }
        _ => None,
    }
}

fn unknown<'a>(what: &str, written: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = match nearest(written, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.clone().next().is_none() => "it declares none".to_owned(),
        None => format!("it declares {}", and(&known.take(10).collect::<Vec<_>>(), "and")),
    };
    format!("the program declares no {what} `{}`; {hint}", shown(written))
}

fn wrong_type(value: &Attribute, declared: &AttributeType) -> String {
    let expected = match declared.ty.base {
        Base::Bool => "true or false",
        Base::Integer => "a whole number",
        Base::Decimal => "a number, such as 1.25",
        Base::Money => "an amount, such as \"19.90\"",
        Base::Text => "text between quotes",
        Base::Time => "a moment, such as \"2026-03-01T10:00:00Z\"",
        Base::Date => "a date, such as \"2026-03-01\"",
        _ => "another type",
    };
    let got = match value {
        Attribute::Bool(value) => value.to_string(),
        Attribute::Number(number) => number.0.to_string(),
        Attribute::Text(text) => shown(text),
    };
    format!("expected {expected}, but this is `{got}`")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::read_action;
    use crate::runtime::Runtime;
    use crate::terms::{Source, load};

    const PROGRAM: &str = r#"
        id = "shop"
        name = "Shop"
        currency = "EUR"
        [event_types]
        sale = {}
        lead = { amount = false }
        [attributes]
        size = { type = "integer" }
        since = { type = "date" }
        channel = { type = "text", required = true }
    "#;
    const CONTRACT: &str =
        "contract = \"c\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n";

    fn faults(rest: &str, limits: &Limits) -> Vec<String> {
        let source = Source::from_files([("program.toml", PROGRAM), ("contracts/c.toml", CONTRACT)]);
        let terms = load(&source, limits, &Runtime::new(limits, false, None, None)).0.unwrap();
        let line = format!(r#"{{"id": "a1", "occurred_at": "2026-03-01T10:00:00Z", {rest}}}"#);
        match validate_action(&read_action(&line).unwrap(), &terms, limits) {
            Ok(()) => Vec::new(),
            Err(errors) => errors.0.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn every_fault_of_one_action_is_named() {
        let limits = Limits { items: 1, ..Limits::default() };
        let found = faults(
            r#""event_type": "sael", "items": [{"sku": "A", "amount": 1}, {"sku": "B", "amount": 1}],
               "attributes": {"size": 1.5, "since": "2026-02-30", "chanel": "x"}"#,
            &limits,
        );
        let starts = [
            "event_type: the program declares no event type `sael`; did you mean `sale`?",
            "attributes.size: expected a whole number, but this is `1.5`",
            "attributes.since: expected a date",
            "attributes.channel: every action needs this attribute",
            "attributes.chanel: the program declares no attribute `chanel`; did you mean `channel`?",
            "items: 2 entries are more than the 1 an action may have",
        ];
        assert_eq!(found.len(), starts.len(), "{found:?}");
        for (found, start) in found.iter().zip(starts) {
            assert!(found.starts_with(start), "{found}");
        }
    }

    #[test]
    fn an_amount_is_needed_where_the_event_type_carries_one() {
        let limits = Limits::default();
        let channel = r#""attributes": {"channel": "007", "size": "12"}"#;
        assert!(faults(&format!(r#""event_type": "lead", {channel}"#), &limits).is_empty());
        let found = faults(&format!(r#""event_type": "sale", {channel}"#), &limits);
        assert_eq!(found, ["amount: an action of event type `sale` needs an amount"]);
    }
}
