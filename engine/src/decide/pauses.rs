//! Pauses: what a host has stopped, whatever the terms say.

use super::credited::Credited;
use super::dates::dates;
use super::decision::Status;
use super::findings::Findings;
use crate::facts::{Action, PauseTarget, Reference};
use crate::terms::{Verdict, reasons};
use crate::time::{Duration, Interval, Zone};

/// Rejects an action that occurred during a pause of its program, contract, partner or creative: once for each of them. Holds an action
/// that is open during a case of any of them, until the case ends.
pub(super) fn pauses(
    findings: &mut Findings<'_>,
    action: &Action,
    reference: &Reference,
    credited: &Credited<'_>,
    zone: Zone,
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
    let name = |what: &str, target: PauseTarget, id: &str| match target {
        PauseTarget::Program => format!("{what} of the {}", target.text()),
        _ => format!("{what} of {} {id}", target.text()),
    };
    for (_, target, id) in paused {
        findings.engine_reason(reasons::PAUSED, Verdict::Reject, name("pause", target, id));
    }
    // An award is open until it locks.
    let (locks_at, _) = dates(credited.version, zone, action.occurred_at, Status::Payable);
    let last = action.occurred_at.plus(Duration { seconds: 1 });
    let open = Interval { from: Some(action.occurred_at), until: locks_at.or(last) };
    let mut cases: Vec<_> = targets
        .into_iter()
        .filter_map(|(target, id)| Some((target, id?)))
        .flat_map(|(target, id)| {
            reference.pauses.cases(target, id, open).map(move |(place, case)| (place, target, id, case.until))
        })
        .collect();
    cases.sort_unstable_by_key(|(place, ..)| *place);
    for (_, target, id, until) in cases {
        findings.hold_until(reasons::CASE_OPEN, name("case", target, id), until);
    }
}
