//! Collects what is found of one version, each finding with its witness.

use std::collections::HashSet;

use super::finding::{Finding, FindingKind, Other, Undecided, Weight};
use super::logic::Region;
use super::prover::{Proof, Prover};
use super::study::Study;
use crate::diagnostic::Place;
use crate::terms::Group;

/// Looks at one version.
pub(super) struct Finder<'f, 'a> {
    pub(super) study: Study<'a>,
    pub(super) prover: &'f mut Prover<'a>,
    /// The places that the warnings of the loader are about.
    pub(super) warned: &'f HashSet<Place>,
    pub(super) findings: Vec<Finding>,
    pub(super) undecided: Vec<Undecided>,
}

/// A finding that is to be shown.
pub(super) struct Draft<'d> {
    pub(super) kind: FindingKind,
    pub(super) weight: Weight,
    pub(super) name: &'d str,
    pub(super) place: Place,
    pub(super) others: Vec<Other>,
    pub(super) message: String,
    pub(super) help: &'d str,
    /// What the witness shows.
    pub(super) it: String,
    /// Where a witness is looked for.
    pub(super) regions: &'d [Region],
    /// Whether what the engine says of an action shows the finding.
    pub(super) shows: &'d mut dyn FnMut(&Proof) -> bool,
}

impl Finder<'_, '_> {
    /// Reports a finding if an action shows it. Returns whether it does.
    pub(super) fn report(&mut self, draft: Draft<'_>) -> bool {
        let regions = self.study.payable_first(draft.regions);
        let Some(witness) = self.prover.show(&self.study.space, &regions, draft.it, draft.shows) else {
            self.undecided(draft.name, format!("no action was found that shows it: {}", draft.message));
            return false;
        };
        let Draft { kind, weight, name, place, others, message, help, .. } = draft;
        self.findings.push(Finding {
            kind,
            weight,
            contract: self.study.space.contract.name.clone(),
            version: self.study.space.version.number,
            name: name.to_owned(),
            place,
            others,
            message,
            help: help.to_owned(),
            witness,
        });
        true
    }

    /// Says what cannot be decided.
    pub(super) fn undecided(&mut self, name: &str, why: impl Into<String>) {
        self.undecided.push(Undecided {
            contract: self.study.space.contract.name.clone(),
            version: self.study.space.version.number,
            name: name.to_owned(),
            why: why.into(),
        });
    }

    /// Returns whether the loader has warned of a group already.
    pub(super) fn is_warned(&self, group: &Group) -> bool {
        let of_condition =
            group.when.as_ref().map(|when| Place::new(group.place.file.clone(), when.body.span));
        self.warned.contains(&group.place) || of_condition.is_some_and(|place| self.warned.contains(&place))
    }
}

/// Returns a name in backticks.
pub(super) fn quoted(name: &str) -> String {
    format!("`{name}`")
}
