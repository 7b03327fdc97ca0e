//! What a draft changes, as tables of values for files.

use accrue_simulate::{AwardOutcome, ChangedAction, Comparison, Outcome, Paid};

use super::summary_tables::{DataTable, Value};

/// Returns the tables.
pub(super) fn tables(of: &Comparison) -> [DataTable; 5] {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut totals = Vec::new();
    for total in &of.totals {
        let money = |money| Value::Money(money, total.currency);
        let mut row = vec![text(total.currency.code())];
        for Paid { payable, held, .. } in [total.old, total.new, total.change] {
            row.extend([money(payable), money(held)]);
        }
        totals.push(row);
    }
    let mut steps = Vec::new();
    for step in &of.steps {
        let changes: Vec<String> = step.changes.iter().map(ToString::to_string).collect();
        let place = step.changes.first().and_then(|change| Some((change.place.as_ref()?, change.line?)));
        let place =
            place.map_or(Value::Missing, |(place, line)| Value::Text(format!("{}:{line}", place.file)));
        for of in &step.money {
            let money = |money| Value::Money(money, of.currency);
            let alone = step.interactions.iter().find(|found| found.currency == of.currency);
            steps.push(vec![
                Value::Count(step.number.into()),
                Value::Text(changes.join("; ")),
                place.clone(),
                text(of.currency.code()),
                money(of.change.payable),
                money(of.change.held),
                Value::Count(of.gains.gainers),
                money(of.gains.gained),
                Value::Count(of.gains.losers),
                money(of.gains.lost),
                alone.map_or(Value::Missing, |found| money(found.alone)),
            ]);
        }
    }
    let mut partners = Vec::new();
    for partner in &of.partners {
        let money = |money| Value::Money(money, partner.currency);
        partners.push(vec![
            text(&partner.partner),
            text(partner.currency.code()),
            money(partner.old.payable),
            money(partner.old.held),
            money(partner.new.payable),
            money(partner.new.held),
            money(partner.change),
        ]);
    }
    let mut bonuses = Vec::new();
    for bonus in &of.bonuses {
        let money = |money| Value::Money(money, bonus.currency);
        bonuses.push(vec![
            text(&bonus.contract),
            text(&bonus.bonus),
            text(bonus.currency.code()),
            money(bonus.old.payable),
            money(bonus.old.held),
            money(bonus.new.payable),
            money(bonus.new.held),
            money(bonus.change),
        ]);
    }
    [
        DataTable {
            name: "totals",
            columns: &[
                "currency",
                "old_payable",
                "old_held",
                "new_payable",
                "new_held",
                "change_payable",
                "change_held",
            ],
            rows: totals,
        },
        DataTable {
            name: "by_change",
            columns: &[
                "step",
                "change_text",
                "place",
                "currency",
                "change_payable",
                "change_held",
                "gainers",
                "gained",
                "losers",
                "lost",
                "alone",
            ],
            rows: steps,
        },
        DataTable {
            name: "by_partner",
            columns: &["partner", "currency", "old_payable", "old_held", "new_payable", "new_held", "change"],
            rows: partners,
        },
        DataTable {
            name: "by_bonus",
            columns: &[
                "contract",
                "bonus",
                "currency",
                "old_payable",
                "old_held",
                "new_payable",
                "new_held",
                "change",
            ],
            rows: bonuses,
        },
        DataTable {
            name: "actions",
            columns: &[
                "action",
                "event_type",
                "occurred_at",
                "currency",
                "change",
                "old_status",
                "new_status",
                "old_awards",
                "new_awards",
            ],
            rows: of.changed_actions.iter().map(action).collect(),
        },
    ]
}

fn action(of: &ChangedAction) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let status = |of: &Option<Outcome>| of.as_ref().map_or(Value::Missing, |of| text(of.status.text()));
    let awards = |of: &Option<Outcome>| of.as_ref().map_or(Value::Missing, |of| Value::Text(outcome(of)));
    vec![
        text(&of.action),
        text(&of.event_type),
        Value::Text(of.occurred_at.to_string()),
        text(of.currency.code()),
        Value::Money(of.change, of.currency),
        status(&of.old),
        status(&of.new),
        awards(&of.old),
        awards(&of.new),
    ]
}

/// Returns the awards of an outcome in a line: who, how much, and by what.
fn outcome(of: &Outcome) -> String {
    let award = |award: &AwardOutcome| {
        let by = by(award);
        let by = if by.is_empty() { by } else { format!(" ({by})") };
        format!("{} {} {}{by}", award.partner, award.payout, award.currency)
    };
    if of.awards.is_empty() {
        of.reasons.join(", ")
    } else {
        of.awards.iter().map(award).collect::<Vec<_>>().join("; ")
    }
}

/// Returns by which groups, limits and reasons an award is what it is.
pub(super) fn by(award: &AwardOutcome) -> String {
    let parts = award.groups.iter().chain(&award.limits).chain(&award.reasons);
    parts.map(String::as_str).collect::<Vec<_>>().join(", ")
}
