//! Checks the texts of an action: that they can be compared with what a contract says, and the sizes from which the worst case of
//! every rule is computed.

use std::collections::BTreeSet;
use std::fmt::Display;

use rust_decimal::Decimal;

use crate::facts::{
    Action, Adjustment, COUNTRY_HELP, Credit, FactError, FactVisitor, FieldType as _, Path, ROLES, and,
    is_country, several_codes, shown, unseen,
};
use crate::limits::Limits;
use crate::money::Number;

/// Checks every text and every list of an action.
pub(super) fn texts(action: &Action, limits: &Limits, errors: &mut Vec<FactError>) {
    let mut texts = Texts { limits, errors };
    texts.count(&"items", action.items.len(), limits.items);
    texts.count(&"touches", action.touches.len(), limits.touches);
    texts.count(&"credits", action.credits.len(), limits.touches);
    action.visit(Path::Root, &mut texts);
    for (n, code) in action.promo_codes.iter().enumerate() {
        if let Some(message) = several_codes(code) {
            errors.push(FactError::field(format!("promo_codes[{n}]"), message));
        }
    }
    credits(&action.credits, errors);
    let status = action.customer.status.as_deref();
    if status != action.tidy_status() {
        errors.push(FactError::field("customer.status", "write this word in small letters"));
    }
    if action.customer.country.as_deref().is_some_and(|country| !is_country(country)) {
        errors.push(FactError::field("customer.country", COUNTRY_HELP));
    }
}

/// Checks every text and every list of an adjustment.
pub(super) fn adjustment_texts(adjustment: &Adjustment, limits: &Limits, errors: &mut Vec<FactError>) {
    let mut texts = Texts { limits, errors };
    texts.count(&"items", adjustment.items.len(), limits.items);
    texts.count(&"returned", adjustment.returned.len(), limits.items);
    adjustment.visit(Path::Root, &mut texts);
}

/// Checks the credits that a host reports: each partner once, and weights and roles of all or of none.
fn credits(credits: &[Credit], errors: &mut Vec<FactError>) {
    let mut partners = BTreeSet::new();
    let (mut weights, mut roles) = (0, 0);
    for (n, credit) in credits.iter().enumerate() {
        if !partners.insert(credit.partner.as_str()) {
            let message = "this partner is credited already; write one entry with the whole weight";
            errors.push(FactError::field(format!("credits[{n}].partner"), message));
        }
        if let Some(Number(weight)) = credit.weight {
            weights += 1;
            if weight <= Decimal::ZERO {
                let message = "a weight is above zero; leave the partner out";
                errors.push(FactError::field(format!("credits[{n}].weight"), message));
            }
        }
        if let Some(role) = &credit.role {
            roles += 1;
            if !ROLES.contains(&role.as_str()) {
                let message = format!("`{}` is no role; write {}", shown(role), and(ROLES, "or"));
                errors.push(FactError::field(format!("credits[{n}].role"), message));
            }
        }
    }
    for (field, count) in [("weight", weights), ("role", roles)] {
        if count > 0 && count < credits.len() {
            let message =
                format!("{count} of {} credits have a {field}; give all of them one, or none", credits.len());
            errors.push(FactError::field("credits", message));
        }
    }
}

struct Texts<'e> {
    limits: &'e Limits,
    errors: &'e mut Vec<FactError>,
}

impl Texts<'_> {
    fn count(&mut self, field: &dyn Display, count: usize, most: usize) {
        if count > most {
            let message = format!("{count} entries are more than the {most} an action may have");
            self.fault(field, message);
        }
    }

    fn fault(&mut self, field: &dyn Display, message: impl Into<String>) {
        self.errors.push(FactError::field(field.to_string(), message));
    }
}

impl FactVisitor for Texts<'_> {
    fn text(&mut self, at: Path<'_>, text: &str) {
        let is_attribute = matches!(at, Path::Field(Path::Field(_, "attributes"), _));
        if let Some(unseen) = unseen(text, is_attribute) {
            self.fault(&at, unseen);
        } else if text.is_empty() {
            self.fault(&at, "this text is empty");
        } else if text.trim().len() < text.len() {
            self.fault(&at, "there is a blank before or after this text; take it out");
        }
        let most = self.limits.text_bytes;
        if text.len() > most {
            self.fault(&at, format!("{} bytes are more than the {most} a text may have", text.len()));
        }
    }

    fn texts(&mut self, at: Path<'_>, count: usize) {
        self.count(&at, count, self.limits.entries);
    }
}
