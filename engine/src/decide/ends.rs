//! Ends: what becomes of an award that has not locked when its contract ends or its partner leaves.

use super::credited::Credited;
use super::dates::dates;
use super::decision::Status;
use super::findings::Findings;
use crate::facts::{Action, Reference};
use crate::terms::{AtEnd, Contract, Verdict, Version, reasons};
use crate::time::{Timestamp, Zone};

/// What an award is made for: a moment under a contract version, for a partner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occasion<'a> {
    pub(super) at: Timestamp,
    pub(super) contract: &'a Contract,
    pub(super) version: &'a Version,
    pub(super) partner: &'a str,
}

impl<'a> Occasion<'a> {
    /// Returns the occasion of an action.
    pub(super) fn of(action: &Action, credited: &Credited<'a>) -> Self {
        let Credited { contract, version, partner_id, .. } = *credited;
        Self { at: action.occurred_at, contract, version, partner: partner_id }
    }
}

/// Rejects what happened after the partner had left. Holds or forfeits an award that is open when its contract ends or its partner leaves,
/// if the contract says so.
pub(super) fn ends(findings: &mut Findings<'_>, of: Occasion<'_>, reference: &Reference, zone: Zone) {
    let Occasion { at, contract, version, partner } = of;
    let left_at = reference.left_at(partner);
    if left_at.is_some_and(|left| left <= at) {
        findings.engine_reason(reasons::PARTNER_LEFT, Verdict::Reject, format!("partner {partner}"));
        return;
    }
    let ended_at = if version.at_end.contract == AtEnd::Pay { None } else { contract.ends_at() };
    let left_at = left_at.filter(|_| version.at_end.partner != AtEnd::Pay);
    if ended_at.is_none() && left_at.is_none() {
        return;
    }
    let (locks_at, _) = dates(version, zone, at, Status::Payable);
    let mut end = |ended: Option<Timestamp>, what: AtEnd, code: &str, rule: String| {
        if locks_at.zip(ended).is_none_or(|(locks, ended)| ended > locks) {
            return;
        }
        match what {
            AtEnd::Pay => {}
            AtEnd::Hold => findings.engine_reason(code, Verdict::Hold, rule),
            AtEnd::Forfeit => findings.engine_reason(code, Verdict::Zero, rule),
        }
    };
    end(ended_at, version.at_end.contract, reasons::CONTRACT_ENDED, format!("contract {}", contract.name));
    end(left_at, version.at_end.partner, reasons::PARTNER_LEFT, format!("partner {partner}"));
}
