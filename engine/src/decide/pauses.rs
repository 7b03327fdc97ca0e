//! Pauses: what a host has stopped, whatever the terms say.

use super::credited::Credited;
use super::findings::Findings;
use crate::facts::{Action, PauseTarget, Reference};
use crate::terms::{Verdict, reasons};

/// Rejects an action that occurred during a pause of its program, contract, partner or creative: once for each of them.
pub(super) fn pauses(
    findings: &mut Findings<'_>,
    action: &Action,
    reference: &Reference,
    credited: &Credited<'_>,
) {
    if reference.pauses.is_empty() {
        return;
    }
    let targets = [
        (PauseTarget::Program, Some("")),
        (PauseTarget::Contract, Some(credited.contract.name.as_str())),
        (PauseTarget::Partner, Some(credited.partner_id)),
        (PauseTarget::Creative, credited.touch.creative.as_deref()),
    ];
    let paused = targets.into_iter().filter_map(|(target, id)| {
        let id = id?;
        Some((reference.pauses.at(target, id, action.occurred_at)?, target, id))
    });
    let mut paused: Vec<_> = paused.collect();
    paused.sort_unstable_by_key(|(place, ..)| *place);
    for (_, target, id) in paused {
        let rule = match target {
            PauseTarget::Program => format!("pause of the {}", target.text()),
            _ => format!("pause of {} {id}", target.text()),
        };
        findings.engine_reason(reasons::PAUSED, Verdict::Reject, rule);
    }
}
