//! Checks that reference facts name what there is.

use super::attributes;
use crate::diagnostic::nearest;
use crate::facts::{FactError, FactErrors, PauseTarget, Reference, shown};
use crate::lang::AttributeOf;
use crate::terms::Terms;

/// Reports every pause that would stop nothing, every promo code whose owner is no partner, and every attribute of a partner that
/// the program does not declare or that is not of its type.
pub(crate) fn check_reference(reference: &Reference, terms: &Terms) -> Result<(), FactErrors> {
    let mut errors = Vec::new();
    let partners: Vec<&str> = reference.partners().map(|partner| partner.id.as_str()).collect();
    let creatives: Vec<&str> = reference.creatives().map(|creative| creative.id.as_str()).collect();
    let contracts: Vec<&str> = terms.contracts.iter().map(|contract| contract.name.as_str()).collect();
    for pause in &reference.pauses {
        let Some(id) = pause.id.as_deref() else { continue };
        let known: &[&str] = match pause.target {
            PauseTarget::Program => continue,
            PauseTarget::Contract => &contracts,
            PauseTarget::Partner if reference.lists_partners() => &partners,
            PauseTarget::Creative if !creatives.is_empty() => &creatives,
            PauseTarget::Partner | PauseTarget::Creative => continue,
        };
        if !known.iter().any(|name| name.to_lowercase() == id.to_lowercase()) {
            let target = pause.target.text();
            let message = unknown(&format!("this pause stops nothing: there is no {target}"), id, known);
            errors.push(FactError::field("pauses.id", message));
        }
    }
    if reference.lists_partners() {
        for code in reference.promo_codes.values() {
            if let Some(owner) = code.owner.as_deref().filter(|owner| !reference.has_partner(owner)) {
                let text = format!(
                    "the owner of promo code `{}` is not listed: there is no partner",
                    shown(&code.code)
                );
                errors.push(FactError::field("promo_codes.owner", unknown(&text, owner, &partners)));
            }
        }
    }
    for partner in reference.partners() {
        let mut found = Vec::new();
        attributes(&partner.attributes, AttributeOf::Partner, "partners.attributes.", terms, &mut found);
        errors.extend(found.into_iter().map(|error| FactError {
            message: format!("partner `{}`: {}", shown(&partner.id), error.message),
            ..error
        }));
    }
    FactErrors(errors).into_result()
}

fn unknown(text: &str, written: &str, known: &[&str]) -> String {
    let hint = match nearest(written, known.iter().copied()) {
        Some(near) => format!("; did you mean `{}`?", shown(near)),
        None => String::new(),
    };
    format!("{text} `{}`{hint}", shown(written))
}
