//! Checks the texts of an action: that they can be compared with what a contract says, and the sizes from which the worst case of
//! every rule is computed.

use std::fmt::Display;

use crate::facts::{
    Action, COUNTRY_HELP, FactError, FactVisitor, FieldType as _, Path, is_country, several_codes, unseen,
};
use crate::limits::Limits;

/// Checks every text and every list of an action.
pub(super) fn texts(action: &Action, limits: &Limits, errors: &mut Vec<FactError>) {
    let mut texts = Texts { limits, errors };
    texts.count(&"items", action.items.len(), limits.items);
    texts.count(&"touches", action.touches.len(), limits.touches);
    // A payout is not split yet, so a second credit would be left out in silence.
    texts.count(&"credits", action.credits.len(), 1);
    action.visit(Path::Root, &mut texts);
    for (n, code) in action.promo_codes.iter().enumerate() {
        if let Some(message) = several_codes(code) {
            errors.push(FactError::field(format!("promo_codes[{n}]"), message));
        }
    }
    let status = action.customer.status.as_deref();
    if status != action.tidy_status() {
        errors.push(FactError::field("customer.status", "write this word in small letters"));
    }
    if action.customer.country.as_deref().is_some_and(|country| !is_country(country)) {
        errors.push(FactError::field("customer.country", COUNTRY_HELP));
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
