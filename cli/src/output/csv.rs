//! Decisions as rows of CSV.

use accrue::Decision;
use accrue::decide::PartnerPayout;

/// The header.
pub(super) const COLUMNS: [&str; 22] = [
    "action",
    "event_type",
    "occurred_at",
    "status",
    "currency",
    "base",
    "partner",
    "payout",
    "lines",
    "groups",
    "reasons",
    "release_at",
    "limits",
    "limit_cut",
    "notices",
    "contract",
    "version",
    "terms_as_of",
    "counts",
    "fuel",
    "engine",
    "receipt",
];

/// Writes one row for each partner of a decision, and one row for a decision without partners.
pub(super) fn write_rows(csv: &mut csv::Writer<Vec<u8>>, decision: &Decision) -> csv::Result<()> {
    if decision.partners.is_empty() {
        return row(csv, decision, None);
    }
    decision.partners.iter().try_for_each(|payout| row(csv, decision, Some(payout)))
}

fn row(
    csv: &mut csv::Writer<Vec<u8>>,
    decision: &Decision,
    payout: Option<&PartnerPayout>,
) -> csv::Result<()> {
    let joined = |parts: Vec<String>| parts.join("|");
    let lines = payout.map(|payout| payout.lines.as_slice()).unwrap_or_default();
    let mut groups: Vec<String> = Vec::new();
    for step in lines.iter().flat_map(|line| &line.steps) {
        if !groups.contains(&step.group) {
            groups.push(step.group.clone());
        }
    }
    let contract = decision.contract.as_ref();
    csv.write_record([
        decision.action.clone(),
        decision.event_type.clone(),
        decision.occurred_at.to_string(),
        decision.status.text().to_owned(),
        decision.currency.to_string(),
        decision.base.to_string(),
        payout.map(|payout| payout.partner.clone()).unwrap_or_default(),
        payout.map_or(decision.payout, |payout| payout.payout).to_string(),
        joined(lines.iter().map(|line| line.payout.to_string()).collect()),
        joined(groups),
        joined(decision.reasons.iter().map(|reason| reason.code.clone()).collect()),
        decision.release_at.map(|at| at.to_string()).unwrap_or_default(),
        joined(decision.limits.iter().map(|limit| limit.limit.clone()).collect()),
        joined(decision.limits.iter().map(|limit| limit.cut.to_string()).collect()),
        joined(decision.notices.iter().map(|notice| notice.code.clone()).collect()),
        contract.map(|contract| contract.name.clone()).unwrap_or_default(),
        contract.map(|contract| contract.version.to_string()).unwrap_or_default(),
        contract.map(|contract| contract.terms_as_of.to_string()).unwrap_or_default(),
        decision.counts.to_string(),
        decision.fuel.to_string(),
        decision.engine.clone(),
        decision.receipt.to_string(),
    ])
}
