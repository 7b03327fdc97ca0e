//! Validation: checks whether an action fits the program it is reported to, and collects every error.

use std::fmt::Display;

use crate::diagnostic::nearest;
use crate::facts::{Action, Attribute, FactError, FactErrors, FieldType as _, Path, TextVisitor, and, shown};
use crate::lang::AttributeType;
use crate::lang::Base;
use crate::limits::Limits;
use crate::terms::Terms;

/// Checks whether a program can decide this action: its event type and attributes are declared, every required fact is there, and
/// its sizes are within limits. Reports every error, not just the first.
pub(crate) fn validate_action(action: &Action, terms: &Terms, limits: &Limits) -> Result<(), FactErrors> {
    let mut errors = Vec::new();
    match terms.event_types.get(&action.event_type) {
        Some(event_type) if event_type.amount && action.amount.is_none() => {
            let message = format!("an action of event type `{}` needs an amount", shown(&action.event_type));
            errors.push(FactError::field("amount", message));
        }
        Some(_) => {}
        None => {
            let known = terms.event_types.keys().map(String::as_str);
            errors.push(FactError::field("event_type", unknown("event type", &action.event_type, known)));
        }
    }
    for (name, declared) in &terms.attributes {
        match action.attributes.get(name) {
            Some(value) if value.value(declared.ty.base).is_none() => {
                errors.push(FactError::field(format!("attributes.{name}"), wrong_type(value, declared)));
            }
            None if declared.required => {
                errors.push(FactError::field(
                    format!("attributes.{name}"),
                    "every action needs this attribute",
                ));
            }
            _ => {}
        }
    }
    for name in action.attributes.keys().filter(|name| !terms.attributes.contains_key(*name)) {
        let known = terms.attributes.keys().map(String::as_str);
        let field = format!("attributes.{}", shown(name));
        errors.push(FactError::field(field, unknown("attribute", name, known)));
    }
    sizes(action, limits, &mut errors);
    FactErrors(errors).into_result()
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

/// Returns whether the text contains control characters other than line breaks and tabs. Such characters are never meant, cannot
/// be stored everywhere, and can mislead a terminal.
fn has_control(text: &str) -> bool {
    // Quick test on bytes: every control character has one of these bytes, and few other texts have.
    text.bytes().any(|byte| matches!(byte, 0..=0x1F | 0x7F | 0xC2))
        && text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Checks the sizes from which the worst case of every rule is computed.
fn sizes(action: &Action, limits: &Limits, errors: &mut Vec<FactError>) {
    let mut sizes = Sizes { limits, errors };
    sizes.count(&"items", action.items.len(), limits.items);
    sizes.count(&"touches", action.touches.len(), limits.touches);
    action.visit_texts(Path::Root, &mut sizes);
    if action.id.trim().is_empty() {
        errors.push(FactError::field("id", "an action needs an id that is not empty"));
    }
}

/// Checks the length of each text of an action and the number of entries of each list.
struct Sizes<'e> {
    limits: &'e Limits,
    errors: &'e mut Vec<FactError>,
}

impl Sizes<'_> {
    fn count(&mut self, field: &dyn Display, count: usize, most: usize) {
        if count > most {
            let message = format!("{count} entries are more than the {most} an action may have");
            self.errors.push(FactError::field(field.to_string(), message));
        }
    }
}

impl TextVisitor for Sizes<'_> {
    fn text(&mut self, at: Path<'_>, text: &str) {
        if has_control(text) {
            let message = "there is a control character in this text; take it out";
            self.errors.push(FactError::field(at.to_string(), message));
        }
        let most = self.limits.text_bytes;
        if text.len() > most {
            let message = format!("{} bytes are more than the {most} a text may have", text.len());
            self.errors.push(FactError::field(at.to_string(), message));
        }
    }

    fn texts(&mut self, at: Path<'_>, count: usize) {
        self.count(&at, count, self.limits.entries);
    }
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
        let terms = load(&source, limits, &Runtime::new(limits, false, None)).0.unwrap();
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
