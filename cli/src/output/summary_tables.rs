//! The summary of a run as tables of values, as every file of a summary has them.

use accrue::Program;
use accrue::money::{Currency, Money};
use accrue_history::{STATUSES, Summary};

/// A value in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Count(u64),
    Money(Money, Currency),
    /// Nothing: the column does not apply to the row.
    Missing,
}

/// A table of the summary.
#[derive(Debug)]
pub(super) struct DataTable {
    /// The name, as JSON and the first column of CSV have it.
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<Value>>,
}

const PARTNERS: [&str; 16] = [
    "month",
    "partner",
    "currency",
    "actions",
    "actions_payable",
    "actions_held",
    "actions_rejected",
    "actions_zero",
    "actions_reversed",
    "commissionable_payable",
    "commissionable_held",
    "commissionable_rejected",
    "commissionable_zero",
    "commissionable_reversed",
    "payable",
    "held",
];

/// Returns the tables of a summary as data.
pub(super) fn tables(summary: &Summary, program: &Program) -> [DataTable; 6] {
    let text = |text: &str| Value::Text(text.to_owned());
    let meaning = |code: &str| program.reason_text(code).map_or(Value::Missing, text);
    let partners = summary.partner_months().into_iter().map(|of| {
        let money = |money| Value::Money(money, of.currency);
        let mut cells = vec![
            Value::Text(of.month.to_string()),
            of.partner.as_deref().map_or(Value::Missing, text),
            text(of.currency.code()),
            Value::Count(of.totals.all()),
        ];
        cells.extend(STATUSES.map(|status| Value::Count(*of.totals.actions.get(status))));
        cells.extend(STATUSES.map(|status| money(*of.totals.commissionable.get(status))));
        cells.extend([money(of.totals.payable), money(of.totals.held)]);
        cells
    });
    let reasons = summary.reasons().into_iter().map(|of| {
        let money = |money| Value::Money(money, of.currency);
        let (amount, held) = (money(of.tally.amount), money(of.tally.held));
        let actions = Value::Count(of.tally.actions);
        let (status, currency) = (text(of.status.text()), text(of.currency.code()));
        vec![text(&of.reason), meaning(&of.reason), status, currency, actions, amount, held]
    });
    let uncredited = summary.uncredited().into_iter().map(|of| {
        let (actions, amount) = (Value::Count(of.tally.actions), Value::Money(of.tally.amount, of.currency));
        vec![text(&of.partner), text(&of.reason), text(of.currency.code()), actions, amount]
    });
    let limits = summary.limits().into_iter().map(|of| {
        let cut = Value::Money(of.cut, of.currency);
        vec![text(&of.limit), text(of.currency.code()), Value::Count(of.actions), cut]
    });
    let bonuses = summary.bonuses().into_iter().map(|of| {
        let paid = Value::Money(of.payout, of.currency);
        let decisions = Value::Count(of.decisions);
        vec![text(&of.contract), text(&of.bonus), text(of.currency.code()), decisions, paid]
    });
    let notices = summary
        .notices()
        .into_iter()
        .map(|of| vec![text(&of.notice), meaning(&of.notice), Value::Count(of.actions)]);
    [
        DataTable { name: "partners", columns: &PARTNERS, rows: partners.collect() },
        DataTable {
            name: "reasons",
            columns: &["reason", "meaning", "status", "currency", "actions", "amount", "held"],
            rows: reasons.collect(),
        },
        DataTable {
            name: "uncredited_partners",
            columns: &["partner", "reason", "currency", "actions", "amount"],
            rows: uncredited.collect(),
        },
        DataTable {
            name: "limits",
            columns: &["limit", "currency", "actions", "cut"],
            rows: limits.collect(),
        },
        DataTable {
            name: "bonuses",
            columns: &["contract", "bonus", "currency", "decisions", "payout"],
            rows: bonuses.collect(),
        },
        DataTable { name: "notices", columns: &["notice", "meaning", "actions"], rows: notices.collect() },
    ]
}
