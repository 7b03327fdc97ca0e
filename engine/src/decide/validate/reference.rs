//! Checks that reference facts name what there is.

use std::collections::BTreeSet;

use super::{Declared, MOST_ERRORS};
use crate::diagnostic::Span;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, nearest};
use crate::facts::{FactError, FactErrors, PauseTarget, Reference, shown};
use crate::lang::catalog::Field;
use crate::lang::{ArmValue, AttributeOf, BinaryOp, Comparison, Const, Expr, ExprKind, Node, Record};
use crate::terms::{Counter, Terms};

/// Reports every pause that would stop nothing, every promo code whose owner is no partner, every standing partner and
/// every parent of a partner who is not listed, and every attribute of a partner that
/// the program does not declare or that is not of its type. Returns warnings about names in the terms that no listed partner has.
pub(crate) fn check_reference(reference: &Reference, terms: &Terms) -> Result<Diagnostics, FactErrors> {
    let mut errors = Vec::new();
    let partners = Names::new(reference.partners().map(|partner| partner.id.as_str()));
    let creatives = Names::new(reference.creatives().map(|creative| creative.id.as_str()));
    let contracts = Names::new(terms.contracts.iter().map(|contract| contract.name.as_str()));
    for pause in reference.pauses.iter() {
        let Some(id) = pause.id.as_deref() else { continue };
        let known = match pause.target {
            PauseTarget::Program => continue,
            PauseTarget::Contract => &contracts,
            PauseTarget::Partner if reference.lists_partners() => &partners,
            PauseTarget::Creative if !creatives.names.is_empty() => &creatives,
            PauseTarget::Partner | PauseTarget::Creative => continue,
        };
        if errors.len() < MOST_ERRORS && !known.lower.contains(&id.to_lowercase()) {
            let target = pause.target.text();
            let message =
                unknown(&format!("this pause stops nothing: there is no {target}"), id, &known.names);
            errors.push(FactError::field("pauses.id", message));
        }
    }
    if reference.lists_partners() {
        for code in reference.promo_codes.values() {
            if let Some(owner) = code.owner.as_deref().filter(|owner| !reference.has_partner(owner))
                && errors.len() < MOST_ERRORS
            {
                let text = format!(
                    "the owner of promo code `{}` is not listed: there is no partner",
                    shown(&code.code)
                );
                errors.push(FactError::field("promo_codes.owner", unknown(&text, owner, &partners.names)));
            }
        }
    }
    if reference.lists_partners() {
        let is_missing = |id: &&str| !reference.has_partner(id);
        for standing in reference.standing_partners() {
            if let Some(id) = Some(standing.partner.as_str()).filter(is_missing)
                && errors.len() < MOST_ERRORS
            {
                let customer = shown(&standing.customer);
                let text = format!(
                    "the standing partner of customer `{customer}` is not listed: there is no partner"
                );
                errors
                    .push(FactError::field("standing_partners.partner", unknown(&text, id, &partners.names)));
            }
        }
        let mut versions = terms.contracts.iter().flat_map(|contract| &contract.versions);
        let pays_levels = versions.any(|version| !version.payout.levels.is_empty());
        for partner in reference.partners().filter(|_| pays_levels) {
            if let Some(id) = partner.parent.as_deref().filter(is_missing)
                && errors.len() < MOST_ERRORS
            {
                let text = format!(
                    "the parent of partner `{}` is not listed: there is no partner",
                    shown(&partner.id)
                );
                errors.push(FactError::field("partners.parent", unknown(&text, id, &partners.names)));
            }
        }
    }
    let declared = Declared::new(terms, AttributeOf::Partner);
    for partner in reference.partners() {
        if errors.len() >= MOST_ERRORS {
            break;
        }
        let mut found = Vec::new();
        declared.check(&partner.attributes, "partners.attributes.", &mut found);
        errors.extend(found.into_iter().map(|error| FactError {
            message: format!("partner `{}`: {}", shown(&partner.id), error.message),
            ..error
        }));
    }
    FactErrors(errors).into_result()?;
    Ok(if reference.lists_partners() { unknown_partners(reference, terms) } else { Diagnostics::new() })
}

/// Names, and the same in lower case.
struct Names<'n> {
    names: Vec<&'n str>,
    lower: BTreeSet<String>,
}

impl<'n> Names<'n> {
    fn new(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.collect();
        let lower = names.iter().map(|name| name.to_lowercase()).collect();
        Self { names, lower }
    }
}

/// What the listed partners have, by fact.
struct Listed<'r> {
    ids: BTreeSet<&'r str>,
    groups: BTreeSet<&'r str>,
    kinds: BTreeSet<&'r str>,
    statuses: BTreeSet<&'r str>,
}

impl<'r> Listed<'r> {
    fn new(reference: &'r Reference) -> Self {
        let partners = || reference.partners();
        Self {
            ids: partners().map(|partner| partner.id.as_str()).collect(),
            groups: partners().flat_map(|partner| &partner.groups).map(String::as_str).collect(),
            kinds: partners().filter_map(|partner| partner.kind.as_deref()).collect(),
            statuses: partners().filter_map(|partner| partner.status.as_deref()).chain(["active"]).collect(),
        }
    }

    /// Returns what the partners have for a fact; `None` for a fact of something else.
    fn of(&self, field: Field) -> Option<(&'static str, &BTreeSet<&'r str>)> {
        const ID: Field = Field::named(Record::Partner, "id");
        const GROUPS: Field = Field::named(Record::Partner, "groups");
        const KIND: Field = Field::named(Record::Partner, "kind");
        const STATUS: Field = Field::named(Record::Partner, "status");
        Some(match field {
            ID => ("id", &self.ids),
            GROUPS => ("group", &self.groups),
            KIND => ("kind", &self.kinds),
            STATUS => ("status", &self.statuses),
            _ => return None,
        })
    }
}

/// Returns a warning for each id and group under `[partners]`, and for each literal beside a fact of the partner, that no listed
/// partner has.
fn unknown_partners(reference: &Reference, terms: &Terms) -> Diagnostics {
    let listed = Listed::new(reference);
    let mut found = Diagnostics::new();
    for version in terms.contracts.iter().flat_map(|contract| &contract.versions) {
        let partners = &version.partners;
        let ids = partners.ids.iter().map(|id| ("id", &listed.ids, id));
        let groups = partners.groups.iter().map(|group| ("group", &listed.groups, group));
        for ((what, known, name), place) in ids.chain(groups).zip(&partners.places) {
            nobody_has(what, known, name, place, &mut found);
        }
        let counters = version.totals.iter().filter_map(|total| terms.counters.get(total.counter));
        let counting = counters.flat_map(Counter::rules).map(|counting| &*counting.rule);
        for rule in version.rules().chain(version.total_rules()).chain(counting) {
            let bodies = rule.functions.iter().map(|function| &function.body);
            for body in std::iter::once(&rule.body).chain(bodies) {
                body.walk(&mut |node| {
                    let Node::Expr(expr) = node else { return };
                    for (field, text, span) in compared(expr) {
                        let Some((what, known)) = listed.of(field) else { continue };
                        nobody_has(what, known, text, &rule.place_of(span), &mut found);
                    }
                });
            }
        }
    }
    terms.tables.settle(&mut found);
    found.settle();
    found
}

/// Returns the literals that an expression compares with a fact, each with its place.
fn compared(expr: &Expr) -> Vec<(Field, &str, Span)> {
    match &expr.kind {
        ExprKind::Binary(
            BinaryOp::Compare(Comparison::Equal | Comparison::NotEqual, _) | BinaryOp::In,
            sides,
        ) => {
            let (left, right) = &**sides;
            match (&left.kind, &right.kind) {
                (_, ExprKind::Const(Const::Text(text))) => {
                    left.field().map(|field| (field, text.as_str(), right.span)).into_iter().collect()
                }
                (ExprKind::Const(Const::Text(text)), _) => {
                    right.field().map(|field| (field, text.as_str(), left.span)).into_iter().collect()
                }
                _ => Vec::new(),
            }
        }
        ExprKind::Switch(switch) => {
            let Some(field) = switch.subject.field() else { return Vec::new() };
            let values = switch.arms.iter().flat_map(|arm| &arm.values);
            let texts = values.filter_map(|value| match value {
                ArmValue::Const(Const::Text(text)) => Some((field, text.as_str(), switch.subject.span)),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    }
}

/// Warns of a name that no listed partner has. The empty text stands for an unknown value.
fn nobody_has(what: &str, known: &BTreeSet<&str>, name: &str, place: &Place, found: &mut Diagnostics) {
    if name.is_empty() || known.contains(name) {
        return;
    }
    let message = format!("no listed partner has the {what} `{}`", shown(name));
    let diagnostic = Diagnostic::new(Code::UnknownPartner, Some(place.clone()), message);
    found.push(match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("correct it, or add the partner to the reference facts"),
    });
}

fn unknown(text: &str, written: &str, known: &[&str]) -> String {
    let hint = match nearest(written, known.iter().copied()) {
        Some(near) => format!("; did you mean `{}`?", shown(near)),
        None => String::new(),
    };
    format!("{text} `{}`{hint}", shown(written))
}
