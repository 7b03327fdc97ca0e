//! Decides built actions with the engine: a finding is reported only if one shows it.

use super::finding::{Expected, Witness};
use super::logic::Region;
use super::space::Space;
use super::witness::{Built, MOST_TRIES, build};
use crate::counters::Counters;
use crate::decide::{Decision, Matching, Options, ProgramView, decide, matching, validate_action};
use crate::facts::Reference;

/// The most actions that one analysis builds. A program of 200 groups with a finding for each takes some thousand.
const MOST_BUILT: usize = 10_000;

/// The most regions of a finding in which an action is looked for.
const MOST_REGIONS: usize = 8;

/// What the engine says of a built action.
pub(super) struct Proof {
    pub(super) decision: Decision,
    pub(super) matching: Matching,
}

/// Decides actions of one program.
pub(super) struct Prover<'a> {
    pub(super) view: ProgramView<'a>,
    pub(super) reference: &'a Reference,
    left: usize,
    named: usize,
}

impl<'a> Prover<'a> {
    pub(super) fn new(view: ProgramView<'a>, reference: &'a Reference) -> Self {
        Self { view, reference, left: MOST_BUILT, named: 0 }
    }

    /// Returns the reference facts with those of a built action, if it has any.
    pub(super) fn facts(&self, built: &Built) -> Option<Reference> {
        if built.partner.is_none() && built.creative.is_none() {
            return None;
        }
        let mut own = Reference::default();
        if let Some(partner) = &built.partner {
            own.insert(partner.clone()).ok()?;
        }
        if let Some(creative) = &built.creative {
            own.insert(creative.clone()).ok()?;
        }
        let mut all = self.reference.clone();
        all.merge(own);
        Some(all)
    }

    /// Decides a built action after its history. Returns `None` if the program does not take one of them.
    pub(super) fn decide(&mut self, built: &Built) -> Option<Proof> {
        let own = self.facts(built);
        let reference = own.as_ref().unwrap_or(self.reference);
        let ProgramView { terms, limits, .. } = self.view;
        let mut counters = Counters::new(terms.id.clone());
        for earlier in &built.history {
            validate_action(earlier, terms, limits).ok()?;
            let decision = decide(self.view, earlier, reference, &counters, Options::default(), &mut |_| ());
            counters.apply(&decision.postings).ok()?;
        }
        validate_action(&built.action, terms, limits).ok()?;
        let matching = matching(self.view, &built.action, reference, &counters)?;
        let options = Options::traced();
        let decision = decide(self.view, &built.action, reference, &counters, options, &mut |_| ());
        Some(Proof { decision, matching })
    }

    /// Looks for an action of some regions of which the engine says what is to be shown.
    pub(super) fn show(
        &mut self,
        space: &Space<'_>,
        regions: &[Region],
        it: impl Into<String>,
        shows: &mut dyn FnMut(&Proof) -> bool,
    ) -> Option<Witness> {
        let name = format!("witness-{}", self.named.checked_add(1)?);
        for tried in 0..MOST_TRIES {
            for region in regions.iter().take(MOST_REGIONS) {
                self.left = self.left.checked_sub(1)?;
                let Some(built) = build(space, region, self.reference, &name, tried) else { continue };
                let Some(proof) = self.decide(&built) else { continue };
                let is_here = |at: &Matching| {
                    let contract = self.view.terms.contracts.get(at.contract);
                    let version = contract.and_then(|contract| contract.versions.get(at.version));
                    version.is_some_and(|version| std::ptr::eq(version, space.version))
                };
                if is_here(&proof.matching) && shows(&proof) {
                    self.named = self.named.saturating_add(1);
                    return Some(witness(it.into(), built, &proof.decision));
                }
            }
        }
        None
    }
}

/// Returns a witness of a built action, with what was decided of it.
pub(super) fn witness(it: String, built: Built, decision: &Decision) -> Witness {
    let group = decision.awards.first().and_then(|award| award.groups.first()).cloned();
    let mut reasons: Vec<String> = Vec::new();
    for (_, reason) in decision.all_reasons() {
        if !reasons.contains(&reason.code) {
            reasons.push(reason.code.clone());
        }
    }
    let expect = Expected { status: decision.status, payout: decision.payout(), group, reasons };
    let Built { partner, creative, history, action } = built;
    Witness { it, partner, creative, history, action, expect }
}
