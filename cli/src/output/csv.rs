//! Decisions as rows of CSV: a row for each award, or a row for each line of an award.

use accrue::Decision;
use accrue::decide::{Award, Line, Reason};
use accrue::money::Money;

/// The header of a row for each award.
const AWARDS: [&str; 25] = [
    "action",
    "event_type",
    "occurred_at",
    "order_id",
    "partner",
    "status",
    "currency",
    "base",
    "payout",
    "payable",
    "held",
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

/// The header of a row for each line.
const LINES: [&str; 16] = [
    "action",
    "event_type",
    "occurred_at",
    "order_id",
    "partner",
    "status",
    "currency",
    "item",
    "sku",
    "quantity",
    "base",
    "groups",
    "unrounded",
    "earned",
    "payout",
    "receipt",
];

/// The kind of a CSV row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// An award, or a decision without awards.
    Awards,
    /// A line of an award. Awards without lines have no row.
    Lines,
}

impl Rows {
    /// Returns the header.
    pub(super) fn header(self) -> &'static [&'static str] {
        match self {
            Self::Awards => &AWARDS,
            Self::Lines => &LINES,
        }
    }

    /// Writes the rows of a decision.
    pub(super) fn write(self, csv: &mut csv::Writer<Vec<u8>>, decision: &Decision) -> csv::Result<()> {
        match self {
            Self::Awards if decision.awards.is_empty() => award_row(csv, decision, None),
            Self::Awards => {
                decision.awards.iter().try_for_each(|award| award_row(csv, decision, Some(award)))
            }
            Self::Lines => decision.awards.iter().try_for_each(|award| {
                award.lines.iter().try_for_each(|line| line_row(csv, decision, award, line))
            }),
        }
    }
}

fn award_row(csv: &mut csv::Writer<Vec<u8>>, decision: &Decision, award: Option<&Award>) -> csv::Result<()> {
    let joined = |parts: Vec<String>| parts.join("|");
    let lines = award.map(|award| award.lines.as_slice()).unwrap_or_default();
    let limits = award.map(|award| award.limits.as_slice()).unwrap_or_default();
    let notices = award.map(|award| award.notices.as_slice()).unwrap_or_default();
    let reasons: &[Reason] = award.map_or(&decision.reasons, |award| &award.reasons);
    let money = |of: fn(&Award) -> Money| award.map_or(Money::ZERO, of).to_string();
    let contract = award.map(|award| &award.contract);
    csv.write_record([
        decision.action.clone(),
        decision.event_type.clone(),
        decision.occurred_at.to_string(),
        decision.order_id.clone().unwrap_or_default(),
        award.map(|award| award.partner.clone()).unwrap_or_default(),
        award.map_or(decision.status, |award| award.status).text().to_owned(),
        award.map(|award| award.currency.to_string()).unwrap_or_default(),
        money(|award| award.base),
        money(|award| award.payout),
        money(Award::payable),
        money(Award::held),
        joined(lines.iter().map(|line| line.payout.to_string()).collect()),
        joined(groups(lines)),
        joined(reasons.iter().map(|reason| reason.code.clone()).collect()),
        award.and_then(|award| award.release_at).map(|at| at.to_string()).unwrap_or_default(),
        joined(limits.iter().map(|limit| limit.limit.clone()).collect()),
        joined(limits.iter().map(|limit| limit.cut.to_string()).collect()),
        joined(notices.iter().map(|notice| notice.code.clone()).collect()),
        contract.map(|contract| contract.name.clone()).unwrap_or_default(),
        contract.map(|contract| contract.version.to_string()).unwrap_or_default(),
        contract.map(|contract| contract.terms_as_of.to_string()).unwrap_or_default(),
        award.is_some_and(|award| award.counts).to_string(),
        award.map_or(0, |award| award.fuel).to_string(),
        decision.engine.to_string(),
        decision.receipt.to_string(),
    ])
}

fn line_row(
    csv: &mut csv::Writer<Vec<u8>>,
    decision: &Decision,
    award: &Award,
    line: &Line,
) -> csv::Result<()> {
    csv.write_record([
        decision.action.clone(),
        decision.event_type.clone(),
        decision.occurred_at.to_string(),
        decision.order_id.clone().unwrap_or_default(),
        award.partner.clone(),
        award.status.text().to_owned(),
        award.currency.to_string(),
        line.item.map(|item| item.to_string()).unwrap_or_default(),
        line.sku.clone().unwrap_or_default(),
        line.quantity.to_string(),
        line.base.to_string(),
        groups(std::slice::from_ref(line)).join("|"),
        line.unrounded.to_string(),
        line.earned.to_string(),
        line.payout.to_string(),
        decision.receipt.to_string(),
    ])
}

/// Returns the payout groups that made these lines, each once.
fn groups(lines: &[Line]) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for step in lines.iter().flat_map(|line| &line.steps) {
        if !groups.contains(&step.group) {
            groups.push(step.group.clone());
        }
    }
    groups
}
