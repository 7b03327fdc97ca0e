//! Admission: an action enters with the program it is reported to, and every way in which it does not fit leaves.

use crate::diagnostic::nearest;
use crate::facts::{Action, Attribute, FactError, FactErrors, and, shown};
use crate::lang::AttributeType;
use crate::lang::Base;
use crate::limits::Limits;
use crate::terms::Terms;

/// Whether a program can decide this action: its event type and attributes are declared, it has what they need, and
/// its sizes are within limits. Reports every fault, not just the first.
pub fn validate_action(action: &Action, terms: &Terms, limits: &Limits) -> Result<(), FactErrors> {
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

/// Whether there are control characters other than line breaks and tabs. They are never meant, cannot be stored
/// everywhere, and play tricks on terminals.
fn has_control(text: &str) -> bool {
    // Every control character has one of these bytes, and few other texts have.
    text.bytes().any(|byte| matches!(byte, 0..=0x1F | 0x7F | 0xC2))
        && text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The sizes that the worst case of every rule is computed from.
fn sizes(action: &Action, limits: &Limits, errors: &mut Vec<FactError>) {
    let mut count = |field: &str, len: usize, most: usize| {
        if len > most {
            errors.push(FactError::field(
                field,
                format!("{len} entries are more than the {most} an action may have"),
            ));
        }
    };
    count("items", action.items.len(), limits.items);
    count("touches", action.touches.len(), limits.touches);
    count("promo_codes", action.promo_codes.len(), limits.entries);
    count("customer.audiences", action.customer.audiences.len(), limits.entries);
    count("fraud.reasons", action.fraud.reasons.len(), limits.entries);
    for touch in &action.touches {
        count("touches[].sub_ids", touch.sub_ids.len(), limits.entries);
    }

    let mut text = |field: &dyn Fn() -> String, value: &str| {
        if has_control(value) {
            errors.push(FactError::field(field(), "there is a control character in this text; take it out"));
        }
        if value.len() > limits.text_bytes {
            let message =
                format!("{} bytes are more than the {} a text may have", value.len(), limits.text_bytes);
            errors.push(FactError::field(field(), message));
        }
    };
    let customer = &action.customer;
    let single = [
        ("id", Some(&action.id)),
        ("event_type", Some(&action.event_type)),
        ("order_id", action.order_id.as_ref()),
        ("customer.id", customer.id.as_ref()),
        ("customer.status", customer.status.as_ref()),
        ("customer.country", customer.country.as_ref()),
        ("customer.region", customer.region.as_ref()),
        ("device.kind", action.device.kind.as_ref()),
        ("device.os", action.device.os.as_ref()),
        ("follows.id", action.follows.as_ref().map(|follows| &follows.id)),
        ("follows.event_type", action.follows.as_ref().map(|follows| &follows.event_type)),
    ];
    for (field, value) in single {
        if let Some(value) = value {
            text(&|| field.to_owned(), value);
        }
    }
    let lists = [
        ("promo_codes", &action.promo_codes),
        ("customer.audiences", &customer.audiences),
        ("fraud.reasons", &action.fraud.reasons),
    ];
    for (field, values) in lists {
        for (n, value) in values.iter().enumerate() {
            text(&|| format!("{field}[{n}]"), value);
        }
    }
    for (n, item) in action.items.iter().enumerate() {
        text(&|| format!("items[{n}].sku"), &item.sku);
        text(&|| format!("items[{n}].category"), item.category.as_deref().unwrap_or_default());
    }
    for (n, touch) in action.touches.iter().enumerate() {
        text(&|| format!("touches[{n}].partner"), &touch.partner);
        let fields = [
            ("id", &touch.id),
            ("creative", &touch.creative),
            ("property", &touch.property),
            ("landing_page", &touch.landing_page),
        ];
        for (field, value) in fields {
            text(&|| format!("touches[{n}].{field}"), value.as_deref().unwrap_or_default());
        }
        for (m, value) in touch.sub_ids.iter().enumerate() {
            text(&|| format!("touches[{n}].sub_ids[{m}]"), value);
        }
    }
    for (name, value) in &action.attributes {
        if let Attribute::Text(value) = value {
            text(&|| format!("attributes.{}", shown(name)), value);
        }
    }
    if action.id.trim().is_empty() {
        errors.push(FactError::field("id", "an action needs an id that is not empty"));
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
