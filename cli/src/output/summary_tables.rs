//! The summary of a run as tables of values, as every file of a summary has them.

use accrue::Program;
use accrue::money::{Currency, Money};

use super::summary::{STATUSES, Summary, Tally};

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

impl Summary {
    /// Returns the tables of the summary as data.
    pub(super) fn tables(&self, program: &Program) -> [DataTable; 6] {
        let text = |text: &str| Value::Text(text.to_owned());
        let meaning = |code: &str| program.reason_text(code).map_or(Value::Missing, text);
        let mut partners = Vec::new();
        for (currency, months) in self.months.values() {
            for (month, of_month) in months {
                partners.extend(of_month.partners.iter().map(|(partner, row)| {
                    let money = |money| Value::Money(money, *currency);
                    let mut cells = vec![
                        Value::Text(month.to_string()),
                        partner.as_deref().map_or(Value::Missing, text),
                        text(currency.code()),
                        Value::Count(row.all()),
                    ];
                    cells.extend(STATUSES.map(|status| Value::Count(row.actions(status))));
                    cells.extend(STATUSES.map(|status| money(row.commissionable(status))));
                    cells.extend([money(row.payable), money(row.held)]);
                    cells
                }));
            }
        }
        let mut reasons = Vec::new();
        for ((code, status), sums) in &self.reasons {
            let status = STATUSES.get(*status).map_or(Value::Missing, |status| text(status.text()));
            reasons.extend(sums.values().map(|(currency, sum)| {
                let money = |money| Value::Money(money, *currency);
                let (amount, held) = (money(sum.amount), money(sum.held));
                let actions = Value::Count(sum.actions);
                vec![text(code), meaning(code), status.clone(), text(currency.code()), actions, amount, held]
            }));
        }
        let mut uncredited = Vec::new();
        for ((partner, code), sums) in &self.uncredited {
            uncredited.extend(sums.values().map(|(currency, sum)| {
                let amount = Value::Money(sum.amount, *currency);
                vec![text(partner), text(code), text(currency.code()), Value::Count(sum.actions), amount]
            }));
        }
        let mut limits = Vec::new();
        for (limit, sums) in &self.limits {
            limits.extend(sums.values().map(|(currency, sum)| {
                let cut = Value::Money(sum.amount, *currency);
                vec![text(limit), text(currency.code()), Value::Count(sum.actions), cut]
            }));
        }
        let mut bonuses = Vec::new();
        for ((contract, bonus), sums) in &self.bonuses {
            bonuses.extend(sums.values().map(|(currency, sum)| {
                let paid = Value::Money(sum.amount, *currency);
                vec![text(contract), text(bonus), text(currency.code()), Value::Count(sum.actions), paid]
            }));
        }
        let notice =
            |(code, of): (&String, &Tally)| vec![text(code), meaning(code), Value::Count(of.actions)];
        let notices = self.notices.iter().map(notice).collect();
        [
            DataTable { name: "partners", columns: &PARTNERS, rows: partners },
            DataTable {
                name: "reasons",
                columns: &["reason", "meaning", "status", "currency", "actions", "amount", "held"],
                rows: reasons,
            },
            DataTable {
                name: "uncredited_partners",
                columns: &["partner", "reason", "currency", "actions", "amount"],
                rows: uncredited,
            },
            DataTable { name: "limits", columns: &["limit", "currency", "actions", "cut"], rows: limits },
            DataTable {
                name: "bonuses",
                columns: &["contract", "bonus", "currency", "decisions", "payout"],
                rows: bonuses,
            },
            DataTable { name: "notices", columns: &["notice", "meaning", "actions"], rows: notices },
        ]
    }
}
